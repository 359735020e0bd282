//! Files of scipy (see `tests/reference/matlab.py`), and truncated, damaged and malicious files.

use super::*;
use crate::data::fixture::mats;
use base64::Engine as _;
use flate2::Compression;
use flate2::write::ZlibEncoder;
use serde_json::Value;
use std::io::Write as _;

fn reference() -> Value {
    serde_json::from_str(include_str!("../../../tests/reference/matlab.json")).unwrap()
}

fn files(group: &Value) -> impl Iterator<Item = (&String, Vec<u8>)> {
    let decoded = |text: &Value| base64::engine::general_purpose::STANDARD.decode(text.as_str().unwrap()).unwrap();
    group.as_object().unwrap().iter().map(move |(name, text)| (name, decoded(text)))
}

#[test]
fn every_real_class_is_read_at_every_level_and_byte_order_as_row_and_column() {
    let reference = reference();
    let expected: Vec<f64> =
        reference["values"].as_array().unwrap().iter().map(|value| value.as_f64().unwrap()).collect();
    let mut count = 0;
    for (name, file) in files(&reference["vectors"]) {
        assert_eq!(vector(&file, "labels").unwrap(), expected, "{name}");
        count += 1;
    }
    assert_eq!(count, 2 * (10 * 3 + 6 * 2));
}

#[test]
fn the_error_about_another_variable_describes_it() {
    let reference = reference();
    let expected = [
        ("complex", "`labels` is complex, not an array of real numbers"),
        ("matrix", "`labels` is 2×3, not a row or column"),
        ("text", "`labels` is text, not an array of real numbers"),
        ("sparse", "`labels` is sparse, not an array of real numbers"),
        ("struct", "`labels` is a struct, not an array of real numbers"),
        ("cell", "`labels` is a cell array, not an array of real numbers"),
    ];
    for (name, file) in files(&reference["others"]) {
        let (_, expected) = expected.iter().find(|(known, _)| known == name).unwrap();
        assert_eq!(vector(&file, "labels").unwrap_err().to_string(), *expected);
        let Err(MatError::NoVariable { found, .. }) = vector(&file, "trnid") else { panic!("{name}") };
        assert!(found.contains(&"labels".into()), "{name}: {found:?}");
    }
}

#[test]
fn a_truncated_file_is_an_error_at_every_length() {
    let reference = reference();
    for (name, file) in files(&reference["vectors"]) {
        for end in 0..file.len() {
            // A file that ends before the variable can be complete without it.
            match vector(&file[..end], "labels") {
                Ok(_) => panic!("{name} is read though it has {end} of {} bytes", file.len()),
                Err(MatError::NoVariable { .. }) => assert!(name.starts_with('4') || end >= 128, "{name} {end}"),
                Err(_) => {}
            }
        }
    }
    let lists = mats(&[("trnid", &[1, 2]), ("valid", &[3]), ("tstid", &[4])]);
    assert_eq!(vector(&lists, "valid").unwrap(), [3.0]);
    assert!(vector(&lists[..lists.len() - 8], "trnid").is_err(), "truncated after the variable");
}

#[test]
fn no_changed_byte_causes_a_panic() {
    let reference = reference();
    for (_, file) in files(&reference["vectors"]).chain(files(&reference["others"])) {
        for at in 0..file.len() {
            for change in [0xff, 0x80, 0x01] {
                let mut changed = file.clone();
                changed[at] ^= change;
                drop(vector(&changed, "labels"));
            }
        }
    }
}

/// An element of level 5, little-endian.
fn element(kind: u32, contents: &[u8]) -> Vec<u8> {
    [&kind.to_le_bytes()[..], &(contents.len() as u32).to_le_bytes(), contents].concat()
}

fn level5(element: &[u8]) -> Vec<u8> {
    let mut file = mats(&[]);
    file.extend(element);
    file
}

fn compressed(contents: &[u8]) -> Vec<u8> {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(contents).unwrap();
    level5(&element(15, &encoder.finish().unwrap()))
}

/// A row whose header states `claimed` bytes, and which has `bytes`.
fn row(claimed: u32, bytes: &[u8]) -> Vec<u8> {
    let size = [1i32.to_le_bytes(), claimed.cast_signed().to_le_bytes()].concat();
    let mut body = [element(6, &[9, 0, 0, 0, 0, 0, 0, 0]), element(5, &size)].concat();
    // With padding to eight bytes.
    body.extend([element(1, b"labels"), vec![0, 0]].concat());
    body.extend(2u32.to_le_bytes());
    body.extend(claimed.to_le_bytes());
    body.extend(bytes);
    body
}

#[test]
fn false_sizes_and_decompression_bombs_need_no_memory() {
    // The header states sixteen million numbers, and there are four.
    let false_size = row(1 << 24, &[1, 2, 3, 4]);
    assert!(matches!(vector(&level5(&element(14, &false_size)), "labels"), Err(MatError::Truncated { .. })));
    assert!(matches!(vector(&compressed(&element(14, &false_size)), "labels"), Err(MatError::Truncated { .. })));
    // The header states two billion numbers.
    let false_size = row(0x7fff_fff0, &[1, 2, 3, 4]);
    assert!(matches!(vector(&compressed(&element(14, &false_size)), "labels"), Err(MatError::TooLarge { .. })));
    // 64 MiB of zeros in 64 KiB, after the numbers of the variable and in a variable with another name.
    let bomb = [row(8, &[7; 8]), vec![0; 1 << 26]].concat();
    assert!(matches!(vector(&compressed(&element(14, &bomb)), "labels"), Err(MatError::Damaged { .. })));
    assert!(matches!(vector(&compressed(&element(14, &bomb)), "trnid"), Err(MatError::NoVariable { .. })));
    assert_eq!(vector(&compressed(&element(14, &row(8, &[7; 8]))), "labels").unwrap(), [7.0; 8]);
}

#[test]
fn a_compressed_variable_with_a_wrong_checksum_is_damaged() {
    let complete = compressed(&element(14, &row(8, &[7; 8])));
    let (mut changed, last) = (complete.clone(), complete.len() - 1);
    changed[last] ^= 1;
    assert!(matches!(vector(&changed, "labels"), Err(MatError::Damaged { .. })));
}

#[test]
fn unsupported_levels_and_other_formats_are_errors_with_a_remedy() {
    let mut level73 = b"MATLAB 7.3 MAT-file".to_vec();
    level73.resize(124, b' ');
    level73.extend([0, 2, b'I', b'M']);
    level73.resize(512, 0);
    level73.extend(b"\x89HDF\r\n\x1a\n");
    for file in [&level73[..], &level73[..128], b"\x89HDF\r\n\x1a\n\0\0"] {
        let error = vector(file, "labels").unwrap_err();
        assert!(error.to_string().contains("MATLAB 7.3 (HDF5)"), "{error}");
        assert!(error.help().unwrap().contains("save -v7"));
    }
    let page = vector(b"<!DOCTYPE html><html>", "labels").unwrap_err();
    assert_eq!(page.to_string(), "a web page, not a MATLAB file");
    assert!(page.help().unwrap().contains("fetch it again"));
    for file in [&b"no file of MATLAB"[..], &[0; 200], &[1; 200]] {
        assert!(matches!(vector(file, "labels"), Err(MatError::NotMat)), "{file:?}");
    }
}

#[test]
fn the_published_files_are_read() {
    let Some(root) = crate::data::fixture::real() else { return };
    let labels = vector(&std::fs::read(root.join("imagelabels.mat")).unwrap(), "labels").unwrap();
    assert_eq!((labels.len(), labels[0]), (8189, 77.0));
    let setid = std::fs::read(root.join("setid.mat")).unwrap();
    let lists = ["trnid", "valid", "tstid"].map(|list| vector(&setid, list).unwrap().len());
    assert_eq!(lists, [1020, 1020, 6149]);
}
