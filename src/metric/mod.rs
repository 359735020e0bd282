//! Measures of generated images, and distances between sets of features.

pub mod bloom;
mod colour;
mod diversity;
mod error;
mod extrapolation;
mod feature;
mod feature_set;
mod frechet;
mod inception_score;
mod kernel;
mod lpips;
mod manifold;
mod moments;
mod moments_file;
mod nearest;
mod neighbours;
mod npy;
#[cfg(test)]
mod reference;
mod rows;
mod ssim;
mod statistics_file;
mod tensor_file;
mod truth;

pub use colour::colour_distance;
pub use diversity::diversity;
pub use error::MetricError;
pub use extrapolation::{Extrapolation, extrapolated_frechet};
pub use feature::feature_distance;
pub use feature_set::{FeatureOrigin, FeatureSet};
pub use frechet::{Frechet, frechet_distance};
pub use inception_score::{InceptionScore, inception_score, inception_score_in_order};
pub use kernel::{Kid, SubsetPair, kernel_distance, kid_subsets};
pub use lpips::Lpips;
pub use manifold::{
    DensityCoverage, PrecisionRecall, density_coverage, precision_recall, precision_recall_density_coverage,
};
pub use moments::Moments;
pub use nearest::{agreement, agreement_by_chance, nearest};
pub use rows::Rows;
pub use ssim::ssim;
pub use truth::{BloomTruth, has_colour};

/// An RGB image with values in [0, 1]: three planes of `side`², row by row.
#[derive(Clone, Debug, PartialEq)]
pub struct Planes {
    /// Width and height in pixels.
    pub side: usize,
    /// Red, green, blue, each `side`² values.
    pub values: Vec<f32>,
}

impl Planes {
    /// From bytes in the same order.
    pub fn from_bytes(side: usize, bytes: &[u8]) -> Self {
        Self { side, values: bytes.iter().map(|&byte| f32::from(byte) / 255.0).collect() }
    }

    /// As interleaved RGB bytes, each value rounded to the nearest of 256 levels.
    pub fn to_rgb(&self) -> Vec<u8> {
        let plane = self.side * self.side;
        let level = |value: f32| (value.clamp(0.0, 1.0) * 255.0).round() as u8;
        (0..plane).flat_map(|i| (0..3).map(move |channel| level(self.values[channel * plane + i]))).collect()
    }
}
