use std::collections::{BTreeMap, BTreeSet};

use crate::report::cells::Cell;
use crate::report::fits::{Fit, FitRecord, fits};
use crate::report::format::markdown as escaped;
use crate::report::{Analysis, RunData};

/// Up to so many labels are listed, and this many of a longer list.
const MANY: usize = 100;
const FEW: usize = 5;

/// What keeps these numbers from being those of the paper; `None` where nothing applies.
pub(super) fn section(analysis: &Analysis) -> Option<String> {
    let mut items: Vec<String> = drawn(analysis).into_iter().collect();
    items.extend(untrained(analysis));
    items.extend(fitted(analysis));
    items.extend(controls(analysis));
    items.extend(selected_on_test(analysis));
    items.extend(deviations(analysis));
    let items: Vec<String> = items.into_iter().map(|item| format!("- {item}")).collect();
    (!items.is_empty()).then(|| format!("## Caveats\n\n{}", items.join("\n")))
}

/// The labels of the cells with each value of `key`; cells without it are left out.
fn by_value(cells: &[&Cell], key: &str) -> BTreeMap<String, Vec<String>> {
    let mut labels: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for cell in cells {
        if let Some(value) = cell.runs[0].setting(key) {
            labels.entry(value).or_default().push(escaped(&cell.label));
        }
    }
    labels
}

/// Labels in a row; of very many the first ones, and how many there are.
fn listed(labels: &[String]) -> String {
    match labels.len() {
        0..=MANY => labels.join("; "),
        count => format!("{} and {} more cells", labels[..FEW].join("; "), count - FEW),
    }
}

fn guided<'s, 'a>(analysis: &'s Analysis<'a>) -> Vec<&'s Cell<'a>> {
    let has_guide = |run: &RunData| run.setting("guide.network").is_some_and(|network| network != "none");
    analysis.cells.iter().filter(|cell| has_guide(cell.runs[0])).collect()
}

/// Guides whose network has never seen an image.
fn untrained(analysis: &Analysis) -> Vec<String> {
    let weights = by_value(&guided(analysis), "guide.weights");
    let random = weights.into_iter().filter(|(weights, _)| weights.starts_with("random:"));
    let told = |(weights, labels): (String, Vec<String>)| {
        format!(
            "{}: the guide's features are from an untrained network (`guide.weights = \"{weights}\"`). They say \
             nothing about what a trained AlexNet or VGG would do.",
            listed(&labels)
        )
    };
    random.map(told).collect()
}

/// Networks that were fitted here: how well they do what they were taught, and whether one recipe gave one file.
fn fitted(analysis: &Analysis) -> Vec<String> {
    let all = fits(analysis);
    let mut items = Vec::new();
    for files in all.chunk_by(|a, b| (a.setting, a.recipe) == (b.setting, b.recipe)) {
        let mut known: BTreeSet<&str> = BTreeSet::new();
        let all = files.iter().flat_map(|fit| &fit.labels).filter(|label| known.insert(label));
        let labels: Vec<String> = all.map(|label| escaped(label)).collect();
        let labels = listed(&labels);
        items.extend(
            files.iter().map(|fit| format!("{labels}: {} Its file is `{}`.", taught(&fit.record), fit.digits())),
        );
        if files.len() > 1 {
            let runs = |fit: &Fit| fit.runs.iter().map(|run| run.record.id.to_string()).collect::<Vec<_>>();
            let listed = files.iter().map(|fit| (fit, runs(fit))).map(|(fit, runs)| {
                format!("`{}` in run{} {}", fit.digits(), if runs.len() > 1 { "s" } else { "" }, runs.join(", "))
            });
            items.push(format!(
                "**{labels}: one recipe of fitting gave {} files of weights ({}). The means of these runs are over \
                 different networks.**",
                files.len(),
                listed.collect::<Vec<_>>().join("; ")
            ));
        }
    }
    items
}

/// What a network was taught, and how well it does it.
fn taught(record: &FitRecord) -> String {
    match record {
        FitRecord::Text(record) => format!(
            "the text encoder was trained on {} sentences, not on the books that the published one was. It tells the \
             neighbours of held-out sentences with a perplexity of {:.1} a word (the frequencies of words alone: {:.1}).",
            record.sentences, record.score.held_out, record.unigram,
        ),
        FitRecord::Guide(record) => format!(
            "the guide's network was fitted on {} photos of {} training classes, not on ImageNet. Of {} held-out photos \
             of these classes it names {:.1} % (by chance {:.1} %).",
            record.learned,
            record.classes.len(),
            record.held_out,
            100.0 * record.score.top1,
            100.0 * record.by_chance(),
        ),
    }
}

/// Guides that say nothing of the image, on purpose.
fn controls(analysis: &Analysis) -> Vec<String> {
    let sources = by_value(&guided(analysis), "guide.source").into_iter();
    let told = |(source, labels): (String, Vec<String>)| {
        let what = match source.as_str() {
            "shuffled" => "another image's features, by one draw for all runs",
            "zero" => "zeros, through the layers that a guide has",
            _ => return None,
        };
        Some(format!("{}: a control. The networks are given {what}.", listed(&labels)))
    };
    sources.filter_map(told).collect()
}

/// Flowers that nobody photographed.
fn drawn(analysis: &Analysis) -> Option<String> {
    let all: Vec<&Cell> = analysis.cells.iter().collect();
    let labels = by_value(&all, "data.source").remove("drawn")?;
    Some(format!(
        "{}: the images are drawn flowers, not photos. What holds for them may not for photos.",
        listed(&labels)
    ))
}

fn selected_on_test(analysis: &Analysis) -> Option<String> {
    let all: Vec<&Cell> = analysis.cells.iter().collect();
    let labels = by_value(&all, "data.train").remove("train+val")?;
    Some(format!("{}: trained on train+val, so every \"best\" is selected on test.", listed(&labels)))
}

/// Where the paper is silent or contradicts itself, and what was done here.
fn deviations(analysis: &Analysis) -> Vec<String> {
    let guided = guided(analysis);
    if guided.is_empty() {
        return Vec::new();
    }
    let mut items: Vec<String> = guide_action(&guided);
    let networks = by_value(&guided, "guide.network");
    if networks.contains_key("alexnet") {
        items.push("The AlexNet here is torchvision's, which has no local response normalisation.".into());
    }
    if networks.contains_key("vgg16") {
        items.push(
            "The paper does not state VGG's depth; 16 is used, where its 15th weight layer is fc7 (in VGG-19 that \
             is a convolution)."
                .into(),
        );
    }
    for split in by_value(&guided, "data.split").keys() {
        items.push(match split.as_str() {
            "paper" => "The paper divides 102 classes into 80 and 20, which leaves two unused, and does not say which \
                        are which; here they are drawn by `data.seed`."
                .to_owned(),
            _ => format!(
                "The paper divides 102 classes into 80 and 20, which leaves two unused; the split here is `{split}`."
            ),
        });
    }
    for kind in by_value(&guided, "objective.kind").keys() {
        items.push(format!(
            "The paper does not state whether JEM trains on interpolated texts (INT); the guided methods here use \
             `{kind}`."
        ));
    }
    for encoder in by_value(&guided, "text.encoder").keys().filter(|encoder| *encoder != "skip-thought") {
        items.push(format!("Sentences are encoded by `{encoder}`; the paper uses skip-thought vectors."));
    }
    if guided.len() == analysis.cells.len() {
        items.push("No method without a guide is compared, so the guide's own effect cannot be told.".into());
    }
    items
}

/// How the guide acts, for each way in which it does here. Settings that do not exist in a run have one value: as
/// printed in the paper.
fn guide_action(guided: &[&Cell]) -> Vec<String> {
    let mut ways: BTreeMap<[String; 4], Vec<String>> = BTreeMap::new();
    for cell in guided {
        let of = |key: &str, printed: &str| cell.runs[0].setting(key).unwrap_or_else(|| printed.to_owned());
        let way = [
            of("guide.inject", "input"),
            of("guide.discriminator", "none"),
            of("objective.reconstruction", "0"),
            of("objective.guide_match", "0"),
        ];
        ways.entry(way).or_default().push(escaped(&cell.label));
    }
    let told = |([inject, discriminator, reconstruction, matching], labels): ([String; 4], Vec<String>)| {
        let is_zero = |weight: &str| weight.parse() == Ok(0.0);
        let asked = if discriminator == "none" && is_zero(&reconstruction) && is_zero(&matching) {
            "nothing in the objective asks the generator to follow its guide".to_owned()
        } else {
            format!(
                "discriminator `{discriminator}`, reconstruction weight {reconstruction}, matching weight {matching}"
            )
        };
        format!(
            "The paper does not say how the guide acts. In {}: the generator is given its features at `{inject}`; \
             {asked}.",
            listed(&labels)
        )
    };
    ways.into_iter().map(told).collect()
}
