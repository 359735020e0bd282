//! The names of the measures that a setting may select, in groups.

use super::list::concat;

/// Measures that compare each held-out image with the sample for its caption.
const OF_PAIRS: &[&str] = &["colour_distance", "ssim", "feature_distance", "lpips"];

/// Measures that compare sets of features in every evaluation.
const OF_SETS: &[&str] = &[
    "fid",
    "kid",
    "inception_score",
    "frechet_distance",
    "kernel_distance",
    "precision",
    "recall",
    "density",
    "coverage",
];

/// Set measures that need too many samples for a curve. They are computed once, when a run ends.
pub const FINAL: [&str; 2] = ["fid_infinity", "frechet_infinity"];

/// Measures of samples alone, and of samples of drawn flowers.
const OF_SAMPLES: &[&str] =
    &["diversity", "text_sensitivity", "bloom_count", "bloom_colour", "bloom_place", "bloom_size"];

/// All measures that compare sets of features.
pub const SETS: [&str; OF_SETS.len() + FINAL.len()] = concat(&[OF_SETS, &FINAL]);

/// Set measures that are defined for the published Inception network alone.
pub const INCEPTION: [&str; 4] = ["fid", "kid", "inception_score", "fid_infinity"];

/// The values of `eval.measures`.
pub const MEASURES: [&str; OF_PAIRS.len() + SETS.len() + OF_SAMPLES.len()] = concat(&[OF_PAIRS, &SETS, OF_SAMPLES]);

/// The values of `keep.best`: everything that has a value in every evaluation or epoch, or `none`.
pub const BESTS: [&str; MEASURES.len() - FINAL.len() + 3] =
    concat(&[&["none"], OF_PAIRS, OF_SETS, OF_SAMPLES, &["d_loss", "g_loss"]]);
