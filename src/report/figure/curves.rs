//! Mean curves over seeds with bands, one panel for each metric and protocol, and the median epochs of convergence.

mod draw;

use std::collections::BTreeSet;

use super::shown::{MAX_CELLS, ShownCell, shown};
use super::style::Style;
use crate::measure::{Curve, Direction, Epoch};
use crate::report::cells::Cell;
use crate::report::data_table::Table;
use crate::report::item::FigureItem;
use crate::report::protocol_metric::{ProtocolMetric, describe, protocol_metrics};
use crate::report::{Analysis, BandChoice, FigureError, format};
use crate::stats::{Band, Median, Spread, bands, survival};
use crate::store::RunId;

/// The data of the figure.
#[derive(Clone, Debug, PartialEq)]
pub struct CurvesFigure {
    /// One for each metric and protocol, in the order of the spec.
    pub panels: Vec<Panel>,
    /// The style and the label of each cell in the figure.
    pub legend: Vec<(Style, String)>,
    /// The meaning of lines and bands, and which lines coincide.
    pub note: String,
    /// The metrics that no run has recorded.
    pub missing: Vec<&'static str>,
    /// The last epoch of the epoch axis, which is the same for all panels.
    pub last: u32,
    /// The runs whose values are averaged.
    pub runs: Vec<RunId>,
}

/// One metric under one protocol.
#[derive(Clone, Debug, PartialEq)]
pub struct Panel {
    /// The title of the value axis: the metric and its unit.
    pub axis: String,
    /// The text above the panel: the better direction and the protocol.
    pub heading: String,
    /// The name of the metric and the id of the protocol.
    pub series: (&'static str, String),
    /// One for each cell with this metric.
    pub lines: Vec<Line>,
}

/// The mean over the seeds of one cell.
#[derive(Clone, Debug, PartialEq)]
pub struct Line {
    /// The style of the cell.
    pub style: Style,
    /// The label of the cell in figures.
    pub label: String,
    /// The label of the cell.
    pub cell: String,
    /// The number of seeds with this metric. The line is thin at points with fewer seeds.
    pub seeds: usize,
    /// The mean and the band at each epoch.
    pub points: Vec<Band>,
    /// The median epoch of convergence, in the panel of the metric of convergence.
    pub converged: Option<f64>,
    /// The first line of the panel that looks the same.
    pub equals: Option<usize>,
}

/// The minimum number of seeds for which `auto` selects the t interval.
const SEEDS_FOR_T: usize = 5;
/// The maximum number of points of a line. Of longer curves, every second evaluation is drawn, or every third, and so on.
const MAX_POINTS: usize = 400;
/// The greatest difference of lines that look the same, as a fraction of the span of the panel: less than a pixel.
const SAME: f64 = 0.004;

/// Averages the included runs; `None` if none has a point yet.
pub fn prepare(analysis: &Analysis) -> Option<CurvesFigure> {
    let all = protocol_metrics(analysis.input, &analysis.cells, &analysis.spec.curves);
    let spread = spread(analysis, &all);
    let (cells, selection) = shown(analysis, MAX_CELLS);
    let mut runs = BTreeSet::new();
    let mut panels: Vec<Panel> = Vec::new();
    for metric in &all {
        let lines: Vec<Line> =
            cells.iter().filter_map(|cell| line(analysis, cell, metric, spread, &mut runs)).collect();
        if !lines.is_empty() {
            let series = (metric.definition.name, metric.protocol.as_str().to_owned());
            panels.push(Panel { axis: axis(metric), heading: heading(analysis, metric, &all), series, lines });
        }
    }
    panels.iter_mut().for_each(Panel::find_equal_lines);
    let drawn: Vec<&Line> = panels.iter().flat_map(|panel| &panel.lines).collect();
    let last = drawn.iter().filter_map(|line| line.points.last()).map(|band| band.epoch.0).max()?;
    let has_line = |shown: &&ShownCell| drawn.iter().any(|line| line.cell == shown.cell.label);
    let missing = analysis.spec.curves.iter().filter(|metric| !all.iter().any(|m| m.definition == **metric));
    Some(CurvesFigure {
        legend: cells.iter().filter(has_line).map(|shown| (shown.style, shown.cell.figure_label.clone())).collect(),
        note: note(&panels, spread, selection.as_deref()),
        missing: missing.map(|metric| metric.name).collect(),
        last,
        runs: runs.into_iter().collect(),
        panels,
    })
}

/// The curves of the included runs of a cell that have a finite value.
fn curves_of<'a>(cell: &Cell<'a>, metric: &ProtocolMetric) -> Vec<(RunId, &'a Curve)> {
    let curves = cell.included_runs().filter_map(|run| Some((run.record.id, metric.curve(run)?)));
    curves.filter(|(_, curve)| curve.points().iter().any(|(_, value)| value.is_finite())).collect()
}

fn line(
    analysis: &Analysis,
    shown: &ShownCell,
    metric: &ProtocolMetric,
    spread: Spread,
    runs: &mut BTreeSet<RunId>,
) -> Option<Line> {
    let curves = curves_of(shown.cell, metric);
    if curves.is_empty() {
        return None;
    }
    runs.extend(curves.iter().map(|(run, _)| *run));
    let is_assessed = analysis.convergence_metric_of(shown.cell).is_some_and(|of| {
        (of.definition.name, &of.protocol) == (metric.definition.name, &metric.protocol)
    });
    let median = is_assessed.then(|| survival(&analysis.primary_outcomes(shown.cell)).median).flatten();
    let converged = match median {
        Some(Median::At(epoch)) => Some(epoch),
        _ => None,
    };
    let thinned = thinned(&curves.iter().map(|(_, curve)| *curve).collect::<Vec<_>>());
    Some(Line {
        style: shown.style,
        label: shown.cell.figure_label.clone(),
        cell: shown.cell.label.clone(),
        seeds: curves.len(),
        points: bands(&thinned.iter().collect::<Vec<_>>(), spread),
        converged,
        equals: None,
    })
}

/// The curves at no more epochs than can be drawn: every k-th epoch of all of them, and the last one.
fn thinned(curves: &[&Curve]) -> Vec<Curve> {
    let epochs: BTreeSet<Epoch> = curves.iter().flat_map(|curve| curve.points()).map(|(epoch, _)| *epoch).collect();
    if epochs.len() <= MAX_POINTS {
        return curves.iter().map(|&curve| curve.clone()).collect();
    }
    let every = epochs.len().div_ceil(MAX_POINTS);
    let kept: BTreeSet<Epoch> = epochs.iter().step_by(every).chain(epochs.last()).copied().collect();
    let thin = |curve: &&Curve| {
        let points = curve.points().iter().filter(|(epoch, _)| kept.contains(epoch)).copied().collect();
        Curve::new(points).expect("a part of ascending epochs ascends")
    };
    curves.iter().map(thin).collect()
}

fn spread(analysis: &Analysis, all: &[ProtocolMetric]) -> Spread {
    let seeds = all.iter().flat_map(|metric| analysis.cells.iter().map(|cell| curves_of(cell, metric).len()));
    match analysis.spec.band {
        BandChoice::Range => Spread::Range,
        BandChoice::T95 => Spread::T95,
        BandChoice::Auto if seeds.filter(|&n| n > 0).all(|n| n >= SEEDS_FOR_T) => Spread::T95,
        BandChoice::Auto => Spread::Range,
    }
}

fn axis(metric: &ProtocolMetric) -> String {
    let (name, unit) = (metric.name(), metric.definition.unit);
    if unit.is_empty() { name } else { format!("{name} ({unit})") }
}

/// The better direction and the protocol, with its id if other protocols of the metric have the same description.
fn heading(analysis: &Analysis, metric: &ProtocolMetric, all: &[ProtocolMetric]) -> String {
    let direction = match metric.definition.direction {
        Direction::Lower => "↓ lower is better",
        Direction::Higher => "↑ higher is better",
        Direction::Neutral => "neither direction is better",
    };
    let protocol = describe(analysis.input, &metric.protocol);
    let is_alike = |other: &&ProtocolMetric| {
        other.definition == metric.definition && describe(analysis.input, &other.protocol) == protocol
    };
    let id = match all.iter().filter(is_alike).count() {
        0 | 1 => String::new(),
        _ => format!(" [{}]", metric.protocol.as_str()),
    };
    if protocol.is_empty() { format!("{direction}{id}") } else { format!("{direction} · {protocol}{id}") }
}

fn note(panels: &[Panel], spread: Spread, selection: Option<&str>) -> String {
    let lines = || panels.iter().flat_map(|panel| &panel.lines);
    let seeds = || lines().map(|line| line.seeds);
    let (least, most) = (seeds().min().unwrap_or_default(), seeds().max().unwrap_or_default());
    let of = if least == most { format::counted(most, "seed") } else { format!("{least} to {most} seeds") };
    let band = if most > 1 { format!("band: {spread}") } else { "one seed has no band".to_owned() };
    let has_thin = lines().any(|line| line.points.iter().any(|band| band.n < line.seeds));
    let thin = if has_thin { "; thin line: not all seeds have values" } else { "" };
    let circle =
        if lines().any(|line| line.converged.is_some()) { "; circle: median epoch of convergence" } else { "" };
    let equal: Vec<String> = panels.iter().filter_map(Panel::equal_lines).collect();
    let equal = if equal.is_empty() {
        String::new()
    } else {
        format!(" Lines that coincide are drawn over each other with dashes: {}.", equal.join("; "))
    };
    let shown = selection.map(|selection| format!(" Shown: {selection}.")).unwrap_or_default();
    format!("Line: mean over {of}; {band}{thin}{circle}.{equal}{shown}")
}

impl Panel {
    /// All values in the panel.
    fn values(&self) -> impl Iterator<Item = f64> {
        let points = self.lines.iter().flat_map(|line| &line.points);
        points.flat_map(|band| [Some(band.mean), band.interval.map(|i| i.low), band.interval.map(|i| i.high)]).flatten()
    }

    fn find_equal_lines(&mut self) {
        let (low, high) = self
            .values()
            .filter(|value| value.is_finite())
            .fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), value| (low.min(value), high.max(value)));
        let same = |a: &Line, b: &Line| {
            a.points.len() == b.points.len()
                && a.points.iter().zip(&b.points).all(|(a, b)| {
                    a.epoch == b.epoch && (a.mean == b.mean || (a.mean - b.mean).abs() <= SAME * (high - low))
                })
        };
        for i in 1..self.lines.len() {
            let (before, after) = self.lines.split_at_mut(i);
            after[0].equals = before.iter().position(|line| line.equals.is_none() && same(line, &after[0]));
        }
    }

    /// The labels of lines that coincide, and the metric; `None` if no lines coincide.
    fn equal_lines(&self) -> Option<String> {
        let mut groups: Vec<String> = Vec::new();
        for (i, line) in self.lines.iter().enumerate() {
            let others: Vec<&str> =
                self.lines.iter().filter(|other| other.equals == Some(i)).map(|other| other.label.as_str()).collect();
            if !others.is_empty() {
                groups.push(format!("{} and {}", line.label, others.join(", ")));
            }
        }
        (!groups.is_empty()).then(|| format!("{} of {}", self.axis, groups.join("; ")))
    }
}

impl CurvesFigure {
    /// A row for each drawn point.
    fn data(&self) -> Table {
        let mut table = Table::default().text_column("metric").text_column("protocol").text_column("cell");
        for header in ["epoch", "n", "mean", "low", "high"] {
            table = table.number_column(header);
        }
        for panel in &self.panels {
            for line in &panel.lines {
                for band in &line.points {
                    let end = |end: Option<f64>| end.map(format::exact).unwrap_or_default();
                    let (low, high) = (band.interval.map(|i| i.low), band.interval.map(|i| i.high));
                    let mut row = vec![panel.series.0.to_owned(), panel.series.1.clone(), line.cell.clone()];
                    row.extend([band.epoch.to_string(), band.n.to_string(), format::exact(band.mean)]);
                    row.extend([end(low), end(high)]);
                    table.push(row);
                }
            }
        }
        table
    }
}

/// The figure `curves`.
///
/// # Errors
///
/// None; other figures have errors.
pub fn item(analysis: &Analysis) -> Result<Option<FigureItem>, FigureError> {
    let Some(figure) = prepare(analysis) else { return Ok(None) };
    let metrics: Vec<&str> = figure.panels.iter().map(|panel| panel.axis.as_str()).collect();
    let missing = match figure.missing.as_slice() {
        [] => String::new(),
        names => format!(" No run has recorded {} yet.", names.join(", ")),
    };
    Ok(Some(FigureItem {
        name: "curves".into(),
        title: "Training curves".into(),
        text: format!("{}{missing}", figure.note),
        alt: format!("Mean curves over seeds, by epoch, of {}", metrics.join(", ")),
        runs: figure.runs.clone(),
        svg: figure.draw(),
        data: Some(figure.data()),
    }))
}

#[cfg(test)]
mod tests;
