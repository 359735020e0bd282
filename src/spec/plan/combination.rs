//! Settings that are each allowed and make no sense together.

use std::collections::BTreeMap;

use super::PlannedCell;
use super::mistakes::Mistakes;
use crate::spec::layer::Layer;
use crate::spec::place::Place;
use crate::spec::{EvalSettings, Value, Violation, layers_of};

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
            wrong("guide.layer", format!("is {layer:?}, which {network} does not have"), &its_layers(network));
        }
        let (network, layer) = (text("eval.extractor"), text("eval.extractor_layer"));
        if cell.resolved.contains_key("eval.extractor_layer") && !has_layer(network, layer) {
            let problem = format!("is {layer:?}, which {network} does not have");
            wrong("eval.extractor_layer", problem, &its_layers(network));
        }
        measures(cell, &mut wrong);
        let whole = |key: &str| match cell.resolved.get(key) {
            Some((Value::Integer(number), _)) => *number,
            _ => 0,
        };
        let (crop, side) = (whole("image.crop_from"), whole("image.resolution"));
        if crop > 0 && crop < side {
            let problem = format!("is {crop}, less than the {side} of image.resolution that is cut out of it");
            wrong("image.crop_from", problem, "make it larger, as 76 for 64, or 0 to crop nothing");
        }
        if text("guide.source") == "shuffled" && whole("eval.items") == 1 {
            let problem = "is \"shuffled\", but eval.items = 1 has no other guide".to_owned();
            wrong("guide.source", problem, "look at 2 items at least");
        }
        let neutral = ["d_loss", "g_loss"].contains(&text("keep.best"));
        if neutral && text("keep.best_towards") == "auto" {
            let problem = format!("is \"auto\", but neither end of {} is better by itself", text("keep.best"));
            wrong("keep.best_towards", problem, "say keep.best_towards = \"lower\" or \"higher\"");
        }
        if text("eval.test") == "best" && text("keep.best") == "none" {
            let problem = "is \"best\", but keep.best = \"none\" says nothing of what is best".to_owned();
            wrong(
                "eval.test",
                problem,
                "name a measure: keep.best = \"colour_distance\", or take eval.test = \"last\"",
            );
        }
        for (key, what) in [("text.vectors", "file of vectors"), ("segment.masks", "folder of masks")] {
            if cell.resolved.contains_key(key) && text(key).is_empty() {
                wrong(key, format!("names no {what}"), &format!("name the {what}: --set {key}=<path>"));
            }
        }
    }
}

/// Measures that cannot be taken of what there is.
fn measures(cell: &PlannedCell, wrong: &mut impl FnMut(&'static str, String, &str)) {
    let text = |key: &str| cell.resolved.get(key).and_then(|(value, _)| value.as_text()).unwrap_or_default();
    let taken = match cell.resolved.get("eval.measures") {
        Some((Value::List(list), _)) => list.as_slice(),
        _ => &[],
    };
    if text("text.weights") == "fit" && text("text.variant") == "combine" {
        let problem = "asks for two encoders, and one is trained".to_owned();
        wrong("text.variant", problem, "take \"uni\" or \"bi\", or name an encoder that has both by text.weights");
    }
    let hidden = cell.resolved.get("text.fit.hidden");
    if text("text.variant") == "bi" && matches!(hidden, Some((Value::Integer(hidden), _)) if hidden % 2 == 1) {
        let problem = "is odd, and text.variant = \"bi\" has half of it for each direction".to_owned();
        wrong("text.fit.hidden", problem, "take an even one");
    }
    let best = text("keep.best");
    let asked = taken.iter().map(|name| ("eval.measures", name.as_str())).chain([("keep.best", best)]);
    for (key, measure) in asked {
        by_network(cell, (key, measure), wrong);
        let of_flowers = measure.starts_with("bloom_") || measure == "text_sensitivity";
        if of_flowers && text("data.source") != "drawn" {
            let problem = format!("asks for {measure}, which only drawn flowers have");
            wrong(key, problem, "leave it out, or draw flowers: data.source = \"drawn\"");
        }
        if measure == "text_sensitivity" && text("text.encoder") == "vectors" {
            let problem = format!("asks for {measure}, which needs captions that no file of vectors has");
            wrong(key, problem, "leave it out, or let jem encode sentences: text.encoder = \"tfidf\"");
        }
    }
}

fn has_layer(network: &str, layer: &str) -> bool {
    let layers = layers_of(network);
    layers.is_empty() || layers.contains(&layer)
}

fn its_layers(network: &str) -> String {
    format!("{network} has {}", layers_of(network).join(", "))
}

/// Measures that need a network, and have none that they can be taken by.
fn by_network(
    cell: &PlannedCell,
    (key, measure): (&'static str, &str),
    wrong: &mut impl FnMut(&'static str, String, &str),
) {
    let text = |key: &str| cell.resolved.get(key).and_then(|(value, _)| value.as_text()).unwrap_or_default();
    let of_sets = EvalSettings::OF_SETS.contains(&measure);
    let extractor = text("eval.extractor");
    if EvalSettings::PUBLISHED.contains(&measure) {
        let drawn = text("eval.extractor_weights").starts_with("random:");
        let resized = !matches!(cell.resolved.get("eval.extractor_input"), Some((Value::Integer(299), _)));
        let narrow =
            !matches!(cell.resolved.get("eval.extractor_width"), Some((Value::Number(width), _)) if *width == 1.0);
        if extractor != "inception-fid" || drawn || resized || narrow || text("eval.extractor_layer") != "pool3" {
            let problem = format!("asks for {measure}, which only the published Inception network gives");
            wrong(
                key,
                problem,
                "jem weights fetch inception-fid, then eval.extractor = \"inception-fid\", eval.extractor_layer = \"pool3\", \
                 eval.extractor_input = 299 and eval.extractor_weights = <its file>; by other networks there are \
                 frechet_distance and kernel_distance",
            );
        }
    } else if (of_sets || measure == "feature_distance") && extractor == "none" {
        let problem = format!("asks for {measure}, but eval.extractor = \"none\" names no network to compare by");
        wrong(key, problem, "name one: eval.extractor = \"alexnet\"");
    }
    if EvalSettings::AT_THE_END.contains(&measure) {
        let whole = |key: &str| match cell.resolved.get(key) {
            Some((Value::Integer(number), _)) => *number,
            _ => 0,
        };
        let [samples, from, points] =
            ["eval.infinity.samples", "eval.infinity.from", "eval.infinity.points"].map(whole);
        if samples < from + points {
            let problem = format!("draws {samples} samples, too few for {points} numbers of them from {from} up");
            wrong("eval.infinity.samples", problem, "draw more, or lower eval.infinity.from or eval.infinity.points");
        }
    }
    if measure == "lpips" && (!["alexnet", "vgg16"].contains(&extractor) || text("eval.lpips").is_empty()) {
        let problem = "asks for lpips, which needs a network and its linear weights".to_owned();
        wrong(
            key,
            problem,
            "eval.extractor = \"alexnet\" or \"vgg16\", and eval.lpips = <file>: jem weights fetch lpips-alexnet",
        );
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
    fn what_cannot_be_measured_is_refused() {
        assert_eq!(wrong("eval.measures = [\"feature_distance\"]"), ["eval.measures"]);
        assert!(wrong("eval.measures = [\"feature_distance\"]\neval.extractor = \"alexnet\"").is_empty());
        assert_eq!(wrong("eval.measures = [\"bloom_colour\"]"), ["eval.measures"]);
        assert!(wrong("eval.measures = [\"bloom_colour\", \"text_sensitivity\"]\ndata.source = \"drawn\"").is_empty());
        assert_eq!(wrong("keep.best = \"bloom_place\""), ["keep.best"]);
        assert_eq!(wrong("keep.best = \"d_loss\""), ["keep.best_towards"]);
        assert!(wrong("keep.best = \"d_loss\"\nkeep.best_towards = \"higher\"").is_empty());
        assert_eq!(wrong("eval.test = \"best\""), ["eval.test"]);
        assert!(wrong("eval.test = \"best\"\nkeep.best = \"ssim\"").is_empty());
        assert_eq!(wrong("eval.extractor = \"alexnet\"\neval.extractor_layer = \"conv5_3\""), ["eval.extractor_layer"]);
    }

    #[test]
    fn only_the_published_network_gives_fid_and_lpips_needs_its_linear_weights() {
        let fid = "eval.measures = [\"fid\", \"kid\", \"inception_score\"]\neval.extractor = \"inception-fid\"\n\
                   eval.extractor_layer = \"pool3\"\neval.extractor_input = 299\n";
        assert!(wrong(&format!("{fid}eval.extractor_weights = \"inception.pth\"")).is_empty());
        assert_eq!(wrong(fid), ["eval.measures"; 3], "drawn weights");
        assert_eq!(wrong("eval.measures = [\"fid\"]\neval.extractor = \"alexnet\""), ["eval.measures"]);
        let drawn = "eval.extractor = \"inception\"\neval.extractor_layer = \"pool3\"\n";
        assert!(wrong(&format!("{drawn}eval.measures = [\"frechet_distance\", \"coverage\"]")).is_empty());
        assert_eq!(wrong("eval.measures = [\"coverage\"]"), ["eval.measures"]);
        assert_eq!(wrong("eval.measures = [\"lpips\"]\neval.extractor = \"alexnet\""), ["eval.measures"]);
        assert!(wrong("eval.measures = [\"lpips\"]\neval.extractor = \"vgg16\"\neval.lpips = \"vgg.pth\"").is_empty());
    }

    #[test]
    fn a_line_needs_samples_beyond_the_first_point() {
        let taken = "eval.measures = [\"frechet_infinity\"]\neval.extractor = \"alexnet\"\n";
        assert!(wrong(taken).is_empty());
        assert_eq!(wrong(&format!("{taken}eval.infinity.samples = 5014")), ["eval.infinity.samples"]);
        assert!(wrong(&format!("{taken}eval.infinity.samples = 5015")).is_empty());
        assert_eq!(wrong("eval.measures = [\"fid_infinity\"]\neval.extractor = \"alexnet\""), ["eval.measures"]);
        // It has no curve, and so no best point.
        assert_eq!(wrong("keep.best = \"frechet_infinity\"\neval.extractor = \"alexnet\""), ["keep.best"]);
    }

    #[test]
    fn a_crop_is_no_larger_than_what_it_is_cut_from() {
        assert_eq!(wrong("image.crop_from = 60"), ["image.crop_from"]);
        assert!(wrong("image.crop_from = 76").is_empty());
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
        let trained = "text.encoder = \"skip-thought\"\ntext.weights = \"fit\"\n";
        assert!(wrong(trained).is_empty());
        assert_eq!(wrong(&format!("{trained}text.variant = \"combine\"")), ["text.variant"]);
        assert_eq!(wrong(&format!("{trained}text.variant = \"bi\"\ntext.fit.hidden = 7")), ["text.fit.hidden"]);
        assert_eq!(wrong("guide.network = \"alexnet\"\nsegment.source = \"masks\""), ["segment.masks"]);
    }
}
