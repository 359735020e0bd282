//! Published networks that extract feature vectors of images.
//!
//! A [`FeatureNet`] is a [`Network`] with its [`Weights`]: torchvision's AlexNet, VGG-16 and VGG-19 up to fc7, or one
//! of two forms of Inception-v3 up to the class scores. [`features`] extracts the features of images at a [`Layer`].

mod architecture;
mod build;
mod error;
mod extract;
mod feature_net;
mod inception;
mod inspect;
mod key_prefix;
mod layer;
mod layer_names;
mod network;
mod normalise;
mod output_collector;
mod parameter;
mod plain_layout;
mod plain_net;
mod random_weights;
#[cfg(test)]
mod references;
mod resize;
mod resized_features;
#[cfg(test)]
mod speed;
#[cfg(test)]
mod test_file;
mod weights;
mod weights_file;

pub use error::{Problem, VisionError};
pub use extract::features;
pub use feature_net::FeatureNet;
pub use inspect::{WeightsInspection, inspect};
pub use key_prefix::KeyPrefix;
pub use layer::{INCEPTION_SCORE_LAYER, Layer};
pub use layer_names::UnknownLayer;
pub use network::{Network, NetworkConfig, UnknownNetwork};
pub use normalise::normalise;
pub(crate) use normalise::normalise_equal_sizes;
pub use resize::{Resizer, UnknownResizer};
pub use resized_features::resized_features;
#[cfg(test)]
pub(crate) use test_file::{read_tensor, save_tensors};
pub use weights::Weights;
pub(crate) use weights_file::read_tensors;
