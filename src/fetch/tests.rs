//! Weights from a server on this machine: which are right, and what is said about the others.

use super::server::{Manner, Served, Server};
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
    fn new(served: Served) -> Self {
        let (server, to) = (Server::new(), tempfile::tempdir().unwrap());
        server.serve(NAME, served);
        Self { server, to }
    }

    /// The file at what is its official address here. A process has few of them.
    fn source(&self, published: Option<Published>) -> Source {
        Source { name: NAME, url: self.server.url(NAME).leak(), published, at_most: 1 << 20 }
    }

    /// What was told, and how it ended.
    fn run(&self, source: &Source, from: Option<String>) -> (String, Result<weights::Placed, FetchError>) {
        let patience = Patience { attempts: 3, first: Duration::ZERO };
        let mut folder = Folder::open(self.to.path(), from, patience, &weights::LOCK).unwrap();
        let told = RefCell::new(String::new());
        let ended = weights::fetch(&mut folder, source, &|event| told.borrow_mut().push_str(&format!("{event:?}\n")));
        (told.into_inner(), ended)
    }

    /// From the official address.
    fn fetch(&self, published: Option<Published>) -> (String, Result<weights::Placed, FetchError>) {
        self.run(&self.source(published), None)
    }

    fn at(&self, name: &str) -> PathBuf {
        self.to.path().join(name)
    }
}

#[test]
fn a_file_whose_digest_begins_as_published_is_brought_once_and_kept_after() {
    let publisher = Publisher::new(Served::new(BYTES));
    let (told, placed) = publisher.fetch(Some(Published::Sha256(PREFIX)));
    assert_eq!(placed.unwrap(), weights::Placed { path: publisher.at(NAME), sha256: SHA256.into() });
    assert!(told.contains("Published(Sha256") && told.contains("Placed") && !told.contains("Trusted"), "{told}");
    assert_eq!(std::fs::read(publisher.at(NAME)).unwrap(), BYTES);
    let (told, placed) = publisher.fetch(Some(Published::Sha256(PREFIX)));
    assert!(placed.is_ok() && told.contains("Kept") && !told.contains("Coming"), "{told}");
    assert_eq!(publisher.server.asked(), [NAME]);
}

#[test]
fn a_file_with_another_digest_is_set_aside() {
    let publisher = Publisher::new(Served::new(BYTES));
    let error = publisher.fetch(Some(Published::Sha256("00000000"))).1.unwrap_err();
    let FetchError::Wrong { aside: Some(aside), source: WrongFile::Digest(other), .. } = &error else {
        panic!("{error}")
    };
    assert_eq!(other.to_string(), format!("its SHA-256 is {SHA256}, the published one 00000000…"));
    assert_eq!(aside, &publisher.at("net.pth.rejected"));
    assert!(aside.is_file() && !publisher.at(NAME).exists() && !publisher.at("jem-weights.lock").exists());
}

#[test]
fn another_file_that_is_there_is_neither_used_nor_overwritten() {
    let publisher = Publisher::new(Served::new(BYTES));
    for mine in [b"PK\x03\x04 mine".as_slice(), b"mine"] {
        std::fs::write(publisher.at(NAME), mine).unwrap();
        let error = publisher.fetch(Some(Published::Sha256(PREFIX))).1.unwrap_err();
        assert!(matches!(&error, FetchError::There { .. }), "{error}");
        assert!(error.help().unwrap().starts_with(&format!("move {} away", publisher.at(NAME).display())));
        assert_eq!(std::fs::read(publisher.at(NAME)).unwrap(), mine);
    }
    assert!(publisher.server.asked().is_empty());
}

#[test]
fn a_cut_download_goes_on_to_the_right_digest() {
    let served = Served::new(BYTES).tag("\"v1\"").manners(&[Manner::Cut(9), Manner::Status(500), Manner::Well]);
    let publisher = Publisher::new(served);
    publisher.fetch(Some(Published::Sha256(PREFIX))).1.unwrap();
    let again = "net.pth from 9 if \"v1\"";
    assert_eq!(publisher.server.asked(), [NAME, again, again]);
}

#[test]
fn a_server_without_ranges_begins_again() {
    let publisher = Publisher::new(Served::new(BYTES).without_ranges().manners(&[Manner::Cut(9), Manner::Well]));
    let (told, placed) = publisher.fetch(Some(Published::Sha256(PREFIX)));
    assert_eq!(placed.unwrap().sha256, SHA256);
    assert!(told.contains("Again { dropped: 9 }"), "{told}");
}

#[test]
fn lengths_that_lie_are_noticed() {
    let promised = Publisher::new(Served::new(BYTES).without_ranges().manners(&[Manner::Promise(5)]));
    let error = promised.fetch(Some(Published::Sha256(PREFIX))).1.unwrap_err();
    assert!(matches!(&error, FetchError::Cut { .. }), "{error}");
    let concealed = Publisher::new(Served::new(BYTES).manners(&[Manner::Conceal(5)]));
    let error = concealed.fetch(Some(Published::Sha256(PREFIX))).1.unwrap_err();
    assert!(matches!(&error, FetchError::Wrong { source: WrongFile::Digest(_), .. }), "{error}");
    for publisher in [promised, concealed] {
        assert!(!publisher.at(NAME).exists());
    }
}

#[test]
fn pages_and_other_files_are_refused_though_no_digest_tells() {
    let page = "<!DOCTYPE html><title>Log in to this network</title>";
    for kind in ["text/html", "application/octet-stream"] {
        let publisher = Publisher::new(Served { kind, ..Served::new(page) });
        let error = publisher.fetch(None).1.unwrap_err();
        assert!(matches!(&error, FetchError::Wrong { source: WrongFile::Kind(FileKind::WebPage), .. }), "{error}");
        assert!(error.help().unwrap().contains("a network may want a login") && !publisher.at(NAME).exists());
    }
    let publisher = Publisher::new(Served::new("version https://git-lfs.github.com/spec/v1"));
    let error = publisher.fetch(None).1.unwrap_err();
    let pointer = WrongFile::Kind(FileKind::LfsPointer);
    assert!(
        matches!(&error, FetchError::Wrong { aside: Some(_), source, .. } if source.to_string() == pointer.to_string())
    );
    assert!(error.help().unwrap().contains("a pointer to the file"));
    let publisher = Publisher::new(Served::new("no file of PyTorch"));
    let error = publisher.fetch(None).1.unwrap_err();
    let FetchError::Wrong { aside: Some(_), source: WrongFile::Unfit(unfit), .. } = &error else { panic!("{error}") };
    assert!(unfit.to_string().starts_with("it is no file of PyTorch"), "{unfit}");
}

#[test]
fn files_of_both_ages_of_pytorch_are_taken() {
    // The first bytes of what torch 2.15 writes with `_use_new_zipfile_serialization=False`.
    let old = *b"\x80\x02\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19\x2e\x80\x02\x4d\xe9\x03";
    for (bytes, right) in [(old.to_vec(), true), (BYTES.to_vec(), true), (old[1..].to_vec(), false)] {
        assert_eq!(Publisher::new(Served::new(bytes)).fetch(None).1.is_ok(), right);
    }
}

#[test]
fn servers_that_answer_with_errors_are_named() {
    let publisher = Publisher::new(Served::new(BYTES).manners(&[Manner::Status(404)]));
    let error = publisher.fetch(None).1.unwrap_err();
    assert_eq!(error.to_string(), format!("{}: the server answers 404", publisher.server.url(NAME)));
    assert_eq!(publisher.server.asked(), [NAME], "it is not asked again");
    assert!(!publisher.at("net.pth.part").exists());
    let large = Source { at_most: 20, ..publisher.source(None) };
    publisher.server.serve(NAME, Served::new(BYTES));
    let error = publisher.run(&large, None).1.unwrap_err();
    assert!(matches!(&error, FetchError::Long { at_most: 20, .. }), "{error}");
}

#[test]
fn a_digest_counts_at_the_official_address_and_is_compared_at_a_mirror() {
    let publisher = Publisher::new(Served::new(BYTES));
    let elsewhere = Source { url: "http://127.0.0.1:1/no", ..publisher.source(Some(Published::Sha256("00000000"))) };
    let (told, placed) = publisher.run(&elsewhere, Some(publisher.server.url("")));
    assert_eq!(placed.unwrap().sha256, SHA256);
    assert!(told.contains("NotPublished(Sha256") && told.contains("Trusted"), "{told}");
    // Without the mirror it is the published file that is wanted.
    let error = publisher.run(&elsewhere, None).1.unwrap_err();
    assert!(matches!(&error, FetchError::There { source: WrongFile::Digest(_), .. }), "{error}");
}

#[test]
fn what_was_trusted_once_is_held_to_it() {
    let publisher = Publisher::new(Served::new(BYTES));
    let (told, placed) = publisher.fetch(None);
    assert!(placed.is_ok() && told.contains(&format!("Trusted {{ sha256: \"{SHA256}\"")), "{told}");
    let (told, _) = publisher.fetch(None);
    assert!(told.contains("AsBefore") && told.contains("Kept") && !told.contains("Trusted"), "{told}");
    let lock = std::fs::read_to_string(publisher.at("jem-weights.lock")).unwrap();
    assert!(lock.starts_with("# What `jem weights fetch` brought here.") && lock.contains(SHA256), "{lock}");
    std::fs::remove_file(publisher.at(NAME)).unwrap();
    publisher.server.serve(NAME, Served::new("PK\x03\x04 other weights"));
    let error = publisher.fetch(None).1.unwrap_err();
    assert!(matches!(&error, FetchError::Wrong { aside: Some(_), source: WrongFile::Changed(_), .. }), "{error}");
    let help = "if the new file is right, remove the entry `net.pth` from jem-weights.lock and fetch again";
    assert_eq!(error.help().unwrap(), help);
}

#[test]
fn a_file_put_there_by_hand_is_trusted_from_then_on() {
    let publisher = Publisher::new(Served::new(BYTES));
    std::fs::write(publisher.at(NAME), BYTES).unwrap();
    let (told, placed) = publisher.fetch(None);
    assert!(placed.is_ok() && told.contains("Kept") && told.contains("Trusted"), "{told}");
    std::fs::write(publisher.at(NAME), "PK\x03\x04 other weights").unwrap();
    let error = publisher.fetch(None).1.unwrap_err();
    assert!(matches!(&error, FetchError::There { source: WrongFile::Changed(_), .. }), "{error}");
}

#[test]
fn every_published_digest_is_long_enough_to_tell_files_apart_and_stands_in_pytorchs_names() {
    for weights in weights::WEIGHTS {
        let (name, source) = (weights.name, weights.file());
        assert!(weights::Weights::named(name).is_some_and(|named| named.file().url == source.url), "{name}");
        if weights.folder.is_some() {
            // Nobody published digests of these, and their server's address has no other form.
            assert!(
                weights.sources.iter().all(|source| source.published.is_none() && source.url.ends_with(source.name))
            );
            continue;
        }
        assert_eq!(weights.sources.len(), 1, "{name}");
        let Some(Published::Sha256(digits)) = source.published else { panic!("{name}") };
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
