//! Resizing of images to the input of a network, with the results of published implementations.
//!
//! Neither method rounds to the 256 levels. Parmar et al. 2022 (arXiv 2104.11222) show how much distances between
//! generated and real images depend on the method.

use image::RgbImage;

use crate::word_enum::word_enum;

/// A published method to resize images for Inception networks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Resizer {
    /// clean-fid's "clean": Pillow's bicubic filter, which is widened to reduce an image; values are clamped.
    Clean,
    /// pytorch-fid's: torch's bilinear interpolation between four pixels, also to reduce an image.
    Legacy,
}

/// A word that is not a resizer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a resizer (clean, legacy)")]
pub struct UnknownResizer(String);

/// The weights of an output pixel in one dimension: the first input pixel, and the weight of each from there.
type Window = (usize, Vec<f64>);

impl Resizer {
    /// Every resizer.
    pub const ALL: [Resizer; 2] = [Resizer::Clean, Resizer::Legacy];

    /// Its name in settings and tables.
    pub fn as_str(self) -> &'static str {
        match self {
            Resizer::Clean => "clean",
            Resizer::Legacy => "legacy",
        }
    }

    /// The image resized to `side`×`side`, without keeping its aspect ratio: three planes of values in [0, 1], row by
    /// row.
    pub fn apply(self, image: &RgbImage, side: usize) -> Vec<f32> {
        let (width, height) = (image.width() as usize, image.height() as usize);
        let (horizontal, vertical) = (self.windows(width, side), self.windows(height, side));
        let mut planes = Vec::with_capacity(3 * side * side);
        for channel in 0..3 {
            let level = |x: usize, y: usize| f64::from(image.as_raw()[3 * (y * width + x) + channel]);
            // First all rows, then all columns, each sum rounded to f32, in the order of Pillow.
            let row = |y: usize| horizontal.iter().map(move |window| weighted_sum(window, |x| level(x, y)));
            let rows: Vec<f32> = (0..height).flat_map(row).collect();
            for window in &vertical {
                let column = |x: usize| weighted_sum(window, |y| f64::from(rows[y * side + x]));
                planes.extend((0..side).map(column).map(|level| level.clamp(0.0, 255.0) / 255.0));
            }
        }
        planes
    }

    fn windows(self, old: usize, new: usize) -> Vec<Window> {
        let scale = old as f64 / new as f64;
        (0..new)
            .map(|place| match self {
                Resizer::Clean => bicubic(old, scale, place),
                Resizer::Legacy => bilinear(old, scale, place),
            })
            .collect()
    }
}

fn weighted_sum((first, weights): &Window, value: impl Fn(usize) -> f64) -> f32 {
    weights.iter().enumerate().map(|(offset, weight)| weight * value(first + offset)).sum::<f64>() as f32
}

/// The cubic of Keys 1981 with a = −½, over two output pixels and at least two input pixels on each side; weights sum
/// to 1 (`precompute_coeffs` and `bicubic_filter` in Pillow's `Resample.c`).
fn bicubic(old: usize, scale: f64, place: usize) -> Window {
    let cubic = |x: f64| match x.abs() {
        x if x < 1.0 => (1.5 * x - 2.5) * x * x + 1.0,
        x if x < 2.0 => ((-0.5 * x + 2.5) * x - 4.0) * x + 2.0,
        _ => 0.0,
    };
    let stretch = scale.max(1.0);
    let centre = (place as f64 + 0.5) * scale;
    // The conversions truncate, and saturate at zero, as in Pillow.
    let first = (centre - 2.0 * stretch + 0.5) as usize;
    let end = ((centre + 2.0 * stretch + 0.5) as usize).min(old);
    let weights: Vec<f64> = (first..end).map(|pixel| cubic((pixel as f64 - centre + 0.5) / stretch)).collect();
    let sum: f64 = weights.iter().sum();
    (first, weights.into_iter().map(|weight| weight / sum).collect())
}

/// Interpolates between the two nearest pixel centres (`area_pixel_compute_source_index` in torch's `UpSample.h`,
/// corners not aligned).
fn bilinear(old: usize, scale: f64, place: usize) -> Window {
    let source = ((place as f64 + 0.5) * scale - 0.5).max(0.0);
    let first = (source as usize).min(old - 1);
    let beyond = source - first as f64;
    if first + 1 < old { (first, vec![1.0 - beyond, beyond]) } else { (first, vec![1.0]) }
}

word_enum!(Resizer, UnknownResizer);

#[cfg(test)]
mod tests;
