//! Where in a file the tensors of a network lie: training wraps networks and dictionaries around each other.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use super::network::Network;
use super::parameter::parameters;
use crate::vision::NetworkConfig;

/// What a dictionary of tensors may lie under: the keys of checkpoints, and the names that wrappers of networks put before
/// every tensor (`DataParallel`, `torch.compile`, a module's own field).
const WRAPPERS: [&str; 6] = ["state_dict", "model_state_dict", "model", "net", "module", "_orig_mod"];

/// How the names in a file differ from a network's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Nesting {
    /// What stands before every name, without its last point: `state_dict.module`.
    pub prefix: String,
    /// What the file holds beside that and is not read, by the first part of each name.
    pub beside: Vec<String>,
}

impl fmt::Display for Nesting {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "its tensors are read from under `{}`", self.prefix)?;
        match self.beside.is_empty() {
            true => Ok(()),
            false => write!(out, "; beside that it holds {}, which is not read", self.beside.join(", ")),
        }
    }
}

/// Takes the wrappers off the names, until one is `wanted`: the first part of a tensor's name as a network has it.
pub(super) fn unwrap<T>(
    mut tensors: BTreeMap<String, T>,
    wanted: &BTreeSet<String>,
) -> (BTreeMap<String, T>, Option<Nesting>) {
    let (mut prefix, mut beside) = (Vec::new(), BTreeSet::new());
    // Each turn takes a part off every name that stays.
    loop {
        let heads: BTreeSet<&str> = tensors.keys().map(|name| head(name)).collect();
        let is_one = heads.iter().any(|head| wanted.contains(*head));
        let wrapper = WRAPPERS.into_iter().find(|wrapper| !is_one && heads.contains(wrapper));
        let Some(wrapper) = wrapper else { break };
        prefix.push(wrapper);
        let start = format!("{wrapper}.");
        let mut within = BTreeMap::new();
        for (name, tensor) in tensors {
            match name.strip_prefix(&start) {
                Some(rest) => drop(within.insert(rest.to_owned(), tensor)),
                None => drop(beside.insert(head(&name).to_owned())),
            }
        }
        tensors = within;
    }
    let nesting = Nesting { prefix: prefix.join("."), beside: beside.into_iter().collect() };
    (tensors, Some(nesting).filter(|nesting| !nesting.prefix.is_empty()))
}

/// The first parts of the names that the networks' tensors have.
pub(super) fn heads_of_networks() -> BTreeSet<String> {
    let of = |network: Network| {
        let names = parameters(network, NetworkConfig::published(network)).into_iter().map(|parameter| parameter.name);
        names.chain([network.classes_layer().to_owned()])
    };
    Network::ALL.into_iter().flat_map(of).map(|name| head(&name).to_owned()).collect()
}

pub(super) fn head(name: &str) -> &str {
    name.split('.').next().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(names: &[&str]) -> (Vec<String>, Option<String>) {
        let tensors = names.iter().map(|name| ((*name).to_owned(), ())).collect();
        let (tensors, nesting) = unwrap(tensors, &heads_of_networks());
        (tensors.into_keys().collect(), nesting.map(|nesting| nesting.to_string()))
    }

    #[test]
    fn wrappers_are_taken_off_however_many_there_are() {
        let plain = ["classifier.1.bias", "features.0.weight"];
        assert_eq!(of(&plain), (plain.map(str::to_owned).to_vec(), None));
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
            let (names, said) = of(&[&wrapped[0], &wrapped[1]]);
            assert_eq!(names, plain);
            assert_eq!(said.unwrap(), format!("its tensors are read from under `{prefix}`"));
        }
    }

    #[test]
    fn what_lies_beside_a_dictionary_is_named_and_not_read() {
        let (names, said) =
            of(&["optimizer.state.0.exp_avg", "state_dict.module.fc.bias", "ema.fc.bias", "state_dict.steps"]);
        assert_eq!(names, ["fc.bias"]);
        let expected = "its tensors are read from under `state_dict.module`; beside that it holds ema, optimizer, steps, which \
                        is not read";
        assert_eq!(said.unwrap(), expected);
    }

    #[test]
    fn a_network_that_is_there_is_not_looked_for_elsewhere() {
        let names = ["features.0.weight", "model.features.0.weight"];
        assert_eq!(of(&names), (names.map(str::to_owned).to_vec(), None));
        assert_eq!(of(&["head.weight"]), (vec!["head.weight".into()], None));
        assert_eq!(of(&["model"]).0, [""; 0], "a tensor by the name of a wrapper is in none");
    }
}
