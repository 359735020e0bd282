//! Masks that were made elsewhere.

use std::path::{Path, PathBuf};

use image::{DynamicImage, ImageFormat, ImageReader, RgbImage};

use super::error::{MaskSize, SegmentError};
use super::{Mask, Segmenter};
use crate::data::{DataError, Digests, fingerprint};

/// A folder of masks: `image_00001.png` and on, each a grey or palette-free PNG of its photo's size, in which 0 is no
/// flower and n is flower n.
#[derive(Clone, Debug)]
pub struct Folder {
    path: PathBuf,
}

impl Folder {
    /// The masks in a folder. Each is read when it is asked for.
    ///
    /// # Errors
    ///
    /// If there is no such folder.
    pub fn new(path: &Path) -> Result<Self, SegmentError> {
        match path.is_dir() {
            true => Ok(Self { path: path.into() }),
            false => Err(SegmentError::NoFolder { path: path.into() }),
        }
    }
}

/// The mask of a photo in a file: a grey PNG of the photo's size, in which 0 is no flower and n is flower n.
///
/// # Errors
///
/// If it cannot be read, is of another format, or has another size than the photo.
pub fn read_mask(path: &Path, photo: &RgbImage) -> Result<Mask, SegmentError> {
    let io = |source| DataError::Read { path: path.into(), source };
    let reader = ImageReader::open(path).map_err(io)?.with_guessed_format().map_err(io)?;
    if reader.format() != Some(ImageFormat::Png) {
        // A lossy format would invent flowers at every edge.
        return Err(SegmentError::NoPng { path: path.into() });
    }
    let mask = match reader.decode().map_err(|source| DataError::Picture { path: path.into(), source })? {
        DynamicImage::ImageLuma8(mask) => mask,
        other => return Err(SegmentError::NoMask { path: path.into(), found: format!("{:?}", other.color()) }),
    };
    if mask.dimensions() != photo.dimensions() {
        let source = MaskSize { mask: mask.dimensions(), photo: photo.dimensions() };
        return Err(SegmentError::Size { path: path.into(), source });
    }
    Ok(Mask::from_instances(mask.width(), mask.height(), mask.into_raw()))
}

fn name(id: u32) -> String {
    format!("image_{id:05}.png")
}

impl Segmenter for Folder {
    fn mask(&self, id: u32, photo: &RgbImage) -> Result<Mask, SegmentError> {
        read_mask(&self.path.join(name(id)), photo)
    }

    fn fingerprint(&self, ids: &[u32], digests: &Digests) -> Result<String, SegmentError> {
        let names: Vec<String> = ids.iter().copied().map(name).collect();
        Ok(fingerprint(&self.path, &names, digests)?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use image::GrayImage;

    #[test]
    fn a_mask_is_read_as_it_was_written() {
        let folder = tempfile::tempdir().unwrap();
        let masks = Folder::new(folder.path()).unwrap();
        GrayImage::from_raw(3, 1, vec![0, 2, 255]).unwrap().save(folder.path().join("image_00007.png")).unwrap();
        let mask = masks.mask(7, &RgbImage::new(3, 1)).unwrap();
        assert_eq!(mask, Mask::from_instances(3, 1, vec![0, 2, 255]));
        assert!(matches!(masks.mask(7, &RgbImage::new(1, 3)), Err(SegmentError::Size { .. })));
        let digests = Digests::open(folder.path());
        assert!(masks.fingerprint(&[7], &digests).is_ok());
        let missing = masks.fingerprint(&[7, 8], &digests).unwrap_err();
        assert!(missing.to_string().contains("image_00008.png"), "{missing}");
    }

    #[test]
    fn what_is_no_mask_is_refused_by_name() {
        let folder = tempfile::tempdir().unwrap();
        let masks = Folder::new(folder.path()).unwrap();
        let (photo, path) = (RgbImage::new(2, 2), folder.path().join("image_00001.png"));
        photo.save(&path).unwrap();
        let error = masks.mask(1, &photo).unwrap_err();
        assert!(error.to_string().ends_with("image_00001.png: no mask: it holds Rgb8"), "{error}");
        photo.save_with_format(&path, ImageFormat::Jpeg).unwrap();
        assert!(matches!(masks.mask(1, &photo), Err(SegmentError::NoPng { .. })));
        assert!(Folder::new(&path).unwrap_err().help().unwrap().contains("segment.masks"));
    }
}
