//! Reading a weights file: every tensor the network needs, and none it does not.

use super::error::{Problem, VisionError};
use super::network::{Architecture, Network, NetworkConfig};
use super::parameter::{Parameter, parameters};
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
/// If the file cannot be read, or what it holds is not exactly what the network needs (what may
/// be there without being used: see [`tolerated`]): everything that is wrong is listed.
pub(super) fn read(
    path: &Path,
    network: Network,
    config: NetworkConfig,
) -> Result<Vec<(Parameter, TensorData)>, VisionError> {
    let stored = open(path)?;
    let needed = parameters(network, config);
    let problems = problems(network, &needed, &stored);
    if !problems.is_empty() {
        return Err(VisionError::Mismatch { path: path.into(), network, config, problems });
    }
    values(path, needed, stored)
}

/// The values of a file that holds tensors of these names and shapes and no others, in their order.
///
/// # Errors
///
/// If the file cannot be read, or is not exactly `what`: everything that is wrong is listed.
pub(crate) fn read_tensors(
    path: &Path,
    what: &str,
    needed: &[(String, Vec<usize>)],
) -> Result<Vec<Vec<f32>>, VisionError> {
    let stored = open(path)?;
    let parameter = |(name, shape): &(String, Vec<usize>)| Parameter { name: name.clone(), shape: shape.clone() };
    let needed: Vec<Parameter> = needed.iter().map(parameter).collect();
    let problems = compare(&needed, &stored, |_| false);
    if !problems.is_empty() {
        return Err(VisionError::Tensors { path: path.into(), what: what.into(), problems });
    }
    let values = values(path, needed, stored)?.into_iter();
    Ok(values.map(|(_, data)| data.try_to_vec().expect("values() gives f32")).collect())
}

/// The tensors of a file, whose values are not read yet.
pub(super) fn open(path: &Path) -> Result<BTreeMap<String, StoredTensor>, VisionError> {
    let kind = Kind::of(path).ok_or_else(|| VisionError::Weights { text: path.display().to_string() })?;
    std::fs::File::open(path).map_err(|source| VisionError::Read { path: path.into(), source })?;
    match kind {
        // The store would renumber layers to leave no gap; names are compared as they are in the file.
        Kind::Pytorch => tensors(PytorchStore::from_file(path).map_indices_contiguous(false)),
        Kind::Safetensors => tensors(SafetensorsStore::from_file(path)),
    }
    .map_err(|reason| VisionError::Format { path: path.into(), reason })
}

fn values(
    path: &Path,
    needed: Vec<Parameter>,
    mut stored: BTreeMap<String, StoredTensor>,
) -> Result<Vec<(Parameter, TensorData)>, VisionError> {
    let value = |parameter: Parameter| {
        let tensor = stored.remove(&parameter.name).expect("a missing tensor is a problem");
        let data = bridge::into_data(tensor).map_err(|error| {
            let reason = format!("{}: {error}", parameter.name);
            VisionError::Format { path: path.into(), reason }
        })?;
        Ok((parameter, data.convert::<f32>()))
    };
    needed.into_iter().map(value).collect()
}

fn tensors<S: ModuleStore>(mut store: S) -> Result<BTreeMap<String, StoredTensor>, String> {
    store.get_all_tensors().cloned().map_err(|error| error.to_string())
}

/// All in which a file's tensors are not what the network needs, in the order of the layers, what is unused last.
pub(super) fn problems(
    network: Network,
    needed: &[Parameter],
    stored: &BTreeMap<String, StoredTensor>,
) -> Vec<Problem> {
    compare(needed, stored, |name| tolerated(network, name))
}

fn compare(
    needed: &[Parameter],
    stored: &BTreeMap<String, StoredTensor>,
    tolerated: impl Fn(&str) -> bool,
) -> Vec<Problem> {
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
    let unused =
        stored.keys().filter(|name| !tolerated(name) && needed.iter().all(|parameter| parameter.name != **name));
    needs.chain(unused.map(|name| Problem::Unused { name: name.clone() })).collect()
}

/// Whether a file of the network may hold a tensor of that name though no feature follows from it: the layer of a
/// plain network's classes, the second head of torchvision's Inception, and how long a batch norm was trained.
fn tolerated(network: Network, name: &str) -> bool {
    match network.architecture() {
        Architecture::Plain(_) => {
            let rest = name.strip_prefix(network.classes_layer());
            rest.is_some_and(|rest| matches!(rest, ".weight" | ".bias"))
        }
        Architecture::Inception(_) => {
            let second = network == Network::Inception && name.starts_with("AuxLogits.");
            second || name.ends_with(".bn.num_batches_tracked")
        }
    }
}

#[cfg(test)]
mod tests;
