//! Fetching and checking a data set as a user does it, from a server on this machine.

use std::path::Path;

use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use crate::lab::Lab;
use crate::server::{Manner, Served, Server};

const ARCHIVES: [(&str, &str); 3] =
    [("102flowers.tgz", "jpg"), ("102segmentations.tgz", "segmim"), ("cvpr2016_flowers.tar.gz", "text_c10")];

/// A lab whose flowers are archived on a server, as the official ones are.
fn mirror() -> (Lab, Server) {
    let (lab, server) = (Lab::new(), Server::new());
    let root = lab.path("flowers");
    server.serve("imagelabels.mat", Served::new(std::fs::read(root.join("imagelabels.mat")).unwrap()));
    server.serve("setid.mat", Served::new(split()));
    for (name, part) in ARCHIVES {
        server.serve(name, Served::new(archive(&root, part)));
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

/// Standard output and standard error of a fetch that succeeds.
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
fn a_fetched_set_is_whole_says_what_it_is_trusted_for_and_is_kept() {
    let (lab, server) = mirror();
    let (out, error) = fetch(&lab, &server);
    assert!(out.contains("fetched 102flowers.tgz: 16 files") && out.ends_with("jem data check set\n"), "{out}");
    assert!(error.contains("published checksums count at the official addresses only"), "{error}");
    assert!(error.contains("warning: 102segmentations.tgz: no published checksum holds it"), "{error}");
    assert!(error.contains("the published one 52808999861908f626f3c1f4e79d11fa"), "{error}");
    let said = lab.succeed(&["data", "check", "set"]);
    // One line in four of the lab's captions is blank.
    assert!(
        said.ends_with("set: 16 images, 6 classes, 48 captions, 16 blank lines, 0 duplicates; 0 errors, 16 warnings\n"),
        "{said}"
    );
    lab.succeed(&["plan", "sweep.toml", "--set", "data.root=set"]);
    let asked = server.asked().len();
    let (out, _) = fetch(&lab, &server);
    assert_eq!((out.matches("kept ").count(), server.asked().len()), (5, asked));
}

#[test]
fn a_broken_connection_is_mended_and_said_in_plain_lines() {
    let (lab, server) = mirror();
    let flowers = archive(&lab.path("flowers"), "jpg");
    server.serve("102flowers.tgz", Served::new(flowers).tag("\"v1\"").manners(&[Manner::Cut(999), Manner::Well]));
    let (_, error) = fetch(&lab, &server);
    assert!(error.contains("warning: 102flowers.tgz: ") && error.contains("tried again in 1.0 s"), "{error}");
    assert!(error.contains("from 999 bytes on from http://127.0.0.1:") && error.contains(" bytes in 0."), "{error}");
    assert!(!error.contains('\r') && !error.contains('\u{1b}'), "{error}");
    assert!(server.asked().contains(&"102flowers.tgz from 999 if \"v1\"".to_owned()));
}

#[test]
fn a_server_that_lies_about_lengths_is_found_out() {
    let (lab, server) = mirror();
    let [flowers, segmentations] = ["jpg", "segmim"].map(|part| archive(&lab.path("flowers"), part));
    let bytes = flowers.len();
    let promised = Served::new(flowers).without_ranges().manners(&[Manner::Promise(5), Manner::Well]);
    server.serve("102flowers.tgz", promised);
    server.serve("102segmentations.tgz", Served::new(segmentations).manners(&[Manner::Conceal(20)]));
    let error = fail(&lab, &server);
    assert!(error.contains(&format!("begins again: {bytes} bytes were of no use")), "{error}");
    assert!(error.contains("102segmentations.tgz: not the right file, set aside as"), "{error}");
    assert!(error.contains("it is damaged or ends early"), "{error}");
    assert!(lab.path("set/jpg/image_00016.jpg").is_file() && !lab.path("set/segmim").exists());
}

#[test]
fn what_cannot_be_fetched_names_the_address_and_the_remedy() {
    let (lab, server) = mirror();
    let page = Served { kind: "text/html", ..Served::new("<!DOCTYPE html><title>Virus scan warning</title>") };
    server.serve("cvpr2016_flowers.tar.gz", page);
    let error = fail(&lab, &server);
    assert!(error.contains("error: cvpr2016_flowers.tar.gz: not the right file: a web page came instead"), "{error}");
    assert!(error.contains("  help: fetch it by hand from https://drive.google.com/"), "{error}");
    std::fs::write(lab.path("by-hand.tgz"), archive(&lab.path("flowers"), "text_c10")).unwrap();
    let from = server.url("");
    lab.succeed(&["data", "fetch", "oxford-102", "--to", "set", "--from", &from, "--captions", "by-hand.tgz"]);
    lab.succeed(&["data", "check", "set"]);
    server.serve("102flowers.tgz", Served::new("").manners(&[Manner::Status(404)]));
    std::fs::remove_dir_all(lab.path("set/jpg")).unwrap();
    let error = fail(&lab, &server);
    assert!(error.contains(&format!("{}: the server answers 404", server.url("102flowers.tgz"))), "{error}");
    lab.fail(2, &["data", "fetch", "flowers"]);
}

#[test]
fn a_file_that_changed_since_it_was_trusted_is_set_aside() {
    let (lab, server) = mirror();
    fetch(&lab, &server);
    std::fs::remove_dir_all(lab.path("set/segmim")).unwrap();
    server.serve("102segmentations.tgz", Served::new(archive(&lab.path("flowers"), "jpg")));
    let error = fail(&lab, &server);
    assert!(
        error.contains("102segmentations.tgz: not the right file, set aside as set/102segmentations.tgz.rejected"),
        "{error}"
    );
    assert!(error.contains("remove the entry `102segmentations.tgz` from jem-data.lock"), "{error}");
    assert!(lab.path("set/102segmentations.tgz.rejected").is_file() && !lab.path("set/segmim").exists());
}

#[test]
fn a_check_names_everything_and_ends_in_three_only_for_errors() {
    let lab = Lab::new();
    let warned: Value = serde_json::from_str(&lab.succeed(&["data", "check", "flowers", "--format", "json"])).unwrap();
    assert_eq!((&warned["summary"]["errors"], &warned["summary"]["warnings"]), (&0.into(), &17.into()));
    let photo = lab.path("flowers/jpg/image_00003.jpg");
    let bytes = std::fs::read(&photo).unwrap();
    std::fs::write(&photo, &bytes[..bytes.len() / 2]).unwrap();
    std::fs::remove_file(lab.path("flowers/text_c10/class_00044/image_00010.txt")).unwrap();
    let output = lab.run(&["data", "check", "flowers", "--format", "csv"]);
    assert_eq!(output.status.code(), Some(3));
    let out = String::from_utf8(output.stdout).unwrap();
    assert!(out.starts_with("severity,file,line,kind,what\r\n"), "{out}");
    assert!(out.contains("error,jpg/image_00003.jpg,,damaged,cut short"), "{out}");
    assert!(out.contains("error,text_c10/class_00044/image_00010.txt,,missing,missing"), "{out}");
    assert!(out.contains("warning,text_c10/class_00041/image_00001.txt,3,blank-line,"), "{out}");
    assert!(lab.fail(3, &["data", "check", "nowhere"]).contains("nowhere: no such folder"));
}

#[test]
fn a_manifest_holds_the_digest_of_every_file() {
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
