//! A small data set in the official layout, for tests.

use image::{Rgb, RgbImage};
use std::path::{Path, PathBuf};

/// The real data, or `None` after saying on stderr that a test is skipped.
pub(crate) fn real() -> Option<PathBuf> {
    let root = std::env::var_os("JEM_TEST_OXFORD102")
        .map_or_else(|| PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../shared/oxford102")), PathBuf::from);
    if root.is_dir() {
        return Some(root);
    }
    eprintln!("skipped: no Oxford-102 at {} (set JEM_TEST_OXFORD102)", root.display());
    None
}

/// Images 1..=n with these classes: a 6×4 picture, a segmentation and two captions each.
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
        let photo = RgbImage::from_pixel(6, 4, Rgb([id, 100, 50]));
        photo.save(root.join(format!("jpg/image_{id:05}.jpg"))).unwrap();
        let cut = RgbImage::from_fn(6, 4, |x, _| if x < 3 { Rgb([0, 0, 254]) } else { Rgb([id, 100, 50]) });
        cut.save(root.join(format!("segmim/segmim_{id:05}.jpg"))).unwrap();
    }
    folder
}

/// Rewrites one file of a data set.
pub(crate) fn write(root: &Path, name: &str, contents: impl AsRef<[u8]>) {
    std::fs::write(root.join(name), contents).unwrap();
}

/// A MATLAB 5 file with one uncompressed 1×N uint8 array (MAT-File Format, level 5, section 1).
pub(crate) fn mat(variable: &str, values: &[u8]) -> Vec<u8> {
    fn element(kind: u32, payload: &[u8]) -> Vec<u8> {
        let mut bytes = kind.to_le_bytes().to_vec();
        bytes.extend((payload.len() as u32).to_le_bytes());
        bytes.extend(payload);
        bytes.resize(bytes.len().next_multiple_of(8), 0);
        bytes
    }
    let (int8, uint8, int32, uint32, matrix) = (1, 2, 5, 6, 14);
    let mut body = element(uint32, &[9, 0, 0, 0, 0, 0, 0, 0]); // class 9: uint8
    body.extend(element(int32, &[1u32.to_le_bytes(), (values.len() as u32).to_le_bytes()].concat()));
    body.extend(element(int8, variable.as_bytes()));
    body.extend(element(uint8, values));
    let mut file = b"MATLAB 5.0 MAT-file".to_vec();
    file.resize(124, b' ');
    file.extend([0, 1, b'I', b'M']);
    file.extend(element(matrix, &body));
    file
}
