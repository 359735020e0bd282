//! Published networks that turn pictures into feature vectors.
//!
//! A [`FeatureNet`] is one of [`Network`] with its [`Weights`]: torchvision's AlexNet, VGG-16 and VGG-19 up to fc7, and
//! Inception-v3 in two forms up to the scores of its classes. [`features`] runs it over pictures up to a [`Layer`].

mod build;
mod error;
mod extract;
mod feature_net;
mod inception;
mod inspect;
mod layer;
mod layout;
mod nesting;
mod network;
mod normalise;
mod parameter;
mod plain;
mod random_weights;
#[cfg(test)]
mod references;
mod resize;
mod resized;
#[cfg(test)]
mod saved;
#[cfg(test)]
mod speed;
mod stops;
mod strict;
mod weights;

pub use error::{Problem, VisionError};
pub use extract::features;
pub use feature_net::FeatureNet;
pub use inspect::{Inspected, inspect};
pub use layer::{Layer, UnknownLayer};
pub use nesting::Nesting;
pub use network::{Network, NetworkConfig, UnknownNetwork};
pub(crate) use normalise::equal_sizes;
pub use normalise::normalise;
pub use resize::{Resizer, UnknownResizer};
pub use resized::resized_features;
#[cfg(test)]
pub(crate) use saved::{save, stored};
pub(crate) use strict::read_tensors;
pub use weights::Weights;
