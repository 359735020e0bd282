//! Paired differences by seed: a row for each comparison of the family, a panel for each metric.

use std::collections::BTreeMap;

use super::dots::{Dot, DotPlot, Dots, Group, Panel, RowLabel};
use super::factors::principal_cells;
use super::shown::style_of;
use super::values::MAX_METRICS;
use crate::measure::{Direction, MetricDef};
use crate::report::cells::Cell;
use crate::report::comparison::{Comparison, Family, Finding, Measure, Member, Statistic};
use crate::report::item::FigureItem;
use crate::report::{Analysis, FigureError, format};
use crate::stats::mean;
use crate::store::RunId;

/// The maximum number of comparisons.
const MAX_ROWS: usize = 12;

/// Two cells that are compared.
type Pair<'s> = (&'s Cell<'s>, &'s Cell<'s>);

/// The differences of the family; `None` if no comparison of a metric has a pair of seeds.
pub fn prepare<'s>(analysis: &'s Analysis<'s>, family: &Family<'s>) -> Option<(DotPlot, String)> {
    let members: Vec<(&Member, &'static MetricDef, &Finding)> =
        family.members.iter().filter_map(|member| Some((member, metric_of(member)?, finding_of(member)?))).collect();
    let mut metrics: Vec<&'static MetricDef> = Vec::new();
    for (_, metric, _) in &members {
        if !metrics.contains(metric) {
            metrics.push(metric);
        }
    }
    let shown_metrics = &metrics[..metrics.len().min(MAX_METRICS)];
    let (pairs, selection) = selected(analysis, pairs(&members));
    let groups = groups(&pairs, analysis);
    // The order of the groups.
    let ordered: Vec<Pair> = groups.iter().flat_map(|(_, pairs)| pairs.iter().copied()).collect();
    let row = |&(a, b): &Pair<'s>, metric: &MetricDef| {
        let member = members.iter().find(|(member, of, _)| of.name == metric.name && is_of(&member.comparison, a, b));
        member.map(|(member, _, finding)| dots(&member.comparison, finding)).unwrap_or_default()
    };
    let panels: Vec<Panel> = shown_metrics
        .iter()
        .map(|metric| Panel {
            title: metric.title.to_owned(),
            detail: direction(metric).to_owned(),
            series: (metric.name.to_owned(), String::new()),
            rows: ordered.iter().map(|pair| row(pair, metric)).collect(),
        })
        .collect();
    let rows: Vec<Dots> = panels.iter().flat_map(|panel| panel.rows.clone()).collect();
    if rows.iter().all(|dots| dots.values.is_empty()) {
        return None;
    }
    let label = |(a, _): &Pair<'s>| RowLabel { label: a.figure_label.clone(), style: style_of(analysis, a) };
    let plot = DotPlot {
        groups: groups
            .iter()
            .map(|(title, pairs)| Group { title: title.clone(), rows: pairs.iter().map(label).collect() })
            .collect(),
        panels,
        has_zero: true,
        note: note(&rows),
    };
    let more = match metrics.len() - shown_metrics.len() {
        0 => String::new(),
        n => format!(" {} more are in the table of differences.", format::counted(n, "metric")),
    };
    let text = format!(
        "Differences of last values between runs with the same seed: the cell of the row minus the cell in the heading. \
         A mean right of the vertical line at 0 is a greater value. Intervals are those of the table of differences; \
         they are not adjusted for the number of comparisons.{}{more}",
        selection.map(|selection| format!(" Shown: {selection}.")).unwrap_or_default()
    );
    Some((plot, text))
}

fn metric_of(member: &Member) -> Option<&'static MetricDef> {
    match member.comparison.measure {
        Measure::Metric(metric) => Some(metric),
        Measure::Convergence => None,
    }
}

fn finding_of<'m>(member: &'m Member) -> Option<&'m Finding> {
    member.comparison.result.as_ref().ok()
}

fn is_of(comparison: &Comparison, a: &Cell, b: &Cell) -> bool {
    let same = |x: &Cell, y: &Cell| (x.method, x.id) == (y.method, y.id);
    same(comparison.a, a) && same(comparison.b, b)
}

/// The compared cells, once each, in the order of the family.
fn pairs<'s>(members: &[(&Member<'s>, &'static MetricDef, &Finding)]) -> Vec<Pair<'s>> {
    let mut pairs: Vec<Pair> = Vec::new();
    for (member, ..) in members {
        let Comparison { a, b, .. } = member.comparison;
        if !pairs.iter().any(|(x, y)| is_of(&member.comparison, x, y)) {
            pairs.push((a, b));
        }
    }
    pairs
}

/// The pairs that fit: all, those of principal cells, or the first ones.
fn selected<'s>(analysis: &'s Analysis<'s>, pairs: Vec<Pair<'s>>) -> (Vec<Pair<'s>>, Option<String>) {
    let all = pairs.len();
    if all <= MAX_ROWS {
        return (pairs, None);
    }
    let principal = principal_cells(&analysis.cells);
    let is_principal = |cell: &Cell| principal.iter().any(|known| (known.method, known.id) == (cell.method, cell.id));
    let (mut of_principal, others): (Vec<Pair>, Vec<Pair>) =
        pairs.into_iter().partition(|(a, b)| is_principal(a) && is_principal(b));
    let mut description = format!("{} of {all} comparisons, without variants of guide and objective", of_principal.len());
    if of_principal.is_empty() || of_principal.len() > MAX_ROWS {
        of_principal.extend(others);
        of_principal.truncate(MAX_ROWS);
        description = format!("{MAX_ROWS} of {all} comparisons, the first ones");
    }
    (of_principal, Some(description))
}

/// The pairs by their second cell.
fn groups<'s>(pairs: &[Pair<'s>], analysis: &Analysis) -> Vec<(String, Vec<Pair<'s>>)> {
    let place = |cell: &Cell| analysis.cells.iter().position(|known| (known.method, known.id) == (cell.method, cell.id));
    let mut groups: BTreeMap<Option<usize>, (String, Vec<Pair>)> = BTreeMap::new();
    for &(a, b) in pairs {
        let title = || format!("minus {}", b.figure_label);
        groups.entry(place(b)).or_insert_with(|| (title(), Vec::new())).1.push((a, b));
    }
    groups.into_values().collect()
}

/// The difference of each pair of runs.
fn dots(comparison: &Comparison, finding: &Finding) -> Dots {
    let run = |cell: &Cell, seed: u64| -> Option<RunId> {
        cell.runs.iter().find(|run| run.record.seed == seed).map(|run| run.record.id)
    };
    let dot = |&(seed, difference): &(u64, Option<f64>)| {
        let value = difference.filter(|value| value.is_finite())?;
        let runs = [comparison.a, comparison.b].into_iter().filter_map(|cell| run(cell, seed)).collect();
        Some(Dot { seed, value, runs })
    };
    let values: Vec<Dot> = finding.by_seed.iter().filter_map(dot).collect();
    let left_out = finding.by_seed.len() - values.len();
    // If a run counts as the worst, the finding is about medians, and has no interval of the mean.
    let is_mean = finding.statistic == Statistic::Means;
    let all: Vec<f64> = values.iter().map(|dot| dot.value).collect();
    let interval = finding.interval.filter(|_| is_mean && values.len() > 2).map(|interval| interval.limits);
    Dots { mean: mean(&all), interval, left_out, values }
}

fn direction(metric: &MetricDef) -> &'static str {
    match metric.direction {
        Direction::Lower => "← better",
        Direction::Higher => "better →",
        Direction::Neutral => "",
    }
}

fn note(rows: &[Dots]) -> String {
    let interval = match rows.iter().any(|dots| dots.interval.is_some()) {
        true => "; bar: 95 % interval of the mean",
        false => "; no interval, because there are fewer than three pairs",
    };
    let left_out = rows.iter().map(|dots| dots.left_out).max().unwrap_or_default();
    let left_out = match left_out {
        0 => String::new(),
        n => format!(
            " Up to {} of a row have a run that diverged or has no finite value; they are not drawn, and the mean leaves \
             them out.",
            format::counted(n, "pair")
        ),
    };
    format!("Dot: difference of two runs with one seed; line: mean{interval}.{left_out}")
}

/// The figure `differences`.
///
/// # Errors
///
/// None; other figures have errors.
pub fn item(analysis: &Analysis) -> Result<Option<FigureItem>, FigureError> {
    let family = Family::new(analysis);
    let Some((plot, text)) = prepare(analysis, &family) else { return Ok(None) };
    let metrics: Vec<&str> = plot.panels.iter().map(|panel| panel.title.as_str()).collect();
    let rows: usize = plot.groups.iter().map(|group| group.rows.len()).sum();
    Ok(Some(FigureItem {
        name: "differences".into(),
        title: "Paired differences by seed".into(),
        alt: format!("Differences by seed of {} in {}", format::counted(rows, "comparison"), metrics.join(", ")),
        text,
        runs: plot.runs(),
        svg: plot.draw(),
        data: Some(plot.data()),
    }))
}

#[cfg(test)]
mod tests;
