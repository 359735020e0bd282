//! The published segmentations of Oxford-102.

use super::error::{SegmentError, SizeMismatch};
use super::{Mask, Segmenter};
use crate::data::{DigestCache, Oxford102, decode};
use image::RgbImage;

/// The masks from `segmim/` of a data set.
#[derive(Clone, Copy, Debug)]
pub struct OfficialMasks<'a> {
    set: &'a Oxford102,
}

impl<'a> OfficialMasks<'a> {
    /// The official masks of a data set.
    ///
    /// # Errors
    ///
    /// If the data set has no `segmim/`.
    pub fn new(set: &'a Oxford102) -> Result<Self, SegmentError> {
        set.require_segmentations()?;
        Ok(Self { set })
    }
}

impl Segmenter for OfficialMasks<'_> {
    fn mask(&self, id: u32, image: &RgbImage) -> Result<Mask, SegmentError> {
        let path = self.set.segmentation_path(id);
        let mask = Mask::from_official(&decode(&path)?);
        if mask.dimensions() != image.dimensions() {
            let source = SizeMismatch { mask: mask.dimensions(), image: image.dimensions() };
            return Err(SegmentError::Size { path, source });
        }
        Ok(mask)
    }

    fn fingerprint(&self, ids: &[u32], digests: &DigestCache) -> Result<String, SegmentError> {
        Ok(self.set.segmentation_fingerprint(ids, digests)?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::fixture;
    use std::error::Error as _;

    #[test]
    fn every_pixel_that_is_not_blue_is_flower() {
        let folder = fixture::oxford(&[1]);
        let set = Oxford102::open(folder.path()).unwrap();
        let image = decode(&set.image_path(1)).unwrap();
        let mask = OfficialMasks::new(&set).unwrap().mask(1, &image).unwrap();
        assert_eq!(mask, Mask::from_fn(6, 4, |x, _| x >= 3));
    }

    #[test]
    fn the_error_about_a_mask_of_another_size_names_the_file_and_both_sizes() {
        let folder = fixture::oxford(&[1]);
        let set = Oxford102::open(folder.path()).unwrap();
        let error = OfficialMasks::new(&set).unwrap().mask(1, &RgbImage::new(8, 4)).unwrap_err();
        let path = set.segmentation_path(1);
        assert_eq!(error.to_string(), format!("{}: not of the size of its image", path.display()));
        assert_eq!(error.source().unwrap().to_string(), "the mask has 6×4 pixels and the image has 8×4");
    }

    #[test]
    fn missing_segmentations_are_an_error_of_the_constructor() {
        let folder = fixture::oxford(&[1]);
        std::fs::remove_dir_all(folder.path().join("segmim")).unwrap();
        let error = OfficialMasks::new(&Oxford102::open(folder.path()).unwrap()).unwrap_err();
        assert!(error.to_string().ends_with("segmim: missing"), "{error}");
        assert!(error.help().unwrap().contains("blue background"));
    }

    #[test]
    fn the_real_flowers_cover_a_third_of_their_images() {
        let Some(root) = fixture::real() else { return };
        let set = Oxford102::open(&root).unwrap();
        let official = OfficialMasks::new(&set).unwrap();
        let fractions: Vec<f64> = (set.ids().step_by(80))
            .map(|id| {
                let image = decode(&set.image_path(id)).unwrap();
                official.mask(id, &image).unwrap().area() as f64 / f64::from(image.width() * image.height())
            })
            .collect();
        let mean = fractions.iter().sum::<f64>() / fractions.len() as f64;
        eprintln!("flower fraction of {} images: mean {mean:.3}", fractions.len());
        assert!((0.25..0.40).contains(&mean), "{mean}");
        assert!(fractions.iter().all(|&fraction| fraction > 0.0 && fraction < 1.0));
    }
}
