//! Fitted networks of the runs of a report, from the records of their fits.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::{Analysis, RunData};

/// A fitted file of weights.
#[derive(Clone, Debug)]
pub struct Fit<'a> {
    /// The setting that requires it.
    pub setting: &'a str,
    /// The recipe of the fit. Two files of one recipe are two fits.
    pub recipe: &'a str,
    /// SHA-256 of the file, in hex.
    pub sha256: &'a str,
    /// The labels of the cells whose runs use it.
    pub labels: Vec<&'a str>,
    /// The labels of these cells in figures.
    pub figure_labels: Vec<&'a str>,
    /// The runs that use it.
    pub runs: Vec<&'a RunData>,
    /// The record of the fit.
    pub record: FitRecord,
}

/// The part of a record that reports use.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(untagged)]
pub enum FitRecord {
    /// A text encoder.
    Text(TextRecord),
    /// A guide network.
    Guide(GuideRecord),
}

/// The record of a text encoder.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct TextRecord {
    /// The number of training sentences.
    pub sentences: usize,
    /// The perplexity of a unigram model, which uses word frequencies only.
    pub unigram: f64,
    /// The epoch whose weights are used, from 1.
    pub epoch: u32,
    /// The score at that epoch.
    pub score: Perplexity,
    /// The score after each epoch.
    pub history: Vec<Perplexity>,
}

/// The perplexity of the words of neighbouring sentences, at least 1.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize)]
pub struct Perplexity {
    /// On the training sentences.
    #[serde(rename = "learned")]
    pub train: f64,
    /// On the held-out sentences.
    pub held_out: f64,
}

/// The record of a guide network.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct GuideRecord {
    /// The classes that it distinguishes.
    pub classes: Vec<u16>,
    /// The number of training images.
    #[serde(rename = "learned")]
    pub train_images: usize,
    /// The number of held-out images.
    #[serde(rename = "held_out")]
    pub held_out_images: usize,
    /// The epoch whose weights are used, from 1.
    pub epoch: u32,
    /// The score at that epoch.
    pub score: Accuracies,
    /// The score after each epoch.
    pub history: Vec<Accuracies>,
}

impl GuideRecord {
    /// The top-1 accuracy of random guesses, as a fraction.
    pub fn chance_accuracy(&self) -> f64 {
        1.0 / self.classes.len() as f64
    }
}

/// Accuracies on held-out images, fractions from 0 to 1.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize)]
pub struct Accuracies {
    /// Top-1 accuracy.
    pub top1: f64,
    /// Top-5 accuracy.
    pub top5: f64,
}

/// The fits of all runs, by setting, recipe and file. A record of another format is ignored.
pub fn fits<'s>(analysis: &'s Analysis) -> Vec<Fit<'s>> {
    let mut found: BTreeMap<(&str, &str, &str), Fit> = BTreeMap::new();
    for cell in &analysis.cells {
        for run in &cell.runs {
            for file in &run.fitted {
                let Ok(record) = FitRecord::deserialize(&file.record) else { continue };
                let (setting, recipe, sha256) = (file.setting.as_str(), file.recipe.as_str(), file.sha256.as_str());
                let new = || Fit {
                    setting,
                    recipe,
                    sha256,
                    labels: Vec::new(),
                    figure_labels: Vec::new(),
                    runs: Vec::new(),
                    record,
                };
                let fit = found.entry((setting, recipe, sha256)).or_insert_with(new);
                // The cells are visited in order, so a label that is known is the last one.
                if fit.labels.last() != Some(&cell.label.as_str()) {
                    fit.labels.push(&cell.label);
                    fit.figure_labels.push(&cell.figure_label);
                }
                fit.runs.push(run);
            }
        }
    }
    found.into_values().collect()
}

impl Fit<'_> {
    /// The first 16 digits of the SHA-256.
    pub fn digits(&self) -> &str {
        &self.sha256[..self.sha256.len().min(16)]
    }
}
