//! What the results do not show.

use std::collections::BTreeSet;

use super::model::Text;
use crate::report::deviations::{by_value, guided, listed};
use crate::report::fits::{Fit, FitRecord, fits};
use crate::report::{Analysis, Cell};

/// The limits of the results; empty if there are none.
pub(super) fn caveats(analysis: &Analysis) -> Vec<Text> {
    let mut items: Vec<Text> = drawn_images(analysis).into_iter().collect();
    items.extend(untrained(analysis));
    items.extend(fitted(analysis));
    items.extend(controls(analysis));
    items.extend(selected_on_test(analysis));
    items.extend(no_baseline(analysis));
    items
}

/// The labels of cells in one line.
fn labels(cells: &[&Cell]) -> String {
    let labels: Vec<&str> = cells.iter().map(|cell| cell.label.as_str()).collect();
    listed(&labels)
}

/// Guides from an untrained network.
fn untrained(analysis: &Analysis) -> Vec<Text> {
    let weights = by_value(&guided(analysis), "guide.weights");
    let random = weights.into_iter().filter(|(weights, _)| weights.starts_with("random:"));
    let item = |(weights, cells): (String, Vec<&Cell>)| {
        Text::from(format!("{}: the guide features are from an untrained network (", labels(&cells)))
            .code(format!("guide.weights = \"{weights}\""))
            .plain("). The results do not show the effect of a trained AlexNet or VGG.")
    };
    random.map(item).collect()
}

/// Networks that were fitted by jem: their scores, and a warning if one recipe gave several files.
fn fitted(analysis: &Analysis) -> Vec<Text> {
    let all = fits(analysis);
    let mut items = Vec::new();
    for files in all.chunk_by(|a, b| (a.setting, a.recipe) == (b.setting, b.recipe)) {
        let mut known: BTreeSet<&str> = BTreeSet::new();
        let all = files.iter().flat_map(|fit| fit.labels.iter().copied());
        let labels: Vec<&str> = all.filter(|label| known.insert(label)).collect();
        let labels = listed(&labels);
        let scored =
            |fit: &Fit| Text::from(format!("{labels}: {} File: ", scores(&fit.record))).code(fit.digits()).plain(".");
        items.extend(files.iter().map(scored));
        if files.len() > 1 {
            let runs = |fit: &Fit| fit.runs.iter().map(|run| run.record.id.to_string()).collect::<Vec<_>>();
            let listed = files.iter().map(|fit| (fit, runs(fit))).map(|(fit, runs)| {
                format!("{} in run{} {}", fit.digits(), if runs.len() > 1 { "s" } else { "" }, runs.join(", "))
            });
            items.push(Text::default().strong(format!(
                "{labels}: one fitting recipe gave {} files of weights ({}). The means of these runs combine different \
                 networks.",
                files.len(),
                listed.collect::<Vec<_>>().join("; ")
            )));
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
fn controls(analysis: &Analysis) -> Vec<Text> {
    let sources = by_value(&guided(analysis), "guide.source").into_iter();
    let item = |(source, cells): (String, Vec<&Cell>)| {
        let guide = match source.as_str() {
            "shuffled" => "the features of another image, in the same random order for all runs",
            "zero" => "zeros, with the same layers as a guide",
            _ => return None,
        };
        Some(format!("{}: a control. The guide consists of {guide}.", labels(&cells)).into())
    };
    sources.filter_map(item).collect()
}

/// Drawn flowers instead of photographs.
fn drawn_images(analysis: &Analysis) -> Option<Text> {
    let all: Vec<&Cell> = analysis.cells.iter().collect();
    let cells = by_value(&all, "data.source").remove("drawn")?;
    let text = "the images are drawn flowers, not photographs. The results may differ for photographs.";
    Some(format!("{}: {text}", labels(&cells)).into())
}

fn selected_on_test(analysis: &Analysis) -> Option<Text> {
    let all: Vec<&Cell> = analysis.cells.iter().collect();
    let cells = by_value(&all, "data.train").remove("train+val")?;
    Some(
        format!("{}: trained on train+val; all \"best\" values are selected on the test split.", labels(&cells)).into(),
    )
}

fn no_baseline(analysis: &Analysis) -> Option<Text> {
    let guided = guided(analysis).len();
    let text = "No method without a guide is compared, so the effect of the guide is unknown.";
    (guided > 0 && guided == analysis.cells.len()).then(|| text.into())
}
