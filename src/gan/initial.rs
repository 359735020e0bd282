//! Initial weights. They are drawn on the CPU; the values of a parameter depend only on the seed and its path.

use burn::module::{Module, Param};
use burn::tensor::Tensor;

use super::tensors::{self, TensorMapper, TensorPath, with_values};
use crate::random::Random;

/// The standard deviation of initial weights (Radford et al. 2016, arXiv 1511.06434, section 4).
const DEVIATION: f32 = 0.02;

/// Initializes `module`: weights from N(0, 0.02), batch-norm scales from N(1, 0.02), and zero biases. Running
/// statistics are not changed.
///
/// `name` is the first part of every parameter's path, so that two networks get different values. Layers that two
/// methods have in common start with equal weights for the same seed.
pub fn init_weights<M: Module>(module: M, seed: u64, name: &str) -> M {
    tensors::map(module, Some(name), Initial { seed })
}

struct Initial {
    seed: u64,
}

impl TensorMapper for Initial {
    fn map<const D: usize>(&mut self, path: &TensorPath, param: Param<Tensor<D>>) -> Param<Tensor<D>> {
        if path.is_running_statistic() {
            return param;
        }
        let count = param.lazy_shape().num_elements();
        let mut random = Random::named(self.seed, &path.to_string());
        let values: Vec<f32> = match path.name() {
            "weight" => random.normals(count).iter().map(|x| x * DEVIATION).collect(),
            "gamma" => random.normals(count).iter().map(|x| 1.0 + x * DEVIATION).collect(),
            _ => vec![0.0; count],
        };
        with_values(param, values)
    }
}
