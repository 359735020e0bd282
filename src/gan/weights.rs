//! The hash of a module's weights, and a check for values that are not finite.

use burn::module::{Module, Param};
use burn::tensor::Tensor;
use sha2::{Digest as _, Sha256};

use super::tensors::{self, TensorPath, TensorVisitor};

/// SHA-256 of every parameter and running statistic: path, shape and little-endian f32 values, in module order.
///
/// Pass `module.valid()`, so that running statistics include the last update.
pub fn hash<M: Module>(module: &M) -> String {
    hex::encode(tensors::visit(module, None, Hash(Sha256::new())).0.finalize())
}

/// The paths of parameters and running statistics with a value that is not finite, in module order.
pub fn nonfinite<M: Module>(module: &M) -> Vec<String> {
    tensors::visit(module, None, Nonfinite(Vec::new())).0
}

fn values<const D: usize>(param: &Param<Tensor<D>>) -> Vec<f32> {
    let data = param.val().into_data_as::<f32>();
    data.as_slice::<f32>().expect("the data was converted to f32").to_vec()
}

struct Hash(Sha256);

impl TensorVisitor for Hash {
    fn visit<const D: usize>(&mut self, path: &TensorPath, param: &Param<Tensor<D>>) {
        self.0.update(format!("{path} {:?}\n", param.val().dims()));
        for value in values(param) {
            self.0.update(value.to_le_bytes());
        }
    }
}

struct Nonfinite(Vec<String>);

impl TensorVisitor for Nonfinite {
    fn visit<const D: usize>(&mut self, path: &TensorPath, param: &Param<Tensor<D>>) {
        if !values(param).iter().all(|value| value.is_finite()) {
            self.0.push(path.to_string());
        }
    }
}
