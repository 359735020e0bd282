//! Evaluation of sets of images: feature extraction by a frozen network, moments of reference images with their cache,
//! and the distances between two sets. `jem eval`, `jem features` and training share it.

mod comparison;
mod error;
mod event;
mod extraction;
mod feature_source;
mod image_folder;
mod image_pairs;
mod image_source;
mod inception_score;
mod measure_name;
mod reference_moments;
mod run_images;
mod set_measures;

pub use comparison::{Comparison, Extrapolate, FrechetResult, KernelResult, NeighbourResult, SourceInfo};
pub use error::EvaluateError;
pub use event::{Event, OnEvent};
pub use extraction::{ExtractedFeatures, ExtractionSettings, FeatureExtraction, weights_digest};
pub use feature_source::FeatureSource;
pub use image_folder::ImageFolder;
pub use image_pairs::{ImagePair, ImagePairs, LpipsNetwork, PairDistances};
pub use image_source::ImageSource;
pub use inception_score::{ScoreResult, inception_score};
pub use measure_name::{measure_name, short_digest};
pub use run_images::RunImages;
pub use set_measures::{
    EXTRAPOLATION_POINTS, EXTRAPOLATION_START, NEIGHBOURS_DC, NEIGHBOURS_PR, SCORE_SPLITS, SUBSET_SIZE, SUBSETS,
    SetMeasures,
};
