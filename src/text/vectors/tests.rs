use super::*;
use safetensors::tensor::TensorView;
use std::error::Error as _;

fn floats(values: &[f32]) -> Vec<u8> {
    values.iter().flat_map(|value| value.to_le_bytes()).collect()
}

/// The file that numpy 2.3 writes with `np.save("a.npy", np.arange(12, dtype="<f4").reshape(2, 3, 2))`; the header is
/// padded to 128 bytes.
fn npy(descr: &str, shape: &str, values: &[f32]) -> Vec<u8> {
    let mut header = format!("{{'descr': '{descr}', 'fortran_order': False, 'shape': {shape}, }}").into_bytes();
    header.resize(117, b' ');
    header.push(b'\n');
    [b"\x93NUMPY\x01\x00".to_vec(), 118u16.to_le_bytes().to_vec(), header, floats(values)].concat()
}

fn listed_file(vectors: &[f32], image: &[i64], caption: &[i64]) -> Vec<u8> {
    let wide = |values: &[i64]| values.iter().flat_map(|value| value.to_le_bytes()).collect::<Vec<u8>>();
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
    assert_eq!((grid.dimension(), grid.get(1, 1).unwrap(), grid.get(2, 3).unwrap()), (2, vec![0., 1.], vec![10., 11.]));
    let listed = open("a.safetensors", &listed_file(&twelve[..6], &[7, 1, 7], &[2, 1, 1])).unwrap();
    assert_eq!(
        (listed.dimension(), listed.get(7, 2).unwrap(), listed.get(7, 1).unwrap()),
        (2, vec![0., 1.], vec![4., 5.])
    );
}

#[test]
fn vectors_of_another_data_set_are_rejected() {
    let grid = open("a.npy", &npy("<f4", "(2, 1, 2)", &[0.0; 4])).unwrap();
    assert!(grid.check_images(2).is_ok() && grid.check_images(1).is_err() && grid.check_images(3).is_err());
    let listed = open("a.safetensors", &listed_file(&[0.0; 4], &[1, 5], &[1, 1])).unwrap();
    assert!(listed.check_images(5).is_ok() && listed.check_images(9).is_ok());
    let error = listed.check_images(4).unwrap_err();
    assert_eq!(error.source().unwrap().to_string(), "the last image of the file is 5, that of the data set is 4");
}

#[test]
fn the_error_of_a_missing_vector_names_the_caption() {
    let grid = open("a.npy", &npy("<f4", "(1, 1, 2)", &[1.0, f32::NAN])).unwrap();
    let error = |image, caption| grid.get(image, caption).unwrap_err().source().unwrap().to_string();
    assert_eq!(error(2, 1), "image 2, caption 1 has no vector");
    assert_eq!(error(1, 2), "image 1, caption 2 has no vector");
    assert_eq!(error(1, 1), "the vector of image 1, caption 1 is not finite");
}

#[test]
fn invalid_files_are_rejected_with_a_reason() {
    let error = |name: &str, bytes: &[u8]| open(name, bytes).err().unwrap();
    let array = |descr, shape| error("a.npy", &npy(descr, shape, &[0.0; 4]));
    assert_eq!(array("<f8", "(1, 2, 2)"), "the array has data type '<f8'");
    assert_eq!(array("<f4", "(2, 2)"), "the array has shape [2, 2], expected [images, captions, dimension]");
    assert!(array("<f4", "(1, 2, 3)").contains("16 bytes, which does not match the shape [1, 2, 3]"));
    assert!(error("a.npy", b"numbers").contains("not a .npy file"));
    assert!(error("a.npy", &npy("<f4", "(1, 1, 1)", &[])[..40]).contains("ends in the header"));
    assert_eq!(error("a.txt", b"1 2 3"), "the file extension is neither .npy nor .safetensors");
    let listed = |image: &[i64], caption: &[i64]| error("a.safetensors", &listed_file(&[0.0; 4], image, caption));
    assert_eq!(listed(&[1, 1], &[1, 1]), "image 1, caption 1 has two vectors");
    assert!(listed(&[1, 0], &[1, 1]).starts_with("row 1 has image 0"));
    assert!(listed(&[1, 2], &[1]).starts_with("caption has shape [1], expected [n]"));
    assert!(error("a.safetensors", b"nothing").contains("not a readable file"));
}

#[test]
fn a_web_page_is_recognised() {
    for name in ["a.npy", "a.safetensors"] {
        assert!(open(name, b"<html>Log in</html>").err().unwrap().starts_with("a web page, not a file of vectors"));
        assert!(open(name, b"").err().unwrap().starts_with("an empty file, not"));
    }
}
