//! An exponential mean of a generator's past weights, which draws more steadily than the weights of any one step
//! (Yazıcı et al. 2019, arXiv 1806.04498).

use std::collections::BTreeMap;

use burn::module::{Module, ModuleMapper, ModuleVisitor, Param};
use burn::tensor::Tensor;

use super::Generator;

/// `average` after one more step of `source`: decay · average + (1 − decay) · source for weights; running statistics,
/// which are means already, are the source's.
///
/// The two must not be clones of each other: clones of a batch norm share their running statistics.
pub(super) fn followed(average: Generator, source: &Generator, decay: f64) -> Generator {
    let mut reading = Reading::default();
    source.valid().visit(&mut reading);
    average.map(&mut Following { path: Vec::new(), source: reading.values, decay })
}

#[derive(Default)]
struct Reading {
    path: Vec<String>,
    values: BTreeMap<String, Tensor<1>>,
}

impl ModuleVisitor for Reading {
    fn enter_module(&mut self, name: &str, _container: &str) {
        self.path.push(name.to_owned());
    }

    fn exit_module(&mut self, _name: &str, _container: &str) {
        self.path.pop();
    }

    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        let tensor = param.val();
        let count = tensor.dims().iter().product::<usize>();
        self.values.insert(self.path.join("."), tensor.reshape([count]));
    }
}

struct Following {
    path: Vec<String>,
    source: BTreeMap<String, Tensor<1>>,
    decay: f64,
}

impl ModuleMapper for Following {
    fn enter_module(&mut self, name: &str, _container: &str) {
        self.path.push(name.to_owned());
    }

    fn exit_module(&mut self, _name: &str, _container: &str) {
        self.path.pop();
    }

    fn map_float<const D: usize>(&mut self, param: Param<Tensor<D>>) -> Param<Tensor<D>> {
        let is_running = self.path.last().is_some_and(|name| name.starts_with("running_"));
        let Some(source) = self.source.remove(&self.path.join(".")) else { return param };
        let decay = self.decay;
        param.map(|tensor| {
            let source = source.reshape(tensor.dims());
            match is_running {
                true => source,
                false => tensor.mul_scalar(decay) + source.mul_scalar(1.0 - decay),
            }
        })
    }
}
