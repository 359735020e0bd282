//! The common prefix of the tensor names in a file: training code nests networks and dictionaries.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use super::architecture::parameters;
use super::network::{Network, NetworkConfig};

/// Names that a dictionary of tensors may be nested in: keys of checkpoints, and the prefixes of network wrappers
/// (`DataParallel`, `torch.compile`, a field of a module).
const WRAPPERS: [&str; 6] = ["state_dict", "model_state_dict", "model", "net", "module", "_orig_mod"];

/// The prefix of the tensor names in a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyPrefix {
    /// The prefix of every name, without the last dot: `state_dict.module`.
    pub prefix: String,
    /// The first parts of the names without the prefix, which are not read.
    pub other_keys: Vec<String>,
}

impl fmt::Display for KeyPrefix {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "the tensor names have the prefix `{}`", self.prefix)?;
        match self.other_keys.is_empty() {
            true => Ok(()),
            false => write!(out, "; ignored: {}", self.other_keys.join(", ")),
        }
    }
}

/// Removes wrappers from the names until a first part of a name is one of `expected`, the first parts of a network's
/// names.
pub(super) fn remove_prefix<T>(
    mut tensors: BTreeMap<String, T>,
    expected: &BTreeSet<String>,
) -> (BTreeMap<String, T>, Option<KeyPrefix>) {
    let (mut prefix, mut other_keys) = (Vec::new(), BTreeSet::new());
    // Each iteration removes one part of the names.
    loop {
        let first_parts: BTreeSet<&str> = tensors.keys().map(|name| first_part(name)).collect();
        let is_network = first_parts.iter().any(|part| expected.contains(*part));
        let wrapper = WRAPPERS.into_iter().find(|wrapper| !is_network && first_parts.contains(wrapper));
        let Some(wrapper) = wrapper else { break };
        prefix.push(wrapper);
        let start = format!("{wrapper}.");
        let mut nested = BTreeMap::new();
        for (name, tensor) in tensors {
            match name.strip_prefix(&start) {
                Some(rest) => drop(nested.insert(rest.to_owned(), tensor)),
                None => drop(other_keys.insert(first_part(&name).to_owned())),
            }
        }
        tensors = nested;
    }
    let found = KeyPrefix { prefix: prefix.join("."), other_keys: other_keys.into_iter().collect() };
    (tensors, Some(found).filter(|found| !found.prefix.is_empty()))
}

/// The first parts of the tensor names of all networks.
pub(super) fn network_first_parts() -> BTreeSet<String> {
    let names = |network: Network| {
        let names = parameters(network, NetworkConfig::published(network)).into_iter().map(|parameter| parameter.name);
        names.chain([network.classes_layer().to_owned()])
    };
    Network::ALL.into_iter().flat_map(names).map(|name| first_part(&name).to_owned()).collect()
}

/// The part of a name before its first dot.
pub(super) fn first_part(name: &str) -> &str {
    name.split('.').next().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn removed(names: &[&str]) -> (Vec<String>, Option<String>) {
        let tensors = names.iter().map(|name| ((*name).to_owned(), ())).collect();
        let (tensors, prefix) = remove_prefix(tensors, &network_first_parts());
        (tensors.into_keys().collect(), prefix.map(|prefix| prefix.to_string()))
    }

    #[test]
    fn all_wrappers_are_removed() {
        let plain = ["classifier.1.bias", "features.0.weight"];
        assert_eq!(removed(&plain), (plain.map(str::to_owned).to_vec(), None));
        for prefix in [
            "module",
            "state_dict",
            "model_state_dict",
            "net",
            "model",
            "state_dict.module",
            "state_dict.model._orig_mod",
        ] {
            let wrapped = plain.map(|name| format!("{prefix}.{name}"));
            let (names, text) = removed(&[&wrapped[0], &wrapped[1]]);
            assert_eq!(names, plain);
            assert_eq!(text.unwrap(), format!("the tensor names have the prefix `{prefix}`"));
        }
    }

    #[test]
    fn names_without_the_prefix_are_listed_and_not_read() {
        let (names, text) =
            removed(&["optimizer.state.0.exp_avg", "state_dict.module.fc.bias", "ema.fc.bias", "state_dict.steps"]);
        assert_eq!(names, ["fc.bias"]);
        assert_eq!(
            text.unwrap(),
            "the tensor names have the prefix `state_dict.module`; ignored: ema, optimizer, steps"
        );
    }

    #[test]
    fn a_network_without_prefix_is_preferred() {
        let names = ["features.0.weight", "model.features.0.weight"];
        assert_eq!(removed(&names), (names.map(str::to_owned).to_vec(), None));
        assert_eq!(removed(&["head.weight"]), (vec!["head.weight".into()], None));
        assert_eq!(removed(&["model"]).0, [""; 0], "a tensor with the name of a wrapper has no nested names");
    }
}
