//! What every array is made from, and the pictures among them.

use std::ops::Range;

use image::RgbImage;
use rayon::prelude::*;
use safetensors::tensor::Dtype;

use super::array::ArraySpec;
use super::{Array, Cache, News, PrepareError, Progress, Stage};
use crate::data::{DataSet, Square};
use crate::spec::{Fingerprints, Settings};

/// Pictures that are made together: few enough to be held at once, enough to keep every core busy.
const TOGETHER: usize = 64;

/// What every array is made from.
pub(super) struct Maker<'a> {
    pub settings: &'a Settings,
    pub set: &'a DataSet,
    /// The images, in the order of every array: training images, then evaluation items.
    pub ids: &'a [u32],
    pub cache: &'a Cache,
    /// The fingerprint of the images, which is part of every key.
    pub data: &'a str,
    pub prints: &'a Fingerprints,
    pub progress: Progress<'a>,
}

impl Maker<'_> {
    /// The side of images that the networks draw, in pixels.
    pub fn side(&self) -> u32 {
        u32::try_from(self.settings.image.resolution).expect("a resolution is at most 256")
    }

    /// Every image as a square: `u8 [images, 3, side, side]`.
    pub fn pixels(&self, side: u32) -> Result<Array, PrepareError> {
        let square = self.settings.image.square.as_str();
        let key = format!("pixels/2 {square} {side} {}", self.data);
        let square = Square::of(square);
        self.pictures(Stage::Pixels, key, self.ids, side, |id| Ok(square.apply(&self.set.picture(id)?, side)))
    }

    /// An array of pictures of `side` pixels, in planes.
    pub fn pictures(
        &self,
        stage: Stage,
        key: String,
        ids: &[u32],
        side: u32,
        make: impl Fn(u32) -> Result<RgbImage, PrepareError> + Sync,
    ) -> Result<Array, PrepareError> {
        let shape = vec![ids.len(), 3, side as usize, side as usize];
        self.rows(stage, ArraySpec { key, dtype: Dtype::U8, shape, chunk: TOGETHER }, |rows| {
            let pictures = ids[rows].par_iter().map(|&id| make(id));
            Ok(planes(&pictures.collect::<Result<Vec<_>, _>>()?))
        })
    }

    /// An array of which `make` makes some rows at a time, and how far it has come.
    pub fn rows(
        &self,
        stage: Stage,
        spec: ArraySpec,
        mut make: impl FnMut(Range<usize>) -> Result<Vec<u8>, PrepareError>,
    ) -> Result<Array, PrepareError> {
        let total = spec.rows();
        let mut told = None;
        let mut tell = |done| {
            told = Some(done);
            (self.progress)(News::Done { stage, done, total });
        };
        let array = self.cache.array(&spec, |rows| {
            // What lies before was made earlier, or elsewhere.
            tell(rows.start);
            let (end, made) = (rows.end, make(rows)?);
            tell(end);
            Ok::<_, PrepareError>(made)
        })?;
        // So was what lies behind.
        if told.is_some_and(|done| done < total) {
            (self.progress)(News::Done { stage, done: total, total });
        }
        Ok(array)
    }
}

/// Planes of RGB as a picture of `side` pixels.
pub(super) fn picture(side: u32, planes: &[u8]) -> RgbImage {
    let plane = (side * side) as usize;
    RgbImage::from_fn(side, side, |x, y| image::Rgb([0, 1, 2].map(|c| planes[c * plane + (y * side + x) as usize])))
}

/// Interleaved RGB to planes.
fn planes(pictures: &[RgbImage]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(pictures.iter().map(|picture| picture.as_raw().len()).sum());
    for picture in pictures {
        for channel in 0..3 {
            bytes.extend(picture.pixels().map(|pixel| pixel.0[channel]));
        }
    }
    bytes
}
