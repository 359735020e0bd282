//! What steers the generator: pictures of segmented photos, and a network's features of them.

use std::sync::OnceLock;

use burn::tensor::Device;
use image::RgbImage;
use rayon::prelude::*;
use safetensors::tensor::Dtype;

use super::array::{ArraySpec, bytes_of};
use super::maker::Maker;
use super::{Array, PrepareError, Stage};
use crate::data::Square;
use crate::segment::{Composition, Segmenter, Style, segmenter};
use crate::spec::{GuideSettings, Settings};
use crate::vision::{FeatureNet, Layer, Network, NetworkConfig, Weights, features};

/// Photos whose features are made together, each in two orientations.
const TOGETHER: usize = 32;
/// Photos whose segmentations are looked at together.
const LOOKED_AT: usize = 256;

/// The length of the guide's features; `None` where there is no guide.
pub fn guide_length(settings: &Settings) -> Option<usize> {
    settings.guide.is_on().then(|| layer(&settings.guide).length(config(&settings.guide)))
}

fn network(guide: &GuideSettings) -> Network {
    guide.network.parse().expect("a guide that is on names a network of the catalogue")
}

fn layer(guide: &GuideSettings) -> Layer {
    network(guide).layer(&guide.layer).expect("a plan refuses a layer that its network does not have")
}

fn config(guide: &GuideSettings) -> NetworkConfig {
    NetworkConfig { input: guide.input, width: guide.width }
}

/// How the guide's pictures are made.
pub(super) struct Guide<'a> {
    maker: &'a Maker<'a>,
    composition: Composition,
    style: Style,
    square: Square,
    /// `None` where the photo itself is the guide's picture.
    segmenter: Option<Box<dyn Segmenter + 'a>>,
}

impl<'a> Guide<'a> {
    pub fn new(maker: &'a Maker<'a>) -> Result<Self, PrepareError> {
        let Settings { guide, segment, .. } = maker.settings;
        let composition = guide.segmentation.parse().expect("the catalogue lists only compositions that there are");
        let segmenter = guide.is_segmented().then(|| segmenter(maker.set, segment)).transpose()?;
        let (style, square) = (Style::of(&segment.style), Square::of(&guide.square));
        Ok(Self { maker, composition, style, square, segmenter })
    }

    /// All that a picture follows from but the photo and its size.
    fn key(&self) -> String {
        let Settings { guide, segment, .. } = self.maker.settings;
        let style = if self.composition == Composition::Full { segment.style.as_str() } else { "-" };
        format!("{} {style} {} {}", guide.segmentation, guide.square, self.segmentation())
    }

    fn segmentation(&self) -> &str {
        self.maker.prints.get("segmentation").map_or("none", String::as_str)
    }

    fn picture(&self, id: u32, side: u32) -> Result<RgbImage, PrepareError> {
        let photo = self.maker.set.picture(id)?;
        let composed = match &self.segmenter {
            None => photo,
            Some(segmenter) => self.composition.compose(&photo, &segmenter.mask(id, &photo)?, self.style)?,
        };
        Ok(self.square.apply(&composed, side))
    }

    /// What the guide network sees of the evaluation items, at the size of the images: `u8 [items, 3, side, side]`.
    pub fn pictures(&self, eval: &[u32]) -> Result<Array, PrepareError> {
        let side = self.maker.side();
        let key = format!("guide-pictures/2 {side} {} {} {eval:?}", self.key(), self.maker.data);
        self.maker.pictures(Stage::GuidePictures, key, eval, side, |id| self.picture(id, side))
    }

    /// `f32 [images, 2, length]`: the features of each image's guide picture, as it is and mirrored.
    pub fn features(&self, device: &Device) -> Result<Array, PrepareError> {
        let (guide, ids) = (&self.maker.settings.guide, self.maker.ids);
        let (layer, config, weights) = (layer(guide), config(guide), Weights::parse(&guide.weights)?);
        let named = self.maker.prints.get("guide.weights").cloned().unwrap_or_else(|| weights.to_string());
        let GuideSettings { network: word, input, width, .. } = guide;
        let of = format!("{word} {layer} {named} {input} {width}");
        let key = format!("features/2 {of} {} {} on {device:?}", self.key(), self.maker.data);
        let spec =
            ArraySpec { key, dtype: Dtype::F32, shape: vec![ids.len(), 2, layer.length(config)], chunk: TOGETHER };
        let side = u32::try_from(guide.input).expect("a guide's side is at most 512");
        let net = OnceLock::new();
        self.maker.rows(Stage::Features, spec, |rows| {
            if net.get().is_none() {
                let _ = net.set(FeatureNet::load(network(guide), config, &weights, device)?);
            }
            let net = net.get().expect("it was just loaded");
            let upright = ids[rows].par_iter().map(|&id| self.picture(id, side));
            let upright = upright.collect::<Result<Vec<_>, PrepareError>>()?;
            let mirrored: Vec<RgbImage> = upright.par_iter().map(image::imageops::flip_horizontal).collect();
            let upright = features(net, layer, &upright, device)?;
            let mirrored = features(net, layer, &mirrored, device)?;
            Ok(bytes_of(&upright.into_iter().zip(mirrored).flat_map(|(one, other)| [one, other]).collect::<Vec<_>>()))
        })
    }

    /// The images in whose photo no flower was found, or nothing but flower: their guide shows the photo, or white.
    pub fn failures(&self) -> Result<Vec<String>, PrepareError> {
        let Some(segmenter) = &self.segmenter else { return Ok(Vec::new()) };
        let ids = self.maker.ids;
        let key = format!("segmentations/1 {} {}", self.segmentation(), self.maker.data);
        let spec = ArraySpec { key, dtype: Dtype::F32, shape: vec![ids.len(), 2], chunk: LOOKED_AT };
        let looks = self.maker.rows(Stage::Segmentations, spec, |rows| {
            let look = |&id: &u32| {
                let mask = segmenter.mask(id, &self.maker.set.picture(id)?)?;
                Ok(vec![mask.share(), mask.flowers() as f32])
            };
            Ok(bytes_of(&ids[rows].par_iter().map(look).collect::<Result<Vec<_>, PrepareError>>()?))
        })?;
        let mut failures = Vec::new();
        for (row, id) in ids.iter().enumerate() {
            let mut look = Vec::new();
            looks.extend_from_row(row, &mut look);
            match look[0] {
                share if share <= 0.0 => failures.push(format!("image {id}: its segmentation shows no flower")),
                share if share >= 1.0 => failures.push(format!("image {id}: its segmentation is all flower")),
                _ => {}
            }
        }
        if !failures.is_empty() {
            let count = failures.len();
            failures.push(format!("{count} of {} segmentations failed, and are used as they are", ids.len()));
        }
        Ok(failures)
    }
}
