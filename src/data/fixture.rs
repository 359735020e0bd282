//! A small data set in the official layout, for tests.

use super::mat::Row;
use image::{Rgb, RgbImage};
use std::path::{Path, PathBuf};

/// The folder of the real data; `None`, after a message on stderr that the test is skipped, if it does not exist.
pub(crate) fn real() -> Option<PathBuf> {
    let root = std::env::var_os("JEM_TEST_OXFORD102")
        .map_or_else(|| PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../shared/oxford102")), PathBuf::from);
    if root.is_dir() {
        return Some(root);
    }
    eprintln!("skipped: no Oxford-102 at {} (set JEM_TEST_OXFORD102)", root.display());
    None
}

/// Images 1..=n with these classes: each is 6×4 and has a segmentation and two captions.
pub(crate) fn oxford(labels: &[u8]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    std::fs::create_dir(root.join("jpg")).unwrap();
    std::fs::create_dir(root.join("segmim")).unwrap();
    std::fs::write(root.join("imagelabels.mat"), mat("labels", labels)).unwrap();
    for (id, &class) in (1u8..).zip(labels) {
        let captions = root.join(format!("text_c10/class_{class:05}"));
        std::fs::create_dir_all(&captions).unwrap();
        let text = format!("flower {id} is red\nit has {id} petals\n");
        std::fs::write(captions.join(format!("image_{id:05}.txt")), text).unwrap();
        let image = RgbImage::from_pixel(6, 4, Rgb([id, 100, 50]));
        image.save(root.join(format!("jpg/image_{id:05}.jpg"))).unwrap();
        let segmented = RgbImage::from_fn(6, 4, |x, _| if x < 3 { Rgb([0, 0, 254]) } else { Rgb([id, 100, 50]) });
        segmented.save(root.join(format!("segmim/segmim_{id:05}.jpg"))).unwrap();
    }
    folder
}

/// Writes one file of a data set.
pub(crate) fn write(root: &Path, name: &str, contents: impl AsRef<[u8]>) {
    std::fs::write(root.join(name), contents).unwrap();
}

/// A MATLAB 5 file with one 1×N uint8 array.
pub(crate) fn mat(variable: &str, values: &[u8]) -> Vec<u8> {
    mats(&[(variable, values)])
}

/// A MATLAB 5 file with several 1×N uint8 arrays.
pub(crate) fn mats(variables: &[(&str, &[u8])]) -> Vec<u8> {
    let rows: Vec<(&str, Row)> = variables.iter().map(|&(name, values)| (name, Row::Bytes(values))).collect();
    super::mat::mat(&rows)
}
