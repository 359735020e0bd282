//! Guides that a person asks for, outside of every array.

use std::path::PathBuf;

use burn::tensor::Device;

use super::{Composing, Fed};
use crate::data::{DataSet, decode};
use crate::prepare::{ExtractorConfig, PrepareError};
use crate::segment::{read_mask, segmenter};
use crate::spec::Settings;
use crate::vision::features;

/// What a guide shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum GuideFrom {
    /// An image of the cell's data set, with its own segmentation.
    Image(u32),
    /// A photo from elsewhere.
    Photo {
        /// The JPEG or PNG.
        photo: PathBuf,
        /// Where its flowers are: a grey PNG of its size, 0 where there is none. Needed where the guide is segmented.
        mask: Option<PathBuf>,
    },
}

/// The features of guides, made as in training and not mirrored: one vector each. The cell must have a guide.
///
/// # Errors
///
/// If a picture, a mask or the network's weights cannot be read or do not fit.
pub fn guide_features(
    settings: &Settings,
    guides: &[GuideFrom],
    device: &Device,
) -> Result<Vec<Vec<f32>>, PrepareError> {
    let extractor = ExtractorConfig::of_guide(&settings.guide)?.expect("a guide that is on has a network");
    let set = DataSet::open(&settings.data)?;
    let segmenter = settings.guide.is_segmented().then(|| segmenter(&set, &settings.segment)).transpose()?;
    let composing = Composing::new(settings);
    let side = u32::try_from(settings.guide.input).expect("a guide's side is at most 512");
    let picture = |guide: &GuideFrom| {
        let (photo, mask) = match guide {
            GuideFrom::Image(id) => {
                let photo = set.picture(*id)?;
                let mask = segmenter.as_ref().map(|segmenter| segmenter.mask(*id, &photo)).transpose()?;
                (photo, mask)
            }
            GuideFrom::Photo { photo, mask } => {
                let photo = decode(photo)?;
                let mask = mask.as_ref().map(|path| read_mask(path, &photo)).transpose()?;
                (photo, mask)
            }
        };
        composing.picture(photo, mask.as_ref(), side)
    };
    let net = extractor.net(device)?;
    // One by one: what a guide looks like to the network must not depend on what is beside it.
    let of = |guide: &GuideFrom| Ok(features(&net, extractor.layer(), &[picture(guide)?], device)?.remove(0));
    guides.iter().map(of).collect()
}

/// The image whose guide each evaluation item is drawn with; `None` where that is zeros.
///
/// # Errors
///
/// If guides are shuffled and there is only one.
pub fn evaluation_guides(settings: &Settings, items: &[u32]) -> Result<Vec<Option<u32>>, PrepareError> {
    let fed = Fed::evaluation(settings, 0, items.len())?;
    Ok(fed.into_iter().map(|fed| if let Fed::Row(row) = fed { Some(items[row]) } else { None }).collect())
}
