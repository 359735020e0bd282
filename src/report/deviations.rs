//! Where the resolved settings differ from the paper, or the paper is incomplete.

use std::collections::BTreeMap;

use super::{Analysis, Cell, RunData};

/// Up to this number of labels, all are listed.
const MAX_LABELS: usize = 100;
/// The number of labels from a longer list.
const FIRST_LABELS: usize = 5;

/// A difference from the paper.
#[derive(Clone, Debug)]
pub struct Deviation<'s, 'a> {
    /// The cells that differ.
    pub cells: Vec<&'s Cell<'a>>,
    /// The dotted key of the setting, or of the first of several.
    pub setting: &'static str,
    /// Its value.
    pub value: String,
    /// The difference in a sentence.
    pub text: String,
}

/// The cells for each value of `key`; cells without a value are left out.
pub fn by_value<'s, 'a>(cells: &[&'s Cell<'a>], key: &str) -> BTreeMap<String, Vec<&'s Cell<'a>>> {
    let mut found: BTreeMap<String, Vec<&Cell>> = BTreeMap::new();
    for &cell in cells {
        if let Some(value) = cell.runs[0].setting(key) {
            found.entry(value).or_default().push(cell);
        }
    }
    found
}

/// The labels in one line. If there are too many, the first ones and the number of the others.
pub fn listed(labels: &[&str]) -> String {
    match labels.len() {
        0..=MAX_LABELS => labels.join("; "),
        count => format!("{} and {} more cells", labels[..FIRST_LABELS].join("; "), count - FIRST_LABELS),
    }
}

/// The cells with a guide.
pub fn guided<'s, 'a>(analysis: &'s Analysis<'a>) -> Vec<&'s Cell<'a>> {
    let has_guide = |run: &RunData| run.setting("guide.network").is_some_and(|network| network != "none");
    analysis.cells.iter().filter(|cell| has_guide(cell.runs[0])).collect()
}

/// The choices made where the paper is incomplete or contradictory, for cells with a guide.
pub fn deviations<'s, 'a>(analysis: &'s Analysis<'a>) -> Vec<Deviation<'s, 'a>> {
    let guided = guided(analysis);
    let mut found = guide_action(&guided);
    let mut add = |setting: &'static str, text: &dyn Fn(&str) -> Option<String>| {
        for (value, cells) in by_value(&guided, setting) {
            if let Some(text) = text(&value) {
                found.push(Deviation { cells, setting, value, text });
            }
        }
    };
    add("guide.network", &|network| {
        match network {
        "alexnet" => Some("AlexNet is the version of torchvision, which has no local response normalisation.".into()),
        "vgg16" => Some(
            "The paper does not state the depth of VGG. VGG-16 is used, whose 15th weight layer is fc7 (in VGG-19 it is \
             a convolution)."
                .into(),
        ),
        _ => None,
    }
    });
    add("data.split", &|split| {
        Some(match split {
            "paper" => "The paper divides 102 classes into 80 and 20, so two are unused, and does not list them. They \
                        are selected at random by data.seed."
                .into(),
            _ => format!("The paper divides 102 classes into 80 and 20, so two are unused. The split {split} is used."),
        })
    });
    add("objective.kind", &|kind| {
        Some(format!("The paper does not state whether JEM trains on interpolated texts (INT). These use {kind}."))
    });
    add("text.encoder", &|encoder| {
        let text = || format!("Sentences are encoded with {encoder}; the paper uses skip-thought vectors.");
        (encoder != "skip-thought").then(text)
    });
    found
}

/// How the guide is used, for each combination of settings. A setting that a run does not have has the value of the
/// paper.
fn guide_action<'s, 'a>(guided: &[&'s Cell<'a>]) -> Vec<Deviation<'s, 'a>> {
    let mut ways: BTreeMap<[String; 4], Vec<&Cell>> = BTreeMap::new();
    for &cell in guided {
        let of = |key: &str, paper: &str| cell.runs[0].setting(key).unwrap_or_else(|| paper.to_owned());
        let way = [
            of("guide.inject", "input"),
            of("guide.discriminator", "none"),
            of("objective.reconstruction", "0"),
            of("objective.guide_match", "0"),
        ];
        ways.entry(way).or_default().push(cell);
    }
    let deviation = |([inject, discriminator, reconstruction, matching], cells): ([String; 4], Vec<&'s Cell<'a>>)| {
        let is_zero = |weight: &str| weight.parse() == Ok(0.0);
        let objective = if discriminator == "none" && is_zero(&reconstruction) && is_zero(&matching) {
            "no term of the objective makes the generator follow its guide".to_owned()
        } else {
            format!("discriminator {discriminator}, reconstruction weight {reconstruction}, matching weight {matching}")
        };
        let text = format!(
            "The paper does not describe how the guide is used. Here, the generator receives the guide features at \
             {inject}; {objective}."
        );
        Deviation { cells, setting: "guide.inject", value: inject, text }
    };
    ways.into_iter().map(deviation).collect()
}
