//! Building of cached arrays: what they are computed from, and the arrays of images.

use std::ops::Range;

use burn::tensor::Device;
use image::RgbImage;
use rayon::prelude::*;
use safetensors::tensor::Dtype;

use super::array::ArraySpec;
use super::fingerprints::fingerprints_of;
use super::{Array, Cache, Event, OnEvent, PrepareError, Stage};
use crate::data::{DataSet, SquareMethod};
use crate::spec::{Fingerprints, Settings};

/// Images of a chunk: few enough for memory, enough to keep every core busy.
const CHUNK: usize = 64;

/// What the arrays of a cell are computed from, where they are stored, and who receives the events.
#[derive(Clone, Copy)]
pub(super) struct Context<'a> {
    pub settings: &'a Settings,
    pub set: &'a DataSet,
    pub cache: &'a Cache,
    pub device: &'a Device,
    pub on_event: OnEvent<'a>,
}

/// Builds the arrays of a list of images.
pub(super) struct ArrayBuilder<'a> {
    pub context: Context<'a>,
    /// The images, in the order of every array: training images, then evaluation items.
    pub images: &'a [u32],
    /// What identifies the images and their use. It is part of every key.
    pub data: String,
    pub prints: Fingerprints,
}

impl<'a> Context<'a> {
    /// A builder for `images` with their fingerprints. `data` derives [`ArrayBuilder::data`] from the data fingerprint.
    pub fn builder(
        self,
        images: &'a [u32],
        data: impl FnOnce(&str) -> String,
    ) -> Result<ArrayBuilder<'a>, PrepareError> {
        let prints = fingerprints_of(self.set, self.settings, images, &self.cache.digests())?;
        Ok(ArrayBuilder { context: self, images, data: data(&prints["data"]), prints })
    }

    /// An array of square images: `u8 [images, 3, side, side]`, planes of RGB.
    pub fn image_array(
        self,
        stage: Stage,
        key: String,
        images: &[u32],
        side: u32,
        render: impl Fn(u32) -> Result<RgbImage, PrepareError> + Sync,
    ) -> Result<Array, PrepareError> {
        let shape = vec![images.len(), 3, side as usize, side as usize];
        self.array(stage, ArraySpec { key, dtype: Dtype::U8, shape, chunk: CHUNK }, |rows| {
            let rendered = images[rows].par_iter().map(|&id| render(id));
            Ok(planes(&rendered.collect::<Result<Vec<_>, _>>()?))
        })
    }

    /// The array of `spec`; `compute` gives the bytes of a range of rows. Reports the progress.
    pub fn array(
        self,
        stage: Stage,
        spec: ArraySpec,
        mut compute: impl FnMut(Range<usize>) -> Result<Vec<u8>, PrepareError>,
    ) -> Result<Array, PrepareError> {
        let total = spec.rows();
        let mut reported = None;
        let mut report = |done| {
            reported = Some(done);
            (self.on_event)(Event::Progress { stage, done, total });
        };
        let array = self.cache.array(&spec, |rows| {
            // The rows before these were computed earlier or by another process.
            report(rows.start);
            let (end, bytes) = (rows.end, compute(rows)?);
            report(end);
            Ok::<_, PrepareError>(bytes)
        })?;
        // So were the rows after the last computed chunk.
        if reported.is_some_and(|done| done < total) {
            (self.on_event)(Event::Progress { stage, done: total, total });
        }
        Ok(array)
    }
}

impl ArrayBuilder<'_> {
    /// The side of generated images, in pixels.
    pub fn side(&self) -> u32 {
        u32::try_from(self.context.settings.image.resolution).expect("a resolution is at most 256")
    }

    /// Every image as a square: `u8 [images, 3, side, side]`.
    pub fn pixels(&self, side: u32) -> Result<Array, PrepareError> {
        let Context { settings, set, .. } = self.context;
        let square = settings.image.square.as_str();
        let key = format!("pixels/2 {square} {side} {}", self.data);
        let square = SquareMethod::from_setting(square);
        let render = |id| Ok(square.apply(&set.image(id)?, side));
        self.context.image_array(Stage::Images, key, self.images, side, render)
    }
}

/// An image of `side` pixels from planes of RGB.
pub(super) fn image_from_planes(side: u32, planes: &[u8]) -> RgbImage {
    let plane = (side * side) as usize;
    RgbImage::from_fn(side, side, |x, y| image::Rgb([0, 1, 2].map(|c| planes[c * plane + (y * side + x) as usize])))
}

/// Interleaved RGB to planes.
fn planes(images: &[RgbImage]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(images.iter().map(|image| image.as_raw().len()).sum());
    for image in images {
        for channel in 0..3 {
            bytes.extend(image.pixels().map(|pixel| pixel.0[channel]));
        }
    }
    bytes
}
