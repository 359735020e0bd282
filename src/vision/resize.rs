//! How pictures of any size become a network's input where scores have to be those of others.
//!
//! Both forms stay between the 256 levels. Parmar et al. 2022 (arXiv 2104.11222) show how far distances of generated from
//! real pictures move with the form.

use std::fmt;
use std::str::FromStr;

use image::RgbImage;

/// A published way to resize pictures for Inception.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Resizer {
    /// clean-fid's "clean": Pillow's bicubic filter, widened where pictures shrink, cut off at black and full.
    Clean,
    /// pytorch-fid's: torch's bilinear interpolation between four pixels, however far pictures shrink.
    Legacy,
}

/// A word that is no resizer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a resizer (clean, legacy)")]
pub struct UnknownResizer(String);

/// What an output pixel is made of along a line: the first input pixel, and the weight of each from there on.
type Window = (usize, Vec<f64>);

impl Resizer {
    /// Every resizer.
    pub const ALL: [Resizer; 2] = [Resizer::Clean, Resizer::Legacy];

    /// The word for it in settings and tables.
    pub fn as_str(self) -> &'static str {
        match self {
            Resizer::Clean => "clean",
            Resizer::Legacy => "legacy",
        }
    }

    /// The picture at `side`×`side`, squashed: three planes of values in [0, 1], row by row.
    pub fn apply(self, picture: &RgbImage, side: usize) -> Vec<f32> {
        let (width, height) = (picture.width() as usize, picture.height() as usize);
        let (across, down) = (self.windows(width, side), self.windows(height, side));
        let mut planes = Vec::with_capacity(3 * side * side);
        for channel in 0..3 {
            let level = |x: usize, y: usize| f64::from(picture.as_raw()[3 * (y * width + x) + channel]);
            // All rows first, then all columns, each sum rounded to a float (Pillow's order).
            let row = |y: usize| across.iter().map(move |window| weigh(window, |x| level(x, y)));
            let rows: Vec<f32> = (0..height).flat_map(row).collect();
            for window in &down {
                let column = |x: usize| weigh(window, |y| f64::from(rows[y * side + x]));
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

fn weigh((first, weights): &Window, value: impl Fn(usize) -> f64) -> f32 {
    weights.iter().enumerate().map(|(offset, weight)| weight * value(first + offset)).sum::<f64>() as f32
}

/// The cubic of Keys 1981 with a = −½, two output pixels to each side and at least two input pixels; weights add up to 1
/// (`precompute_coeffs` and `bicubic_filter` in Pillow's `Resample.c`).
fn bicubic(old: usize, scale: f64, place: usize) -> Window {
    let cubic = |x: f64| match x.abs() {
        x if x < 1.0 => (1.5 * x - 2.5) * x * x + 1.0,
        x if x < 2.0 => ((-0.5 * x + 2.5) * x - 4.0) * x + 2.0,
        _ => 0.0,
    };
    let stretch = scale.max(1.0);
    let centre = (place as f64 + 0.5) * scale;
    // Conversions cut towards zero and stop at zero, as they have to.
    let first = (centre - 2.0 * stretch + 0.5) as usize;
    let end = ((centre + 2.0 * stretch + 0.5) as usize).min(old);
    let weights: Vec<f64> = (first..end).map(|pixel| cubic((pixel as f64 - centre + 0.5) / stretch)).collect();
    let sum: f64 = weights.iter().sum();
    (first, weights.into_iter().map(|weight| weight / sum).collect())
}

/// Between the two nearest pixel centres (`area_pixel_compute_source_index` in torch's `UpSample.h`, corners not aligned).
fn bilinear(old: usize, scale: f64, place: usize) -> Window {
    let source = ((place as f64 + 0.5) * scale - 0.5).max(0.0);
    let first = (source as usize).min(old - 1);
    let beyond = source - first as f64;
    if first + 1 < old { (first, vec![1.0 - beyond, beyond]) } else { (first, vec![1.0]) }
}

impl fmt::Display for Resizer {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.as_str())
    }
}

impl FromStr for Resizer {
    type Err = UnknownResizer;

    fn from_str(word: &str) -> Result<Self, Self::Err> {
        let known = Self::ALL.into_iter().find(|resizer| resizer.as_str() == word);
        known.ok_or_else(|| UnknownResizer(word.to_owned()))
    }
}

#[cfg(test)]
mod tests;
