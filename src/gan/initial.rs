//! Initial weights, drawn on the host: a parameter's values depend on the seed and its name alone.

use burn::module::{Module, ModuleMapper, Param};
use burn::tensor::{Tensor, TensorData};

use crate::random::Random;

/// The standard deviation of initial weights (Radford et al. 2016, arXiv 1511.06434, section 4).
const DEVIATION: f32 = 0.02;

/// `module` with weights from N(0, 0.02), batch-norm scales from N(1, 0.02), and biases zero.
///
/// `name` stands before every parameter's path, so that two networks draw different numbers. Running statistics
/// stay as they are. Layers that two methods share start equal under one seed.
pub fn draw_initial<M: Module>(module: M, seed: u64, name: &str) -> M {
    module.map(&mut Initial { seed, path: vec![name.to_owned()] })
}

struct Initial {
    seed: u64,
    path: Vec<String>,
}

impl ModuleMapper for Initial {
    fn enter_module(&mut self, name: &str, _container: &str) {
        self.path.push(name.to_owned());
    }

    fn exit_module(&mut self, _name: &str, _container: &str) {
        self.path.pop();
    }

    fn map_float<const D: usize>(&mut self, param: Param<Tensor<D>>) -> Param<Tensor<D>> {
        let leaf = self.path.last().map(String::as_str).unwrap_or_default();
        let shape = param.lazy_shape();
        let count = shape.num_elements();
        let mut random = Random::named(self.seed, &self.path.join("."));
        let values: Vec<f32> = match leaf {
            "running_mean" | "running_var" => return param,
            "weight" => random.normals(count).iter().map(|x| x * DEVIATION).collect(),
            "gamma" => random.normals(count).iter().map(|x| 1.0 + x * DEVIATION).collect(),
            _ => vec![0.0; count],
        };
        let tensor = Tensor::from_data(TensorData::new(values, shape), &param.lazy_device());
        let id = param.id;
        param.transform_for_load(tensor, id)
    }
}
