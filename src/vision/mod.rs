//! Published networks that turn pictures into feature vectors.
//!
//! [`AlexNet`] and [`Vgg16`] are torchvision's, up to fc7; [`FeatureNet`] is either with its weights, and
//! [`features`] runs it over pictures up to a [`Layer`].

mod alexnet;
mod build;
mod error;
mod extract;
mod feature_net;
mod layer;
mod layout;
mod network;
mod normalise;
mod random_weights;
mod strict;
mod vgg16;
mod weights;

pub use alexnet::AlexNet;
pub use error::{Problem, VisionError};
pub use extract::features;
pub use feature_net::FeatureNet;
pub use layer::{Layer, UnknownLayer};
pub use network::{Network, NetworkConfig, UnknownNetwork};
pub use normalise::{DEVIATION, MEAN, normalise};
pub use vgg16::Vgg16;
pub use weights::Weights;
