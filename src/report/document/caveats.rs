use std::collections::{BTreeMap, BTreeSet};

use crate::report::cells::Cell;
use crate::report::fits::{Fit, FitRecord, fits};
use crate::report::format::markdown as escaped;
use crate::report::{Analysis, RunData};

/// Up to this number of labels, all are listed.
const MAX_LABELS: usize = 100;
/// The number of labels from a longer list.
const FIRST_LABELS: usize = 5;

/// The differences from the paper; `None` if there are none.
pub(super) fn section(analysis: &Analysis) -> Option<String> {
    let mut items: Vec<String> = drawn_images(analysis).into_iter().collect();
    items.extend(untrained(analysis));
    items.extend(fitted(analysis));
    items.extend(controls(analysis));
    items.extend(selected_on_test(analysis));
    items.extend(deviations(analysis));
    let items: Vec<String> = items.into_iter().map(|item| format!("- {item}")).collect();
    (!items.is_empty()).then(|| format!("## Caveats\n\n{}", items.join("\n")))
}

/// The labels of the cells for each value of `key`; cells without a value are left out.
fn by_value(cells: &[&Cell], key: &str) -> BTreeMap<String, Vec<String>> {
    let mut labels: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for cell in cells {
        if let Some(value) = cell.runs[0].setting(key) {
            labels.entry(value).or_default().push(escaped(&cell.label));
        }
    }
    labels
}

/// The labels in one line. If there are too many, the first ones and the number of the others.
fn listed(labels: &[String]) -> String {
    match labels.len() {
        0..=MAX_LABELS => labels.join("; "),
        count => format!("{} and {} more cells", labels[..FIRST_LABELS].join("; "), count - FIRST_LABELS),
    }
}

fn guided<'s, 'a>(analysis: &'s Analysis<'a>) -> Vec<&'s Cell<'a>> {
    let has_guide = |run: &RunData| run.setting("guide.network").is_some_and(|network| network != "none");
    analysis.cells.iter().filter(|cell| has_guide(cell.runs[0])).collect()
}

/// Guides from an untrained network.
fn untrained(analysis: &Analysis) -> Vec<String> {
    let weights = by_value(&guided(analysis), "guide.weights");
    let random = weights.into_iter().filter(|(weights, _)| weights.starts_with("random:"));
    let item = |(weights, labels): (String, Vec<String>)| {
        format!(
            "{}: the guide features are from an untrained network (`guide.weights = \"{weights}\"`). The results do \
             not show the effect of a trained AlexNet or VGG.",
            listed(&labels)
        )
    };
    random.map(item).collect()
}

/// Networks that were fitted by jem: their scores, and a warning if one recipe gave several files.
fn fitted(analysis: &Analysis) -> Vec<String> {
    let all = fits(analysis);
    let mut items = Vec::new();
    for files in all.chunk_by(|a, b| (a.setting, a.recipe) == (b.setting, b.recipe)) {
        let mut known: BTreeSet<&str> = BTreeSet::new();
        let all = files.iter().flat_map(|fit| &fit.labels).filter(|label| known.insert(label));
        let labels: Vec<String> = all.map(|label| escaped(label)).collect();
        let labels = listed(&labels);
        items.extend(files.iter().map(|fit| format!("{labels}: {} File: `{}`.", scores(&fit.record), fit.digits())));
        if files.len() > 1 {
            let runs = |fit: &Fit| fit.runs.iter().map(|run| run.record.id.to_string()).collect::<Vec<_>>();
            let listed = files.iter().map(|fit| (fit, runs(fit))).map(|(fit, runs)| {
                format!("`{}` in run{} {}", fit.digits(), if runs.len() > 1 { "s" } else { "" }, runs.join(", "))
            });
            items.push(format!(
                "**{labels}: one fitting recipe gave {} files of weights ({}). The means of these runs combine \
                 different networks.**",
                files.len(),
                listed.collect::<Vec<_>>().join("; ")
            ));
        }
    }
    items
}

/// The training data and the scores of a fitted network.
fn scores(record: &FitRecord) -> String {
    match record {
        FitRecord::Text(record) => format!(
            "the text encoder was trained on {} sentences, not on the books of the published encoder. Held-out \
             perplexity per word {:.1} (word frequencies only: {:.1}).",
            record.sentences, record.score.held_out, record.unigram,
        ),
        FitRecord::Guide(record) => format!(
            "the guide network was fitted on {} images of {} training classes, not on ImageNet: top-1 accuracy {:.1} % \
             on {} held-out images of these classes (chance {:.1} %).",
            record.train_images,
            record.classes.len(),
            100.0 * record.score.top1,
            record.held_out_images,
            100.0 * record.chance_accuracy(),
        ),
    }
}

/// Controls, whose guides contain no information about the image.
fn controls(analysis: &Analysis) -> Vec<String> {
    let sources = by_value(&guided(analysis), "guide.source").into_iter();
    let item = |(source, labels): (String, Vec<String>)| {
        let guide = match source.as_str() {
            "shuffled" => "the features of another image, in the same random order for all runs",
            "zero" => "zeros, with the same layers as a guide",
            _ => return None,
        };
        Some(format!("{}: a control. The guide consists of {guide}.", listed(&labels)))
    };
    sources.filter_map(item).collect()
}

/// Drawn flowers instead of photographs.
fn drawn_images(analysis: &Analysis) -> Option<String> {
    let all: Vec<&Cell> = analysis.cells.iter().collect();
    let labels = by_value(&all, "data.source").remove("drawn")?;
    Some(format!(
        "{}: the images are drawn flowers, not photographs. The results may differ for photographs.",
        listed(&labels)
    ))
}

fn selected_on_test(analysis: &Analysis) -> Option<String> {
    let all: Vec<&Cell> = analysis.cells.iter().collect();
    let labels = by_value(&all, "data.train").remove("train+val")?;
    Some(format!("{}: trained on train+val; all \"best\" values are selected on the test split.", listed(&labels)))
}

/// The choices made where the paper is incomplete or contradictory.
fn deviations(analysis: &Analysis) -> Vec<String> {
    let guided = guided(analysis);
    if guided.is_empty() {
        return Vec::new();
    }
    let mut items: Vec<String> = guide_action(&guided);
    let networks = by_value(&guided, "guide.network");
    if networks.contains_key("alexnet") {
        items.push("AlexNet is the version of torchvision, which has no local response normalisation.".into());
    }
    if networks.contains_key("vgg16") {
        items.push(
            "The paper does not state the depth of VGG. VGG-16 is used, whose 15th weight layer is fc7 (in VGG-19 it \
             is a convolution)."
                .into(),
        );
    }
    for split in by_value(&guided, "data.split").keys() {
        items.push(match split.as_str() {
            "paper" => "The paper divides 102 classes into 80 and 20, so two are unused, and does not list them. They \
                        are selected at random by `data.seed`."
                .to_owned(),
            _ => {
                format!("The paper divides 102 classes into 80 and 20, so two are unused. The split `{split}` is used.")
            }
        });
    }
    for kind in by_value(&guided, "objective.kind").keys() {
        items.push(format!(
            "The paper does not state whether JEM trains on interpolated texts (INT). The guided methods use `{kind}`."
        ));
    }
    for encoder in by_value(&guided, "text.encoder").keys().filter(|encoder| *encoder != "skip-thought") {
        items.push(format!("Sentences are encoded with `{encoder}`; the paper uses skip-thought vectors."));
    }
    if guided.len() == analysis.cells.len() {
        items.push("No method without a guide is compared, so the effect of the guide is unknown.".into());
    }
    items
}

/// How the guide is used, for each combination of settings. A setting that a run does not have has the value of the
/// paper.
fn guide_action(guided: &[&Cell]) -> Vec<String> {
    let mut ways: BTreeMap<[String; 4], Vec<String>> = BTreeMap::new();
    for cell in guided {
        let of = |key: &str, paper: &str| cell.runs[0].setting(key).unwrap_or_else(|| paper.to_owned());
        let way = [
            of("guide.inject", "input"),
            of("guide.discriminator", "none"),
            of("objective.reconstruction", "0"),
            of("objective.guide_match", "0"),
        ];
        ways.entry(way).or_default().push(escaped(&cell.label));
    }
    let item = |([inject, discriminator, reconstruction, matching], labels): ([String; 4], Vec<String>)| {
        let is_zero = |weight: &str| weight.parse() == Ok(0.0);
        let objective = if discriminator == "none" && is_zero(&reconstruction) && is_zero(&matching) {
            "no term of the objective makes the generator follow its guide".to_owned()
        } else {
            format!(
                "discriminator `{discriminator}`, reconstruction weight {reconstruction}, matching weight {matching}"
            )
        };
        format!(
            "The paper does not describe how the guide is used. {}: the generator receives the guide features at \
             `{inject}`; {objective}.",
            listed(&labels)
        )
    };
    ways.into_iter().map(item).collect()
}
