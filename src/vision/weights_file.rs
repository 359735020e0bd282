//! Loads a weights file: it must have every tensor that the network requires, and no others.

use super::architecture::{Architecture, parameters, parameters_needed};
use super::error::{Problem, VisionError};
use super::key_prefix::{KeyPrefix, first_part, network_first_parts, remove_prefix};
use super::layer::Layer;
use super::network::{Network, NetworkConfig};
use super::parameter::Parameter;
use crate::file_error::FileError;
use crate::file_kind::FileKind;
use burn::store::burn_pack::Tensor as StoredTensor;
use burn::store::{ModuleStore, PytorchStore, SafetensorsStore, bridge};
use burn::tensor::TensorData;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// The formats of weights files.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum WeightsFormat {
    Pytorch,
    Safetensors,
}

impl WeightsFormat {
    /// The format, from the extension.
    pub(super) fn from_path(path: &Path) -> Option<Self> {
        match path.extension()?.to_str()? {
            "pth" | "pt" => Some(WeightsFormat::Pytorch),
            "safetensors" => Some(WeightsFormat::Safetensors),
            _ => None,
        }
    }
}

/// The tensors of a file; their values are not read yet.
pub(super) struct StoredTensors {
    /// By their names in the network.
    pub(super) tensors: BTreeMap<String, StoredTensor>,
    /// The prefix of the names in the file.
    pub(super) prefix: Option<KeyPrefix>,
}

/// The parameters of a network, loaded from a file.
pub(super) struct LoadedParameters {
    /// All parameters in torchvision's order, as f32.
    pub(super) values: Vec<(Parameter, TensorData)>,
    /// How many of them, from the first, the file has. The others are NaN, so that their use cannot remain unnoticed.
    pub(super) count: usize,
}

/// Loads the parameters of `network` that `layers` require.
///
/// # Errors
///
/// If the file cannot be read, or does not fit: the error lists all problems. Tensors after the last of the layers may
/// be missing, and some unused tensors are allowed: see [`is_allowed`].
pub(super) fn load(
    path: &Path,
    network: Network,
    config: NetworkConfig,
    layers: &[Layer],
) -> Result<LoadedParameters, VisionError> {
    let mut stored = open(path)?.tensors;
    let parameters = parameters(network, config);
    let problems = problems(network, &parameters, &stored);
    let needed = parameters_needed(network, config, layers);
    let count = available(&parameters, &problems);
    if count.is_none_or(|count| count < needed) {
        return Err(VisionError::Mismatch { path: path.into(), network, config, problems });
    }
    let count = count.unwrap_or(parameters.len());
    let (present, missing) = parameters.split_at(count);
    let mut values = values(path, present.to_vec(), &mut stored)?;
    values.extend(missing.iter().map(|parameter| {
        let nan = TensorData::new(vec![f32::NAN; parameter.len()], parameter.shape.clone());
        (parameter.clone(), nan)
    }));
    Ok(LoadedParameters { values, count })
}

/// Notes on a weights file: the prefix of its tensors, and missing tensors that `layers` do not require.
///
/// # Errors
///
/// If the file cannot be read.
pub(super) fn notes(
    path: &Path,
    network: Network,
    config: NetworkConfig,
    layers: &[Layer],
) -> Result<Vec<String>, VisionError> {
    let StoredTensors { tensors, prefix } = open(path)?;
    let needed = parameters_needed(network, config, layers);
    let mut notes: Vec<String> = prefix.iter().map(ToString::to_string).collect();
    let missing = absent(network, &parameters(network, config)[needed..], &tensors);
    if !missing.is_empty() {
        let layers: Vec<String> = layers.iter().map(ToString::to_string).collect();
        let do_not = if layers.len() == 1 { "does not require" } else { "do not require" };
        notes.push(format!("it does not have {}, which {} {do_not}", listed(&missing), layers.join(", ")));
    }
    Ok(notes.into_iter().map(|note| format!("{}: {note}", path.display())).collect())
}

/// The names of these parameters, and of the classification layer of a plain network, that a file does not have.
pub(super) fn absent(
    network: Network,
    parameters: &[Parameter],
    stored: &BTreeMap<String, StoredTensor>,
) -> Vec<String> {
    let classes = ["weight", "bias"].map(|part| format!("{}.{part}", network.classes_layer()));
    let classes = classes.into_iter().filter(|_| network.is_plain());
    let names = parameters.iter().map(|parameter| parameter.name.clone()).chain(classes);
    names.filter(|name| !stored.contains_key(name)).collect()
}

/// The first names, and the number of the others.
pub(super) fn listed(names: &[String]) -> String {
    const FEW: usize = 4;
    match names.len() {
        0..=FEW => names.join(", "),
        count => format!("{} and {} more", names[..FEW].join(", "), count - FEW),
    }
}

/// The values of the tensors in a file that must have exactly these names and shapes, in this order. Errors call it
/// `what`.
///
/// # Errors
///
/// If the file cannot be read, or has other tensors: the error lists all problems.
pub(crate) fn read_tensors(
    path: &Path,
    what: &str,
    needed: &[(String, Vec<usize>)],
) -> Result<Vec<Vec<f32>>, VisionError> {
    let first_parts = needed.iter().map(|(name, _)| first_part(name).to_owned()).collect();
    let mut stored = open_expecting(path, &first_parts)?.tensors;
    let parameter = |(name, shape): &(String, Vec<usize>)| Parameter { name: name.clone(), shape: shape.clone() };
    let needed: Vec<Parameter> = needed.iter().map(parameter).collect();
    let problems = compare(&needed, &stored, |_| false);
    if !problems.is_empty() {
        return Err(VisionError::Tensors { path: path.into(), what: what.into(), problems });
    }
    let values = values(path, needed, &mut stored)?.into_iter();
    Ok(values.map(|(_, data)| data.try_to_vec().expect("values() returns f32")).collect())
}

/// Opens a weights file of a network.
pub(super) fn open(path: &Path) -> Result<StoredTensors, VisionError> {
    open_expecting(path, &network_first_parts())
}

fn open_expecting(path: &Path, first_parts: &BTreeSet<String>) -> Result<StoredTensors, VisionError> {
    let format =
        WeightsFormat::from_path(path).ok_or_else(|| VisionError::Weights { text: path.display().to_string() })?;
    let (expected, kinds): (_, &[FileKind]) = match format {
        WeightsFormat::Pytorch => ("a weights file saved by torch.save", &[FileKind::Zip]),
        WeightsFormat::Safetensors => ("a safetensors file", &[]),
    };
    FileError::check_kind(path, expected, kinds)?;
    let tensors = match format {
        // Without this, the store renumbers layers to close gaps, and the names would not be those of the file.
        WeightsFormat::Pytorch => tensors(PytorchStore::from_file(path).map_indices_contiguous(false)),
        WeightsFormat::Safetensors => tensors(SafetensorsStore::from_file(path)),
    };
    let tensors = tensors.map_err(|reason| VisionError::Format { path: path.into(), reason })?;
    let (tensors, prefix) = remove_prefix(tensors, first_parts);
    Ok(StoredTensors { tensors, prefix })
}

/// The values of tensors that the file has; all must be finite.
fn values(
    path: &Path,
    needed: Vec<Parameter>,
    stored: &mut BTreeMap<String, StoredTensor>,
) -> Result<Vec<(Parameter, TensorData)>, VisionError> {
    let value = |parameter: Parameter| {
        let tensor = stored.remove(&parameter.name).expect("missing tensors are reported before");
        let data = data(path, &parameter.name, tensor)?;
        Ok((parameter, data))
    };
    let values = needed.into_iter().map(value).collect::<Result<Vec<_>, VisionError>>()?;
    let nonfinite = values.iter().filter(|(_, data)| !is_finite(data)).map(|(parameter, _)| parameter.name.clone());
    let names: Vec<String> = nonfinite.collect();
    if names.is_empty() { Ok(values) } else { Err(VisionError::NotFinite { path: path.into(), names }) }
}

/// The values of a tensor as f32.
pub(super) fn data(path: &Path, name: &str, tensor: StoredTensor) -> Result<TensorData, VisionError> {
    let data = bridge::into_data(tensor);
    let data = data.map_err(|error| VisionError::Format { path: path.into(), reason: format!("{name}: {error}") })?;
    Ok(data.convert::<f32>())
}

pub(super) fn is_finite(data: &TensorData) -> bool {
    data.as_slice::<f32>().is_ok_and(|values| values.iter().all(|value| value.is_finite()))
}

fn tensors<S: ModuleStore>(mut store: S) -> Result<BTreeMap<String, StoredTensor>, String> {
    store.get_all_tensors().cloned().map_err(|error| error.to_string())
}

/// How many parameters, from the first, a file has, if its only problems are missing tensors.
pub(super) fn available(parameters: &[Parameter], problems: &[Problem]) -> Option<usize> {
    let is_missing = |parameter: &Parameter| {
        problems.iter().any(|problem| matches!(problem, Problem::Missing { name, .. } if *name == parameter.name))
    };
    let only_missing = problems.iter().all(|problem| matches!(problem, Problem::Missing { .. }));
    let first = parameters.iter().position(is_missing).unwrap_or(parameters.len());
    only_missing.then_some(first)
}

/// All problems of the tensors of a file, in the order of the layers; unused tensors last.
pub(super) fn problems(
    network: Network,
    needed: &[Parameter],
    stored: &BTreeMap<String, StoredTensor>,
) -> Vec<Problem> {
    compare(needed, stored, |name| is_allowed(network, name))
}

fn compare(
    needed: &[Parameter],
    stored: &BTreeMap<String, StoredTensor>,
    is_allowed: impl Fn(&str) -> bool,
) -> Vec<Problem> {
    let unfit = needed.iter().filter_map(|Parameter { name, shape }| {
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
        stored.keys().filter(|name| !is_allowed(name) && needed.iter().all(|parameter| parameter.name != **name));
    unfit.chain(unused.map(|name| Problem::Unused { name: name.clone() })).collect()
}

/// Whether a file may have a tensor of that name although features do not depend on it: the classification layer of a
/// plain network, the auxiliary head of torchvision's Inception, and the batch counters of batch norms.
fn is_allowed(network: Network, name: &str) -> bool {
    match network.architecture() {
        Architecture::Plain(_) => {
            let rest = name.strip_prefix(network.classes_layer());
            rest.is_some_and(|rest| matches!(rest, ".weight" | ".bias"))
        }
        Architecture::Inception(_) => {
            let is_auxiliary = network == Network::Inception && name.starts_with("AuxLogits.");
            is_auxiliary || name.ends_with(".bn.num_batches_tracked")
        }
    }
}

#[cfg(test)]
mod tests;
