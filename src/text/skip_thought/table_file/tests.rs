use super::*;
use base64::Engine as _;
use std::error::Error as _;

use sha2::{Digest as _, Sha256};

use super::super::digest::sha256;

fn put_down(source: &Path, words: usize, tables: &Path) -> Result<Table, SkipThoughtError> {
    table(source, &sha256(source)?, words, tables)
}

/// `.npy` of version 1 with this header and these contents.
fn npy(descr: &str, shape: &str, contents: &[u8]) -> Vec<u8> {
    let mut header = format!("{{'descr': '{descr}', 'fortran_order': False, 'shape': {shape}, }}").into_bytes();
    header.resize(117, b' ');
    header.push(b'\n');
    [b"\x93NUMPY\x01\x00".as_slice(), &118u16.to_le_bytes(), &header, contents].concat()
}

/// Three rows, of which the last is the first again, in protocol 2 + `place`.
fn pickled(place: usize) -> Vec<u8> {
    let all: serde_json::Value =
        serde_json::from_str(include_str!("../../../../tests/reference/pickles.json")).unwrap();
    let text = all["rows"][place].as_str().unwrap();
    base64::engine::general_purpose::STANDARD.decode(text).unwrap()
}

fn made(contents: &[u8], words: usize) -> (tempfile::TempDir, Result<Table, SkipThoughtError>) {
    let folder = tempfile::tempdir().unwrap();
    let source = folder.path().join("utable.npy");
    std::fs::write(&source, contents).unwrap();
    let table = put_down(&source, words, &folder.path().join("tables"));
    (folder, table)
}

fn error(contents: &[u8], words: usize) -> String {
    let (folder, table) = made(contents, words);
    let error = table.unwrap_err();
    assert!(error.to_string().contains("utable.npy") && error.help().is_some(), "{error}");
    // Nothing is left that a later look could take for a table.
    let left = std::fs::read_dir(folder.path().join("tables")).unwrap().filter_map(Result::ok);
    assert!(left.map(|entry| entry.path()).all(|path| path.extension().is_some_and(|ending| ending == "lock")));
    error.source().map_or_else(|| error.to_string(), ToString::to_string)
}

#[test]
fn a_table_of_objects_or_of_floats_is_put_down_once_under_its_hash() {
    let numbers = [1.0f32, 2.5, -3.0, 4.0, 1.0, 2.5];
    let plain = npy("<f4", "(3, 1, 2)", bytemuck::cast_slice(&numbers));
    let objects = (0..4).map(|place| npy("|O", "(3,)", &pickled(place)));
    for contents in objects.chain([plain]) {
        let (folder, first) = made(&contents, 3);
        let (first, hash) = (first.unwrap(), hex::encode(Sha256::digest(&contents)));
        assert_eq!((first.row(0), first.row(1), first.row(2)), (&numbers[..2], &numbers[2..4], &numbers[..2]));
        let tables = folder.path().join("tables");
        let path = tables.join(format!("{hash}.npy"));
        assert_eq!(std::fs::metadata(&path).unwrap().len(), 128 + 24);
        let before = std::fs::metadata(&path).unwrap().modified().unwrap();
        let again = put_down(&folder.path().join("utable.npy"), 3, &tables).unwrap();
        assert_eq!((again.row(1), std::fs::metadata(&path).unwrap().modified().unwrap()), (first.row(1), before));
        assert_eq!(std::fs::read_dir(&tables).unwrap().count(), 2, "the table and its lock");
    }
}

#[test]
fn several_at_once_get_one_table() {
    let folder = tempfile::tempdir().unwrap();
    let (source, tables) = (folder.path().join("btable.npy"), folder.path().join("tables"));
    let numbers: Vec<f32> = (0..20_000u16).map(f32::from).collect();
    std::fs::write(&source, npy("<f4", "(5000, 4)", bytemuck::cast_slice(&numbers))).unwrap();
    std::thread::scope(|scope| {
        let threads: Vec<_> = (0..8).map(|_| scope.spawn(|| put_down(&source, 5000, &tables).unwrap())).collect();
        for thread in threads {
            assert_eq!(thread.join().unwrap().row(4999), &numbers[19_996..]);
        }
    });
    // What a killed process left is begun anew.
    let hash = sha256(&source).unwrap();
    std::fs::write(tables.join(format!("{hash}.part")), b"half").unwrap();
    std::fs::remove_file(tables.join(format!("{hash}.npy"))).unwrap();
    assert_eq!(put_down(&source, 5000, &tables).unwrap().row(0), &numbers[..4]);
}

#[test]
fn a_dictionary_of_another_length_is_refused_before_and_after_the_table_is_there() {
    let contents = npy("|O", "(3,)", &pickled(0));
    assert!(error(&contents, 2).starts_with("2 words, but "));
    assert!(error(&contents, 4).ends_with("utable.npy has 3 rows"));
    let (folder, table_there) = made(&contents, 3);
    assert!(table_there.is_ok());
    let error = put_down(&folder.path().join("utable.npy"), 2, &folder.path().join("tables")).unwrap_err();
    assert!(matches!(error, SkipThoughtError::Rows { words: 2, rows: 3, .. }));
}

#[test]
fn tables_that_are_cut_off_or_none_are_refused() {
    let contents = npy("|O", "(3,)", &pickled(2));
    let cut = &contents[..contents.len() - 9];
    assert_eq!(error(cut, 3), format!("it ends at byte {}, within the pickle", cut.len()));
    let numbers = npy("<f4", "(3, 2)", &[0; 20]);
    assert_eq!(error(&numbers, 3), "cannot be read");
    assert!(error(&npy("<f4", "(3, 2)", &[0; 28]), 3).starts_with("not a readable file of vectors: more than"));
    assert_eq!(error(&npy("<f8", "(3, 2)", &[0; 48]), 3), "the array holds '<f8'");
    assert!(error(&npy("<f4", "(3, 2, 2)", &[0; 48]), 3).contains("not [words, numbers]"));
    let infinite = [1.0f32, 2.0, 3.0, f32::INFINITY];
    assert!(error(&npy("<f4", "(2, 2)", bytemuck::cast_slice(&infinite)), 2).ends_with("row 1 is not finite"));
    let system = npy("|O", "(3,)", b"cos\nsystem\n(S'true'\ntR.");
    assert_eq!(error(&system, 3), "global `os.system` at byte 128 is refused");
}
