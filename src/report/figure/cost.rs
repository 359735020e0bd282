//! Cost against quality: one point for each finished run, and the mean of each cell.

use super::canvas::{Canvas, Font};
use super::frame::{BELOW, Frame, Scale, axis_width};
use super::legend::Legend;
use super::shown::{MAX_CELLS, shown};
use super::style::{INK, LEADING, Line, MARGIN, MUTED, SMALL, Style, WIDTH};
use super::text::{Weight, wrap};
use super::values::detail;
use crate::report::item::FigureItem;
use crate::report::protocol_metric::{ProtocolMetric, protocol_metrics};
use crate::report::table::Table;
use crate::report::{Analysis, FigureError, RunData, format};
use crate::stats::mean;
use crate::store::{RunId, RunState};

/// The data of the figure.
#[derive(Clone, Debug, PartialEq)]
pub struct CostFigure {
    /// One for each protocol of the metric and each cost.
    pub panels: Vec<Panel>,
    /// The style and the label of each cell.
    pub legend: Vec<(Style, String)>,
    /// The meaning of points, and what is not shown.
    pub note: String,
}

/// A protocol of the metric against a cost.
#[derive(Clone, Debug, PartialEq)]
pub struct Panel {
    /// The title of the value axis.
    pub axis: String,
    /// The title of the cost axis.
    pub cost: &'static str,
    /// The text above the panel.
    pub heading: String,
    /// The name of the metric and the id of the protocol.
    pub series: (&'static str, String),
    /// The points.
    pub cells: Vec<CellPoints>,
}

/// The runs of a cell.
#[derive(Clone, Debug, PartialEq)]
pub struct CellPoints {
    /// The style of the cell.
    pub style: Style,
    /// Its label in figures.
    pub label: String,
    /// Its label.
    pub cell: String,
    /// Cost and last value of each run.
    pub runs: Vec<(RunId, f64, f64)>,
}

/// The costs: the title of the axis, and the cost of a run at its last epoch.
type Cost = (&'static str, fn(&Analysis, &RunData) -> Option<f64>);

const COSTS: [Cost; 2] = [
    ("Training time (minutes)", |analysis, run| Some(analysis.cost(run)?.seconds(run.record.epoch)? / 60.0)),
    ("Training images seen (thousands)", |analysis, run| Some(analysis.cost(run)?.images(run.record.epoch) / 1e3)),
];

/// The maximum number of protocols.
const PROTOCOLS: usize = 3;

/// Cost and quality of finished runs; `None` if no finished run has both.
pub fn prepare(analysis: &Analysis) -> Option<CostFigure> {
    let (cells, selection) = shown(analysis, MAX_CELLS);
    let metrics = protocol_metrics(analysis.input, &analysis.cells, &[analysis.spec.convergence.metric]);
    let mut panels = Vec::new();
    for metric in metrics.iter().take(PROTOCOLS) {
        for (title, cost) in COSTS {
            let points = |run: &&RunData| -> Option<(RunId, f64, f64)> {
                let value = metric.curve(run)?.last()?.1;
                let cost = cost(analysis, run)?;
                (value.is_finite() && cost.is_finite()).then_some((run.record.id, cost, value))
            };
            let of_cells: Vec<CellPoints> = cells
                .iter()
                .map(|shown| {
                    let finished = shown.cell.runs.iter().filter(|run| run.record.state == RunState::Finished);
                    CellPoints {
                        style: shown.style,
                        label: shown.cell.figure_label.clone(),
                        cell: shown.cell.label.clone(),
                        runs: finished.filter_map(points).collect(),
                    }
                })
                .filter(|points| !points.runs.is_empty())
                .collect();
            if !of_cells.is_empty() {
                panels.push(panel(analysis, metric, title, of_cells));
            }
        }
    }
    let drawn = |label: &str| panels.iter().flat_map(|panel| &panel.cells).any(|points| points.cell == label);
    let legend = cells
        .iter()
        .filter(|shown| drawn(&shown.cell.label))
        .map(|shown| (shown.style, shown.cell.figure_label.clone()))
        .collect();
    let more = metrics.len().saturating_sub(PROTOCOLS);
    let more =
        if more > 0 { format!(" {} more are not shown.", format::counted(more, "protocol")) } else { String::new() };
    let shown = selection.map(|selection| format!(" Shown: {selection}.")).unwrap_or_default();
    let note = format!(
        "Small: a run; large, with an outline: the mean of a cell. Time is that of training alone, without evaluations and \
         checkpoints; it depends on the device and on what else ran on it.{more}{shown}"
    );
    (!panels.is_empty()).then_some(CostFigure { panels, legend, note })
}

fn panel(analysis: &Analysis, metric: &ProtocolMetric, cost: &'static str, cells: Vec<CellPoints>) -> Panel {
    // The value axis is vertical here.
    let heading = detail(analysis, metric).replace('←', "↓").replace("better →", "better ↑");
    let series = (metric.definition.name, metric.protocol.as_str().to_owned());
    Panel { axis: metric.name(), cost, heading, series, cells }
}

/// The height of the data of a panel.
const DATA: f64 = 160.0;

impl CostFigure {
    /// Draws the figure as SVG.
    pub fn draw(&self) -> String {
        let room = WIDTH - 2.0 * MARGIN;
        let legend = Legend::new(self.legend.iter().map(|(style, label)| (*style, label.as_str())), room, false);
        let axis = axis_width(&self.panels.iter().map(Panel::scale).collect::<Vec<Scale>>());
        let columns = self.panels.len().min(2);
        let width = room / columns as f64;
        let headings: Vec<Vec<String>> = self
            .panels
            .iter()
            .map(|panel| wrap(&panel.heading, SMALL, Weight::Regular, width - axis - 18.0, 3))
            .collect();
        let head = LEADING * headings.iter().map(Vec::len).max().unwrap_or_default() as f64 + 4.0;
        let height = head + DATA + BELOW + 8.0;
        let notes = wrap(&self.note, SMALL, Weight::Regular, room, 5);
        let top = MARGIN + legend.height + 8.0;
        let bottom = top + height * self.panels.len().div_ceil(columns) as f64;
        let mut canvas = Canvas::new(WIDTH, bottom + LEADING * notes.len() as f64 + MARGIN);
        legend.draw(&mut canvas, (MARGIN, MARGIN));
        for (i, (panel, heading)) in self.panels.iter().zip(&headings).enumerate() {
            let (left, top) = (MARGIN + width * (i % columns) as f64, top + height * (i / columns) as f64);
            let costs = panel.cells.iter().flat_map(|points| points.runs.iter().map(|(_, cost, _)| *cost));
            let frame = Frame {
                left: left + axis,
                top: top + head,
                right: left + width - 18.0,
                bottom: top + head + DATA,
                x: Scale::of(costs, 5),
                y: panel.scale(),
            };
            for (j, line) in heading.iter().enumerate() {
                canvas.text(line, (frame.left, top + 6.0 + LEADING * j as f64), Font::new(SMALL).color(MUTED));
            }
            frame.draw_y(&mut canvas);
            frame.draw_x(&mut canvas, panel.cost, true);
            frame.draw_y_title(&mut canvas, &panel.axis, left);
            panel.draw(&mut canvas, &frame);
        }
        for (i, line) in notes.iter().enumerate() {
            canvas.text(line, (MARGIN, bottom + 6.0 + LEADING * i as f64), Font::new(SMALL).color(MUTED));
        }
        canvas.finish()
    }

    /// The runs.
    fn runs(&self) -> Vec<RunId> {
        let runs = self.panels.iter().flat_map(|panel| &panel.cells).flat_map(|points| &points.runs);
        let mut runs: Vec<RunId> = runs.map(|(run, ..)| *run).collect();
        runs.sort_unstable();
        runs.dedup();
        runs
    }

    /// A row for each point.
    fn data(&self) -> Table {
        let mut table = Table::default().text_column("metric").text_column("protocol").text_column("cost");
        table = table.text_column("cell").number_column("run").number_column("cost_value").number_column("value");
        for panel in &self.panels {
            for points in &panel.cells {
                for (run, cost, value) in &points.runs {
                    let mut row = vec![panel.series.0.to_owned(), panel.series.1.clone(), panel.cost.to_owned()];
                    row.extend([points.cell.clone(), run.to_string(), format::exact(*cost), format::exact(*value)]);
                    table.push(row);
                }
            }
        }
        table
    }
}

impl Panel {
    fn scale(&self) -> Scale {
        Scale::of(self.cells.iter().flat_map(|points| points.runs.iter().map(|(.., value)| *value)), 5)
    }

    fn draw(&self, canvas: &mut Canvas, frame: &Frame) {
        for points in &self.cells {
            for (_, cost, value) in &points.runs {
                let color = points.style.color.tint(0.55);
                canvas.marker(points.style.marker, frame.point(*cost, *value), 2.1, color);
            }
        }
        for points in &self.cells {
            let of = |part: fn(&(RunId, f64, f64)) -> f64| mean(&points.runs.iter().map(part).collect::<Vec<_>>());
            let Some((cost, value)) = of(|run| run.1).zip(of(|run| run.2)) else { continue };
            let at = frame.point(cost, value);
            canvas.circle(at, 6.0, Line::new(1.0, INK));
            canvas.marker(points.style.marker, at, 3.8, points.style.color);
        }
    }
}

/// The figure `cost`.
///
/// # Errors
///
/// None; other figures have errors.
pub fn item(analysis: &Analysis) -> Result<Option<FigureItem>, FigureError> {
    let Some(figure) = prepare(analysis) else { return Ok(None) };
    let labels: Vec<&str> = figure.legend.iter().map(|(_, label)| label.as_str()).collect();
    let metric = analysis.spec.convergence.metric.title;
    Ok(Some(FigureItem {
        name: "cost".into(),
        title: "Cost against quality".into(),
        text: format!(
            "The last value of {metric} of every finished run against what its training cost. {}",
            figure.note
        ),
        alt: format!("Points of {metric} against training time and images seen, for {}", labels.join("; ")),
        runs: figure.runs(),
        svg: figure.draw(),
        data: Some(figure.data()),
    }))
}
