use super::*;
use std::io::Write as _;
use zip::write::SimpleFileOptions;

/// A `.npy` file. `order` is `True` for Fortran order.
fn npy(descr: &str, order: &str, shape: &[usize], values: &[f32]) -> Vec<u8> {
    let shape: String = shape.iter().map(|length| format!("{length},")).collect();
    let mut header = format!("{{'descr': '{descr}', 'fortran_order': {order}, 'shape': ({shape}), }}").into_bytes();
    header.resize(117, b' ');
    header.push(b'\n');
    let bytes: Vec<u8> = values.iter().flat_map(|value| value.to_le_bytes()).collect();
    [b"\x93NUMPY\x01\x00".as_slice(), &118u16.to_le_bytes(), &header, &bytes].concat()
}

/// An archive of a unit with inputs of length 2 and states of length 1. `change` replaces an array, or removes it if
/// the result is empty; `more` are the names of further arrays.
fn archive(change: impl Fn(&str) -> Option<Vec<u8>>, more: &[&str]) -> Vec<u8> {
    let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    let arrays =
        [("W", vec![2, 2]), ("U", vec![1, 2]), ("b", vec![2]), ("Wx", vec![2, 1]), ("Ux", vec![1, 1]), ("bx", vec![1])];
    for (name, shape) in arrays {
        let values: Vec<f32> = (1u8..).map(f32::from).take(shape.iter().product()).collect();
        let contents = change(name).unwrap_or_else(|| npy("<f4", "False", &shape, &values));
        if !contents.is_empty() {
            zip.start_file(format!("encoder_{name}.npy"), SimpleFileOptions::default()).unwrap();
            zip.write_all(&contents).unwrap();
        }
    }
    for name in more {
        zip.start_file(format!("{name}.npy"), SimpleFileOptions::default()).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

fn read(bytes: &[u8]) -> Result<Vec<GruParts>, String> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("uni_skip.npz");
    std::fs::write(&path, bytes).unwrap();
    units(&path, &["encoder"], 2, 1).map_err(|error| error.to_string())
}

#[test]
fn both_orders_of_arrays_are_read_and_arrays_of_training_are_ignored() {
    let more = ["Wemb", "decoder_f_W", "decoder_b_bx", "ff_logit_W", "history_errs"];
    let fortran = |name: &str| (name == "W").then(|| npy("<f4", "True", &[2, 2], &[1., 3., 2., 4.]));
    for change in [&fortran as &dyn Fn(&str) -> Option<Vec<u8>>, &|_| None] {
        let found = read(&archive(change, &more)).unwrap();
        assert_eq!((found.len(), &found[0].w, &found[0].u), (1, &vec![1., 2., 3., 4.], &vec![1., 2.]));
        assert!(found[0].check().is_ok());
    }
}

#[test]
fn one_error_lists_all_problems() {
    let change = |name: &str| match name {
        "U" => Some(vec![]),
        "b" => Some(npy("<f4", "False", &[3], &[0.; 3])),
        "Wx" => Some(npy("<f8", "False", &[2, 1], &[0.; 4])),
        "Ux" => Some(npy("<f4", "False", &[1, 1], &[f32::NAN])),
        "bx" => Some(npy("<f4", "False", &[1], &[])),
        _ => None,
    };
    let error = read(&archive(change, &["encoder_r_W", "secret"])).unwrap_err();
    let expected = [
        "missing array `encoder_U`",
        "`encoder_b` has shape [3], expected [2]",
        "`encoder_Wx` has data type '<f8', expected '<f4'",
        "`encoder_Ux` has a value that is not finite",
        "`encoder_bx` has 0 bytes, which does not match the shape [1]",
        "unexpected array `encoder_r_W`",
        "unexpected array `secret`",
    ];
    assert!(expected.iter().all(|part| error.contains(part)), "{error}");
}

#[test]
fn a_truncated_or_damaged_archive_is_rejected() {
    let complete = archive(|_| None, &[]);
    for length in 0..complete.len() {
        assert!(read(&complete[..length]).is_err(), "{length}");
    }
    assert!(read(&complete[..100]).unwrap_err().contains("uni_skip.npz: not a readable .npz archive"));
    let mut changed = complete.clone();
    let at = complete.windows(4).position(|bytes| bytes == 4f32.to_le_bytes()).unwrap_or(200);
    changed[at] ^= 1;
    assert!(read(&changed).is_err());
}

#[test]
fn a_web_page_and_a_git_lfs_pointer_are_rejected() {
    assert!(read(b"<!DOCTYPE html><html>").unwrap_err().ends_with("a web page, not an .npz archive"));
    let pointer = b"version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n";
    assert!(read(pointer).unwrap_err().contains("a Git LFS pointer, not"));
}
