//! Fetching weights from a local server: which files are accepted, and the errors of the others.

use super::server::{ServedFile, Server, ServerBehavior};
use super::*;
use crate::file_kind::FileKind;
use std::cell::RefCell;
use std::path::PathBuf;
use std::time::Duration;

const NAME: &str = "net.pth";
const BYTES: &[u8] = b"PK\x03\x04 the weights of a network, or so they say";
/// Of [`BYTES`], from `sha256sum`.
const SHA256: &str = "0f7b8f48a6e1d268bfc01ce0142db0fc371ec587e9f593c9f5ed50ba265b4575";
/// Its first eight digits.
const PREFIX: &str = "0f7b8f48";

struct Publisher {
    server: Server,
    to: tempfile::TempDir,
}

impl Publisher {
    fn new(file: ServedFile) -> Self {
        let (server, to) = (Server::new(), tempfile::tempdir().unwrap());
        server.serve(NAME, file);
        Self { server, to }
    }

    /// The file at its official URL. The leaked strings are few.
    fn source(&self, published: Option<PublishedDigest>) -> Source {
        Source { name: NAME, url: self.server.url(NAME).leak(), published, max_bytes: 1 << 20 }
    }

    /// Fetches the file; returns the events and the result.
    fn run(&self, source: &Source, from: Option<String>) -> (String, Result<weights::FetchedFile, FetchError>) {
        let retry = RetryPolicy { attempts: 3, initial_delay: Duration::ZERO };
        let mut folder = Folder::open(self.to.path(), from, retry, &weights::LOCK).unwrap();
        let events = RefCell::new(String::new());
        let result =
            weights::fetch(&mut folder, source, &|event| events.borrow_mut().push_str(&format!("{event:?}\n")));
        (events.into_inner(), result)
    }

    /// Fetches the file from the official URL.
    fn fetch(&self, published: Option<PublishedDigest>) -> (String, Result<weights::FetchedFile, FetchError>) {
        self.run(&self.source(published), None)
    }

    fn at(&self, name: &str) -> PathBuf {
        self.to.path().join(name)
    }
}

#[test]
fn a_file_with_the_published_digest_is_downloaded_once() {
    let publisher = Publisher::new(ServedFile::new(BYTES));
    let (events, fetched) = publisher.fetch(Some(PublishedDigest::Sha256(PREFIX)));
    assert_eq!(fetched.unwrap(), weights::FetchedFile { path: publisher.at(NAME), sha256: SHA256.into() });
    assert!(
        events.contains("MatchesPublished(Sha256") && events.contains("Completed") && !events.contains("Trusted"),
        "{events}"
    );
    assert_eq!(std::fs::read(publisher.at(NAME)).unwrap(), BYTES);
    let (events, fetched) = publisher.fetch(Some(PublishedDigest::Sha256(PREFIX)));
    assert!(fetched.is_ok() && events.contains("Existing") && !events.contains("Started"), "{events}");
    assert_eq!(publisher.server.requests(), [NAME]);
}

#[test]
fn a_file_with_another_digest_is_renamed() {
    let publisher = Publisher::new(ServedFile::new(BYTES));
    let error = publisher.fetch(Some(PublishedDigest::Sha256("00000000"))).1.unwrap_err();
    let FetchError::WrongFile { moved_to: Some(moved_to), source: WrongFile::Digest(other), .. } = &error else {
        panic!("{error}")
    };
    assert_eq!(other.to_string(), format!("its SHA-256 is {SHA256}, the published SHA-256 is 00000000…"));
    assert_eq!(moved_to, &publisher.at("net.pth.rejected"));
    assert!(moved_to.is_file() && !publisher.at(NAME).exists() && !publisher.at("jem-weights.lock").exists());
}

#[test]
fn a_different_existing_file_is_neither_used_nor_overwritten() {
    let publisher = Publisher::new(ServedFile::new(BYTES));
    for mine in [b"PK\x03\x04 mine".as_slice(), b"mine"] {
        std::fs::write(publisher.at(NAME), mine).unwrap();
        let error = publisher.fetch(Some(PublishedDigest::Sha256(PREFIX))).1.unwrap_err();
        assert!(matches!(&error, FetchError::ExistingFile { .. }), "{error}");
        assert!(error.help().unwrap().starts_with(&format!("move {} away", publisher.at(NAME).display())));
        assert_eq!(std::fs::read(publisher.at(NAME)).unwrap(), mine);
    }
    assert!(publisher.server.requests().is_empty());
}

#[test]
fn an_interrupted_download_is_resumed() {
    let file = ServedFile::new(BYTES).tag("\"v1\"").behaviors(&[
        ServerBehavior::Truncate(9),
        ServerBehavior::Status(500),
        ServerBehavior::Normal,
    ]);
    let publisher = Publisher::new(file);
    publisher.fetch(Some(PublishedDigest::Sha256(PREFIX))).1.unwrap();
    let again = "net.pth from 9 if \"v1\"";
    assert_eq!(publisher.server.requests(), [NAME, again, again]);
}

#[test]
fn without_range_requests_the_download_starts_again() {
    let publisher = Publisher::new(
        ServedFile::new(BYTES).without_ranges().behaviors(&[ServerBehavior::Truncate(9), ServerBehavior::Normal]),
    );
    let (events, fetched) = publisher.fetch(Some(PublishedDigest::Sha256(PREFIX)));
    assert_eq!(fetched.unwrap().sha256, SHA256);
    assert!(events.contains("Restarted { discarded: 9 }"), "{events}");
}

#[test]
fn wrong_content_lengths_are_detected() {
    let longer = Publisher::new(ServedFile::new(BYTES).without_ranges().behaviors(&[ServerBehavior::AnnounceMore(5)]));
    let error = longer.fetch(Some(PublishedDigest::Sha256(PREFIX))).1.unwrap_err();
    assert!(matches!(&error, FetchError::Interrupted { .. }), "{error}");
    let shorter = Publisher::new(ServedFile::new(BYTES).behaviors(&[ServerBehavior::AnnounceLess(5)]));
    let error = shorter.fetch(Some(PublishedDigest::Sha256(PREFIX))).1.unwrap_err();
    assert!(matches!(&error, FetchError::WrongFile { source: WrongFile::Digest(_), .. }), "{error}");
    for publisher in [longer, shorter] {
        assert!(!publisher.at(NAME).exists());
    }
}

#[test]
fn web_pages_and_other_formats_are_rejected_without_a_digest() {
    let page = "<!DOCTYPE html><title>Log in to this network</title>";
    for kind in ["text/html", "application/octet-stream"] {
        let publisher = Publisher::new(ServedFile { kind, ..ServedFile::new(page) });
        let error = publisher.fetch(None).1.unwrap_err();
        assert!(matches!(&error, FetchError::WrongFile { source: WrongFile::Kind(FileKind::WebPage), .. }), "{error}");
        assert!(error.help().unwrap().contains("the network may require a login") && !publisher.at(NAME).exists());
    }
    let publisher = Publisher::new(ServedFile::new("version https://git-lfs.github.com/spec/v1"));
    let error = publisher.fetch(None).1.unwrap_err();
    let pointer = WrongFile::Kind(FileKind::LfsPointer);
    let FetchError::WrongFile { moved_to: Some(_), source, .. } = &error else { panic!("{error}") };
    assert_eq!(source.to_string(), pointer.to_string());
    assert!(error.help().unwrap().contains("a pointer to the file"));
    let publisher = Publisher::new(ServedFile::new("no file of PyTorch"));
    let error = publisher.fetch(None).1.unwrap_err();
    let FetchError::WrongFile { moved_to: Some(_), source: WrongFile::Format(mismatch), .. } = &error else {
        panic!("{error}")
    };
    assert!(mismatch.to_string().starts_with("it is not a PyTorch file"), "{mismatch}");
}

#[test]
fn old_and_new_pytorch_files_are_accepted() {
    // The first bytes of what torch 2.15 writes with `_use_new_zipfile_serialization=False`.
    let old = *b"\x80\x02\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19\x2e\x80\x02\x4d\xe9\x03";
    for (bytes, right) in [(old.to_vec(), true), (BYTES.to_vec(), true), (old[1..].to_vec(), false)] {
        assert_eq!(Publisher::new(ServedFile::new(bytes)).fetch(None).1.is_ok(), right);
    }
}

#[test]
fn an_http_error_names_the_url() {
    let publisher = Publisher::new(ServedFile::new(BYTES).behaviors(&[ServerBehavior::Status(404)]));
    let error = publisher.fetch(None).1.unwrap_err();
    assert_eq!(error.to_string(), format!("{}: the server returned HTTP status 404", publisher.server.url(NAME)));
    assert_eq!(publisher.server.requests(), [NAME], "there is no second request");
    assert!(!publisher.at("net.pth.part").exists());
    let large = Source { max_bytes: 20, ..publisher.source(None) };
    publisher.server.serve(NAME, ServedFile::new(BYTES));
    let error = publisher.run(&large, None).1.unwrap_err();
    assert!(matches!(&error, FetchError::TooLarge { max_bytes: 20, .. }), "{error}");
}

#[test]
fn a_published_digest_is_enforced_at_the_official_url_and_compared_at_a_mirror() {
    let publisher = Publisher::new(ServedFile::new(BYTES));
    let elsewhere =
        Source { url: "http://127.0.0.1:1/no", ..publisher.source(Some(PublishedDigest::Sha256("00000000"))) };
    let (events, fetched) = publisher.run(&elsewhere, Some(publisher.server.url("")));
    assert_eq!(fetched.unwrap().sha256, SHA256);
    assert!(events.contains("DiffersFromPublished(Sha256") && events.contains("Trusted"), "{events}");
    // Without the mirror, the published file is required.
    let error = publisher.run(&elsewhere, None).1.unwrap_err();
    assert!(matches!(&error, FetchError::ExistingFile { source: WrongFile::Digest(_), .. }), "{error}");
}

#[test]
fn a_file_that_differs_from_the_lock_file_is_rejected() {
    let publisher = Publisher::new(ServedFile::new(BYTES));
    let (events, fetched) = publisher.fetch(None);
    assert!(fetched.is_ok() && events.contains(&format!("Trusted {{ sha256: \"{SHA256}\"")), "{events}");
    let (events, _) = publisher.fetch(None);
    assert!(events.contains("MatchesLock") && events.contains("Existing") && !events.contains("Trusted"), "{events}");
    let lock = std::fs::read_to_string(publisher.at("jem-weights.lock")).unwrap();
    assert!(lock.starts_with("# Files fetched by `jem weights fetch`.") && lock.contains(SHA256), "{lock}");
    std::fs::remove_file(publisher.at(NAME)).unwrap();
    publisher.server.serve(NAME, ServedFile::new("PK\x03\x04 other weights"));
    let error = publisher.fetch(None).1.unwrap_err();
    assert!(
        matches!(&error, FetchError::WrongFile { moved_to: Some(_), source: WrongFile::Changed(_), .. }),
        "{error}"
    );
    let help = "if the new file is right, remove the entry `net.pth` from jem-weights.lock and fetch again";
    assert_eq!(error.help().unwrap(), help);
}

#[test]
fn a_file_put_there_by_the_user_is_trusted_from_then_on() {
    let publisher = Publisher::new(ServedFile::new(BYTES));
    std::fs::write(publisher.at(NAME), BYTES).unwrap();
    let (events, fetched) = publisher.fetch(None);
    assert!(fetched.is_ok() && events.contains("Existing") && events.contains("Trusted"), "{events}");
    std::fs::write(publisher.at(NAME), "PK\x03\x04 other weights").unwrap();
    let error = publisher.fetch(None).1.unwrap_err();
    assert!(matches!(&error, FetchError::ExistingFile { source: WrongFile::Changed(_), .. }), "{error}");
}

#[test]
fn published_digests_have_a_sufficient_length_and_match_pytorch_file_names() {
    for weights in weights::WEIGHTS {
        let (name, source) = (weights.name, weights.file());
        assert!(weights::Weights::named(name).is_some_and(|named| named.file().url == source.url), "{name}");
        if weights.folder.is_some() {
            // Their digests are not published, and their server has no HTTPS.
            assert!(
                weights.sources.iter().all(|source| source.published.is_none() && source.url.ends_with(source.name))
            );
            continue;
        }
        assert_eq!(weights.sources.len(), 1, "{name}");
        let Some(PublishedDigest::Sha256(digits)) = source.published else { panic!("{name}") };
        assert!(digits.bytes().all(|digit| matches!(digit, b'0'..=b'9' | b'a'..=b'f')), "{name}");
        match digits.len() {
            8 => {
                assert!(source.url.ends_with(&format!("-{digits}.pth")) && source.url.ends_with(source.name), "{name}")
            }
            length => assert_eq!(length, 64, "{name}"),
        }
        assert!(source.url.starts_with("https://"), "{name}");
    }
}
