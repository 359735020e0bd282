//! Visits the float tensors of a module, parameters and running statistics, together with their paths.

use std::fmt;

use burn::module::{Module, ModuleMapper, ModuleVisitor, Param};
use burn::tensor::{Tensor, TensorData};

/// The path of a tensor in a module, such as `generator.norm.0.gamma`.
pub(super) struct TensorPath(Vec<String>);

impl TensorPath {
    /// The last part of the path, such as `gamma`.
    pub fn name(&self) -> &str {
        self.0.last().map(String::as_str).unwrap_or_default()
    }

    /// Whether the tensor is a running statistic of batch normalisation and not a learned parameter.
    pub fn is_running_statistic(&self) -> bool {
        self.name().starts_with("running_")
    }
}

impl fmt::Display for TensorPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.join("."))
    }
}

/// Visits the tensors of a module.
pub(super) trait TensorVisitor {
    /// Visits the tensor at `path`.
    fn visit<const D: usize>(&mut self, path: &TensorPath, param: &Param<Tensor<D>>);
}

/// Replaces the tensors of a module.
pub(super) trait TensorMapper {
    /// Returns the replacement for the tensor at `path`.
    fn map<const D: usize>(&mut self, path: &TensorPath, param: Param<Tensor<D>>) -> Param<Tensor<D>>;
}

/// Visits every tensor of `module` in module order. Paths start with `prefix`, if there is one.
pub(super) fn visit<M: Module, V: TensorVisitor>(module: &M, prefix: Option<&str>, visitor: V) -> V {
    let mut walk = Walk::new(prefix, visitor);
    module.visit(&mut walk);
    walk.inner
}

/// Replaces every tensor of `module` in module order. Paths start with `prefix`, if there is one.
pub(super) fn map<M: Module>(module: M, prefix: Option<&str>, mapper: impl TensorMapper) -> M {
    module.map(&mut Walk::new(prefix, mapper))
}

/// The parameter with other values, in row-major order, with the same shape, device and id.
pub(super) fn with_values<const D: usize>(param: Param<Tensor<D>>, values: Vec<f32>) -> Param<Tensor<D>> {
    let tensor = Tensor::from_data(TensorData::new(values, param.lazy_shape()), &param.lazy_device());
    let id = param.id;
    param.transform_for_load(tensor, id)
}

/// Keeps the path while Burn visits a module.
struct Walk<T> {
    path: TensorPath,
    inner: T,
}

impl<T> Walk<T> {
    fn new(prefix: Option<&str>, inner: T) -> Self {
        Self { path: TensorPath(prefix.map(str::to_owned).into_iter().collect()), inner }
    }
}

impl<V: TensorVisitor> ModuleVisitor for Walk<V> {
    fn enter_module(&mut self, name: &str, _container: &str) {
        self.path.0.push(name.to_owned());
    }

    fn exit_module(&mut self, _name: &str, _container: &str) {
        self.path.0.pop();
    }

    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        self.inner.visit(&self.path, param);
    }
}

impl<P: TensorMapper> ModuleMapper for Walk<P> {
    fn enter_module(&mut self, name: &str, _container: &str) {
        self.path.0.push(name.to_owned());
    }

    fn exit_module(&mut self, _name: &str, _container: &str) {
        self.path.0.pop();
    }

    fn map_float<const D: usize>(&mut self, param: Param<Tensor<D>>) -> Param<Tensor<D>> {
        self.inner.map(&self.path, param)
    }
}
