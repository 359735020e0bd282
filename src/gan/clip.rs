//! Clips the norm of a network's whole gradient.

use burn::module::{Module, ModuleVisitor, Param};
use burn::optim::GradientsParams;
use burn::tensor::Tensor;

/// The epsilon of PyTorch's `clip_grad_norm_`.
const EPSILON: f64 = 1e-6;

/// Multiplies the gradients of `module` by min(1, `max_norm` / (norm + 1e-6)), where the norm is that of all gradients
/// together. (Burn's own clipping treats each tensor separately.)
pub(super) fn clip_gradients<M: Module>(gradients: GradientsParams, module: &M, max_norm: f64) -> GradientsParams {
    let mut squares = SumSquares { gradients: &gradients, sums: Vec::new() };
    module.visit(&mut squares);
    let sums = squares.sums;
    if sums.is_empty() {
        return gradients;
    }
    let norm = Tensor::cat(sums, 0).sum().sqrt();
    let factor = norm.add_scalar(EPSILON).recip().mul_scalar(max_norm).clamp_max(1.0);
    let mut scaling = Scale { gradients, factor };
    module.visit(&mut scaling);
    scaling.gradients
}

struct SumSquares<'a> {
    gradients: &'a GradientsParams,
    sums: Vec<Tensor<1>>,
}

impl ModuleVisitor for SumSquares<'_> {
    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        self.sums.extend(self.gradients.get::<D>(param.id).map(|gradient| gradient.clone().mul(gradient).sum()));
    }
}

struct Scale {
    gradients: GradientsParams,
    factor: Tensor<1>,
}

impl ModuleVisitor for Scale {
    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        if let Some(gradient) = self.gradients.remove::<D>(param.id) {
            self.gradients.register(param.id, gradient * self.factor.clone().reshape([1; D]));
        }
    }
}
