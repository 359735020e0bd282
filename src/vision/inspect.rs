//! Determines the network of a weights file.

use std::collections::BTreeMap;
use std::path::Path;

use super::architecture::{parameters, parameters_needed};
use super::error::{Problem, VisionError};
use super::key_prefix::KeyPrefix;
use super::network::{Network, NetworkConfig};
use super::parameter::Parameter;
use super::weights_file::{self, StoredTensors, absent, available, data, is_finite, problems};
use burn::store::burn_pack::Tensor as StoredTensor;

/// The content of a weights file, compared with the network that fits best.
#[derive(Clone, Debug, PartialEq)]
pub struct WeightsInspection {
    /// The network with the fewest problems.
    pub network: Network,
    /// Its width, as the shortest number that gives the shapes in the file; and the published input.
    pub config: NetworkConfig,
    /// The number of tensors in the file, without those outside the prefix.
    pub tensors: usize,
    /// The number of their values, without running statistics.
    pub parameters: usize,
    /// The number of outputs of the classification layer, if the file has it.
    pub classes: Option<usize>,
    /// The prefix of its tensor names.
    pub prefix: Option<KeyPrefix>,
    /// The last layer that features can be extracted at; `None` if there is none.
    pub last: Option<String>,
    /// The tensors after that layer that the file does not have.
    pub absent: Vec<String>,
    /// The problems up to that layer; none if the file can be loaded.
    pub problems: Vec<Problem>,
}

/// Determines the network and width of a weights file, and checks that its values are finite.
///
/// # Errors
///
/// If the file does not have the extension of a weights file, or cannot be read.
pub fn inspect(path: &Path) -> Result<WeightsInspection, VisionError> {
    let StoredTensors { tensors: stored, prefix } = weights_file::open(path)?;
    let candidates = Network::ALL.into_iter().flat_map(|network| {
        let sizes = widths(network, &stored).into_iter();
        let sizes = sizes.map(move |width| NetworkConfig { width, ..NetworkConfig::published(network) });
        sizes
            .map(|config| (network, config, problems(network, &parameters(network, config), &stored)))
            .collect::<Vec<_>>()
    });
    let (network, config, mut problems) =
        candidates.min_by_key(|(_, _, problems)| problems.len()).expect("every network has a width to try");
    let needed = parameters(network, config);
    let last = available(&needed, &problems).and_then(|count| last_layer(network, config, count));
    if last.is_some() {
        // Only tensors after that layer are missing.
        problems.clear();
    }
    problems.extend(not_finite(path, &needed, &stored)?);
    let statistic = |name: &str| name.contains(".running_") || name.ends_with(".num_batches_tracked");
    let counted = stored.iter().filter(|(name, _)| !statistic(name));
    let classes = stored.get(&format!("{}.weight", network.classes_layer()));
    Ok(WeightsInspection {
        network,
        config,
        tensors: stored.len(),
        parameters: counted.map(|(_, tensor)| tensor.shape.iter().product::<usize>()).sum(),
        classes: classes.and_then(|tensor| tensor.shape.first().copied()),
        prefix,
        absent: if last.is_some() { absent(network, &needed, &stored) } else { Vec::new() },
        last,
        problems,
    })
}

/// The last layer whose features depend on the first `count` parameters only.
fn last_layer(network: Network, config: NetworkConfig, count: usize) -> Option<String> {
    let is_available =
        |word: &String| network.layer(word).is_ok_and(|layer| parameters_needed(network, config, &[layer]) <= count);
    network.layers().into_iter().rfind(is_available)
}

/// The tensors of the network that have a value that is not finite.
fn not_finite(
    path: &Path,
    needed: &[Parameter],
    stored: &BTreeMap<String, StoredTensor>,
) -> Result<Vec<Problem>, VisionError> {
    let mut problems = Vec::new();
    for Parameter { name, .. } in needed {
        let tensor = stored.get(name).filter(|tensor| tensor.dtype.is_float());
        if let Some(tensor) = tensor
            && !is_finite(&data(path, name, tensor.clone())?)
        {
            problems.push(Problem::NotFinite { name: name.clone() });
        }
    }
    Ok(problems)
}

/// The widths that may give the shapes: one that fits all layers, else one for each layer.
fn widths(network: Network, stored: &BTreeMap<String, StoredTensor>) -> Vec<f64> {
    let classes = format!("{}.", network.classes_layer());
    let published = parameters(network, NetworkConfig::published(network));
    let scaled = published.iter().filter(|parameter| !parameter.name.starts_with(&classes));
    let mut spans: Vec<(f64, f64)> = scaled
        .filter_map(|parameter| Some(span(parameter.shape[0], *stored.get(&parameter.name)?.shape.first()?)))
        .collect();
    spans.sort_by(|a, b| a.partial_cmp(b).expect("spans are quotients of integers"));
    spans.dedup();
    let common = spans.iter().fold((0.0f64, 4.0f64), |all, span| (all.0.max(span.0), all.1.min(span.1)));
    let mut widths = vec![1.0];
    match common.0 < common.1 {
        true if !spans.is_empty() => widths.insert(0, shortest(common)),
        _ => widths.extend(spans.into_iter().map(shortest)),
    }
    widths.retain(|width| *width > 0.0 && *width <= 4.0);
    widths
}

/// The widths that give `found` channels from `published` ones: above the first value, up to the second.
fn span(published: usize, found: usize) -> (f64, f64) {
    let width = |channels: usize| channels as f64 / published as f64;
    (width(found.saturating_sub(8)), width(found))
}

/// The number with the fewest decimals in a span; the largest of these.
fn shortest((above, to): (f64, f64)) -> f64 {
    let truncated = |digits: i32| (to * 10f64.powi(digits) + 1e-9).floor() / 10f64.powi(digits);
    (0..=6).map(truncated).find(|&width| width > above).unwrap_or(to)
}

#[cfg(test)]
mod tests;
