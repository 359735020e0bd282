mod connection;
mod trust;

use super::*;
use crate::data::fixture;
use crate::fetch::server::{ServedFile, Server, ServerBehavior};
use crate::fetch::{DigestMismatch, FetchError as FileError, PublishedDigest, compute_digests};
use crate::file_kind::FileKind;
use flate2::Compression;
use flate2::write::GzEncoder;
use std::cell::RefCell;
use std::fs::File;
use std::path::Path;
use std::time::Duration;

/// A server with the archives of a small data set in the official form.
struct Mirror {
    server: Server,
    set: tempfile::TempDir,
    to: tempfile::TempDir,
}

fn archive(root: &Path, part: &str) -> Vec<u8> {
    let mut tar = tar::Builder::new(GzEncoder::new(Vec::new(), Compression::fast()));
    tar.append_dir_all(part, root.join(part)).unwrap();
    tar.into_inner().unwrap().finish().unwrap()
}

impl Mirror {
    fn new() -> Self {
        let (server, set, to) = (Server::new(), fixture::oxford(&[77, 3, 3]), tempfile::tempdir().unwrap());
        let root = set.path();
        server.serve("imagelabels.mat", ServedFile::new(std::fs::read(root.join("imagelabels.mat")).unwrap()));
        server.serve("setid.mat", ServedFile::new(setid()));
        for (name, part) in [("102flowers.tgz", "jpg"), ("102segmentations.tgz", "segmim"), (CAPTIONS, "text_c10")] {
            server.serve(name, ServedFile::new(archive(root, part)));
        }
        Self { server, set, to }
    }

    fn fetch(&self) -> Fetch {
        Fetch {
            to: self.to.path().into(),
            from: Some(self.server.url("")),
            captions: None,
            keep_archives: false,
            retry: RetryPolicy { attempts: 3, initial_delay: Duration::ZERO },
        }
    }

    /// The events and the result.
    fn run(&self, fetch: &Fetch) -> (Vec<String>, Result<(), FetchError>) {
        let events = RefCell::new(Vec::new());
        let result = fetch.oxford_102(&|name, event| {
            let event = match event {
                Event::File(event) => format!("{event:?}"),
                event => format!("{event:?}"),
            };
            events.borrow_mut().push(format!("{name}: {event}"));
        });
        (events.into_inner(), result)
    }

    fn succeed(&self) -> Vec<String> {
        let (events, result) = self.run(&self.fetch());
        result.unwrap();
        events
    }

    fn fail(&self) -> FetchError {
        self.run(&self.fetch()).1.unwrap_err()
    }

    /// The error of fetching a file.
    fn file_error(&self, fetch: &Fetch) -> FileError {
        match self.run(fetch).1 {
            Err(FetchError::File(error)) => error,
            other => panic!("{other:?}"),
        }
    }

    fn at(&self, name: &str) -> PathBuf {
        self.to.path().join(name)
    }

    /// The names in the folder.
    fn listing(&self) -> Vec<String> {
        let names = std::fs::read_dir(self.to.path()).unwrap();
        let mut names: Vec<String> = names.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    /// The requests for one file.
    fn requests(&self, name: &str) -> Vec<String> {
        self.server.requests().into_iter().filter(|request| request.starts_with(name)).collect()
    }

    fn flowers(&self) -> Vec<u8> {
        archive(self.set.path(), "jpg")
    }
}

/// A split file with three lists.
fn setid() -> Vec<u8> {
    let mut file = fixture::mat("trnid", &[1]);
    for (name, id) in [("valid", 2), ("tstid", 3)] {
        file.extend(&fixture::mat(name, &[id])[128..]);
    }
    file
}

const COMPLETE: [&str; 6] = ["imagelabels.mat", "jem-data.lock", "jpg", "segmim", "setid.mat", "text_c10"];
const FLOWERS: &str = "102flowers.tgz";

#[test]
fn all_files_are_fetched_once_into_the_official_layout() {
    let mirror = Mirror::new();
    std::fs::create_dir_all(mirror.at(".unpacking/left by a killed process")).unwrap();
    let events = mirror.succeed().join("\n");
    assert_eq!(mirror.listing(), COMPLETE);
    let open = |root| crate::data::Oxford102::open(root).unwrap();
    let (fetched, original) = (open(mirror.to.path()), open(mirror.set.path()));
    let cache = tempfile::tempdir().unwrap();
    let digests = crate::data::DigestCache::open(cache.path());
    let prints = |set: &crate::data::Oxford102| {
        [set.fingerprint(&[1, 2, 3], &digests), set.segmentation_fingerprint(&[1, 2, 3], &digests)].map(Result::unwrap)
    };
    assert_eq!(prints(&fetched), prints(&original));
    assert!(events.contains("102flowers.tgz: DiffersFromPublished(Md5 { expected: \"52808999"), "{events}");
    assert!(events.contains("102segmentations.tgz: Trusted"), "{events}");
    let requests = mirror.server.requests();
    assert_eq!(requests.len(), 5);
    assert!(mirror.succeed().iter().filter(|event| event.ends_with("Existing")).count() == 5);
    assert_eq!(mirror.server.requests(), requests);
}

#[test]
fn archives_are_kept_on_request() {
    let mirror = Mirror::new();
    mirror.run(&Fetch { keep_archives: true, ..mirror.fetch() }).1.unwrap();
    assert_eq!(std::fs::read(mirror.at(FLOWERS)).unwrap(), mirror.flowers());
    std::fs::remove_dir_all(mirror.at("jpg")).unwrap();
    mirror.succeed();
    assert_eq!(mirror.requests(FLOWERS).len(), 1, "the kept archive is unpacked again");
    assert!(mirror.at("jpg/image_00003.jpg").is_file() && !mirror.at(FLOWERS).exists());
}

#[test]
fn missing_and_empty_files_are_added_and_other_files_are_not_overwritten() {
    let mirror = Mirror::new();
    mirror.succeed();
    std::fs::remove_file(mirror.at("jpg/image_00002.jpg")).unwrap();
    std::fs::write(mirror.at("jpg/image_00003.jpg"), "").unwrap();
    std::fs::write(mirror.at("jpg/image_00001.jpg"), "mine").unwrap();
    let events = mirror.succeed().join("\n");
    assert!(events.contains("102flowers.tgz: MatchesLock") && events.contains("Completed { files: 2 }"), "{events}");
    assert_eq!(std::fs::read(mirror.at("jpg/image_00001.jpg")).unwrap(), b"mine");
    for name in ["jpg/image_00002.jpg", "jpg/image_00003.jpg"] {
        assert_eq!(std::fs::read(mirror.at(name)).unwrap(), std::fs::read(mirror.set.path().join(name)).unwrap());
    }
}

#[test]
fn a_second_fetch_into_the_same_folder_is_an_error() {
    let mirror = Mirror::new();
    let folder = File::open(mirror.to.path()).unwrap();
    folder.lock().unwrap();
    assert!(matches!(mirror.fail(), FetchError::File(FileError::Busy { .. })));
}
