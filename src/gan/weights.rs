//! Weights as numbers: their hash, and whether they are all finite.

use burn::module::{Module, ModuleVisitor, Param};
use burn::tensor::Tensor;
use sha2::{Digest as _, Sha256};

/// SHA-256 over every parameter and running statistic: path, shape and little-endian f32 values, in module order.
///
/// Pass `module.valid()`, so that running statistics include the last update.
pub fn hash<M: Module>(module: &M) -> String {
    let mut visitor = Hashing { path: Vec::new(), digest: Sha256::new() };
    module.visit(&mut visitor);
    hex::encode(visitor.digest.finalize())
}

/// The paths of the parameters and running statistics that hold a number that is not finite, in module order.
pub fn nonfinite<M: Module>(module: &M) -> Vec<String> {
    let mut visitor = Nonfinite { path: Vec::new(), found: Vec::new() };
    module.visit(&mut visitor);
    visitor.found
}

fn values<const D: usize>(param: &Param<Tensor<D>>) -> Vec<f32> {
    let data = param.val().into_data_as::<f32>();
    data.as_slice::<f32>().expect("the data was asked for as f32").to_vec()
}

struct Hashing {
    path: Vec<String>,
    digest: Sha256,
}

impl ModuleVisitor for Hashing {
    fn enter_module(&mut self, name: &str, _container: &str) {
        self.path.push(name.to_owned());
    }

    fn exit_module(&mut self, _name: &str, _container: &str) {
        self.path.pop();
    }

    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        self.digest.update(format!("{} {:?}\n", self.path.join("."), param.val().dims()));
        for value in values(param) {
            self.digest.update(value.to_le_bytes());
        }
    }
}

struct Nonfinite {
    path: Vec<String>,
    found: Vec<String>,
}

impl ModuleVisitor for Nonfinite {
    fn enter_module(&mut self, name: &str, _container: &str) {
        self.path.push(name.to_owned());
    }

    fn exit_module(&mut self, _name: &str, _container: &str) {
        self.path.pop();
    }

    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        if !values(param).iter().all(|value| value.is_finite()) {
            self.found.push(self.path.join("."));
        }
    }
}
