//! The networks, what they minimise, and one step of training.
//!
//! Generator and discriminator follow Reed et al. 2016 (arXiv 1605.05396) in the sizes that the JEM paper gives.

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
mod step;
mod weights;

pub use batch::{Batch, Shown};
pub use body::Body;
pub use cost::Cost;
pub use discriminator::{Discriminator, DiscriminatorConfig};
pub use generator::{Generator, GeneratorConfig};
pub use initial::draw_initial;
pub use objective::{StepReport, fake_loss, real_loss};
pub use recipe::{Look, Negatives, Recipe, mixed, passes};
pub use step::Pair;
pub use weights::{hash, nonfinite};

#[cfg(test)]
mod parity;
#[cfg(test)]
mod tests;
