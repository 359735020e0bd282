//! Fitting of guide networks, which classify the training images of a data set, and of text encoders
//! ([`skip_thought`]).
//!
//! ```text
//! Recipe ─ split_held_out ─ training images, held-out images ─ fit ─ epochs, each with a State on disk ─ FittedWeights
//! ```
//!
//! The result depends on the recipe and the images alone. A killed process loses the epoch in progress. If several
//! processes need the same weights, one of them fits them and the others wait.

mod batch;
mod classifier;
mod error;
mod fitted;
mod folder;
mod recipe;
pub mod skip_thought;
mod split;
mod state;
#[cfg(test)]
mod testing;
mod training;

pub use batch::LabelledImages;
pub use error::FitError;
pub use fitted::{FittedWeights, ValidationScore};
pub use recipe::Recipe;
pub use split::split_held_out;
pub use training::{FitEpoch, fit};
