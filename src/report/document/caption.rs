//! Captions: where the values of a figure or a table come from.

use std::collections::{BTreeMap, BTreeSet};

use super::model::{Caption, Text};
use super::sources::{RowHashes, Sources};
use crate::report::format::{counted, percent};
use crate::report::{Analysis, FigureItem, RunData, TableItem};
use crate::store::{Code, RunId, RunState};

/// The captions of a report, in the order in which they are requested.
pub struct Captions<'s, 'a> {
    analysis: &'s Analysis<'a>,
    runs: BTreeMap<RunId, &'a RunData>,
    hashes: RowHashes,
    footnote: String,
    figures: usize,
    tables: usize,
}

impl<'s, 'a> Captions<'s, 'a> {
    /// Without captions yet.
    pub fn new(analysis: &'s Analysis<'a>) -> Self {
        Self {
            analysis,
            runs: analysis.runs().map(|run| (run.record.id, run)).collect(),
            hashes: RowHashes::default(),
            footnote: footnote(analysis),
            figures: 0,
            tables: 0,
        }
    }

    /// The caption of the next figure.
    pub fn of_figure(&mut self, item: &FigureItem) -> Caption {
        self.figures += 1;
        let sources = Sources::of_figure(self.analysis, &item.name);
        self.caption(&format!("Figure {}", self.figures), [&item.title, &item.text], &item.runs, &sources)
    }

    /// The caption of the next table.
    pub fn of_table(&mut self, item: &TableItem) -> Caption {
        self.tables += 1;
        let sources = Sources::of_table(self.analysis, &item.name);
        self.caption(&format!("Table {}", self.tables), [&item.title, &item.text], &item.runs, &sources)
    }

    fn caption(&mut self, label: &str, [title, text]: [&str; 2], ids: &[RunId], sources: &Sources) -> Caption {
        let ids: BTreeSet<RunId> = ids.iter().copied().collect();
        let runs: Vec<&RunData> = ids.iter().filter_map(|id| self.runs.get(id).copied()).collect();
        let has_results = sources.has_results() && !runs.is_empty();
        Caption {
            label: label.to_owned(),
            title: title.to_owned(),
            text: text.to_owned(),
            facts: if runs.is_empty() { Text::default() } else { self.facts(&runs, sources) },
            footnote: if has_results { self.footnote.clone() } else { String::new() },
        }
    }

    /// Runs, seeds, protocols, rule, versions of the program, and hash over the rows.
    fn facts(&mut self, runs: &[&'a RunData], sources: &Sources) -> Text {
        let seeds: BTreeSet<u64> = runs.iter().map(|run| run.record.seed).collect();
        let plural = if seeds.len() == 1 { "" } else { "s" };
        let mut text = Text::from(format!("n = {}, seed{plural} {}", counted(runs.len(), "run"), ranges(&seeds)));
        let protocols = sources.protocols(self.analysis, runs);
        if !protocols.is_empty() {
            text = text.plain(if protocols.len() == 1 { "; protocol " } else { "; protocols " });
            text = listed(text, protocols.into_iter().map(str::to_owned));
        }
        if sources.uses_rule {
            text = text.plain(format!("; rule: {}", rule(self.analysis)));
        }
        let codes: BTreeSet<String> = runs.iter().flat_map(|run| &run.codes).map(version).collect();
        if !codes.is_empty() {
            text = listed(text.plain("; computed by "), codes.into_iter());
        }
        let hash = self.hashes.of(runs, sources);
        text.plain("; rows ").code(hash).plain(".")
    }
}

/// Adds names, separated by commas.
fn listed(mut text: Text, names: impl Iterator<Item = String>) -> Text {
    for (at, name) in names.enumerate() {
        text = if at == 0 { text.code(name) } else { text.plain(", ").code(name) };
    }
    text
}

/// The version of the program: its commit, or the hash of its executable.
fn version(code: &Code) -> String {
    let short = |hash: &str| hash.chars().take(12).collect::<String>();
    match (code.commit.is_empty(), code.is_changed) {
        (true, _) => format!("executable {}", short(&code.executable)),
        (false, true) => format!("commit {} with changes", short(&code.commit)),
        (false, false) => format!("commit {}", short(&code.commit)),
    }
}

/// Numbers in ascending order, such as `1–8, 11`.
fn ranges(numbers: &BTreeSet<u64>) -> String {
    let mut found: Vec<(u64, u64)> = Vec::new();
    for &number in numbers {
        match found.last_mut() {
            Some((_, last)) if last.checked_add(1) == Some(number) => *last = number,
            _ => found.push((number, number)),
        }
    }
    let range = |&(first, last): &(u64, u64)| match last - first {
        0 => first.to_string(),
        1 => format!("{first}, {last}"),
        _ => format!("{first}–{last}"),
    };
    found.iter().map(range).collect::<Vec<_>>().join(", ")
}

/// The convergence rule of the report, in a few words.
fn rule(analysis: &Analysis) -> String {
    let spec = &analysis.spec.convergence;
    let threshold = spec.threshold.map(|tau| format!("; threshold {tau}")).unwrap_or_default();
    format!(
        "{} within {} of its improvement, confirmed by {} evaluations{threshold}",
        spec.metric.title,
        percent(spec.rule.tolerance()),
        spec.rule.confirm(),
    )
}

/// The runs that have not finished, in a sentence; empty if all have.
fn footnote(analysis: &Analysis) -> String {
    let states = [
        (RunState::Diverged, "diverged (counted as not converged, not averaged)"),
        (RunState::Failed, "failed (excluded)"),
        (RunState::Cancelled, "cancelled (excluded)"),
        (RunState::Running, "still running"),
        (RunState::Queued, "queued (no values yet)"),
    ];
    let found = states.into_iter().map(|(state, what)| (analysis.count(&[state]), what)).filter(|(n, _)| *n > 0);
    let parts: Vec<String> = found.map(|(n, what)| format!("{n} {what}")).collect();
    match parts.is_empty() {
        true => String::new(),
        false => format!("Of {} in this report: {}.", counted(analysis.runs().count(), "run"), parts.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seeds_are_listed_as_ranges() {
        assert_eq!(ranges(&BTreeSet::from([1, 2, 3, 5, 8, 9])), "1–3, 5, 8, 9");
        assert_eq!(ranges(&BTreeSet::from([u64::MAX])), u64::MAX.to_string());
    }

    #[test]
    fn a_version_is_a_commit_or_an_executable() {
        let code = |commit: &str, is_changed| Code {
            commit: commit.into(),
            is_changed,
            executable: "0123456789abcdef".into(),
        };
        assert_eq!(version(&code("", false)), "executable 0123456789ab");
        assert_eq!(version(&code("fedcba9876543210", true)), "commit fedcba987654 with changes");
    }
}
