//! The terms of the losses.

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
        _ => real_loss(logits.clone()).mul_scalar(1.0 - smoothing) + fake_loss(logits).mul_scalar(smoothing),
    }
}

/// Cross-entropy with the target "real", as one mean over two groups of logits `[n, 1]` and `[m, 1]`, where the second
/// has the weight `weight`: (Σ own + weight · Σ interpolated) / (n + m), as `BCECriterion` with weights in Reed's code.
pub(super) fn joined_loss(own: Tensor<2>, interpolated: Tensor<2>, weight: f64) -> Tensor<1> {
    let rows = (own.dims()[0] + interpolated.dims()[0]) as f64;
    let sum = log_sigmoid(own).sum() + log_sigmoid(interpolated).sum().mul_scalar(weight);
    sum.neg().div_scalar(rows)
}

/// The mean absolute difference of images `[n, 3, s, s]`.
pub(super) fn pixel_loss(fake: Tensor<4>, real: Tensor<4>) -> Tensor<1> {
    (fake - real).abs().mean()
}

/// The squared distance of features `[n, f]` from their targets, divided by the squared norm of the targets: 0 for
/// equal features, 1 for features that are all zero. If the targets are all zero, it is the squared distance.
pub(super) fn feature_loss(found: Tensor<2>, target: Tensor<2>) -> Tensor<1> {
    let square = |x: Tensor<2>| x.clone().mul(x).sum();
    let norm = square(target.clone());
    // A divisor of 0 becomes 1.
    let norm = norm.clone() + norm.lower_equal_elem(0.0).float();
    square(found - target).div(norm)
}

/// Which logits classify their input as "fake".
pub(super) fn classified_fake(logits: Tensor<2>) -> Tensor<2, Bool> {
    logits.lower_elem(0.0)
}

/// The fraction of true values, as a tensor, so that the CPU does not wait for the device.
pub(super) fn fraction(condition: Tensor<2, Bool>) -> Tensor<1> {
    condition.float().mean()
}

/// The metrics of a step, on the device.
#[derive(Clone, Debug, Default)]
pub struct StepReport {
    /// Names and values; each value is a tensor `[1]`.
    pub terms: Vec<(&'static str, Tensor<1>)>,
}

impl StepReport {
    pub(super) fn add(&mut self, metric: &'static str, value: Tensor<1>) {
        let value = value.detach().inner();
        match self.terms.iter_mut().find(|(known, _)| *known == metric) {
            // With several updates of the generator, the last one is reported.
            Some((_, old)) => *old = value,
            None => self.terms.push((metric, value)),
        }
    }

    /// Copies all values from the device in one transfer.
    pub fn read(self) -> Vec<(&'static str, f64)> {
        let (names, values): (Vec<_>, Vec<_>) = self.terms.into_iter().unzip();
        if values.is_empty() {
            return Vec::new();
        }
        let values: Tensor<1> = Tensor::cat(values, 0);
        let values = values.into_data_as::<f32>();
        let values = values.as_slice::<f32>().expect("the data was converted to f32");
        names.into_iter().zip(values.iter().copied().map(f64::from)).collect()
    }
}
