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

/// Cross-entropy of logits `[n, 1]` with the target 1 − `smoothing`, mean over the batch (one-sided label smoothing,
/// Salimans et al. 2016, arXiv 1606.03498, section 3.4).
pub(super) fn smoothed_loss(logits: Tensor<2>, smoothing: f64) -> Tensor<1> {
    match smoothing {
        0.0 => real_loss(logits),
        share => real_loss(logits.clone()).mul_scalar(1.0 - share) + fake_loss(logits).mul_scalar(share),
    }
}

/// One mean over two portions `[n, 1]` and `[m, 1]` of logits with the target "real", of which the second weighs
/// `weight`: (Σ own + weight · Σ mixed) / (n + m), as `BCECriterion` with weights in Reed's code.
pub(super) fn joined_loss(own: Tensor<2>, mixed: Tensor<2>, weight: f64) -> Tensor<1> {
    let rows = (own.dims()[0] + mixed.dims()[0]) as f64;
    let sum = log_sigmoid(own).sum() + log_sigmoid(mixed).sum().mul_scalar(weight);
    sum.neg().div_scalar(rows)
}

/// The mean absolute difference of images `[n, 3, s, s]`.
pub(super) fn pixel_loss(fake: Tensor<4>, real: Tensor<4>) -> Tensor<1> {
    (fake - real).abs().mean()
}

/// The squared distance of features `[n, f]` to their targets over the targets' own square: 0 when equal, 1 for
/// features that are all zero. Where the targets are all zero, the distance itself.
pub(super) fn feature_loss(found: Tensor<2>, target: Tensor<2>) -> Tensor<1> {
    let square = |x: Tensor<2>| x.clone().mul(x).sum();
    let whole = square(target.clone());
    // 0 becomes 1, and all else stays: features are far from this small.
    let whole = whole.clone() + whole.lower_equal_elem(0.0).float();
    square(found - target).div(whole)
}

/// Which of the logits say "fake".
pub(super) fn rejected(logits: Tensor<2>) -> Tensor<2, Bool> {
    logits.lower_elem(0.0)
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
        let value = value.detach().inner();
        match self.terms.iter_mut().find(|(known, _)| *known == metric) {
            // Of several updates of the generator the last is reported.
            Some((_, old)) => *old = value,
            None => self.terms.push((metric, value)),
        }
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
