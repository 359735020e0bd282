//! Mean curves over seeds with bands, one panel for each metric and protocol.

use std::collections::BTreeSet;

use plotters::style::text_anchor::{HPos, VPos};

use super::canvas::{Canvas, Point, TextStyle, svg};
use super::frame::{Frame, Scale, axis_width};
use super::legend::Legend;
use super::style::{self, MARGIN, MAX_CELLS, MUTED, WIDTH};
use crate::measure::{Curve, Direction};
use crate::report::cells::Cell;
use crate::report::protocol_metric::{ProtocolMetric, describe, protocol_metrics};
use crate::report::{Analysis, BandChoice, FigureError, format};
use crate::stats::{Band, Spread, bands};

/// The data of the figure.
#[derive(Clone, Debug, PartialEq)]
pub struct CurvesFigure {
    /// One for each metric and protocol, in the order of the spec.
    pub panels: Vec<Panel>,
    /// The number and the label of each cell in the figure.
    pub legend: Vec<(usize, String)>,
    /// The meaning of lines and bands.
    pub note: String,
    /// The metrics that no run has recorded.
    pub missing: Vec<&'static str>,
    /// The last epoch of the epoch axis, which is the same for all panels.
    pub last: u32,
}

/// One metric under one protocol.
#[derive(Clone, Debug, PartialEq)]
pub struct Panel {
    /// The title of the value axis: the metric and its unit.
    pub axis: String,
    /// The text above the panel: the better direction and the protocol.
    pub heading: String,
    /// One for each cell with this metric.
    pub lines: Vec<Line>,
}

/// The mean over the seeds of one cell.
#[derive(Clone, Debug, PartialEq)]
pub struct Line {
    /// The number of the cell.
    pub cell: usize,
    /// The number of seeds with this metric. The line is thin at points with fewer seeds.
    pub seeds: usize,
    /// The mean and the band at each epoch.
    pub points: Vec<Band>,
}

/// The minimum number of seeds for which `auto` selects the t interval.
const SEEDS_FOR_T: usize = 5;

/// Averages the included runs; `None` if none has a point yet.
pub fn prepare(analysis: &Analysis) -> Option<CurvesFigure> {
    let all = protocol_metrics(analysis.input, &analysis.cells, &analysis.spec.curves);
    let spread = spread(analysis, &all);
    let (cells, selection) = analysis.cells_in_figure(MAX_CELLS);
    let panels: Vec<Panel> = all
        .iter()
        .map(|metric| Panel {
            axis: axis(metric),
            heading: heading(analysis, metric),
            lines: lines(&cells, metric, spread),
        })
        .filter(|panel| !panel.lines.is_empty())
        .collect();
    let drawn: Vec<&Line> = panels.iter().flat_map(|panel| &panel.lines).collect();
    let last = drawn.iter().filter_map(|line| line.points.last()).map(|band| band.epoch.0).max()?;
    let numbers: BTreeSet<usize> = drawn.iter().map(|line| line.cell).collect();
    let legend = cells.iter().filter(|(number, _)| numbers.contains(number));
    let missing = analysis.spec.curves.iter().filter(|metric| !all.iter().any(|m| m.definition == **metric));
    Some(CurvesFigure {
        legend: legend.map(|(number, cell)| (*number, cell.figure_label.clone())).collect(),
        note: note(&drawn, spread, selection.as_deref()),
        missing: missing.map(|metric| metric.name).collect(),
        panels,
        last,
    })
}

fn curves_of<'a>(cell: &Cell<'a>, metric: &ProtocolMetric) -> Vec<&'a Curve> {
    let curves = cell.included_runs().filter_map(|run| metric.curve(run));
    curves.filter(|curve| curve.points().iter().any(|(_, value)| value.is_finite())).collect()
}

fn lines(cells: &[(usize, &Cell)], metric: &ProtocolMetric, spread: Spread) -> Vec<Line> {
    let line = |&(cell, found): &(usize, &Cell)| {
        let curves = curves_of(found, metric);
        (!curves.is_empty()).then(|| Line { cell, seeds: curves.len(), points: bands(&curves, spread) })
    };
    cells.iter().filter_map(line).collect()
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

fn heading(analysis: &Analysis, metric: &ProtocolMetric) -> String {
    let direction = match metric.definition.direction {
        Direction::Lower => "↓ lower is better",
        Direction::Higher => "↑ higher is better",
        Direction::Neutral => "neither direction is better",
    };
    let protocol = describe(analysis.input, &metric.protocol);
    let id = if metric.is_one_of_several { format!(" [{}]", metric.protocol.as_str()) } else { String::new() };
    if protocol.is_empty() { format!("{direction}{id}") } else { format!("{direction} · {protocol}{id}") }
}

fn note(lines: &[&Line], spread: Spread, selection: Option<&str>) -> String {
    let seeds = || lines.iter().map(|line| line.seeds);
    let (least, most) = (seeds().min().unwrap_or_default(), seeds().max().unwrap_or_default());
    let of = if least == most { format::counted(most, "seed") } else { format!("{least} to {most} seeds") };
    let band = if most > 1 { format!("band: {spread}") } else { "one seed has no band".to_owned() };
    let has_thin = lines.iter().any(|line| line.points.iter().any(|band| band.n < line.seeds));
    let thin = if has_thin { "; thin line: not all seeds have values" } else { "" };
    let shown = selection.map(|selection| format!(" Shown: {selection}.")).unwrap_or_default();
    format!("Line: mean over {of}; {band}{thin}.{shown}")
}

const PANEL: f64 = 290.0;

impl CurvesFigure {
    /// Draws the figure as SVG.
    ///
    /// # Errors
    ///
    /// If the drawing library fails.
    pub fn draw(&self) -> Result<String, FigureError> {
        let labels: Vec<(usize, &str)> = self.legend.iter().map(|(cell, label)| (*cell, label.as_str())).collect();
        let legend = Legend::new(&labels, WIDTH - 2.0 * MARGIN)?;
        let room = axis_width(&self.panels.iter().map(Panel::values).collect::<Vec<Scale>>())?;
        let columns = self.panels.len().min(2);
        let top = MARGIN + legend.height + 8.0;
        let height = top + PANEL * self.panels.len().div_ceil(2) as f64 + 26.0;
        svg(WIDTH, height, |canvas| {
            legend.draw(canvas, MARGIN, MARGIN)?;
            let panel_width = (WIDTH - 2.0 * MARGIN) / columns as f64;
            for (i, panel) in self.panels.iter().enumerate() {
                let (row, column) = (i / columns, i % columns);
                let corner = (MARGIN + panel_width * column as f64, top + PANEL * row as f64);
                panel.draw(canvas, corner, (panel_width, room), self.last)?;
            }
            let note = TextStyle::new(11.0).color(MUTED).anchor(HPos::Left, VPos::Bottom);
            canvas.text(&self.note, (MARGIN, height - 8.0), note)
        })
    }
}

impl Panel {
    /// The scale of the value axis.
    fn values(&self) -> Scale {
        let ends = || {
            let points = self.lines.iter().flat_map(|line| &line.points);
            points
                .flat_map(|band| [Some(band.mean), band.interval.map(|i| i.low), band.interval.map(|i| i.high)])
                .flatten()
        };
        let (low, high) = (ends().fold(f64::INFINITY, f64::min), ends().fold(f64::NEG_INFINITY, f64::max));
        Scale::around(low, high, 5)
    }

    /// Draws the panel. `room` is the space to the left of the value axis.
    fn draw(
        &self,
        canvas: &Canvas,
        (left, top): Point,
        (width, room): (f64, f64),
        last: u32,
    ) -> Result<(), FigureError> {
        let frame = Frame {
            left: left + room,
            top: top + 26.0,
            right: left + width - 14.0,
            bottom: top + PANEL - 46.0,
            x: Scale::epochs(last, 6),
            y: self.values(),
        };
        canvas.text(&self.heading, (frame.left, top + 12.0), TextStyle::new(11.0).color(MUTED))?;
        let axis = TextStyle::new(12.0).bold().anchor(HPos::Center, VPos::Center);
        canvas.text_upwards(&self.axis, (left + 10.0, 0.5 * (frame.top + frame.bottom)), axis)?;
        frame.draw_y(canvas)?;
        frame.draw_x(canvas, false)?;
        for line in &self.lines {
            line.draw_band(canvas, &frame)?;
        }
        for line in &self.lines {
            line.draw_mean(canvas, &frame)?;
        }
        Ok(())
    }
}

impl Line {
    fn draw_band(&self, canvas: &Canvas, frame: &Frame) -> Result<(), FigureError> {
        let (color, _) = style::of(self.cell);
        // A band is interrupted where there is only one seed.
        for stretch in self.points.chunk_by(|a, b| a.interval.is_some() == b.interval.is_some()) {
            let edge = |low: bool| {
                let ends = move |band: &Band| band.interval.map(|i| if low { i.low } else { i.high });
                stretch.iter().filter_map(move |band| Some(frame.point(f64::from(band.epoch.0), ends(band)?)))
            };
            let outline: Vec<Point> = edge(true).chain(edge(false).rev()).collect();
            if outline.len() > 2 {
                canvas.fill(&outline, color, 0.16)?;
            }
        }
        Ok(())
    }

    fn draw_mean(&self, canvas: &Canvas, frame: &Frame) -> Result<(), FigureError> {
        let (color, marker) = style::of(self.cell);
        let at = |band: &Band| frame.point(f64::from(band.epoch.0), band.mean);
        let all: Vec<Point> = self.points.iter().map(at).collect();
        canvas.line(&all, 0.75, color)?;
        for stretch in self.points.chunk_by(|a, b| (a.n == self.seeds) == (b.n == self.seeds)) {
            if stretch[0].n == self.seeds {
                canvas.line(&stretch.iter().map(at).collect::<Vec<_>>(), 2.0, color)?;
            }
        }
        // About eight markers per line, with an offset for each cell, so that coinciding lines show all markers.
        let every = all.len().div_ceil(8).max(1);
        for point in all.iter().skip(self.cell * every.div_ceil(3) % every).step_by(every) {
            canvas.marker(marker, *point, 3.5, color)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
