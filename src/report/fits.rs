//! Networks that were fitted for the runs of a report, as the records of their fitting tell.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::{Analysis, RunData};

/// A file of weights that was fitted.
#[derive(Clone, Debug)]
pub struct Fit<'a> {
    /// The setting that asked for it.
    pub setting: &'a str,
    /// All that it follows from. Two files of one recipe are two fits.
    pub recipe: &'a str,
    /// SHA-256 of the file.
    pub sha256: &'a str,
    /// The labels of the cells whose runs have it.
    pub labels: Vec<&'a str>,
    /// What figures call these cells.
    pub drawn: Vec<&'a str>,
    /// These runs.
    pub runs: Vec<&'a RunData>,
    /// How it came about.
    pub record: FitRecord,
}

/// What a report reads of a record.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(untagged)]
pub enum FitRecord {
    /// Of a text encoder.
    Text(TextRecord),
    /// Of a guide's network.
    Guide(GuideRecord),
}

/// How a text encoder came about.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct TextRecord {
    /// Sentences that it learned from.
    pub sentences: usize,
    /// The perplexity of the frequencies of words alone.
    pub unigram: f64,
    /// The epoch that was kept, from 1.
    pub epoch: u32,
    /// How that one did.
    pub score: Perplexity,
    /// How each epoch did.
    pub history: Vec<Perplexity>,
}

/// How well the neighbours of sentences are told, 1 or more.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize)]
pub struct Perplexity {
    /// In learning.
    pub learned: f64,
    /// On what is held out.
    pub held_out: f64,
}

/// How a guide's network came about.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct GuideRecord {
    /// The classes that it tells apart.
    pub classes: Vec<u16>,
    /// Photos that it learned from.
    pub learned: usize,
    /// Photos that it was tried on.
    pub held_out: usize,
    /// The epoch that was kept, from 1.
    pub epoch: u32,
    /// How that one did.
    pub score: Shares,
    /// How each epoch did.
    pub history: Vec<Shares>,
}

impl GuideRecord {
    /// The share that is right by chance.
    pub fn by_chance(&self) -> f64 {
        1.0 / self.classes.len() as f64
    }
}

/// Shares of held-out photos, 0 to 1.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize)]
pub struct Shares {
    /// Whose class came first.
    pub top1: f64,
    /// Whose class was among the first five.
    pub top5: f64,
}

/// The fits of all runs, by setting, recipe and file. One whose record is of another form is left out.
pub fn fits<'s>(analysis: &'s Analysis) -> Vec<Fit<'s>> {
    let mut found: BTreeMap<(&str, &str, &str), Fit> = BTreeMap::new();
    for cell in &analysis.cells {
        for run in &cell.runs {
            for file in &run.fitted {
                let Ok(record) = FitRecord::deserialize(&file.record) else { continue };
                let (setting, recipe, sha256) = (file.setting.as_str(), file.recipe.as_str(), file.sha256.as_str());
                let new =
                    || Fit { setting, recipe, sha256, labels: Vec::new(), drawn: Vec::new(), runs: Vec::new(), record };
                let fit = found.entry((setting, recipe, sha256)).or_insert_with(new);
                // Cells come one after the other, so that a known one is the last.
                if fit.labels.last() != Some(&cell.label.as_str()) {
                    fit.labels.push(&cell.label);
                    fit.drawn.push(&cell.drawn);
                }
                fit.runs.push(run);
            }
        }
    }
    found.into_values().collect()
}

impl Fit<'_> {
    /// The first digits of the file's hash.
    pub fn digits(&self) -> &str {
        &self.sha256[..self.sha256.len().min(16)]
    }
}
