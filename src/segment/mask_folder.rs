//! Masks from PNG files that other programs wrote.

use std::path::{Path, PathBuf};

use image::{DynamicImage, ImageFormat, ImageReader, RgbImage};

use super::error::{SegmentError, SizeMismatch};
use super::{Mask, Segmenter};
use crate::data::{DataError, DigestCache, fingerprint};
use crate::file_error::FileError;

/// A folder of masks `image_00001.png`, `image_00002.png`, …: see [`read_mask`] for the format.
#[derive(Clone, Debug)]
pub struct MaskFolder {
    path: PathBuf,
}

impl MaskFolder {
    /// The masks in a folder. Each mask is read on request.
    ///
    /// # Errors
    ///
    /// If the folder does not exist.
    pub fn new(path: &Path) -> Result<Self, SegmentError> {
        match path.is_dir() {
            true => Ok(Self { path: path.into() }),
            false => Err(SegmentError::NoFolder { path: path.into() }),
        }
    }
}

/// Reads the mask of an image from an 8-bit greyscale PNG of the same size, where 0 is the background and n is flower
/// n.
///
/// # Errors
///
/// If the file cannot be read, has another format, or has another size than the image.
pub fn read_mask(path: &Path, image: &RgbImage) -> Result<Mask, SegmentError> {
    let io = |source| DataError::from(FileError::read(path)(source));
    let reader = ImageReader::open(path).map_err(io)?.with_guessed_format().map_err(io)?;
    if reader.format() != Some(ImageFormat::Png) {
        // Lossy compression changes values at edges, which would add flowers there.
        return Err(SegmentError::NotPng { path: path.into() });
    }
    let mask = match reader.decode().map_err(|source| DataError::Decode { path: path.into(), source })? {
        DynamicImage::ImageLuma8(mask) => mask,
        other => return Err(SegmentError::NotGrey { path: path.into(), found: format!("{:?}", other.color()) }),
    };
    if mask.dimensions() != image.dimensions() {
        let source = SizeMismatch { mask: mask.dimensions(), image: image.dimensions() };
        return Err(SegmentError::Size { path: path.into(), source });
    }
    Ok(Mask::from_instances(mask.width(), mask.height(), mask.into_raw()))
}

fn file_name(id: u32) -> String {
    format!("image_{id:05}.png")
}

impl Segmenter for MaskFolder {
    fn mask(&self, id: u32, image: &RgbImage) -> Result<Mask, SegmentError> {
        read_mask(&self.path.join(file_name(id)), image)
    }

    fn fingerprint(&self, ids: &[u32], digests: &DigestCache) -> Result<String, SegmentError> {
        let names: Vec<String> = ids.iter().copied().map(file_name).collect();
        Ok(fingerprint(&self.path, &names, digests)?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use image::GrayImage;

    #[test]
    fn a_mask_is_read_exactly() {
        let folder = tempfile::tempdir().unwrap();
        let masks = MaskFolder::new(folder.path()).unwrap();
        GrayImage::from_raw(3, 1, vec![0, 2, 255]).unwrap().save(folder.path().join("image_00007.png")).unwrap();
        let mask = masks.mask(7, &RgbImage::new(3, 1)).unwrap();
        assert_eq!(mask, Mask::from_instances(3, 1, vec![0, 2, 255]));
        assert!(matches!(masks.mask(7, &RgbImage::new(1, 3)), Err(SegmentError::Size { .. })));
        let digests = DigestCache::open(folder.path());
        assert!(masks.fingerprint(&[7], &digests).is_ok());
        let missing = masks.fingerprint(&[7, 8], &digests).unwrap_err();
        assert!(missing.to_string().contains("image_00008.png"), "{missing}");
    }

    #[test]
    fn a_file_that_is_not_a_mask_is_an_error_that_names_it() {
        let folder = tempfile::tempdir().unwrap();
        let masks = MaskFolder::new(folder.path()).unwrap();
        let (image, path) = (RgbImage::new(2, 2), folder.path().join("image_00001.png"));
        image.save(&path).unwrap();
        let error = masks.mask(1, &image).unwrap_err();
        assert!(error.to_string().ends_with("image_00001.png: not a greyscale image: its pixels are Rgb8"), "{error}");
        image.save_with_format(&path, ImageFormat::Jpeg).unwrap();
        assert!(matches!(masks.mask(1, &image), Err(SegmentError::NotPng { .. })));
        assert!(MaskFolder::new(&path).unwrap_err().help().unwrap().contains("segment.masks"));
    }
}
