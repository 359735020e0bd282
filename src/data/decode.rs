//! Decoding of image files.

use super::error::DataError;
use super::truncation::jpeg_is_complete;
use crate::file_error::FileError;
use crate::file_kind::WrongKind;
use image::{ImageFormat, ImageReader, RgbImage};
use std::io::Cursor;
use std::path::Path;

/// Decodes a JPEG, PNG, BMP, GIF, PNM, TIFF or WebP file to 8-bit RGB. The format is detected from the contents, not
/// from the name. Alpha is dropped; of several frames or pages the first is decoded.
///
/// # Errors
///
/// If the file cannot be read, has another format, is damaged in a way that the decoder detects, or is a truncated
/// JPEG.
pub fn decode(path: &Path) -> Result<RgbImage, DataError> {
    let bytes = std::fs::read(path).map_err(FileError::read(path))?;
    decode_bytes(path, &bytes)
}

/// As [`decode`], with the contents of the file already read.
pub(super) fn decode_bytes(path: &Path, bytes: &[u8]) -> Result<RgbImage, DataError> {
    WrongKind::check(bytes, "an image", &[]).map_err(FileError::wrong_kind(path))?;
    let reader = ImageReader::new(Cursor::new(bytes)).with_guessed_format();
    let reader = reader.map_err(FileError::read(path))?;
    if reader.format() == Some(ImageFormat::Jpeg) && !jpeg_is_complete(bytes) {
        return Err(DataError::Truncated { path: path.into() });
    }
    let image = reader.decode().map_err(|source| DataError::Decode { path: path.into(), source })?;
    Ok(image.into_rgb8())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::fixture;
    use image::Rgb;
    use rayon::prelude::*;

    #[test]
    fn a_png_is_decoded_exactly() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("image_00001.jpg");
        let image = RgbImage::from_fn(5, 4, |x, y| Rgb([x as u8 * 50, y as u8 * 60, 9]));
        image.save_with_format(&path, ImageFormat::Png).unwrap();
        assert_eq!(decode(&path).unwrap(), image);
    }

    #[test]
    fn the_error_about_a_damaged_or_truncated_image_names_the_file() {
        let folder = fixture::oxford(&[1]);
        let path = folder.path().join("jpg/image_00001.jpg");
        let complete = std::fs::read(&path).unwrap();
        assert_eq!(decode(&path).unwrap().dimensions(), (6, 4));
        for bytes in [&complete[..complete.len() - 2], &complete[..complete.len() / 2], &complete[..3], b"flower", b""]
        {
            std::fs::write(&path, bytes).unwrap();
            let error = decode(&path).unwrap_err();
            assert!(error.to_string().contains("image_00001.jpg"), "{error}");
            assert!(error.help().unwrap().contains("again"), "{error}");
        }
        std::fs::remove_file(&path).unwrap();
        assert!(matches!(decode(&path), Err(DataError::File(FileError::Read { .. }))));
    }

    #[test]
    fn the_real_images_are_decoded() {
        let Some(root) = fixture::real() else { return };
        let set = crate::data::Oxford102::open(&root).unwrap();
        let ids: Vec<u32> = set.ids().step_by(20).collect();
        let sides: Vec<u32> = ids
            .par_iter()
            .map(|&id| decode(&set.image_path(id)).unwrap().dimensions())
            .map(|(width, height)| width.min(height))
            .collect();
        assert!(sides.iter().all(|&side| side >= 64), "{sides:?}");
    }
}
