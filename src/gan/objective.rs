//! What the two networks minimise, term by term.

use burn::tensor::activation::log_sigmoid;
use burn::tensor::{Bool, Tensor};

/// Cross-entropy of logits `[n, 1]` with the target "real", mean over the batch: −log σ(l).
pub fn real_loss(logits: Tensor<2>) -> Tensor<1> {
    log_sigmoid(logits).mean().neg()
}

/// Cross-entropy of logits `[n, 1]` with the target "fake", mean over the batch: −log(1 − σ(l)) = −log σ(−l).
pub fn fake_loss(logits: Tensor<2>) -> Tensor<1> {
    log_sigmoid(logits.neg()).mean().neg()
}

/// The share of true entries, as a tensor, so that nothing waits for the device.
pub(super) fn share(condition: Tensor<2, Bool>) -> Tensor<1> {
    condition.float().mean()
}

/// What one step measured, still on the device. Every entry is one number.
#[derive(Clone, Debug, Default)]
pub struct StepReport {
    /// Metric name and value.
    pub terms: Vec<(&'static str, Tensor<1>)>,
}

impl StepReport {
    pub(super) fn add(&mut self, metric: &'static str, value: Tensor<1>) {
        self.terms.push((metric, value.detach().inner()));
    }

    /// The values, in one transfer.
    pub fn read(self) -> Vec<(&'static str, f64)> {
        let (names, values): (Vec<_>, Vec<_>) = self.terms.into_iter().unzip();
        if values.is_empty() {
            return Vec::new();
        }
        let values: Tensor<1> = Tensor::cat(values, 0);
        let values = values.into_data_as::<f32>();
        let values = values.as_slice::<f32>().expect("the data was asked for as f32");
        names.into_iter().zip(values.iter().copied().map(f64::from)).collect()
    }
}
