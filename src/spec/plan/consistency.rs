//! Combinations of settings that contradict each other.

use std::collections::BTreeMap;

use super::PlannedCell;
use super::violations::Violations;
use crate::spec::layer::Layer;
use crate::spec::location::Location;
use crate::spec::{EvalSettings, Value, Violation, layers_of};

/// The location of an entry, by its key and the recorded origin of its value.
type Locations<'a> = BTreeMap<(&'a str, String), &'a Location>;

/// Finds cells with contradictory settings. A contradiction is reported once, independent of the number of cells, at
/// the location of its entry in `layers`, or for the file `origin` if no layer has it.
pub fn check<'a>(
    cells: &[PlannedCell],
    layers: impl Iterator<Item = &'a Layer>,
    origin: &str,
    violations: &mut Violations,
) {
    let entries = layers.flat_map(|layer| &layer.entries);
    let locations: Locations =
        entries.map(|(key, entry)| ((key.as_str(), entry.location.source()), &entry.location)).collect();
    for cell in cells {
        let text = |key: &str| cell.resolved.get(key).and_then(|(value, _)| value.as_text()).unwrap_or_default();
        let location = |key| cell.resolved.get(key).and_then(|(_, source)| locations.get(&(key, source.clone())));
        let mut report = |key: &'static str, problem: String, help: &str| {
            let violation = match location(key) {
                Some(location) => location.violation(key, problem),
                None => Violation::new(origin, key, problem),
            };
            violations.push(violation.help(help));
        };
        if text("data.train") == "train+val" && text("eval.split") == "val" {
            let problem = "is \"val\", but data.train = \"train+val\" trains on val".to_owned();
            report("eval.split", problem, "set eval.split = \"test\" or data.train = \"train\"");
        }
        let (network, layer) = (text("guide.network"), text("guide.layer"));
        if !has_layer(network, layer) {
            report("guide.layer", format!("is {layer:?}, which {network} does not have"), &layers_help(network));
        }
        let (network, layer) = (text("eval.extractor"), text("eval.extractor_layer"));
        if cell.resolved.contains_key("eval.extractor_layer") && !has_layer(network, layer) {
            let problem = format!("is {layer:?}, which {network} does not have");
            report("eval.extractor_layer", problem, &layers_help(network));
        }
        measures(cell, &mut report);
        let integer = |key: &str| match cell.resolved.get(key) {
            Some((Value::Integer(number), _)) => *number,
            _ => 0,
        };
        let (crop, side) = (integer("image.crop_from"), integer("image.resolution"));
        if crop > 0 && crop < side {
            let problem = format!("is {crop}, but image.resolution = {side} is larger");
            report(
                "image.crop_from",
                problem,
                "increase it, for example to 76 for a resolution of 64, or set 0 to disable cropping",
            );
        }
        if text("guide.source") == "shuffled" && integer("eval.items") == 1 {
            let problem = "is \"shuffled\", but with eval.items = 1 there is no other guide".to_owned();
            report("guide.source", problem, "set eval.items = 2 or more");
        }
        let neutral = ["d_loss", "g_loss"].contains(&text("keep.best"));
        if neutral && text("keep.best_towards") == "auto" {
            let problem = format!("is \"auto\", but {} has no better direction", text("keep.best"));
            report("keep.best_towards", problem, "set keep.best_towards = \"lower\" or \"higher\"");
        }
        if text("eval.test") == "best" && text("keep.best") == "none" {
            let problem = "is \"best\", but keep.best = \"none\" selects no measure".to_owned();
            report(
                "eval.test",
                problem,
                "select a measure, such as keep.best = \"colour_distance\", or set eval.test = \"last\"",
            );
        }
        for (key, what) in [("text.vectors", "file of vectors"), ("segment.masks", "folder of masks")] {
            if cell.resolved.contains_key(key) && text(key).is_empty() {
                report(
                    key,
                    format!("is empty, but a {what} is required"),
                    &format!("set its path: --set {key}=<path>"),
                );
            }
        }
    }
}

/// Finds measures that cannot be computed with the other settings.
fn measures(cell: &PlannedCell, report: &mut impl FnMut(&'static str, String, &str)) {
    let text = |key: &str| cell.resolved.get(key).and_then(|(value, _)| value.as_text()).unwrap_or_default();
    let measures = match cell.resolved.get("eval.measures") {
        Some((Value::List(list), _)) => list.as_slice(),
        _ => &[],
    };
    if text("text.weights") == "fit" && text("text.variant") == "combine" {
        let problem = "is \"combine\", but text.weights = \"fit\" fits only one model".to_owned();
        report("text.variant", problem, "set \"uni\" or \"bi\", or set text.weights to an encoder with both models");
    }
    let hidden = cell.resolved.get("text.fit.hidden");
    if text("text.variant") == "bi" && matches!(hidden, Some((Value::Integer(hidden), _)) if hidden % 2 == 1) {
        let problem = "is odd, but text.variant = \"bi\" needs half of it for each direction".to_owned();
        report("text.fit.hidden", problem, "set an even number");
    }
    let best = text("keep.best");
    let selected = measures.iter().map(|name| ("eval.measures", name.as_str())).chain([("keep.best", best)]);
    for (key, measure) in selected {
        extractor(cell, (key, measure), report);
        let of_flowers = measure.starts_with("bloom_") || measure == "text_sensitivity";
        if of_flowers && text("data.source") != "drawn" {
            let problem = format!("contains {measure}, which requires drawn flowers");
            report(key, problem, "remove it, or set data.source = \"drawn\"");
        }
        if measure == "text_sensitivity" && text("text.encoder") == "vectors" {
            let problem = format!("contains {measure}, which requires an encoder for changed captions");
            report(key, problem, "remove it, or set text.encoder = \"tfidf\"");
        }
    }
}

fn has_layer(network: &str, layer: &str) -> bool {
    let layers = layers_of(network);
    layers.is_empty() || layers.contains(&layer)
}

fn layers_help(network: &str) -> String {
    format!("{network} has {}", layers_of(network).join(", "))
}

/// Finds measures whose feature extractor is missing or not suitable.
fn extractor(
    cell: &PlannedCell,
    (key, measure): (&'static str, &str),
    report: &mut impl FnMut(&'static str, String, &str),
) {
    let text = |key: &str| cell.resolved.get(key).and_then(|(value, _)| value.as_text()).unwrap_or_default();
    let of_sets = EvalSettings::SET_MEASURES.contains(&measure);
    let extractor = text("eval.extractor");
    if EvalSettings::INCEPTION_MEASURES.contains(&measure) {
        let random = text("eval.extractor_weights").starts_with("random:");
        let resized = !matches!(cell.resolved.get("eval.extractor_input"), Some((Value::Integer(299), _)));
        let narrow =
            !matches!(cell.resolved.get("eval.extractor_width"), Some((Value::Number(width), _)) if *width == 1.0);
        if extractor != "inception-fid" || random || resized || narrow || text("eval.extractor_layer") != "pool3" {
            let problem = format!("contains {measure}, which only the published Inception network gives");
            report(
                key,
                problem,
                "run jem weights fetch inception-fid, and set eval.extractor = \"inception-fid\", \
                 eval.extractor_layer = \"pool3\", eval.extractor_input = 299 and eval.extractor_weights = <the file>; \
                 with other networks, use frechet_distance and kernel_distance",
            );
        }
    } else if (of_sets || measure == "feature_distance") && extractor == "none" {
        let problem = format!("contains {measure}, which requires a network, but eval.extractor is \"none\"");
        report(key, problem, "set a network, such as eval.extractor = \"alexnet\"");
    }
    if EvalSettings::FINAL_MEASURES.contains(&measure) {
        let integer = |key: &str| match cell.resolved.get(key) {
            Some((Value::Integer(number), _)) => *number,
            _ => 0,
        };
        let [samples, from, points] =
            ["eval.infinity.samples", "eval.infinity.from", "eval.infinity.points"].map(integer);
        if samples < from + points {
            let problem = format!("is {samples}, too few for {points} different sample counts from {from}");
            report(
                "eval.infinity.samples",
                problem,
                "increase it, or lower eval.infinity.from or eval.infinity.points",
            );
        }
    }
    if measure == "lpips" && (!["alexnet", "vgg16"].contains(&extractor) || text("eval.lpips").is_empty()) {
        let problem = "contains lpips, which requires a network and its linear weights".to_owned();
        report(
            key,
            problem,
            "set eval.extractor = \"alexnet\" or \"vgg16\", and eval.lpips to the file of jem weights fetch lpips-alexnet",
        );
    }
}

#[cfg(test)]
mod tests {
    use crate::spec::{ExperimentSpec, Plan};

    fn violations(text: &str) -> Vec<String> {
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
    fn val_cannot_be_used_for_training_and_evaluation() {
        assert_eq!(violations("data.train = \"train+val\""), ["eval.split"]);
        assert!(violations("data.train = \"train+val\"\neval.split = \"test\"").is_empty());
    }

    #[test]
    fn measures_that_cannot_be_computed_are_rejected() {
        assert_eq!(violations("eval.measures = [\"feature_distance\"]"), ["eval.measures"]);
        assert!(violations("eval.measures = [\"feature_distance\"]\neval.extractor = \"alexnet\"").is_empty());
        assert_eq!(violations("eval.measures = [\"bloom_colour\"]"), ["eval.measures"]);
        assert!(
            violations("eval.measures = [\"bloom_colour\", \"text_sensitivity\"]\ndata.source = \"drawn\"").is_empty()
        );
        assert_eq!(violations("keep.best = \"bloom_place\""), ["keep.best"]);
        assert_eq!(violations("keep.best = \"d_loss\""), ["keep.best_towards"]);
        assert!(violations("keep.best = \"d_loss\"\nkeep.best_towards = \"higher\"").is_empty());
        assert_eq!(violations("eval.test = \"best\""), ["eval.test"]);
        assert!(violations("eval.test = \"best\"\nkeep.best = \"ssim\"").is_empty());
        assert_eq!(
            violations("eval.extractor = \"alexnet\"\neval.extractor_layer = \"conv5_3\""),
            ["eval.extractor_layer"]
        );
    }

    #[test]
    fn fid_requires_the_published_network_and_lpips_its_linear_weights() {
        let fid = "eval.measures = [\"fid\", \"kid\", \"inception_score\"]\neval.extractor = \"inception-fid\"\n\
                   eval.extractor_layer = \"pool3\"\neval.extractor_input = 299\n";
        assert!(violations(&format!("{fid}eval.extractor_weights = \"inception.pth\"")).is_empty());
        assert_eq!(violations(fid), ["eval.measures"; 3], "random weights");
        assert_eq!(violations("eval.measures = [\"fid\"]\neval.extractor = \"alexnet\""), ["eval.measures"]);
        let drawn = "eval.extractor = \"inception\"\neval.extractor_layer = \"pool3\"\n";
        assert!(violations(&format!("{drawn}eval.measures = [\"frechet_distance\", \"coverage\"]")).is_empty());
        assert_eq!(violations("eval.measures = [\"coverage\"]"), ["eval.measures"]);
        assert_eq!(violations("eval.measures = [\"lpips\"]\neval.extractor = \"alexnet\""), ["eval.measures"]);
        assert!(
            violations("eval.measures = [\"lpips\"]\neval.extractor = \"vgg16\"\neval.lpips = \"vgg.pth\"").is_empty()
        );
    }

    #[test]
    fn extrapolation_requires_more_samples_than_the_first_point() {
        let measured = "eval.measures = [\"frechet_infinity\"]\neval.extractor = \"alexnet\"\n";
        assert!(violations(measured).is_empty());
        assert_eq!(violations(&format!("{measured}eval.infinity.samples = 5014")), ["eval.infinity.samples"]);
        assert!(violations(&format!("{measured}eval.infinity.samples = 5015")).is_empty());
        assert_eq!(violations("eval.measures = [\"fid_infinity\"]\neval.extractor = \"alexnet\""), ["eval.measures"]);
        // It has no curve and therefore no best value.
        assert_eq!(violations("keep.best = \"frechet_infinity\"\neval.extractor = \"alexnet\""), ["keep.best"]);
    }

    #[test]
    fn a_crop_is_not_larger_than_the_image() {
        assert_eq!(violations("image.crop_from = 60"), ["image.crop_from"]);
        assert!(violations("image.crop_from = 76").is_empty());
    }

    #[test]
    fn the_guide_layer_must_exist_in_the_network() {
        let guide = |network: &str, layer: &str| {
            violations(&format!(
                "guide.network = \"{network}\"\nguide.layer = \"{layer}\"\nguide.segmentation = \"none\""
            ))
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
    fn a_contradiction_is_reported_with_its_line() {
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
    fn inputs_from_files_require_a_path() {
        assert_eq!(violations("text.encoder = \"vectors\""), ["text.vectors"]);
        assert!(violations("text.encoder = \"vectors\"\ntext.vectors = \"v.npy\"").is_empty());
        let fitted = "text.encoder = \"skip-thought\"\ntext.weights = \"fit\"\n";
        assert!(violations(fitted).is_empty());
        assert_eq!(violations(&format!("{fitted}text.variant = \"combine\"")), ["text.variant"]);
        assert_eq!(violations(&format!("{fitted}text.variant = \"bi\"\ntext.fit.hidden = 7")), ["text.fit.hidden"]);
        assert_eq!(violations("guide.network = \"alexnet\"\nsegment.source = \"masks\""), ["segment.masks"]);
    }
}
