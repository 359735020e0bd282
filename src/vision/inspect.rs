//! What a weights file holds.

use std::collections::BTreeMap;
use std::path::Path;

use super::error::{Problem, VisionError};
use super::nesting::Nesting;
use super::network::{Network, NetworkConfig};
use super::parameter::{Parameter, parameters, reach};
use super::strict::{self, Stored, absent, data, is_finite, problems, whole};
use burn::store::burn_pack::Tensor as StoredTensor;

/// A weights file, as the network that it is closest to.
#[derive(Clone, Debug, PartialEq)]
pub struct Inspected {
    /// The network with the fewest problems.
    pub network: Network,
    /// Its width by the file's shapes, as the number of fewest digits that makes them; with the published input.
    pub config: NetworkConfig,
    /// The tensors in the file, those beside the network left out.
    pub tensors: usize,
    /// Their numbers, running statistics left out.
    pub parameters: usize,
    /// The outputs of the layer of classes, if the file holds it.
    pub classes: Option<usize>,
    /// How its names differ from the network's.
    pub nesting: Option<Nesting>,
    /// The last layer that features can be taken at; `None` if there is none.
    pub last: Option<String>,
    /// What the file lacks behind that layer.
    pub absent: Vec<String>,
    /// All in which the file differs from the network up to that layer; none if it can be loaded.
    pub problems: Vec<Problem>,
}

/// Reads which network at which width a file holds, and that the numbers of it are finite.
///
/// # Errors
///
/// If the file's name is not that of a weights file, or it cannot be read as one.
pub fn inspect(path: &Path) -> Result<Inspected, VisionError> {
    let Stored { tensors: stored, nesting } = strict::open(path)?;
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
    let last = whole(&needed, &problems).and_then(|whole| last(network, config, whole));
    if last.is_some() {
        // Only what lies behind it is missing.
        problems.clear();
    }
    problems.extend(not_finite(path, &needed, &stored)?);
    let statistic = |name: &str| name.contains(".running_") || name.ends_with(".num_batches_tracked");
    let counted = stored.iter().filter(|(name, _)| !statistic(name));
    let classes = stored.get(&format!("{}.weight", network.classes_layer()));
    Ok(Inspected {
        network,
        config,
        tensors: stored.len(),
        parameters: counted.map(|(_, tensor)| tensor.shape.iter().product::<usize>()).sum(),
        classes: classes.and_then(|tensor| tensor.shape.first().copied()),
        nesting,
        absent: if last.is_some() { absent(network, &needed, &stored) } else { Vec::new() },
        last,
        problems,
    })
}

/// The last layer whose features follow from the first `whole` parameters.
fn last(network: Network, config: NetworkConfig, whole: usize) -> Option<String> {
    let reached = |word: &String| network.layer(word).is_ok_and(|layer| reach(network, config, &[layer]) <= whole);
    network.layers().into_iter().rfind(reached)
}

/// The network's tensors that hold a number that is not finite.
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

/// The widths that the shapes may come from: what all layers agree on, or else what each says.
fn widths(network: Network, stored: &BTreeMap<String, StoredTensor>) -> Vec<f64> {
    let classes = format!("{}.", network.classes_layer());
    let published = parameters(network, NetworkConfig::published(network));
    let scaled = published.iter().filter(|parameter| !parameter.name.starts_with(&classes));
    let mut spans: Vec<(f64, f64)> = scaled
        .filter_map(|parameter| Some(span(parameter.shape[0], *stored.get(&parameter.name)?.shape.first()?)))
        .collect();
    spans.sort_by(|a, b| a.partial_cmp(b).expect("spans are quotients of whole numbers"));
    spans.dedup();
    let agreed = spans.iter().fold((0.0f64, 4.0f64), |all, span| (all.0.max(span.0), all.1.min(span.1)));
    let mut widths = vec![1.0];
    match agreed.0 < agreed.1 {
        true if !spans.is_empty() => widths.insert(0, shortest(agreed)),
        _ => widths.extend(spans.into_iter().map(shortest)),
    }
    widths.retain(|width| *width > 0.0 && *width <= 4.0);
    widths
}

/// The widths, above the first and up to the second, that make `found` channels of `published` ones.
fn span(published: usize, found: usize) -> (f64, f64) {
    let width = |channels: usize| channels as f64 / published as f64;
    (width(found.saturating_sub(8)), width(found))
}

/// The largest number of fewest decimals in a span.
fn shortest((above, to): (f64, f64)) -> f64 {
    let cut = |digits: i32| (to * 10f64.powi(digits) + 1e-9).floor() / 10f64.powi(digits);
    (0..=6).map(cut).find(|&width| width > above).unwrap_or(to)
}

#[cfg(test)]
mod tests;
