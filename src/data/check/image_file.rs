//! Check of one image file: whether it can be decoded, and its colour components.

use super::finding::{Finding, FindingKind};
use crate::data::DataError;
use crate::data::decode::decode_bytes;
use crate::file_error::FileError;
use sha2::{Digest as _, Sha256};
use std::error::Error as _;
use std::path::Path;

/// The result for an image file.
#[derive(Debug, Default)]
pub(super) struct CheckedImage {
    /// The SHA-256; `None` if the file cannot be read.
    pub digest: Option<[u8; 32]>,
    /// Width and height in pixels; `None` if the file cannot be decoded.
    pub size: Option<(u32, u32)>,
    pub findings: Vec<Finding>,
}

/// Reads and decodes an image file that should exist.
pub(super) fn check_image(root: &Path, name: &str) -> CheckedImage {
    let path = root.join(name);
    let bytes = match std::fs::read(&path) {
        Ok(bytes) => bytes,
        Err(error) => return CheckedImage { findings: vec![unreadable(name, &error)], ..CheckedImage::default() },
    };
    let mut checked = CheckedImage { digest: Some(Sha256::digest(&bytes).into()), ..CheckedImage::default() };
    match decode_bytes(&path, &bytes) {
        Ok(decoded) => {
            checked.size = Some(decoded.dimensions());
            checked.findings.extend(check_format(name, &bytes));
        }
        Err(error) => checked.findings.push(Finding::error(name, FindingKind::Damaged, message(&error))),
    }
    checked
}

/// The finding for a file that is missing or that the operating system cannot read.
pub(super) fn unreadable(name: &str, error: &std::io::Error) -> Finding {
    match error.kind() {
        std::io::ErrorKind::NotFound => Finding::error(name, FindingKind::Missing, "missing"),
        _ => Finding::error(name, FindingKind::Damaged, format!("cannot be read: {error}")),
    }
}

/// The message of an error about one file, without the file name, because the finding contains it.
fn message(error: &DataError) -> String {
    match (error, error.source()) {
        (DataError::Truncated { .. }, _) => "truncated: the JPEG has no end marker".into(),
        (DataError::File(FileError::WrongKind { source, .. }), _) => format!("{source}: {}", source.help()),
        (_, Some(source)) => format!("not a readable image: {source}"),
        (other, None) => other.to_string(),
    }
}

/// A warning if the file is not a JPEG with three components.
fn check_format(name: &str, bytes: &[u8]) -> Option<Finding> {
    const START: [u8; 2] = [0xff, 0xd8];
    if !bytes.starts_with(&START) {
        return Some(Finding::warning(
            name,
            FindingKind::NotJpeg,
            "not a JPEG, although its name says so; jem can read it",
        ));
    }
    match components(bytes)? {
        1 => Some(Finding::warning(
            name,
            FindingKind::Grey,
            "greyscale: one component, converted to RGB with three equal values",
        )),
        4 => {
            let what = "CMYK: four components, converted to RGB without the colour profile; colours may be wrong";
            Some(Finding::warning(name, FindingKind::Cmyk, what))
        }
        _ => None,
    }
}

/// The number of components in the frame header of a JPEG (ITU-T T.81, B.2.2).
fn components(bytes: &[u8]) -> Option<u8> {
    let mut at = 2; // after the start marker
    loop {
        let &[mark, code] = bytes.get(at..at + 2)?.first_chunk()?;
        match (mark, code) {
            (0xff, 0xff) => at += 1,
            (0xff, 0x01 | 0xd0..=0xd8) => at += 2,
            // Frame headers. The codes between them are Huffman tables, an extension and arithmetic conditioning.
            // Length (2 bytes), precision (1), height (2) and width (2) come before the number of components.
            (0xff, 0xc0..=0xc3 | 0xc5..=0xc7 | 0xc9..=0xcb | 0xcd..=0xcf) => return bytes.get(at + 9).copied(),
            (0xff, _) => at += 2 + usize::from(u16::from_be_bytes(*bytes.get(at + 2..at + 4)?.first_chunk()?)),
            _ => return None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use image::{GrayImage, ImageFormat, Luma, Rgb, RgbImage};
    use std::io::Cursor;

    fn encoded(write: impl FnOnce(&mut Cursor<Vec<u8>>)) -> Vec<u8> {
        let mut bytes = Cursor::new(Vec::new());
        write(&mut bytes);
        bytes.into_inner()
    }

    fn grey() -> Vec<u8> {
        let image = GrayImage::from_pixel(8, 8, Luma([128]));
        encoded(|out| image.write_to(out, ImageFormat::Jpeg).unwrap())
    }

    /// The tables of the grey image with a frame and a scan of four components. In the tables of T.81, annex K.3, a
    /// block of 128 is a difference of zero (code 00) and the end of the block (code 1010); four of these are 28 a2 8a.
    fn cmyk() -> Vec<u8> {
        let grey = grey();
        let at = |code: u8| grey.windows(2).position(|pair| pair == [0xff, code]).unwrap();
        let (frame, scan) = (at(0xc0), at(0xda));
        let after_frame = frame + 2 + usize::from(u16::from_be_bytes([grey[frame + 2], grey[frame + 3]]));
        let mut bytes = grey[..frame].to_vec();
        bytes.extend([0xff, 0xc0, 0, 20, 8, 0, 8, 0, 8, 4]);
        bytes.extend((1..=4).flat_map(|id| [id, 0x11, 0]));
        bytes.extend(&grey[after_frame..scan]);
        bytes.extend([0xff, 0xda, 0, 14, 4]);
        bytes.extend((1..=4).flat_map(|id| [id, 0]));
        bytes.extend([0, 63, 0, 0x28, 0xa2, 0x8a, 0xff, 0xd9]);
        bytes
    }

    fn found(bytes: &[u8]) -> Vec<FindingKind> {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("a.jpg"), bytes).unwrap();
        let checked = check_image(folder.path(), "a.jpg");
        assert!(checked.findings.iter().all(|finding| finding.file == "a.jpg"));
        checked.findings.into_iter().map(|finding| finding.kind).collect()
    }

    #[test]
    fn the_components_and_the_format_are_detected() {
        let colour = RgbImage::from_pixel(8, 8, Rgb([200, 10, 10]));
        assert_eq!(found(&encoded(|out| colour.write_to(out, ImageFormat::Jpeg).unwrap())), []);
        assert_eq!(found(&encoded(|out| colour.write_to(out, ImageFormat::Png).unwrap())), [FindingKind::NotJpeg]);
        assert_eq!(found(&grey()), [FindingKind::Grey]);
        assert_eq!(found(&cmyk()), [FindingKind::Cmyk]);
    }

    #[test]
    fn a_damaged_or_missing_file_is_an_error() {
        let complete = grey();
        for bytes in [&complete[..complete.len() - 2], &complete[..20], b"flower", b""] {
            assert_eq!(found(bytes), [FindingKind::Damaged]);
        }
        let folder = tempfile::tempdir().unwrap();
        let missing = check_image(folder.path(), "a.jpg");
        assert_eq!(missing.findings, [Finding::error("a.jpg", FindingKind::Missing, "missing")]);
    }
}
