//! Generator and discriminator, their losses, and a training step.
//!
//! Both networks follow Reed et al. 2016 (arXiv 1605.05396), with the sizes of the JEM paper.

mod average;
mod batch;
mod body;
mod clip;
mod cost;
mod discriminator;
mod generator;
mod initial;
mod layer;
mod objective;
mod recipe;
mod residual;
mod statistics;
mod step;
mod tensors;
mod weights;

pub use batch::{Batch, DiscriminatorInput, Mismatched};
pub use body::Body;
pub use cost::Cost;
pub use discriminator::{Discriminator, DiscriminatorConfig};
pub use generator::{Generator, GeneratorConfig};
pub use initial::init_weights;
pub use objective::{StepReport, fake_loss, real_loss};
pub use recipe::{FeatureFn, NegativeWeights, Recipe, interpolated_texts, noise_rows};
pub use step::Gan;
pub use weights::{hash, nonfinite};

#[cfg(test)]
mod parity;
#[cfg(test)]
mod tests;
