//! Reading a weights file: every tensor the network needs, and none it does not.

use super::error::{Problem, VisionError};
use super::layer::Layer;
use super::nesting::{Nesting, head, heads_of_networks, unwrap};
use super::network::{Architecture, Network, NetworkConfig};
use super::parameter::{Parameter, parameters, reach};
use crate::file_kind::{FileKind, WrongKind};
use burn::store::burn_pack::Tensor as StoredTensor;
use burn::store::{ModuleStore, PytorchStore, SafetensorsStore, bridge};
use burn::tensor::TensorData;
use std::collections::{BTreeMap, BTreeSet};
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

/// The tensors of a file, whose values are not read yet.
pub(super) struct Stored {
    /// By the names that a network has them under.
    pub(super) tensors: BTreeMap<String, StoredTensor>,
    /// How the names in the file differ from these.
    pub(super) nesting: Option<Nesting>,
}

/// What was read of a file.
pub(super) struct Read {
    /// The network's parameters in torchvision's order, as 32-bit floats.
    pub(super) values: Vec<(Parameter, TensorData)>,
    /// How many of them, from the input on, the file holds. What lies behind is NaN, so that nothing is made of it unseen.
    pub(super) whole: usize,
}

/// The parameters of `network` with the file's values, as far as `layers` need them.
///
/// # Errors
///
/// If the file cannot be read, or what it holds is not what the layers need: everything that is wrong is listed. Behind the
/// last of the layers tensors may be missing, and some may be there without being used: see [`tolerated`].
pub(super) fn read(
    path: &Path,
    network: Network,
    config: NetworkConfig,
    layers: &[Layer],
) -> Result<Read, VisionError> {
    let mut stored = open(path)?.tensors;
    let parameters = parameters(network, config);
    let problems = problems(network, &parameters, &stored);
    let needed = reach(network, config, layers);
    let whole = whole(&parameters, &problems);
    if whole.is_none_or(|whole| whole < needed) {
        return Err(VisionError::Mismatch { path: path.into(), network, config, problems });
    }
    let whole = whole.unwrap_or(parameters.len());
    let (there, behind) = parameters.split_at(whole);
    let mut values = values(path, there.to_vec(), &mut stored)?;
    values.extend(behind.iter().map(|parameter| {
        let nothing = TensorData::new(vec![f32::NAN; parameter.len()], parameter.shape.clone());
        (parameter.clone(), nothing)
    }));
    Ok(Read { values, whole })
}

/// What a reader should know about a file of weights: where its tensors lie, and what it lacks that `layers` do not need.
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
    let Stored { tensors, nesting } = open(path)?;
    let needed = reach(network, config, layers);
    let mut notes: Vec<String> = nesting.iter().map(ToString::to_string).collect();
    let lacking = absent(network, &parameters(network, config)[needed..], &tensors);
    if !lacking.is_empty() {
        let layers: Vec<String> = layers.iter().map(ToString::to_string).collect();
        let do_not = if layers.len() == 1 { "does not need" } else { "do not need" };
        notes.push(format!("it does not hold {}, which {} {do_not}", listed(&lacking), layers.join(", ")));
    }
    Ok(notes.into_iter().map(|note| format!("{}: {note}", path.display())).collect())
}

/// Which of these parameters, and of a plain network's layer of classes, a file does not hold.
pub(super) fn absent(
    network: Network,
    parameters: &[Parameter],
    stored: &BTreeMap<String, StoredTensor>,
) -> Vec<String> {
    let of_classes = ["weight", "bias"].map(|part| format!("{}.{part}", network.classes_layer()));
    let classes = of_classes.into_iter().filter(|_| network.is_plain());
    let names = parameters.iter().map(|parameter| parameter.name.clone()).chain(classes);
    names.filter(|name| !stored.contains_key(name)).collect()
}

/// The first few names, and how many more there are.
pub(super) fn listed(names: &[String]) -> String {
    const FEW: usize = 4;
    match names.len() {
        0..=FEW => names.join(", "),
        count => format!("{} and {} more", names[..FEW].join(", "), count - FEW),
    }
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
    let heads = needed.iter().map(|(name, _)| head(name).to_owned()).collect();
    let mut stored = open_wanting(path, &heads)?.tensors;
    let parameter = |(name, shape): &(String, Vec<usize>)| Parameter { name: name.clone(), shape: shape.clone() };
    let needed: Vec<Parameter> = needed.iter().map(parameter).collect();
    let problems = compare(&needed, &stored, |_| false);
    if !problems.is_empty() {
        return Err(VisionError::Tensors { path: path.into(), what: what.into(), problems });
    }
    let values = values(path, needed, &mut stored)?.into_iter();
    Ok(values.map(|(_, data)| data.try_to_vec().expect("values() gives f32")).collect())
}

/// The tensors of a file of a network.
pub(super) fn open(path: &Path) -> Result<Stored, VisionError> {
    open_wanting(path, &heads_of_networks())
}

fn open_wanting(path: &Path, wanted: &BTreeSet<String>) -> Result<Stored, VisionError> {
    let kind = Kind::of(path).ok_or_else(|| VisionError::Weights { text: path.display().to_string() })?;
    let (expected, takes): (_, &[FileKind]) = match kind {
        Kind::Pytorch => ("a file of weights by torch.save", &[FileKind::Zip]),
        Kind::Safetensors => ("a safetensors file", &[]),
    };
    WrongKind::unless_file(path, expected, takes)
        .map_err(|source| VisionError::Read { path: path.into(), source })?
        .map_err(|source| VisionError::WrongKind { path: path.into(), source })?;
    let tensors = match kind {
        // The store would renumber layers to leave no gap; names are compared as they are in the file.
        Kind::Pytorch => tensors(PytorchStore::from_file(path).map_indices_contiguous(false)),
        Kind::Safetensors => tensors(SafetensorsStore::from_file(path)),
    };
    let (tensors, nesting) =
        unwrap(tensors.map_err(|reason| VisionError::Format { path: path.into(), reason })?, wanted);
    Ok(Stored { tensors, nesting })
}

/// The values of tensors that are there, all finite.
fn values(
    path: &Path,
    needed: Vec<Parameter>,
    stored: &mut BTreeMap<String, StoredTensor>,
) -> Result<Vec<(Parameter, TensorData)>, VisionError> {
    let value = |parameter: Parameter| {
        let tensor = stored.remove(&parameter.name).expect("a missing tensor is a problem");
        let data = data(path, &parameter.name, tensor)?;
        Ok((parameter, data))
    };
    let values = needed.into_iter().map(value).collect::<Result<Vec<_>, VisionError>>()?;
    let broken = values.iter().filter(|(_, data)| !is_finite(data)).map(|(parameter, _)| parameter.name.clone());
    let names: Vec<String> = broken.collect();
    if names.is_empty() { Ok(values) } else { Err(VisionError::NotFinite { path: path.into(), names }) }
}

/// The values of a tensor as 32-bit floats.
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

/// How many parameters from the first on a file holds, if all that is wrong with it is that those behind are missing.
pub(super) fn whole(parameters: &[Parameter], problems: &[Problem]) -> Option<usize> {
    let missing = |parameter: &Parameter| {
        problems.iter().any(|problem| matches!(problem, Problem::Missing { name, .. } if *name == parameter.name))
    };
    let only_missing = problems.iter().all(|problem| matches!(problem, Problem::Missing { .. }));
    let first = parameters.iter().position(missing).unwrap_or(parameters.len());
    only_missing.then_some(first)
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
