//! Reading pictures.

use super::error::DataError;
use super::truncation::jpeg_is_whole;
use crate::file_kind::WrongKind;
use image::{ImageFormat, ImageReader, RgbImage};
use std::io::Cursor;
use std::path::Path;

/// A JPEG, PNG, BMP, GIF, PNM, TIFF or WebP file as 8-bit RGB; the format is told from the contents, not from the name. Alpha
/// is dropped, and of several frames or pages the first is taken.
///
/// # Errors
///
/// If the file cannot be read, is none of these, is damaged where the decoder notices, or is a JPEG cut short.
pub fn decode(path: &Path) -> Result<RgbImage, DataError> {
    let bytes = std::fs::read(path).map_err(|source| DataError::Read { path: path.into(), source })?;
    decode_bytes(path, &bytes)
}

/// As [`decode`], of bytes that were read from there already.
pub(super) fn decode_bytes(path: &Path, bytes: &[u8]) -> Result<RgbImage, DataError> {
    let wrong = |source| DataError::WrongKind { path: path.into(), source };
    WrongKind::unless(bytes, "a picture", &[]).map_err(wrong)?;
    let reader = ImageReader::new(Cursor::new(bytes)).with_guessed_format();
    let reader = reader.map_err(|source| DataError::Read { path: path.into(), source })?;
    if reader.format() == Some(ImageFormat::Jpeg) && !jpeg_is_whole(bytes) {
        return Err(DataError::Truncated { path: path.into() });
    }
    let picture = reader.decode().map_err(|source| DataError::Picture { path: path.into(), source })?;
    Ok(picture.into_rgb8())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::fixture;
    use image::Rgb;
    use rayon::prelude::*;

    #[test]
    fn a_png_is_read_as_it_was_written() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("image_00001.jpg");
        let picture = RgbImage::from_fn(5, 4, |x, y| Rgb([x as u8 * 50, y as u8 * 60, 9]));
        picture.save_with_format(&path, ImageFormat::Png).unwrap();
        assert_eq!(decode(&path).unwrap(), picture);
    }

    #[test]
    fn a_damaged_or_cut_picture_is_an_error_that_names_it() {
        let folder = fixture::oxford(&[1]);
        let path = folder.path().join("jpg/image_00001.jpg");
        let whole = std::fs::read(&path).unwrap();
        assert_eq!(decode(&path).unwrap().dimensions(), (6, 4));
        for bytes in [&whole[..whole.len() - 2], &whole[..whole.len() / 2], &whole[..3], b"flower", b""] {
            std::fs::write(&path, bytes).unwrap();
            let error = decode(&path).unwrap_err();
            assert!(error.to_string().contains("image_00001.jpg"), "{error}");
            assert!(error.help().unwrap().contains("again"), "{error}");
        }
        std::fs::remove_file(&path).unwrap();
        assert!(matches!(decode(&path), Err(DataError::Read { .. })));
    }

    #[test]
    fn real_photographs_are_read() {
        let Some(root) = fixture::real() else { return };
        let set = crate::data::Oxford102::open(&root).unwrap();
        let ids: Vec<u32> = set.ids().step_by(20).collect();
        let sides: Vec<u32> = ids
            .par_iter()
            .map(|&id| decode(&set.photo_path(id)).unwrap().dimensions())
            .map(|(width, height)| width.min(height))
            .collect();
        assert!(sides.iter().all(|&side| side >= 64), "{sides:?}");
    }
}
