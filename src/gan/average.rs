//! The exponential moving average of a generator's weights. Its samples change less between steps than those of the
//! weights themselves (Yazıcı et al. 2019, arXiv 1806.04498).

use std::collections::BTreeMap;

use burn::module::{Module as _, Param};
use burn::tensor::Tensor;

use super::Generator;
use super::tensors::{self, TensorMapper, TensorPath, TensorVisitor};

/// Updates `average` after a step of `source`: weights become decay · average + (1 − decay) · source. Running
/// statistics are copied from the source, since they are averages already.
///
/// The two must not be clones of each other: clones of a batch norm share their running statistics.
pub(super) fn updated_average(average: Generator, source: &Generator, decay: f64) -> Generator {
    let source = tensors::visit(&source.valid(), None, Flatten::default()).values;
    tensors::map(average, None, Update { source, decay })
}

/// Collects the flattened values of every tensor, by path.
#[derive(Default)]
struct Flatten {
    values: BTreeMap<String, Tensor<1>>,
}

impl TensorVisitor for Flatten {
    fn visit<const D: usize>(&mut self, path: &TensorPath, param: &Param<Tensor<D>>) {
        let tensor = param.val();
        let count = tensor.dims().iter().product::<usize>();
        self.values.insert(path.to_string(), tensor.reshape([count]));
    }
}

struct Update {
    source: BTreeMap<String, Tensor<1>>,
    decay: f64,
}

impl TensorMapper for Update {
    fn map<const D: usize>(&mut self, path: &TensorPath, param: Param<Tensor<D>>) -> Param<Tensor<D>> {
        let Some(source) = self.source.remove(&path.to_string()) else { return param };
        let (is_running, decay) = (path.is_running_statistic(), self.decay);
        param.map(|tensor| {
            let source = source.reshape(tensor.dims());
            match is_running {
                true => source,
                false => tensor.mul_scalar(decay) + source.mul_scalar(1.0 - decay),
            }
        })
    }
}
