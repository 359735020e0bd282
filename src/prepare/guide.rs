//! The guides of images: the segmented image that the guide network receives, and its features of that image.

mod requested;

pub use requested::{GuideImage, evaluation_guides, guide_features};

use std::ops::Range;
use std::sync::OnceLock;

use image::RgbImage;
use rayon::prelude::*;
use safetensors::tensor::Dtype;

use super::array::{ArraySpec, bytes_of};
use super::builder::{ArrayBuilder, Context};
use super::{Array, ExtractorConfig, PrepareError, Stage};
use crate::data::SquareMethod;
use crate::random::{Random, Stream};
use crate::segment::{Composition, Mask, Segmenter, Style, segmenter};
use crate::spec::Settings;
use crate::vision::{VisionError, features};

/// Images of a chunk of features, each in two orientations.
const FEATURE_CHUNK: usize = 32;
/// Images of a chunk of segmentations.
const SEGMENTATION_CHUNK: usize = 256;

/// The length of the guide's features; `None` without a guide.
///
/// # Errors
///
/// If `guide.weights` is neither `random:<seed>` nor a file of weights.
pub fn guide_length(settings: &Settings) -> Result<Option<usize>, VisionError> {
    Ok(ExtractorConfig::of_guide(&settings.guide)?.map(|extractor| extractor.length()))
}

/// The guide that the networks receive with an image.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GuideInput {
    /// The features in this row: the image's own, or those of another image if guides are shuffled.
    Row(usize),
    /// Zeros.
    Zero,
}

impl GuideInput {
    /// For each of `count` training images, whose rows are the first ones.
    ///
    /// # Errors
    ///
    /// If guides are shuffled and there is only one.
    pub(super) fn training(settings: &Settings, count: usize) -> Result<Vec<Self>, PrepareError> {
        Self::of_part(settings, 0..count, 0, "training image")
    }

    /// For each of `count` held-out images, whose rows begin at `first`. They are shuffled among themselves.
    ///
    /// # Errors
    ///
    /// As [`Self::training`].
    pub(super) fn evaluation(settings: &Settings, first: usize, count: usize) -> Result<Vec<Self>, PrepareError> {
        Self::of_part(settings, first..first + count, 1, "evaluation item")
    }

    /// The same for every run: the random derangement is keyed by `data.seed` and the part of the split.
    fn of_part(
        settings: &Settings,
        rows: Range<usize>,
        part: u64,
        what: &'static str,
    ) -> Result<Vec<Self>, PrepareError> {
        match settings.guide.source.as_str() {
            _ if !settings.guide.is_on() => Ok(vec![GuideInput::Zero; rows.len()]),
            "zero" => Ok(vec![GuideInput::Zero; rows.len()]),
            "shuffled" if rows.len() == 1 => Err(PrepareError::NoOther { what }),
            "shuffled" => {
                let mut random = Random::keyed(settings.data.seed, Stream::Shuffle, part, 0);
                let order = random.derangement(rows.len());
                Ok(order.into_iter().map(|place| GuideInput::Row(rows.start + place)).collect())
            }
            _ => Ok(rows.map(GuideInput::Row).collect()),
        }
    }
}

/// Renders the input of the guide network from an image and its mask.
#[derive(Clone, Copy)]
struct GuideRenderer {
    composition: Composition,
    style: Style,
    square: SquareMethod,
}

impl GuideRenderer {
    fn new(Settings { guide, segment, .. }: &Settings) -> Self {
        let composition = guide.segmentation.parse().expect("the catalogue lists only existing compositions");
        Self {
            composition,
            style: Style::from_setting(&segment.style),
            square: SquareMethod::from_setting(&guide.square),
        }
    }

    /// The input image, of `side` pixels. Without a mask it is the image itself.
    fn render(self, image: RgbImage, mask: Option<&Mask>, side: u32) -> Result<RgbImage, PrepareError> {
        let composed = match mask {
            None => image,
            Some(mask) => self.composition.compose(&image, mask, self.style)?,
        };
        Ok(self.square.apply(&composed, side))
    }
}

/// Builds the arrays of guides.
pub(super) struct GuideBuilder<'a> {
    builder: &'a ArrayBuilder<'a>,
    renderer: GuideRenderer,
    /// `None` if guides are not segmented.
    segmenter: Option<Box<dyn Segmenter + 'a>>,
}

impl<'a> GuideBuilder<'a> {
    pub fn new(builder: &'a ArrayBuilder<'a>) -> Result<Self, PrepareError> {
        let Context { settings, set, .. } = builder.context;
        let segmenter = settings.guide.is_segmented().then(|| segmenter(set, &settings.segment)).transpose()?;
        Ok(Self { builder, renderer: GuideRenderer::new(settings), segmenter })
    }

    /// The part of a key that identifies how guides are rendered, without the images and their size.
    fn key(&self) -> String {
        let Settings { guide, segment, .. } = self.builder.context.settings;
        let style = if self.renderer.composition == Composition::Full { segment.style.as_str() } else { "-" };
        format!("{} {style} {} {}", guide.segmentation, guide.square, self.segmentation())
    }

    fn segmentation(&self) -> &str {
        self.builder.prints.get("segmentation").map_or("none", String::as_str)
    }

    fn render(&self, id: u32, side: u32) -> Result<RgbImage, PrepareError> {
        let image = self.builder.context.set.image(id)?;
        let mask = self.segmenter.as_ref().map(|segmenter| segmenter.mask(id, &image)).transpose()?;
        self.renderer.render(image, mask.as_ref(), side)
    }

    /// The inputs of the guide network for the guides of items, at the size of generated images:
    /// `u8 [items, 3, side, side]`. The rows of `guides` are indices of `images`. `None` if guides are zero.
    pub fn images(&self, images: &[u32], guides: &[GuideInput]) -> Result<Option<Array>, PrepareError> {
        let of = |guide: &GuideInput| if let GuideInput::Row(row) = guide { Some(images[*row]) } else { None };
        let Some(shown) = guides.iter().map(of).collect::<Option<Vec<u32>>>() else { return Ok(None) };
        let side = self.builder.side();
        let key = format!("guide-pictures/2 {side} {} {} {shown:?}", self.key(), self.builder.data);
        let render = |id| self.render(id, side);
        self.builder.context.image_array(Stage::GuideImages, key, &shown, side, render).map(Some)
    }

    /// `f32 [images, 2, length]`: the features of each image's guide, in the original orientation and mirrored.
    pub fn features(&self) -> Result<Array, PrepareError> {
        let (Context { settings, device, .. }, images) = (self.builder.context, self.builder.images);
        let extractor = ExtractorConfig::of_guide(&settings.guide)?.expect("a guide that is on has a network");
        let of = extractor.identifier(self.builder.prints.get("guide.weights").map(String::as_str));
        let key = format!("features/2 {of} {} {} on {device:?}", self.key(), self.builder.data);
        let shape = vec![images.len(), 2, extractor.length()];
        let spec = ArraySpec { key, dtype: Dtype::F32, shape, chunk: FEATURE_CHUNK };
        let side = u32::try_from(settings.guide.input).expect("a guide's side is at most 512");
        let net = OnceLock::new();
        self.builder.context.array(Stage::GuideFeatures, spec, |rows| {
            if net.get().is_none() {
                let _ = net.set(extractor.net(device)?);
            }
            let net = net.get().expect("it was just loaded");
            let upright = images[rows].par_iter().map(|&id| self.render(id, side));
            let upright = upright.collect::<Result<Vec<_>, PrepareError>>()?;
            let mirrored: Vec<RgbImage> = upright.par_iter().map(image::imageops::flip_horizontal).collect();
            let layer = extractor.layer();
            let upright = features(net, layer, &upright, device)?;
            let mirrored = features(net, layer, &mirrored, device)?;
            Ok(bytes_of(&upright.into_iter().zip(mirrored).flat_map(|(one, other)| [one, other]).collect::<Vec<_>>()))
        })
    }

    /// A warning for each image whose mask is empty or covers the whole image.
    pub fn failures(&self) -> Result<Vec<String>, PrepareError> {
        let Some(segmenter) = &self.segmenter else { return Ok(Vec::new()) };
        let (Context { set, .. }, images) = (self.builder.context, self.builder.images);
        let key = format!("segmentations/1 {} {}", self.segmentation(), self.builder.data);
        let spec = ArraySpec { key, dtype: Dtype::F32, shape: vec![images.len(), 2], chunk: SEGMENTATION_CHUNK };
        let statistics = self.builder.context.array(Stage::Segmentations, spec, |rows| {
            let of = |&id: &u32| {
                let mask = segmenter.mask(id, &set.image(id)?)?;
                Ok(vec![mask.flower_fraction(), mask.flower_count() as f32])
            };
            Ok(bytes_of(&images[rows].par_iter().map(of).collect::<Result<Vec<_>, PrepareError>>()?))
        })?;
        let mut failures = Vec::new();
        for (row, id) in images.iter().enumerate() {
            let mut values = Vec::new();
            statistics.extend_from_row(row, &mut values);
            match values[0] {
                fraction if fraction <= 0.0 => failures.push(format!("image {id}: its segmentation has no flower")),
                fraction if fraction >= 1.0 => {
                    failures.push(format!("image {id}: its segmentation has no background"));
                }
                _ => {}
            }
        }
        if !failures.is_empty() {
            let count = failures.len();
            failures.push(format!("{count} of {} segmentations failed and are used unchanged", images.len()));
        }
        Ok(failures)
    }
}
