//! A layer of a network.

use super::network::Network;

/// The layer that the inception score is computed from: the class scores of an Inception network without their bias.
pub const INCEPTION_SCORE_LAYER: &str = "logits_unbiased";

/// A layer that features can be extracted at, after its ReLU if it has one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Layer {
    pub(super) network: Network,
    pub(super) position: LayerPosition,
}

/// The position of a layer in its network; indices start at 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum LayerPosition {
    /// A convolution.
    Convolution(usize),
    /// The pooling after a convolution.
    Pool(usize),
    /// fc6 or fc7.
    Linear(usize),
    /// A stage of an Inception network.
    Stage(usize),
    /// The mean of the last feature map of an Inception network.
    Mean,
    /// The class scores of an Inception network, without bias.
    LogitsUnbiased,
    /// The class scores of an Inception network.
    Logits,
}
