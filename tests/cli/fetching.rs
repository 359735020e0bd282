//! `jem data fetch` from a local server, and `jem data check`.

use std::path::Path;

use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use crate::lab::Lab;
use crate::server::{ServedFile, Server, ServerBehavior};

const ARCHIVES: [(&str, &str); 3] =
    [("102flowers.tgz", "jpg"), ("102segmentations.tgz", "segmim"), ("cvpr2016_flowers.tar.gz", "text_c10")];

/// A lab, and a server with archives of its flowers.
fn mirror() -> (Lab, Server) {
    let (lab, server) = (Lab::new(), Server::new());
    let root = lab.path("flowers");
    server.serve("imagelabels.mat", ServedFile::new(std::fs::read(root.join("imagelabels.mat")).unwrap()));
    server.serve("setid.mat", ServedFile::new(split()));
    for (name, part) in ARCHIVES {
        server.serve(name, ServedFile::new(archive(&root, part)));
    }
    (lab, server)
}

fn archive(root: &Path, part: &str) -> Vec<u8> {
    let mut tar = tar::Builder::new(GzEncoder::new(Vec::new(), Compression::fast()));
    tar.append_dir_all(format!("official/{part}"), root.join(part)).unwrap();
    tar.into_inner().unwrap().finish().unwrap()
}

/// `setid.mat` for the lab's 16 images: three 1×N arrays of bytes.
fn split() -> Vec<u8> {
    let element = |kind: u32, payload: &[u8]| {
        let mut bytes = [kind.to_le_bytes(), (payload.len() as u32).to_le_bytes()].concat();
        bytes.extend(payload);
        bytes.resize(bytes.len().next_multiple_of(8), 0);
        bytes
    };
    let mut file = b"MATLAB 5.0 MAT-file".to_vec();
    file.resize(124, b' ');
    file.extend([0, 1, b'I', b'M']);
    for (name, ids) in [("trnid", 1..=4), ("valid", 5..=8), ("tstid", 9..=16u8)] {
        let ids: Vec<u8> = ids.collect();
        let shape = element(5, &[1u32.to_le_bytes(), (ids.len() as u32).to_le_bytes()].concat());
        let matrix = [element(6, &[9, 0, 0, 0, 0, 0, 0, 0]), shape, element(1, name.as_bytes()), element(2, &ids)];
        file.extend(element(14, &matrix.concat()));
    }
    file
}

/// Standard output and standard error of a successful fetch.
fn fetch(lab: &Lab, server: &Server) -> (String, String) {
    let output = lab.run(&["data", "fetch", "oxford-102", "--to", "set", "--from", &server.url("")]);
    let [out, error] = [output.stdout, output.stderr].map(|bytes| String::from_utf8(bytes).unwrap());
    assert!(output.status.success(), "{error}");
    (out, error)
}

fn fail(lab: &Lab, server: &Server) -> String {
    lab.fail(3, &["data", "fetch", "oxford-102", "--to", "set", "--from", &server.url("")])
}

#[test]
fn a_fetched_data_set_is_complete_verified_and_kept() {
    let (lab, server) = mirror();
    let (out, error) = fetch(&lab, &server);
    assert!(out.contains("fetched 102flowers.tgz: 16 files") && out.ends_with("jem data check set\n"), "{out}");
    assert!(error.contains("is a mirror: files that differ"), "{error}");
    assert!(error.contains("warning: 102segmentations.tgz: no published checksum exists for it"), "{error}");
    assert!(error.contains("the published MD5 is 52808999861908f626f3c1f4e79d11fa"), "{error}");
    let messages = lab.succeed(&["data", "check", "set"]);
    // One line in four of the captions is blank.
    assert!(
        messages
            .ends_with("set: 16 images, 6 classes, 48 captions, 16 blank lines, 0 duplicates; 0 errors, 16 warnings\n"),
        "{messages}"
    );
    lab.succeed(&["plan", "sweep.toml", "--set", "data.root=set"]);
    let requests = server.requests().len();
    let (out, _) = fetch(&lab, &server);
    assert_eq!((out.matches("kept ").count(), server.requests().len()), (5, requests));
}

#[test]
fn an_interrupted_download_is_resumed() {
    let (lab, server) = mirror();
    let flowers = archive(&lab.path("flowers"), "jpg");
    server.serve(
        "102flowers.tgz",
        ServedFile::new(flowers).tag("\"v1\"").behaviors(&[ServerBehavior::Truncate(999), ServerBehavior::Normal]),
    );
    let (_, error) = fetch(&lab, &server);
    assert!(error.contains("warning: 102flowers.tgz: ") && error.contains("next attempt in 1.0 s"), "{error}");
    assert!(
        error.contains("resumed at 999 B from http://127.0.0.1:") && error.contains("kB (999 B done earlier) in 0."),
        "{error}"
    );
    assert!(!error.contains('\r') && !error.contains('\u{1b}'), "{error}");
    assert!(server.requests().contains(&"102flowers.tgz from 999 if \"v1\"".to_owned()));
}

#[test]
fn wrong_lengths_of_a_server_are_detected() {
    let (lab, server) = mirror();
    let [flowers, segmentations] = ["jpg", "segmim"].map(|part| archive(&lab.path("flowers"), part));
    let bytes = flowers.len();
    let promised =
        ServedFile::new(flowers).without_ranges().behaviors(&[ServerBehavior::AnnounceMore(5), ServerBehavior::Normal]);
    server.serve("102flowers.tgz", promised);
    server.serve("102segmentations.tgz", ServedFile::new(segmentations).behaviors(&[ServerBehavior::AnnounceLess(20)]));
    let error = fail(&lab, &server);
    assert!(
        error.contains(&format!("the download starts again: {:.1} kB were discarded", bytes as f64 / 1e3)),
        "{error}"
    );
    assert!(error.contains("102segmentations.tgz: not the expected file, moved to"), "{error}");
    assert!(error.contains("it is damaged or truncated"), "{error}");
    assert!(lab.path("set/jpg/image_00016.jpg").is_file() && !lab.path("set/segmim").exists());
}

#[test]
fn a_failed_download_names_the_url_and_the_remedy() {
    let (lab, server) = mirror();
    let page = ServedFile { kind: "text/html", ..ServedFile::new("<!DOCTYPE html><title>Virus scan warning</title>") };
    server.serve("cvpr2016_flowers.tar.gz", page);
    let error = fail(&lab, &server);
    assert!(error.contains("error: cvpr2016_flowers.tar.gz: not the expected file: it is a web page"), "{error}");
    assert!(error.contains("  help: download it with a browser from https://drive.google.com/"), "{error}");
    std::fs::write(lab.path("by-hand.tgz"), archive(&lab.path("flowers"), "text_c10")).unwrap();
    let from = server.url("");
    lab.succeed(&["data", "fetch", "oxford-102", "--to", "set", "--from", &from, "--captions", "by-hand.tgz"]);
    lab.succeed(&["data", "check", "set"]);
    server.serve("102flowers.tgz", ServedFile::new("").behaviors(&[ServerBehavior::Status(404)]));
    std::fs::remove_dir_all(lab.path("set/jpg")).unwrap();
    let error = fail(&lab, &server);
    assert!(
        error.contains(&format!("{}: the server returned HTTP status 404", server.url("102flowers.tgz"))),
        "{error}"
    );
    lab.fail(2, &["data", "fetch", "flowers"]);
}

#[test]
fn a_file_that_differs_from_the_lock_file_is_rejected() {
    let (lab, server) = mirror();
    fetch(&lab, &server);
    std::fs::remove_dir_all(lab.path("set/segmim")).unwrap();
    server.serve("102segmentations.tgz", ServedFile::new(archive(&lab.path("flowers"), "jpg")));
    let error = fail(&lab, &server);
    assert!(
        error.contains("102segmentations.tgz: not the expected file, moved to set/102segmentations.tgz.rejected"),
        "{error}"
    );
    assert!(error.contains("remove the entry `102segmentations.tgz` from jem-data.lock"), "{error}");
    assert!(lab.path("set/102segmentations.tgz.rejected").is_file() && !lab.path("set/segmim").exists());
}

#[test]
fn a_check_lists_all_findings_and_returns_3_only_for_errors() {
    let lab = Lab::new();
    let warned: Value = serde_json::from_str(&lab.succeed(&["data", "check", "flowers", "--format", "json"])).unwrap();
    assert_eq!((&warned["summary"]["errors"], &warned["summary"]["warnings"]), (&0.into(), &17.into()));
    let file = lab.path("flowers/jpg/image_00003.jpg");
    let bytes = std::fs::read(&file).unwrap();
    std::fs::write(&file, &bytes[..bytes.len() / 2]).unwrap();
    std::fs::remove_file(lab.path("flowers/text_c10/class_00044/image_00010.txt")).unwrap();
    let output = lab.run(&["data", "check", "flowers", "--format", "csv"]);
    assert_eq!(output.status.code(), Some(3));
    let out = String::from_utf8(output.stdout).unwrap();
    assert!(out.starts_with("severity,file,line,kind,what\r\n"), "{out}");
    assert!(out.contains("error,jpg/image_00003.jpg,,damaged,truncated"), "{out}");
    assert!(out.contains("error,text_c10/class_00044/image_00010.txt,,missing,missing"), "{out}");
    assert!(out.contains("warning,text_c10/class_00041/image_00001.txt,3,blank-line,"), "{out}");
    assert!(lab.fail(3, &["data", "check", "nowhere"]).contains("nowhere: no such folder"));
}

#[test]
fn a_manifest_has_the_digest_of_every_file() {
    let lab = Lab::new();
    lab.succeed(&["data", "check", "flowers", "--manifest", "sums.txt"]);
    let text = std::fs::read_to_string(lab.path("sums.txt")).unwrap();
    assert_eq!(text.lines().count(), 3 * 16 + 1);
    for line in text.lines() {
        let (digest, path) = line.split_once("  ").unwrap();
        let bytes = std::fs::read(lab.path("flowers").join(path)).unwrap();
        assert_eq!(digest, hex::encode(Sha256::digest(&bytes)), "{path}");
    }
}
