//! Reading a weights file: every tensor the network needs, and none it does not.

use super::error::{Problem, VisionError};
use super::layout::{CLASSES, Parameter, parameters};
use super::network::{Network, NetworkConfig};
use burn::store::burn_pack::Tensor as StoredTensor;
use burn::store::{ModuleStore, PytorchStore, SafetensorsStore, bridge};
use burn::tensor::TensorData;
use std::collections::BTreeMap;
use std::path::Path;

/// The kinds of weights file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Pytorch,
    Safetensors,
}

impl Kind {
    /// The kind that a file's name says.
    pub(super) fn of(path: &Path) -> Option<Self> {
        match path.extension()?.to_str()? {
            "pth" | "pt" => Some(Kind::Pytorch),
            "safetensors" => Some(Kind::Safetensors),
            _ => None,
        }
    }
}

/// The parameters of `network` with the file's values, in torchvision's order, as 32-bit floats.
///
/// # Errors
///
/// If the file cannot be read, or what it holds is not exactly what the network needs (the 1000-way layer may be
/// there and is not used): everything that is wrong is listed.
pub(super) fn read(
    path: &Path,
    kind: Kind,
    network: Network,
    config: NetworkConfig,
) -> Result<Vec<(Parameter, TensorData)>, VisionError> {
    std::fs::File::open(path).map_err(|source| VisionError::Read { path: path.into(), source })?;
    let format = |reason: String| VisionError::Format { path: path.into(), reason };
    let mut stored = match kind {
        // The store would renumber layers to leave no gap; names are compared as they are in the file.
        Kind::Pytorch => tensors(PytorchStore::from_file(path).map_indices_contiguous(false)),
        Kind::Safetensors => tensors(SafetensorsStore::from_file(path)),
    }
    .map_err(format)?;
    let needed = parameters(network, config);
    let problems = problems(&needed, &stored);
    if !problems.is_empty() {
        return Err(VisionError::Mismatch { path: path.into(), network, config, problems });
    }
    let value = |parameter: Parameter| {
        let tensor = stored.remove(&parameter.name).expect("problems() lists every missing tensor");
        let data = bridge::into_data(tensor).map_err(|error| format(format!("{}: {error}", parameter.name)))?;
        Ok((parameter, data.convert::<f32>()))
    };
    needed.into_iter().map(value).collect()
}

fn tensors<S: ModuleStore>(mut store: S) -> Result<BTreeMap<String, StoredTensor>, String> {
    store.get_all_tensors().cloned().map_err(|error| error.to_string())
}

fn problems(needed: &[Parameter], stored: &BTreeMap<String, StoredTensor>) -> Vec<Problem> {
    let needs = needed.iter().filter_map(|Parameter { name, shape }| {
        let (name, expected) = (name.clone(), shape.clone());
        match stored.get(&name) {
            None => Some(Problem::Missing { name, shape: expected }),
            Some(tensor) if tensor.shape[..] != expected => {
                Some(Problem::Shape { name, found: tensor.shape.to_vec(), expected })
            }
            Some(tensor) if !tensor.dtype.is_float() => Some(Problem::Type { name, found: tensor.dtype.name().into() }),
            Some(_) => None,
        }
    });
    let unused = stored.keys().filter(|name| {
        let classes = name.strip_prefix(CLASSES).is_some_and(|rest| matches!(rest, "weight" | "bias"));
        !classes && needed.iter().all(|parameter| parameter.name != **name)
    });
    needs.chain(unused.map(|name| Problem::Unused { name: name.clone() })).collect()
}

#[cfg(test)]
mod tests;
