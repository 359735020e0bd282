//! Settings that are each allowed and make no sense together.

use std::collections::BTreeMap;

use super::PlannedCell;
use super::mistakes::Mistakes;
use crate::spec::Violation;
use crate::spec::layer::Layer;
use crate::spec::place::Place;

/// The layers that only one of the networks has.
const ALEXNET_ALONE: [&str; 5] = ["conv1", "conv2", "conv3", "conv4", "conv5"];

/// Where a key is said, by the key and the origin that its value keeps.
type Places<'a> = BTreeMap<(&'a str, String), &'a Place>;

/// Finds cells whose settings contradict each other. Each contradiction is named once, whatever the number of cells,
/// at the place in `layers` that says it, or else as one of the experiment at `origin`.
pub fn check<'a>(
    cells: &[PlannedCell],
    layers: impl Iterator<Item = &'a Layer>,
    origin: &str,
    mistakes: &mut Mistakes,
) {
    let said = layers.flat_map(|layer| &layer.said);
    let places: Places = said.map(|(key, said)| ((key.as_str(), said.place.provenance()), &said.place)).collect();
    for cell in cells {
        let text = |key: &str| cell.resolved.get(key).and_then(|(value, _)| value.as_text()).unwrap_or_default();
        let place = |key| cell.resolved.get(key).and_then(|(_, from)| places.get(&(key, from.clone())));
        let mut wrong = |key: &'static str, problem: String, help: &str| {
            let violation = match place(key) {
                Some(place) => place.violation(key, problem),
                None => Violation::new(origin, key, problem),
            };
            mistakes.push(violation.help(help));
        };
        if text("data.train") == "train+val" && text("eval.split") == "val" {
            let problem = "is \"val\", but data.train = \"train+val\" leaves no val to look at".to_owned();
            wrong("eval.split", problem, "look at eval.split = \"test\", or train on data.train = \"train\"");
        }
        let (network, layer) = (text("guide.network"), text("guide.layer"));
        if !has_layer(network, layer) {
            let help = "alexnet has conv1 to conv5, pool1, pool2 and pool5; vgg16 has conv1_1 to conv5_3 and pool1 to \
                        pool5; both have fc6 and fc7";
            wrong("guide.layer", format!("is {layer:?}, which {network} does not have"), help);
        }
        for (key, what) in [("text.vectors", "file of vectors"), ("segment.masks", "folder of masks")] {
            if cell.resolved.contains_key(key) && text(key).is_empty() {
                wrong(key, format!("names no {what}"), &format!("name the {what}: --set {key}=<path>"));
            }
        }
    }
}

fn has_layer(network: &str, layer: &str) -> bool {
    match network {
        "alexnet" => !layer.contains('_') && layer != "pool3" && layer != "pool4",
        "vgg16" => !ALEXNET_ALONE.contains(&layer),
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use crate::spec::{ExperimentSpec, Plan};

    fn wrong(text: &str) -> Vec<String> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("it.toml");
        std::fs::write(&path, format!("extends = \"base/jem.toml\"\nseeds = [1]\n{text}")).unwrap();
        let spec = ExperimentSpec::read(path.to_str().unwrap(), &[], std::iter::empty()).unwrap();
        match Plan::new(spec) {
            Ok(_) => Vec::new(),
            Err(crate::spec::SpecError::Violations(list)) => list.into_iter().map(|found| found.key).collect(),
            Err(error) => panic!("{error}"),
        }
    }

    #[test]
    fn val_cannot_be_both_trained_on_and_looked_at() {
        assert_eq!(wrong("data.train = \"train+val\""), ["eval.split"]);
        assert!(wrong("data.train = \"train+val\"\neval.split = \"test\"").is_empty());
    }

    #[test]
    fn a_layer_belongs_to_its_network() {
        let guide = |network: &str, layer: &str| {
            wrong(&format!("guide.network = \"{network}\"\nguide.layer = \"{layer}\"\nguide.segmentation = \"none\""))
        };
        for layer in ["conv5", "pool5", "fc6", "fc7"] {
            assert!(guide("alexnet", layer).is_empty(), "{layer}");
        }
        for layer in ["conv5_3", "pool3", "pool5", "fc7"] {
            assert!(guide("vgg16", layer).is_empty(), "{layer}");
        }
        assert_eq!(guide("alexnet", "conv5_3"), ["guide.layer"]);
        assert_eq!(guide("alexnet", "pool3"), ["guide.layer"]);
        assert_eq!(guide("vgg16", "conv5"), ["guide.layer"]);
    }

    #[test]
    fn a_contradiction_is_named_at_the_line_that_says_it() {
        let text = "extends = \"base/jem.toml\"\nseeds = [1]\nguide.network = \"alexnet\"\n[grid]\n\
                    \"guide.layer\" = [\"fc7\", \"conv5_3\"]\n";
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("it.toml");
        std::fs::write(&path, text).unwrap();
        let spec = ExperimentSpec::read(path.to_str().unwrap(), &[], std::iter::empty()).unwrap();
        let error = Plan::new(spec).unwrap_err().to_string();
        assert!(error.contains("it.toml:5: `grid.guide.layer` is \"conv5_3\""), "{error}");
    }

    #[test]
    fn what_is_read_from_a_file_needs_its_name() {
        assert_eq!(wrong("text.encoder = \"vectors\""), ["text.vectors"]);
        assert!(wrong("text.encoder = \"vectors\"\ntext.vectors = \"v.npy\"").is_empty());
        assert_eq!(wrong("guide.network = \"alexnet\"\nsegment.source = \"masks\""), ["segment.masks"]);
    }
}
