//! A bound on the norm of a network's whole gradient.

use burn::module::{Module, ModuleVisitor, Param};
use burn::optim::GradientsParams;
use burn::tensor::Tensor;

/// PyTorch's guard in `clip_grad_norm_`.
const GUARD: f64 = 1e-6;

/// The gradients of `module` times min(1, most / (norm + 1e-6)), where the norm is over all of them together.
/// (Burn's own clipping bounds each tensor by itself.)
pub(super) fn clipped<M: Module>(gradients: GradientsParams, module: &M, most: f64) -> GradientsParams {
    let mut squares = Squares { gradients: &gradients, sums: Vec::new() };
    module.visit(&mut squares);
    let sums = squares.sums;
    if sums.is_empty() {
        return gradients;
    }
    let norm = Tensor::cat(sums, 0).sum().sqrt();
    let factor = norm.add_scalar(GUARD).recip().mul_scalar(most).clamp_max(1.0);
    let mut scaling = Scaling { gradients, factor };
    module.visit(&mut scaling);
    scaling.gradients
}

struct Squares<'a> {
    gradients: &'a GradientsParams,
    sums: Vec<Tensor<1>>,
}

impl ModuleVisitor for Squares<'_> {
    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        self.sums.extend(self.gradients.get::<D>(param.id).map(|gradient| gradient.clone().mul(gradient).sum()));
    }
}

struct Scaling {
    gradients: GradientsParams,
    factor: Tensor<1>,
}

impl ModuleVisitor for Scaling {
    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        if let Some(gradient) = self.gradients.remove::<D>(param.id) {
            self.gradients.register(param.id, gradient * self.factor.clone().reshape([1; D]));
        }
    }
}
