mod connection;
mod trust;

use super::*;
use crate::data::fixture;
use crate::fetch::server::{Manner, Served, Server};
use crate::fetch::{FetchError as FileError, OtherDigest, Published, digests};
use crate::file_kind::FileKind;
use flate2::Compression;
use flate2::write::GzEncoder;
use std::cell::RefCell;
use std::fs::File;
use std::path::Path;
use std::time::Duration;

/// The lab's data set, archived as the official one is, on a server.
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
        server.serve("imagelabels.mat", Served::new(std::fs::read(root.join("imagelabels.mat")).unwrap()));
        server.serve("setid.mat", Served::new(setid()));
        for (name, part) in [("102flowers.tgz", "jpg"), ("102segmentations.tgz", "segmim"), (CAPTIONS, "text_c10")] {
            server.serve(name, Served::new(archive(root, part)));
        }
        Self { server, set, to }
    }

    fn fetch(&self) -> Fetch {
        Fetch {
            to: self.to.path().into(),
            from: Some(self.server.url("")),
            captions: None,
            keep_archives: false,
            patience: Patience { attempts: 3, first: Duration::ZERO },
        }
    }

    /// What was told, and how it ended.
    fn run(&self, fetch: &Fetch) -> (Vec<String>, Result<(), FetchError>) {
        let told = RefCell::new(Vec::new());
        let ended = fetch.oxford_102(&|name, event| {
            let event = match event {
                Event::File(event) => format!("{event:?}"),
                event => format!("{event:?}"),
            };
            told.borrow_mut().push(format!("{name}: {event}"));
        });
        (told.into_inner(), ended)
    }

    fn succeed(&self) -> Vec<String> {
        let (told, ended) = self.run(&self.fetch());
        ended.unwrap();
        told
    }

    fn fail(&self) -> FetchError {
        self.run(&self.fetch()).1.unwrap_err()
    }

    /// The error about a file.
    fn fail_at_file(&self, fetch: &Fetch) -> FileError {
        match self.run(fetch).1 {
            Err(FetchError::File(error)) => error,
            other => panic!("{other:?}"),
        }
    }

    fn at(&self, name: &str) -> PathBuf {
        self.to.path().join(name)
    }

    /// Everything in the folder.
    fn listing(&self) -> Vec<String> {
        let names = std::fs::read_dir(self.to.path()).unwrap();
        let mut names: Vec<String> = names.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    /// The requests for one file.
    fn asked(&self, name: &str) -> Vec<String> {
        self.server.asked().into_iter().filter(|asked| asked.starts_with(name)).collect()
    }

    fn flowers(&self) -> Vec<u8> {
        archive(self.set.path(), "jpg")
    }
}

/// A split file: three rows in one file.
fn setid() -> Vec<u8> {
    let mut file = fixture::mat("trnid", &[1]);
    for (name, id) in [("valid", 2), ("tstid", 3)] {
        file.extend(&fixture::mat(name, &[id])[128..]);
    }
    file
}

const WHOLE: [&str; 6] = ["imagelabels.mat", "jem-data.lock", "jpg", "segmim", "setid.mat", "text_c10"];
const FLOWERS: &str = "102flowers.tgz";

#[test]
fn everything_comes_into_the_official_layout_and_is_not_fetched_again() {
    let mirror = Mirror::new();
    std::fs::create_dir_all(mirror.at(".unpacking/left by a kill")).unwrap();
    let told = mirror.succeed().join("\n");
    assert_eq!(mirror.listing(), WHOLE);
    let open = |root| crate::data::Oxford102::open(root).unwrap();
    let (here, there) = (open(mirror.to.path()), open(mirror.set.path()));
    let memory = tempfile::tempdir().unwrap();
    let digests = crate::data::Digests::open(memory.path());
    let prints = |set: &crate::data::Oxford102| {
        [set.fingerprint(&[1, 2, 3], &digests), set.segmentation_fingerprint(&[1, 2, 3], &digests)].map(Result::unwrap)
    };
    assert_eq!(prints(&here), prints(&there));
    assert!(told.contains("102flowers.tgz: NotPublished(Md5 { expected: \"52808999"), "{told}");
    assert!(told.contains("102segmentations.tgz: Trusted"), "{told}");
    let asked = mirror.server.asked();
    assert_eq!(asked.len(), 5);
    assert!(mirror.succeed().iter().filter(|told| told.ends_with("Kept")).count() == 5);
    assert_eq!(mirror.server.asked(), asked);
}

#[test]
fn archives_stay_when_they_are_asked_to() {
    let mirror = Mirror::new();
    mirror.run(&Fetch { keep_archives: true, ..mirror.fetch() }).1.unwrap();
    assert_eq!(std::fs::read(mirror.at(FLOWERS)).unwrap(), mirror.flowers());
    std::fs::remove_dir_all(mirror.at("jpg")).unwrap();
    mirror.succeed();
    assert_eq!(mirror.asked(FLOWERS).len(), 1, "the kept archive is unpacked again");
    assert!(mirror.at("jpg/image_00003.jpg").is_file() && !mirror.at(FLOWERS).exists());
}

#[test]
fn what_is_missing_is_filled_in_and_nothing_is_overwritten() {
    let mirror = Mirror::new();
    mirror.succeed();
    std::fs::remove_file(mirror.at("jpg/image_00002.jpg")).unwrap();
    std::fs::write(mirror.at("jpg/image_00003.jpg"), "").unwrap();
    std::fs::write(mirror.at("jpg/image_00001.jpg"), "mine").unwrap();
    let told = mirror.succeed().join("\n");
    assert!(told.contains("102flowers.tgz: AsBefore") && told.contains("Placed { files: 2 }"), "{told}");
    assert_eq!(std::fs::read(mirror.at("jpg/image_00001.jpg")).unwrap(), b"mine");
    for name in ["jpg/image_00002.jpg", "jpg/image_00003.jpg"] {
        assert_eq!(std::fs::read(mirror.at(name)).unwrap(), std::fs::read(mirror.set.path().join(name)).unwrap());
    }
}

#[test]
fn two_fetches_do_not_share_a_folder() {
    let mirror = Mirror::new();
    let folder = File::open(mirror.to.path()).unwrap();
    folder.lock().unwrap();
    assert!(matches!(mirror.fail(), FetchError::File(FileError::Busy { .. })));
}
