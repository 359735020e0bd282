//! What steers the generator: pictures of segmented photos, and a network's features of them.

mod given;

pub use given::{GuideFrom, evaluation_guides, guide_features};

use std::ops::Range;
use std::sync::OnceLock;

use burn::tensor::Device;
use image::RgbImage;
use rayon::prelude::*;
use safetensors::tensor::Dtype;

use super::array::{ArraySpec, bytes_of};
use super::maker::Maker;
use super::{Array, ExtractorConfig, PrepareError, Stage};
use crate::data::Square;
use crate::random::{Random, Stream};
use crate::segment::{Composition, Mask, Segmenter, Style, segmenter};
use crate::spec::Settings;
use crate::vision::{VisionError, features};

/// Photos whose features are made together, each in two orientations.
const TOGETHER: usize = 32;
/// Photos whose segmentations are looked at together.
const LOOKED_AT: usize = 256;

/// The length of the guide's features; `None` where there is no guide.
///
/// # Errors
///
/// If its weights are neither drawn nor a file that weights are read from.
pub fn guide_length(settings: &Settings) -> Result<Option<usize>, VisionError> {
    Ok(ExtractorConfig::of_guide(&settings.guide)?.map(|extractor| extractor.length()))
}

/// The guide that the networks are given for an image.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fed {
    /// The features in this row: the image's own, or another's where guides are shuffled.
    Row(usize),
    /// Zeros.
    Zero,
}

impl Fed {
    /// For each of `count` training images, whose rows are the first ones.
    ///
    /// # Errors
    ///
    /// If guides are to be shuffled and there is only one.
    pub(super) fn training(settings: &Settings, count: usize) -> Result<Vec<Self>, PrepareError> {
        Self::of_part(settings, 0..count, 0, "training image")
    }

    /// For each of `count` held-out images, whose rows begin at `first`: shuffled among themselves alone.
    ///
    /// # Errors
    ///
    /// As [`Self::training`].
    pub(super) fn evaluation(settings: &Settings, first: usize, count: usize) -> Result<Vec<Self>, PrepareError> {
        Self::of_part(settings, first..first + count, 1, "evaluation item")
    }

    /// The same for every run: a derangement is keyed by the data's seed and the part of the split.
    fn of_part(
        settings: &Settings,
        rows: Range<usize>,
        part: u64,
        what: &'static str,
    ) -> Result<Vec<Self>, PrepareError> {
        match settings.guide.source.as_str() {
            _ if !settings.guide.is_on() => Ok(vec![Fed::Zero; rows.len()]),
            "zero" => Ok(vec![Fed::Zero; rows.len()]),
            "shuffled" if rows.len() == 1 => Err(PrepareError::NoOther { what }),
            "shuffled" => {
                let mut random = Random::keyed(settings.data.seed, Stream::Shuffle, part, 0);
                Ok(random.derangement(rows.len()).into_iter().map(|place| Fed::Row(rows.start + place)).collect())
            }
            _ => Ok(rows.map(Fed::Row).collect()),
        }
    }
}

/// How a guide's picture is made of a photo and its mask.
#[derive(Clone, Copy)]
struct Composing {
    composition: Composition,
    style: Style,
    square: Square,
}

impl Composing {
    fn new(Settings { guide, segment, .. }: &Settings) -> Self {
        let composition = guide.segmentation.parse().expect("the catalogue lists only compositions that there are");
        Self { composition, style: Style::of(&segment.style), square: Square::of(&guide.square) }
    }

    /// The picture, of `side` pixels; without a mask it shows the photo itself.
    fn picture(self, photo: RgbImage, mask: Option<&Mask>, side: u32) -> Result<RgbImage, PrepareError> {
        let composed = match mask {
            None => photo,
            Some(mask) => self.composition.compose(&photo, mask, self.style)?,
        };
        Ok(self.square.apply(&composed, side))
    }
}

/// How the guides' pictures are made.
pub(super) struct Guide<'a> {
    maker: &'a Maker<'a>,
    composing: Composing,
    /// `None` where the photo itself is the guide's picture.
    segmenter: Option<Box<dyn Segmenter + 'a>>,
}

impl<'a> Guide<'a> {
    pub fn new(maker: &'a Maker<'a>) -> Result<Self, PrepareError> {
        let Settings { guide, segment, .. } = maker.settings;
        let segmenter = guide.is_segmented().then(|| segmenter(maker.set, segment)).transpose()?;
        Ok(Self { maker, composing: Composing::new(maker.settings), segmenter })
    }

    /// All that a picture follows from but the photo and its size.
    fn key(&self) -> String {
        let Settings { guide, segment, .. } = self.maker.settings;
        let style = if self.composing.composition == Composition::Full { segment.style.as_str() } else { "-" };
        format!("{} {style} {} {}", guide.segmentation, guide.square, self.segmentation())
    }

    fn segmentation(&self) -> &str {
        self.maker.prints.get("segmentation").map_or("none", String::as_str)
    }

    fn picture(&self, id: u32, side: u32) -> Result<RgbImage, PrepareError> {
        let photo = self.maker.set.picture(id)?;
        let mask = self.segmenter.as_ref().map(|segmenter| segmenter.mask(id, &photo)).transpose()?;
        self.composing.picture(photo, mask.as_ref(), side)
    }

    /// What the guide network saw of the guides of items, at the size of the images: `u8 [items, 3, side, side]`. The
    /// guides are those `fed`, whose rows are places among `ids`; zeros were seen of nothing.
    pub fn pictures(&self, ids: &[u32], fed: &[Fed]) -> Result<Option<Array>, PrepareError> {
        let of = |fed: &Fed| if let Fed::Row(row) = fed { Some(ids[*row]) } else { None };
        let Some(shown) = fed.iter().map(of).collect::<Option<Vec<u32>>>() else { return Ok(None) };
        let side = self.maker.side();
        let key = format!("guide-pictures/2 {side} {} {} {shown:?}", self.key(), self.maker.data);
        let pictures = self.maker.pictures(Stage::GuidePictures, key, &shown, side, |id| self.picture(id, side));
        pictures.map(Some)
    }

    /// `f32 [images, 2, length]`: the features of each image's guide picture, as it is and mirrored.
    pub fn features(&self, device: &Device) -> Result<Array, PrepareError> {
        let (guide, ids) = (&self.maker.settings.guide, self.maker.ids);
        let extractor = ExtractorConfig::of_guide(guide)?.expect("a guide that is on has a network");
        let of = extractor.print(self.maker.prints.get("guide.weights").map(String::as_str));
        let key = format!("features/2 {of} {} {} on {device:?}", self.key(), self.maker.data);
        let spec = ArraySpec { key, dtype: Dtype::F32, shape: vec![ids.len(), 2, extractor.length()], chunk: TOGETHER };
        let side = u32::try_from(guide.input).expect("a guide's side is at most 512");
        let net = OnceLock::new();
        self.maker.rows(Stage::Features, spec, |rows| {
            if net.get().is_none() {
                let _ = net.set(extractor.net(device)?);
            }
            let net = net.get().expect("it was just loaded");
            let upright = ids[rows].par_iter().map(|&id| self.picture(id, side));
            let upright = upright.collect::<Result<Vec<_>, PrepareError>>()?;
            let mirrored: Vec<RgbImage> = upright.par_iter().map(image::imageops::flip_horizontal).collect();
            let layer = extractor.layer();
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
