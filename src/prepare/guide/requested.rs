//! Features of guides that a user requests, computed without the cache.

use std::path::PathBuf;

use burn::tensor::Device;

use super::{GuideInput, GuideRenderer};
use crate::data::{DataSet, decode};
use crate::prepare::{ExtractorConfig, PrepareError};
use crate::segment::{read_mask, segmenter};
use crate::spec::Settings;
use crate::vision::features;

/// The image of a guide.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum GuideImage {
    /// An image of the cell's data set, with its own segmentation.
    OfDataSet(u32),
    /// An image file.
    File {
        /// The JPEG or PNG file.
        image: PathBuf,
        /// Its mask: a grey PNG of the same size, 0 for background. Required if the guide is segmented.
        mask: Option<PathBuf>,
    },
}

/// The features of guides, computed as in training and not mirrored: one vector each. The cell must have a guide.
///
/// # Errors
///
/// If an image, a mask or the network's weights cannot be read or do not fit.
pub fn guide_features(
    settings: &Settings,
    guides: &[GuideImage],
    device: &Device,
) -> Result<Vec<Vec<f32>>, PrepareError> {
    let extractor = ExtractorConfig::of_guide(&settings.guide)?.expect("a guide that is on has a network");
    let set = DataSet::open(&settings.data)?;
    let segmenter = settings.guide.is_segmented().then(|| segmenter(&set, &settings.segment)).transpose()?;
    let renderer = GuideRenderer::new(settings);
    let side = u32::try_from(settings.guide.input).expect("a guide's side is at most 512");
    let render = |guide: &GuideImage| {
        let (image, mask) = match guide {
            GuideImage::OfDataSet(id) => {
                let image = set.image(*id)?;
                let mask = segmenter.as_ref().map(|segmenter| segmenter.mask(*id, &image)).transpose()?;
                (image, mask)
            }
            GuideImage::File { image, mask } => {
                let image = decode(image)?;
                let mask = mask.as_ref().map(|path| read_mask(path, &image)).transpose()?;
                (image, mask)
            }
        };
        renderer.render(image, mask.as_ref(), side)
    };
    let net = extractor.net(device)?;
    // One at a time, so that the features of a guide do not depend on the other guides.
    let of = |guide: &GuideImage| Ok(features(&net, extractor.layer(), &[render(guide)?], device)?.remove(0));
    guides.iter().map(of).collect()
}

/// The image whose guide each evaluation item receives; `None` if that guide is zero.
///
/// # Errors
///
/// If guides are shuffled and there is only one.
pub fn evaluation_guides(settings: &Settings, items: &[u32]) -> Result<Vec<Option<u32>>, PrepareError> {
    let guides = GuideInput::evaluation(settings, 0, items.len())?;
    let image = |guide| if let GuideInput::Row(row) = guide { Some(items[row]) } else { None };
    Ok(guides.into_iter().map(image).collect())
}
