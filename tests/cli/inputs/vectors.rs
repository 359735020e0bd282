//! Sentence vectors from files.

use std::path::Path;

use jem::data::DrawnFlowers;
use safetensors::tensor::{Dtype, TensorView};

use super::{cached, executed, ids, plain, refused, train, with};
use crate::lab::Lab;

const IMAGES: u32 = 204;
const CAPTIONS: u32 = 10;
const LENGTH: usize = 6;

/// The vector of a caption, different for each caption.
fn vector(image: u32, caption: u32, shift: f32) -> [f32; LENGTH] {
    std::array::from_fn(|i| (image as f32).sin() + (caption as f32) * 0.1 + (i as f32) * shift)
}

fn bytes(vectors: impl Iterator<Item = [f32; LENGTH]>) -> Vec<u8> {
    vectors.flatten().flat_map(f32::to_le_bytes).collect()
}

/// The image and the caption of every vector, in the order of a `.npy`.
fn places(captions: u32) -> Vec<(u32, u32)> {
    (1..=IMAGES).flat_map(|image| (1..=captions).map(move |caption| (image, caption))).collect()
}

/// A `.npy` of `f32 [images, captions, dimension]`, as numpy 1.17 and later write it: version 1, padded to 64 bytes.
fn write_npy(path: &Path, captions: u32, shift: f32) {
    let shape = format!("({IMAGES}, {captions}, {LENGTH})");
    let mut header = format!("{{'descr': '<f4', 'fortran_order': False, 'shape': {shape}, }}").into_bytes();
    header.resize((10 + header.len() + 1).next_multiple_of(64) - 11, b' ');
    header.push(b'\n');
    let numbers = bytes(places(captions).into_iter().map(|(image, caption)| vector(image, caption, shift)));
    let length = u16::try_from(header.len()).unwrap().to_le_bytes();
    std::fs::write(path, [b"\x93NUMPY\x01\x00", &length[..], &header, &numbers].concat()).unwrap();
}

/// A `.safetensors` with a vector for each caption.
fn write_listed(path: &Path, places: &[(u32, u32)]) {
    let vectors = bytes(places.iter().map(|&(image, caption)| vector(image, caption, 0.5)));
    let images: Vec<u8> = places.iter().flat_map(|(image, _)| image.to_le_bytes()).collect();
    let captions: Vec<u8> = places.iter().flat_map(|(_, caption)| i64::from(*caption).to_le_bytes()).collect();
    let rows = places.len();
    let tensors = [
        ("vectors", TensorView::new(Dtype::F32, vec![rows, LENGTH], &vectors).unwrap()),
        ("image", TensorView::new(Dtype::U32, vec![rows], &images).unwrap()),
        ("caption", TensorView::new(Dtype::I64, vec![rows], &captions).unwrap()),
    ];
    safetensors::serialize_to_file(tensors, None, path).unwrap();
}

fn settings(file: &str) -> [String; 2] {
    ["text.encoder=vectors".to_owned(), format!("text.vectors={file}")]
}

/// The training images in the split of Reed et al., ascending: two of each class from 41.
fn training() -> Vec<u32> {
    let flowers = DrawnFlowers::new(IMAGES, 32, 1);
    flowers.ids().filter(|&id| flowers.class(id) > 40).collect()
}

/// The vectors that training reads, which are equal for both formats.
fn sentences(lab: &Lab) -> Vec<Vec<u8>> {
    let arrays = cached(lab);
    let sentences = arrays.iter().filter(|((stage, _), _)| stage == "sentences");
    let rows =
        |file: &Vec<u8>| safetensors::SafeTensors::deserialize(file).unwrap().tensor("values").unwrap().data().to_vec();
    sentences.map(|(_, file)| rows(file)).collect()
}

#[test]
fn training_reads_vectors_from_npy_and_safetensors_files() {
    let expected = bytes(training().into_iter().flat_map(|image| (1..=CAPTIONS).map(move |n| vector(image, n, 0.5))));
    let (lab, other) = (plain(), plain());
    write_npy(&lab.path("v.npy"), CAPTIONS, 0.5);
    let [encoder, file] = &settings("v.npy");
    assert_eq!(
        executed(&train(&lab, &[encoder, file])),
        ["resized images: 127 images", "sentence vectors: 1270 captions"]
    );
    // In reverse order: the image and caption of a row identify it.
    let backwards: Vec<(u32, u32)> = places(CAPTIONS).into_iter().rev().collect();
    write_listed(&other.path("v.safetensors"), &backwards);
    let [encoder, file] = &settings("v.safetensors");
    train(&other, &[encoder, file]);
    let [one, two] = [&lab, &other].map(|lab| sentences(lab).remove(0));
    assert!(one.starts_with(&expected), "training images come first, and their captions in order");
    assert_eq!(one.len(), 1270 * LENGTH * 4);
    assert!(one == two);
}

#[test]
fn vectors_are_identified_by_content() {
    let lab = plain();
    let id = |file: &str| {
        let [encoder, file] = &settings(file);
        ids(&lab, &[encoder, file]).remove(0)
    };
    write_npy(&lab.path("one.npy"), CAPTIONS, 0.5);
    std::fs::create_dir(lab.path("deep")).unwrap();
    std::fs::copy(lab.path("one.npy"), lab.path("deep/two.npy")).unwrap();
    write_npy(&lab.path("other.npy"), CAPTIONS, 0.25);
    let one = id("one.npy");
    assert_eq!(one, id("deep/two.npy"));
    assert_ne!(one, id("other.npy"));
    // Another content at the same path is another cell.
    write_npy(&lab.path("one.npy"), CAPTIONS, 0.25);
    assert_eq!(id("one.npy"), id("other.npy"));
    // Prepared once for equal content at any path.
    let [encoder, file] = &settings("deep/two.npy");
    train(&lab, &[encoder, file]);
    std::fs::rename(lab.path("deep/two.npy"), lab.path("moved.npy")).unwrap();
    let [encoder, file] = &settings("moved.npy");
    let again = train(&lab, &[encoder, file]);
    assert!(executed(&again).is_empty() && !again.contains("/1 epochs"), "{again}");
    assert_eq!(lab.store().runs("drawn").unwrap().len(), 1);
}

#[test]
fn a_caption_without_a_vector_is_an_error_that_names_it() {
    let lab = plain();
    let images = training();
    write_npy(&lab.path("short.npy"), CAPTIONS - 1, 0.5);
    let [encoder, file] = &settings("short.npy");
    let error = refused(&with(&lab, &["run"], &[encoder, file]), 3);
    let first = images[0];
    assert!(error.contains(&format!("short.npy: cannot be used: image {first}, caption 10 has no vector")), "{error}");
    assert!(error.contains("every caption that is read needs a vector"), "{error}");

    let (image, caption) = (images[50], 4);
    let but_one: Vec<(u32, u32)> = places(CAPTIONS).into_iter().filter(|place| *place != (image, caption)).collect();
    write_listed(&lab.path("short.safetensors"), &but_one);
    let [encoder, file] = &settings("short.safetensors");
    let error = refused(&with(&lab, &["run"], &[encoder, file]), 3);
    assert!(error.contains(&format!("image {image}, caption {caption} has no vector")), "{error}");
    // Classes without the image do not need its vector.
    let class = DrawnFlowers::new(IMAGES, 32, 1).class(image);
    let classes = format!("data.classes=1-{},{}-102", class - 1, (class + 1).min(102));
    assert!(class < 102, "the class is inside");
    train(&lab, &[encoder, file, &classes]);
}

#[test]
fn a_file_without_vectors_is_an_error() {
    let lab = plain();
    let [encoder, file] = &settings("v.npy");
    let error = refused(&with(&lab, &["run"], &[encoder, file]), 3);
    assert!(error.contains("v.npy: cannot be used") && error.contains("No such file"), "{error}");
    std::fs::write(lab.path("v.npy"), "a flower is red\n").unwrap();
    let error = refused(&with(&lab, &["run"], &[encoder, file]), 3);
    assert!(error.contains("it is not a .npy file") && error.contains("[images, captions, dimension]"), "{error}");
    let error = refused(&with(&lab, &["run"], &[encoder]), 2);
    assert!(error.contains("`text.vectors` is empty, but a file of vectors is required"), "{error}");
}
