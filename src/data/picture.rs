//! Reading and resizing pictures.

use super::error::DataError;
use super::resample::bilinear;
use super::truncation::jpeg_is_whole;
use image::{ImageFormat, ImageReader, RgbImage};
use std::io::Cursor;
use std::path::Path;

/// A JPEG or PNG file as 8-bit RGB; the format is told from the contents, not from the name. Alpha is dropped.
///
/// # Errors
///
/// If the file cannot be read, is no JPEG or PNG, is damaged where the decoder notices, or is a JPEG cut short.
pub fn decode(path: &Path) -> Result<RgbImage, DataError> {
    let bytes = std::fs::read(path).map_err(|source| DataError::Read { path: path.into(), source })?;
    let reader = ImageReader::new(Cursor::new(&bytes)).with_guessed_format();
    let reader = reader.map_err(|source| DataError::Read { path: path.into(), source })?;
    if reader.format() == Some(ImageFormat::Jpeg) && !jpeg_is_whole(&bytes) {
        return Err(DataError::Truncated { path: path.into() });
    }
    let picture = reader.decode().map_err(|source| DataError::Picture { path: path.into(), source })?;
    Ok(picture.into_rgb8())
}

/// The picture as a square of `side` pixels, whatever its aspect, by antialiased bilinear resampling in 8 bits,
/// as `resize((side, side), BILINEAR)` of Pillow up to version 12. Both published recipes squash.
///
/// # Panics
///
/// If the picture is empty or `side` is 0.
pub fn squash(picture: &RgbImage, side: u32) -> RgbImage {
    let (width, height) = picture.dimensions();
    assert!(width > 0 && height > 0 && side > 0, "{width}×{height} to {side}: an empty picture");
    bilinear(picture, side, side)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::fixture;
    use image::Rgb;
    use rayon::prelude::*;

    #[test]
    fn halving_weighs_neighbours_by_distance() {
        let row = [0, 40, 80, 200];
        let wide = RgbImage::from_fn(4, 4, |x, _| Rgb([row[x as usize]; 3]));
        // A triangle of half-width 2 about 1.0 and 3.0 (pixel centres at .5): weights ¾ ¾ ¼ and ¼ ¾ ¾, sum 1.75.
        // (0·¾ + 40·¾ + 80·¼) / 1.75 = 28.57 and (40·¼ + 80·¾ + 200·¾) / 1.75 = 125.71.
        let half = squash(&wide, 2);
        assert!(half.rows().all(|row| row.map(|pixel| pixel.0).eq([[29; 3], [126; 3]])), "{half:?}");
    }

    #[test]
    fn squashing_is_what_pillow_does() {
        // Pillow 13.0.0: a[y, x] = (37x + 11y, 13xy + 5, 255 - 29x - 3y) mod 256, 7×5,
        // Image.fromarray(a).resize((3, 3), Image.BILINEAR), row by row.
        let source = RgbImage::from_fn(7, 5, |x, y| {
            let wrap = |value: i64| value.rem_euclid(256) as u8;
            let (x, y) = (i64::from(x), i64::from(y));
            Rgb([wrap(37 * x + 11 * y), wrap(13 * x * y + 5), wrap(255 - 29 * x - 3 * y)])
        });
        let three = [
            [37, 10, 229, 116, 22, 167, 195, 34, 105],
            [54, 27, 224, 133, 83, 162, 212, 139, 100],
            [71, 45, 219, 150, 136, 157, 177, 129, 95],
        ];
        assert_eq!(squash(&source, 3).as_raw(), three.as_flattened());
        // The same enlarged to 8×8: its third row.
        let third =
            [12, 5, 252, 42, 17, 228, 74, 28, 203, 107, 40, 178, 139, 53, 152, 172, 65, 127, 204, 76, 102, 234, 88, 78];
        assert_eq!(squash(&source, 8).as_raw()[2 * 24..3 * 24], third);
    }

    #[test]
    fn a_square_of_the_right_size_is_left_alone() {
        let square = RgbImage::from_fn(3, 3, |x, y| Rgb([x as u8, y as u8, 7]));
        assert_eq!(squash(&square, 3), square);
    }

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
            assert!(error.help().unwrap().contains("again"));
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
