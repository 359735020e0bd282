//! The results table: each metric of each cell, last and best, as a mean over seeds with its interval.

use std::collections::BTreeSet;

use super::footnote::{footnote, is_shown, selection};
use super::{NO_VALUE, Table, experiments};
use crate::measure::{Direction, MetricDef};
use crate::report::comparison::{Family, Measure, Member, Refusal, half_width, probability, protocol_of_cell};
use crate::report::format::{exact, with_deviation};
use crate::report::item::TableItem;
use crate::report::protocol_metric::ProtocolMetric;
use crate::report::{Analysis, Cell, format};
use crate::stats::mean;
use crate::store::RunState;

/// The mark of a value that differs significantly from the reference.
const MARK: &str = " *";

/// A metric of a cell.
struct Entry<'s> {
    metric: Result<ProtocolMetric, Refusal>,
    last: Vec<f64>,
    best: Vec<f64>,
    /// The part of the split on which the values were computed, and the best ones selected; empty if there is none.
    split: String,
    /// The first comparison in which the cell is the first one.
    member: Option<&'s Member<'s>>,
}

impl Entry<'_> {
    fn is_marked(&self, family: &Family) -> bool {
        self.member.is_some_and(|member| member.is_significant(family.alpha))
    }
}

/// The table; `None` if no finished run has a metric of the tables.
pub fn results<'s>(analysis: &'s Analysis<'s>, family: &'s Family<'s>) -> Option<TableItem> {
    let columns: Vec<(&'static MetricDef, Vec<Entry>)> = analysis
        .spec
        .table
        .iter()
        .map(|&metric| (metric, analysis.cells.iter().map(|cell| entry(analysis, family, cell, metric)).collect()))
        .filter(|(_, entries): &(_, Vec<Entry>)| entries.iter().any(|entry| !entry.last.is_empty()))
        .collect();
    (!columns.is_empty()).then(|| TableItem {
        name: "results".to_owned(),
        title: "Results by method".to_owned(),
        text: text(analysis, family, &columns),
        runs: analysis.runs().map(|run| run.record.id).collect(),
        shown: shown(analysis, family, &columns),
        data: data(analysis, family, &columns),
    })
}

fn entry<'s>(
    analysis: &'s Analysis<'s>,
    family: &'s Family<'s>,
    cell: &'s Cell<'s>,
    metric: &'static MetricDef,
) -> Entry<'s> {
    let found = protocol_of_cell(analysis, cell, metric);
    let finished = || cell.runs.iter().filter(|run| run.record.state == RunState::Finished);
    let (last, best) = match &found {
        Ok(metric) => (
            finished().filter_map(|run| metric.curve(run)?.last()).map(|last| last.1).collect(),
            finished().filter_map(|run| metric.best(run)).map(|best| best.1).collect(),
        ),
        Err(_) => (Vec::new(), Vec::new()),
    };
    let protocol = found.as_ref().ok().and_then(|metric| analysis.input.protocols.get(&metric.protocol));
    let split = protocol.map(|protocol| protocol.split.clone()).unwrap_or_default();
    Entry { metric: found, last, best, split, member: family.first_of(cell, Measure::Metric(metric)) }
}

/// The title of a column: with the network, if all cells have the same.
fn name(metric: &MetricDef, entries: &[Entry]) -> String {
    let names: BTreeSet<String> = entries.iter().filter_map(|entry| Some(entry.metric.as_ref().ok()?.name())).collect();
    match Vec::from_iter(names).as_slice() {
        [name] => name.clone(),
        _ => metric.title.to_owned(),
    }
}

/// The splits on which the best values of a column were selected, such as ` on val`.
fn selected_on(entries: &[Entry]) -> String {
    let splits: BTreeSet<&str> =
        entries.iter().filter(|entry| !entry.best.is_empty()).map(|entry| entry.split.as_str()).collect();
    let splits: Vec<&str> = splits.into_iter().filter(|split| !split.is_empty()).collect();
    if splits.is_empty() { "on the training run itself".to_owned() } else { format!("on {}", splits.join(" and ")) }
}

fn shown(analysis: &Analysis, family: &Family, columns: &[(&'static MetricDef, Vec<Entry>)]) -> Table {
    let mut table = Table::default().text_column("Method").number_column("Finished");
    for (metric, entries) in columns {
        let name = name(metric, entries);
        table = table.number_column(format!("{name}, last"));
        if metric.direction != Direction::Neutral {
            table = table.number_column(format!("{name}, best, selected {}", selected_on(entries)));
        }
    }
    for (at, cell) in analysis.cells.iter().enumerate().filter(|(_, cell)| is_shown(analysis, cell)) {
        let finished = cell.count(&[RunState::Finished]);
        let mut row = vec![cell.label.clone(), finished.to_string()];
        for (metric, entries) in columns {
            let entry = &entries[at];
            let mark = if entry.is_marked(family) { MARK } else { "" };
            row.push(match &entry.metric {
                Err(Refusal::Protocols { .. }) => "several protocols".to_owned(),
                _ => format!("{}{mark}", with_interval(&entry.last, finished)),
            });
            if metric.direction != Direction::Neutral {
                row.push(with_interval(&entry.best, finished));
            }
        }
        table.push(row);
    }
    table
}

/// `0.3412 ± 0.0123`: the mean and half the width of its 95 % interval; with the number of values if it is not `n`.
fn with_interval(values: &[f64], n: usize) -> String {
    let Some(mean) = mean(values) else { return NO_VALUE.to_owned() };
    let count = if values.len() == n { String::new() } else { format!(" (n {})", values.len()) };
    match half_width(values) {
        Some(half) => format!("{}{count}", with_deviation(mean, half)),
        None => format!("{}{count}", format::significant(mean)),
    }
}

fn data(analysis: &Analysis, family: &Family, columns: &[(&'static MetricDef, Vec<Entry>)]) -> Table {
    let mut table = Table::default();
    for header in [
        "experiment",
        "method",
        "settings",
        "cell",
        "metric",
        "protocol",
        "split",
        "finished",
        "last_n",
        "last_mean",
        "last_low",
        "last_high",
        "best_n",
        "best_mean",
        "best_low",
        "best_high",
        "against",
        "p_holm",
        "significant",
        "refused",
    ] {
        table = table.text_column(header);
    }
    let number = |value: Option<f64>| value.map(exact).unwrap_or_default();
    let summary = |values: &[f64]| {
        let (mean, half) = (mean(values), half_width(values));
        let limits = mean.zip(half);
        [
            values.len().to_string(),
            number(mean),
            number(limits.map(|(mean, half)| mean - half)),
            number(limits.map(|(mean, half)| mean + half)),
        ]
    };
    for (at, cell) in analysis.cells.iter().enumerate() {
        for (metric, entries) in columns {
            let entry = &entries[at];
            let mut row = vec![experiments(cell), cell.method.to_owned(), cell.settings(), cell.id.to_owned()];
            let protocol = entry.metric.as_ref().map(|metric| metric.protocol.as_str().to_owned());
            row.extend([metric.name.to_owned(), protocol.unwrap_or_default(), entry.split.clone()]);
            row.push(cell.count(&[RunState::Finished]).to_string());
            row.extend(summary(&entry.last));
            row.extend(summary(&entry.best));
            row.push(entry.member.map(|member| member.comparison.b.label.clone()).unwrap_or_default());
            row.push(number(entry.member.and_then(|member| member.adjusted)));
            row.push(entry.member.map(|_| entry.is_marked(family).to_string()).unwrap_or_default());
            row.push(entry.metric.as_ref().err().map(Refusal::reason).unwrap_or_default());
            table.push(row);
        }
    }
    table
}

fn text(analysis: &Analysis, family: &Family, columns: &[(&'static MetricDef, Vec<Entry>)]) -> String {
    let mut sentences = vec![
        "Means over the finished runs of each cell, ± half the width of the 95 % Student's t interval. Last: after the \
         last epoch. Best: the best evaluation of each run, so that it is better than a value without selection."
            .to_owned(),
    ];
    let entries = || columns.iter().flat_map(|(_, entries)| entries);
    let compared: Vec<&Entry> = entries().filter(|entry| entry.member.is_some()).collect();
    if !compared.is_empty() {
        let marked = compared.iter().filter(|entry| entry.is_marked(family)).count();
        sentences.push(format!(
            "* differs from its reference ({}) in the paired permutation test of the last values after Holm over {} \
             tests, at {}: {marked} of {} compared values. No value is emphasised for being the best of its column.",
            references(&compared),
            family.size(),
            probability(family.alpha),
            compared.len()
        ));
    }
    let protocols: BTreeSet<&str> =
        entries().filter_map(|entry| Some(entry.metric.as_ref().ok()?.protocol.as_str())).collect();
    let directed = |direction: Direction| -> Vec<String> {
        let titles = columns.iter().filter(|(metric, _)| metric.direction == direction);
        titles.map(|(metric, entries)| name(metric, entries)).collect()
    };
    let [lower, higher] = [Direction::Lower, Direction::Higher].map(directed);
    for (words, names) in [("Lower", lower), ("Higher", higher)] {
        if !names.is_empty() {
            sentences.push(format!("{words} is better for {}.", names.join(", ")));
        }
    }
    let is_mixed = columns.iter().any(|(_, entries)| {
        let of_column = entries.iter().filter_map(|entry| Some(&entry.metric.as_ref().ok()?.protocol));
        of_column.collect::<BTreeSet<_>>().len() > 1
    });
    if is_mixed {
        sentences.push(format!(
            "The values were computed under {} protocols, for example at several resolutions; values under different \
             protocols are not comparable.",
            protocols.len()
        ));
    }
    sentences.extend(selection(analysis, "results"));
    sentences.extend(footnote(analysis));
    sentences.join(" ")
}

/// The labels of the references.
fn references(entries: &[&Entry]) -> String {
    let labels: BTreeSet<&str> =
        entries.iter().filter_map(|entry| Some(entry.member?.comparison.b.label.as_str())).collect();
    Vec::from_iter(labels).join("; ")
}
