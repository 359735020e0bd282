//! The published segmentations of Oxford-102.

use super::error::{MaskSize, SegmentError};
use super::{Mask, Segmenter};
use crate::data::{Digests, Oxford102, decode};
use image::RgbImage;

/// Masks from `segmim/` of a data set.
#[derive(Clone, Copy, Debug)]
pub struct Official<'a> {
    set: &'a Oxford102,
}

impl<'a> Official<'a> {
    /// The official segmentations of a data set.
    ///
    /// # Errors
    ///
    /// If the data set has no `segmim/`.
    pub fn new(set: &'a Oxford102) -> Result<Self, SegmentError> {
        set.require_segmentations()?;
        Ok(Self { set })
    }
}

impl Segmenter for Official<'_> {
    fn mask(&self, id: u32, photo: &RgbImage) -> Result<Mask, SegmentError> {
        let path = self.set.segmentation_path(id);
        let mask = Mask::from_official(&decode(&path)?);
        if mask.dimensions() != photo.dimensions() {
            let source = MaskSize { mask: mask.dimensions(), photo: photo.dimensions() };
            return Err(SegmentError::Size { path, source });
        }
        Ok(mask)
    }

    fn fingerprint(&self, ids: &[u32], digests: &Digests) -> Result<String, SegmentError> {
        Ok(self.set.segmentation_fingerprint(ids, digests)?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::fixture;
    use std::error::Error as _;

    #[test]
    fn the_flower_is_what_is_not_blue() {
        let folder = fixture::oxford(&[1]);
        let set = Oxford102::open(folder.path()).unwrap();
        let photo = decode(&set.photo_path(1)).unwrap();
        let mask = Official::new(&set).unwrap().mask(1, &photo).unwrap();
        assert_eq!(mask, Mask::from_fn(6, 4, |x, _| x >= 3));
    }

    #[test]
    fn a_mask_of_another_size_names_the_file_and_both_sizes() {
        let folder = fixture::oxford(&[1]);
        let set = Oxford102::open(folder.path()).unwrap();
        let error = Official::new(&set).unwrap().mask(1, &RgbImage::new(8, 4)).unwrap_err();
        let path = set.segmentation_path(1);
        assert_eq!(error.to_string(), format!("{}: does not fit its photo", path.display()));
        assert_eq!(error.source().unwrap().to_string(), "the mask is 6×4 and the photo 8×4");
    }

    #[test]
    fn missing_segmentations_are_known_at_once() {
        let folder = fixture::oxford(&[1]);
        std::fs::remove_dir_all(folder.path().join("segmim")).unwrap();
        let error = Official::new(&Oxford102::open(folder.path()).unwrap()).unwrap_err();
        assert!(error.to_string().ends_with("segmim: missing"), "{error}");
        assert!(error.help().unwrap().contains("blue background"));
    }

    #[test]
    fn the_real_flowers_cover_a_third_of_their_photos() {
        let Some(root) = fixture::real() else { return };
        let set = Oxford102::open(&root).unwrap();
        let official = Official::new(&set).unwrap();
        let shares: Vec<f64> = (set.ids().step_by(80))
            .map(|id| {
                let photo = decode(&set.photo_path(id)).unwrap();
                official.mask(id, &photo).unwrap().area() as f64 / f64::from(photo.width() * photo.height())
            })
            .collect();
        let mean = shares.iter().sum::<f64>() / shares.len() as f64;
        eprintln!("flower share of {} photos: mean {mean:.3}", shares.len());
        assert!((0.25..0.40).contains(&mean), "{mean}");
        assert!(shares.iter().all(|&share| share > 0.0 && share < 1.0));
    }
}
