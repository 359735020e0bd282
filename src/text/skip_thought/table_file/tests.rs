use super::*;
use base64::Engine as _;
use std::error::Error as _;

use sha2::{Digest as _, Sha256};

use super::super::digest::sha256;

fn convert_and_open(source: &Path, words: usize, tables: &Path) -> Result<Table, SkipThoughtError> {
    open_table(source, &sha256(source)?, words, tables)
}

/// A `.npy` file of version 1.
fn npy(descr: &str, shape: &str, contents: &[u8]) -> Vec<u8> {
    let mut header = format!("{{'descr': '{descr}', 'fortran_order': False, 'shape': {shape}, }}").into_bytes();
    header.resize(117, b' ');
    header.push(b'\n');
    [b"\x93NUMPY\x01\x00".as_slice(), &118u16.to_le_bytes(), &header, contents].concat()
}

/// A pickle of three rows, the last of which is the same object as the first, in protocol 2 + `index`.
fn pickled(index: usize) -> Vec<u8> {
    let all: serde_json::Value =
        serde_json::from_str(include_str!("../../../../tests/reference/pickles.json")).unwrap();
    let text = all["rows"][index].as_str().unwrap();
    base64::engine::general_purpose::STANDARD.decode(text).unwrap()
}

fn open(contents: &[u8], words: usize) -> (tempfile::TempDir, Result<Table, SkipThoughtError>) {
    let folder = tempfile::tempdir().unwrap();
    let source = folder.path().join("utable.npy");
    std::fs::write(&source, contents).unwrap();
    let table = convert_and_open(&source, words, &folder.path().join("tables"));
    (folder, table)
}

fn error(contents: &[u8], words: usize) -> String {
    let (folder, table) = open(contents, words);
    let error = table.unwrap_err();
    assert!(error.to_string().contains("utable.npy") && error.help().is_some(), "{error}");
    // Only the lock remains.
    let files = std::fs::read_dir(folder.path().join("tables")).unwrap().filter_map(Result::ok);
    assert!(files.map(|entry| entry.path()).all(|path| path.extension().is_some_and(|extension| extension == "lock")));
    error.source().map_or_else(|| error.to_string(), ToString::to_string)
}

#[test]
fn tables_of_objects_and_of_floats_are_converted_once() {
    let values = [1.0f32, 2.5, -3.0, 4.0, 1.0, 2.5];
    let plain = npy("<f4", "(3, 1, 2)", bytemuck::cast_slice(&values));
    let objects = (0..4).map(|index| npy("|O", "(3,)", &pickled(index)));
    for contents in objects.chain([plain]) {
        let (folder, first) = open(&contents, 3);
        let (first, hash) = (first.unwrap(), hex::encode(Sha256::digest(&contents)));
        assert_eq!((first.row(0), first.row(1), first.row(2)), (&values[..2], &values[2..4], &values[..2]));
        let tables = folder.path().join("tables");
        let path = tables.join(format!("{hash}.npy"));
        assert_eq!(std::fs::metadata(&path).unwrap().len(), 128 + 24);
        let before = std::fs::metadata(&path).unwrap().modified().unwrap();
        let again = convert_and_open(&folder.path().join("utable.npy"), 3, &tables).unwrap();
        assert_eq!((again.row(1), std::fs::metadata(&path).unwrap().modified().unwrap()), (first.row(1), before));
        assert_eq!(std::fs::read_dir(&tables).unwrap().count(), 2, "the table and its lock");
    }
}

#[test]
fn concurrent_conversions_give_one_table() {
    let folder = tempfile::tempdir().unwrap();
    let (source, tables) = (folder.path().join("btable.npy"), folder.path().join("tables"));
    let values: Vec<f32> = (0..20_000u16).map(f32::from).collect();
    std::fs::write(&source, npy("<f4", "(5000, 4)", bytemuck::cast_slice(&values))).unwrap();
    std::thread::scope(|scope| {
        let threads: Vec<_> =
            (0..8).map(|_| scope.spawn(|| convert_and_open(&source, 5000, &tables).unwrap())).collect();
        for thread in threads {
            assert_eq!(thread.join().unwrap().row(4999), &values[19_996..]);
        }
    });
    // The temporary file of a killed process is overwritten.
    let hash = sha256(&source).unwrap();
    std::fs::write(tables.join(format!("{hash}.part")), b"half").unwrap();
    std::fs::remove_file(tables.join(format!("{hash}.npy"))).unwrap();
    assert_eq!(convert_and_open(&source, 5000, &tables).unwrap().row(0), &values[..4]);
}

#[test]
fn a_dictionary_of_another_length_is_rejected_before_and_after_the_conversion() {
    let contents = npy("|O", "(3,)", &pickled(0));
    assert!(error(&contents, 2).starts_with("2 words, but "));
    assert!(error(&contents, 4).ends_with("utable.npy has 3 rows"));
    let (folder, table) = open(&contents, 3);
    assert!(table.is_ok());
    let error = convert_and_open(&folder.path().join("utable.npy"), 2, &folder.path().join("tables")).unwrap_err();
    assert!(matches!(error, SkipThoughtError::Rows { words: 2, rows: 3, .. }));
}

#[test]
fn truncated_or_invalid_tables_are_rejected() {
    let contents = npy("|O", "(3,)", &pickled(2));
    let truncated = &contents[..contents.len() - 9];
    assert_eq!(error(truncated, 3), format!("the pickle is truncated at byte {}", truncated.len()));
    let short = npy("<f4", "(3, 2)", &[0; 20]);
    assert_eq!(error(&short, 3), "cannot be read");
    assert!(error(&npy("<f4", "(3, 2)", &[0; 28]), 3).contains("the contents are longer than the shape"));
    assert_eq!(error(&npy("<f8", "(3, 2)", &[0; 48]), 3), "the array has data type '<f8'");
    assert!(error(&npy("<f4", "(3, 2, 2)", &[0; 48]), 3).contains("expected [words, dimension]"));
    let infinite = [1.0f32, 2.0, 3.0, f32::INFINITY];
    assert!(error(&npy("<f4", "(2, 2)", bytemuck::cast_slice(&infinite)), 2).ends_with("row 1 is not finite"));
    let system = npy("|O", "(3,)", b"cos\nsystem\n(S'true'\ntR.");
    assert_eq!(error(&system, 3), "global `os.system` at byte 128 is not allowed");
}
