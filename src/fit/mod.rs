//! Fitting of backbones: a published network, at any width, taught the classes of a data set's training images; and of
//! text encoders ([`skip_thought`]).
//!
//! ```text
//! Recipe ─ parted ─ Photos to learn, Photos held out ─ fit ─ an epoch, its State on disk, … ─ Fitted: weights and record
//! ```
//!
//! What comes out follows from the recipe and the photos. A kill costs the epoch in progress; several processes that
//! want the same weights wait for the one that fits them.

mod batch;
mod classifier;
mod error;
mod fitted;
mod folder;
mod parting;
mod recipe;
pub mod skip_thought;
mod state;
mod training;

pub use batch::Photos;
pub use error::FitError;
pub use fitted::{Fitted, Score};
pub use parting::parted;
pub use recipe::Recipe;
pub use training::{FitEpoch, fit};
