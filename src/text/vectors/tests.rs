use super::*;
use safetensors::tensor::TensorView;
use std::error::Error as _;

fn floats(values: &[f32]) -> Vec<u8> {
    values.iter().flat_map(|value| value.to_le_bytes()).collect()
}

/// As numpy 2.3 writes `np.save("a.npy", np.arange(12, dtype="<f4").reshape(2, 3, 2))`: padded to 128 bytes.
fn npy(descr: &str, shape: &str, values: &[f32]) -> Vec<u8> {
    let mut header = format!("{{'descr': '{descr}', 'fortran_order': False, 'shape': {shape}, }}").into_bytes();
    header.resize(117, b' ');
    header.push(b'\n');
    [b"\x93NUMPY\x01\x00".to_vec(), 118u16.to_le_bytes().to_vec(), header, floats(values)].concat()
}

fn listed_file(vectors: &[f32], image: &[i64], caption: &[i64]) -> Vec<u8> {
    let wide = |numbers: &[i64]| numbers.iter().flat_map(|number| number.to_le_bytes()).collect::<Vec<u8>>();
    let (vectors, images, captions) = (floats(vectors), wide(image), wide(caption));
    let rows = image.len();
    let tensors = [
        ("vectors", TensorView::new(Dtype::F32, vec![rows, 2], &vectors).unwrap()),
        ("image", TensorView::new(Dtype::I64, vec![rows], &images).unwrap()),
        ("caption", TensorView::new(Dtype::I64, vec![caption.len()], &captions).unwrap()),
    ];
    safetensors::serialize(tensors, None).unwrap()
}

fn open(name: &str, bytes: &[u8]) -> Result<Vectors, String> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(name);
    std::fs::write(&path, bytes).unwrap();
    Vectors::open(&path).map_err(|error| error.source().unwrap().to_string())
}

#[test]
fn a_caption_is_found_by_its_image_and_line() {
    let twelve: Vec<f32> = (0..12u8).map(f32::from).collect();
    let grid = open("a.npy", &npy("<f4", "(2, 3, 2)", &twelve)).unwrap();
    assert_eq!((grid.dimension(), grid.of(1, 1).unwrap(), grid.of(2, 3).unwrap()), (2, vec![0., 1.], vec![10., 11.]));
    let listed = open("a.safetensors", &listed_file(&twelve[..6], &[7, 1, 7], &[2, 1, 1])).unwrap();
    assert_eq!(
        (listed.dimension(), listed.of(7, 2).unwrap(), listed.of(7, 1).unwrap()),
        (2, vec![0., 1.], vec![4., 5.])
    );
}

#[test]
fn vectors_of_another_data_set_are_refused() {
    let grid = open("a.npy", &npy("<f4", "(2, 1, 2)", &[0.0; 4])).unwrap();
    assert!(grid.of_set(2).is_ok() && grid.of_set(1).is_err() && grid.of_set(3).is_err());
    let listed = open("a.safetensors", &listed_file(&[0.0; 4], &[1, 5], &[1, 1])).unwrap();
    assert!(listed.of_set(5).is_ok() && listed.of_set(9).is_ok());
    let error = listed.of_set(4).unwrap_err();
    assert_eq!(error.source().unwrap().to_string(), "it goes up to image 5, and the data set to image 4");
}

#[test]
fn a_caption_without_a_vector_is_named() {
    let grid = open("a.npy", &npy("<f4", "(1, 1, 2)", &[1.0, f32::NAN])).unwrap();
    let error = |image, caption| grid.of(image, caption).unwrap_err().source().unwrap().to_string();
    assert_eq!(error(2, 1), "image 2, caption 1 has no vector");
    assert_eq!(error(1, 2), "image 1, caption 2 has no vector");
    assert_eq!(error(1, 1), "the vector of image 1, caption 1 is not finite");
}

#[test]
fn whatever_is_not_of_the_form_is_refused_with_what_it_is() {
    let wrong = |name: &str, bytes: &[u8]| open(name, bytes).err().unwrap();
    let array = |descr, shape| wrong("a.npy", &npy(descr, shape, &[0.0; 4]));
    assert_eq!(array("<f8", "(1, 2, 2)"), "the array holds '<f8'");
    assert_eq!(array("<f4", "(2, 2)"), "the array is [2, 2], not [images, captions, numbers]");
    assert!(array("<f4", "(1, 2, 3)").contains("16 bytes, not those of [1, 2, 3]"));
    assert!(wrong("a.npy", b"numbers").contains("no .npy file"));
    assert!(wrong("a.npy", &npy("<f4", "(1, 1, 1)", &[])[..40]).contains("ends in its header"));
    assert_eq!(wrong("a.txt", b"1 2 3"), "neither .npy nor .safetensors");
    let listed = |image: &[i64], caption: &[i64]| wrong("a.safetensors", &listed_file(&[0.0; 4], image, caption));
    assert_eq!(listed(&[1, 1], &[1, 1]), "image 1, caption 1 has two vectors");
    assert!(listed(&[1, 0], &[1, 1]).starts_with("row 1 is of image 0"));
    assert!(listed(&[1, 2], &[1]).starts_with("caption is [1], not [n]"));
    assert!(wrong("a.safetensors", b"nothing").contains("not a readable file"));
}

#[test]
fn a_page_is_called_a_page() {
    for name in ["a.npy", "a.safetensors"] {
        assert!(open(name, b"<html>Log in</html>").err().unwrap().starts_with("a web page, not a file of vectors"));
        assert!(open(name, b"").err().unwrap().starts_with("an empty file, not"));
    }
}
