//! The networks, what they minimise, and one step of training.
//!
//! Generator and discriminator follow Reed et al. 2016 (arXiv 1605.05396) in the sizes that the JEM paper gives.

mod cost;
mod discriminator;
mod generator;
mod initial;
mod layer;
mod objective;
mod step;
mod weights;

pub use cost::Cost;
pub use discriminator::{Discriminator, DiscriminatorConfig};
pub use generator::{Generator, GeneratorConfig};
pub use initial::draw_initial;
pub use objective::{StepReport, fake_loss, real_loss};
pub use step::{Batch, Pair, Recipe};
pub use weights::{hash, is_finite};

#[cfg(test)]
mod tests;
