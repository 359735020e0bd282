//! The batch statistics of a forward pass, and the running statistics.

use burn::nn::BatchNorm;
use burn::tensor::Tensor;

use crate::kernel::{Activation, BatchStatistics, normalize, record_statistics};

/// The statistics of the batch that a forward pass found, one for each of its batch norms, in order. On a device without
/// gradients there are none.
///
/// A pass whose result is used several times in a step is computed once, but the running statistics move once for each
/// use, as if it were computed again.
#[derive(Clone, Debug, Default)]
pub(super) struct Statistics(Vec<BatchStatistics>);

impl Statistics {
    /// The output of a batch norm and the activation after it.
    pub fn normalize<const D: usize>(&mut self, norm: &BatchNorm, x: Tensor<D>, activation: Activation) -> Tensor<D> {
        let (output, found) = normalize(norm, x, activation);
        self.0.extend(found);
        output
    }

    /// Moves the running statistics of `norms`, in the order of the pass, once.
    pub fn record<'a>(&self, norms: impl IntoIterator<Item = &'a BatchNorm>) {
        for (norm, batch) in norms.into_iter().zip(&self.0) {
            record_statistics(norm, batch);
        }
    }
}
