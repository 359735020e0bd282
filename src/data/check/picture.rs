//! One picture: is all of it there, and what is it made of?

use super::finding::{Finding, Kind};
use crate::data::DataError;
use crate::data::picture::decode_bytes;
use sha2::{Digest as _, Sha256};
use std::error::Error as _;
use std::path::Path;

/// What was found out about a picture file.
#[derive(Debug, Default)]
pub(super) struct Picture {
    /// Its SHA-256; none if it cannot be read.
    pub digest: Option<[u8; 32]>,
    /// Width and height; none if it cannot be decoded.
    pub size: Option<(u32, u32)>,
    pub findings: Vec<Finding>,
}

/// Reads and decodes all of a picture that should be there.
pub(super) fn picture(root: &Path, name: &str) -> Picture {
    let path = root.join(name);
    let bytes = match std::fs::read(&path) {
        Ok(bytes) => bytes,
        Err(error) => return Picture { findings: vec![unreadable(name, &error)], ..Picture::default() },
    };
    let mut picture = Picture { digest: Some(Sha256::digest(&bytes).into()), ..Picture::default() };
    match decode_bytes(&path, &bytes) {
        Ok(decoded) => {
            picture.size = Some(decoded.dimensions());
            picture.findings.extend(made_of(name, &bytes));
        }
        Err(error) => picture.findings.push(Finding::error(name, Kind::Damaged, what(&error))),
    }
    picture
}

/// A file that is not there, or that the operating system does not give out.
pub(super) fn unreadable(name: &str, error: &std::io::Error) -> Finding {
    match error.kind() {
        std::io::ErrorKind::NotFound => Finding::error(name, Kind::Missing, "missing"),
        _ => Finding::error(name, Kind::Damaged, format!("cannot be read: {error}")),
    }
}

/// An error of one file without the file's name, which the finding has.
fn what(error: &DataError) -> String {
    match (error, error.source()) {
        (DataError::Truncated { .. }, _) => "cut short: the JPEG ends before its end marker".into(),
        (DataError::WrongKind { source, .. }, _) => format!("{source}: {}", source.help()),
        (_, Some(source)) => format!("not a readable picture: {source}"),
        (other, None) => other.to_string(),
    }
}

fn made_of(name: &str, bytes: &[u8]) -> Option<Finding> {
    const START: [u8; 2] = [0xff, 0xd8];
    if !bytes.starts_with(&START) {
        return Some(Finding::warning(
            name,
            Kind::NotJpeg,
            "not a JPEG, whatever its name says; it is read all the same",
        ));
    }
    match components(bytes)? {
        1 => Some(Finding::warning(name, Kind::Grey, "shades of grey: one component, which becomes three equal ones")),
        4 => {
            let what = "inks (CMYK): four components, converted without their profile; colours may be off";
            Some(Finding::warning(name, Kind::Cmyk, what))
        }
        _ => None,
    }
}

/// How many components the frame of a JPEG has (ITU-T T.81, B.2.2).
fn components(bytes: &[u8]) -> Option<u8> {
    let mut at = 2; // after the start marker
    loop {
        let &[mark, code] = bytes.get(at..at + 2)?.first_chunk()?;
        match (mark, code) {
            (0xff, 0xff) => at += 1,
            (0xff, 0x01 | 0xd0..=0xd8) => at += 2,
            // Frames; between them are Huffman tables, an extension and arithmetic conditioning. Length (2 bytes),
            // precision (1), height (2) and width (2) come before the number of components.
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

    fn jpeg(picture: impl FnOnce(&mut Cursor<Vec<u8>>)) -> Vec<u8> {
        let mut bytes = Cursor::new(Vec::new());
        picture(&mut bytes);
        bytes.into_inner()
    }

    fn grey() -> Vec<u8> {
        let picture = GrayImage::from_pixel(8, 8, Luma([128]));
        jpeg(|out| picture.write_to(out, ImageFormat::Jpeg).unwrap())
    }

    /// The grey picture's tables with a frame and a scan of four components. A block of 128 has no difference (code
    /// 00) and ends at once (code 1010) in the tables of T.81, annex K.3; four of these are 28 a2 8a.
    fn inks() -> Vec<u8> {
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

    fn found(bytes: &[u8]) -> Vec<Kind> {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("a.jpg"), bytes).unwrap();
        let picture = picture(folder.path(), "a.jpg");
        assert!(picture.findings.iter().all(|finding| finding.file == "a.jpg"));
        picture.findings.into_iter().map(|finding| finding.kind).collect()
    }

    #[test]
    fn pictures_are_told_by_what_they_are_made_of() {
        let colour = RgbImage::from_pixel(8, 8, Rgb([200, 10, 10]));
        assert_eq!(found(&jpeg(|out| colour.write_to(out, ImageFormat::Jpeg).unwrap())), []);
        assert_eq!(found(&jpeg(|out| colour.write_to(out, ImageFormat::Png).unwrap())), [Kind::NotJpeg]);
        assert_eq!(found(&grey()), [Kind::Grey]);
        assert_eq!(found(&inks()), [Kind::Cmyk]);
    }

    #[test]
    fn damage_is_an_error_that_says_what_is_wrong() {
        let whole = grey();
        for bytes in [&whole[..whole.len() - 2], &whole[..20], b"flower", b""] {
            assert_eq!(found(bytes), [Kind::Damaged]);
        }
        let folder = tempfile::tempdir().unwrap();
        let missing = picture(folder.path(), "a.jpg");
        assert_eq!(missing.findings, [Finding::error("a.jpg", Kind::Missing, "missing")]);
    }
}
