//! The fraction of runs that have converged by each epoch: Kaplan–Meier curves with intervals and censored runs.

use super::canvas::{Canvas, Font, Point};
use super::convergence::rule;
use super::frame::{BELOW, Frame, Scale, axis_width};
use super::legend::Legend;
use super::shown::{MAX_CELLS, shown};
use super::style::{LEADING, Line, MARGIN, MUTED, SIZE, SMALL, Style, WIDTH};
use super::text::{Weight, wrap};
use crate::report::item::FigureItem;
use crate::report::table::Table;
use crate::report::{Analysis, FigureError, format};
use crate::stats::{Convergence, EventTime, KaplanMeier, SurvivalStep};
use crate::store::RunId;

/// The data of the figure.
#[derive(Clone, Debug, PartialEq)]
pub struct ConvergedFigure {
    /// The metric and the rule.
    pub heading: String,
    /// The description of the selected cells, if not all are shown.
    pub selection: Option<String>,
    /// One for each cell with an ended run.
    pub lines: Vec<CellLine>,
    /// The last epoch of the axis.
    pub last: f64,
    /// The runs.
    pub runs: Vec<RunId>,
}

/// The estimate of one cell.
#[derive(Clone, Debug, PartialEq)]
pub struct CellLine {
    /// The style of the cell.
    pub style: Style,
    /// Its label in figures, with the number of converged runs.
    pub label: String,
    /// Its label.
    pub cell: String,
    /// The probability of not having converged, after each event or censoring.
    pub steps: Vec<SurvivalStep>,
}

/// The level of the intervals.
const LEVEL: f64 = 0.95;
/// The number of lines of one panel: the intervals of more would cover each other.
const LINES: usize = 3;

/// The estimates of the cells; `None` if no run has ended yet.
pub fn prepare(analysis: &Analysis) -> Option<ConvergedFigure> {
    let (cells, selection) = shown(analysis, MAX_CELLS);
    let (mut lines, mut runs, mut last) = (Vec::new(), Vec::new(), 0.0f64);
    for shown in cells {
        let ended = shown.cell.runs.iter().filter_map(|run| Some((*run, analysis.primary(run).convergence()?)));
        let ended: Vec<(_, Convergence)> = ended.collect();
        let times: Vec<EventTime> = ended.iter().map(|(_, outcome)| EventTime::from(outcome)).collect();
        let Some(curve) = KaplanMeier::new(&times, LEVEL) else { continue };
        runs.extend(ended.iter().map(|(run, _)| run.record.id));
        last = ended.iter().map(|(run, _)| f64::from(run.record.horizon.0)).fold(last, f64::max);
        let reached = times.iter().filter(|time| time.observed).count();
        lines.push(CellLine {
            style: shown.style,
            label: format!("{} ({reached} of {})", shown.cell.figure_label, times.len()),
            cell: shown.cell.label.clone(),
            steps: curve.steps().to_vec(),
        });
    }
    runs.sort_unstable();
    runs.dedup();
    (!lines.is_empty()).then(|| ConvergedFigure { heading: rule(analysis), selection, lines, last, runs })
}

/// The height of the data of a panel.
const DATA: f64 = 160.0;

impl ConvergedFigure {
    /// Draws the figure as SVG.
    pub fn draw(&self) -> String {
        let room = WIDTH - 2.0 * MARGIN;
        let heading = wrap(&self.heading, SIZE, Weight::Bold, room, 3);
        let panels: Vec<&[CellLine]> = self.lines.chunks(LINES).collect();
        let columns = panels.len().min(2);
        let width = room / columns as f64;
        let y = || Scale::between(0.0, 1.0, 4);
        let axis = axis_width(&[y()]);
        let legends: Vec<Legend> = panels
            .iter()
            .map(|lines| {
                let labels = lines.iter().map(|line| (line.style, line.label.as_str()));
                Legend::new(labels, width - axis - 18.0, true)
            })
            .collect();
        let head = legends.iter().map(|legend| legend.height).fold(0.0, f64::max) + 8.0;
        let height = head + DATA + BELOW + 8.0;
        let notes = wrap(&self.note(), SMALL, Weight::Regular, room, 5);
        let top = MARGIN + LEADING * heading.len() as f64 + 4.0;
        let bottom = top + height * panels.len().div_ceil(columns) as f64;
        let mut canvas = Canvas::new(WIDTH, bottom + LEADING * notes.len() as f64 + MARGIN);
        for (i, line) in heading.iter().enumerate() {
            canvas.text(line, (MARGIN, MARGIN + 5.0 + LEADING * i as f64), Font::new(SIZE).bold());
        }
        for (i, (lines, legend)) in panels.iter().zip(&legends).enumerate() {
            let (left, top) = (MARGIN + width * (i % columns) as f64, top + height * (i / columns) as f64);
            let frame = Frame {
                left: left + axis,
                top: top + head,
                right: left + width - 18.0,
                bottom: top + head + DATA,
                x: Scale::between(0.0, self.last.max(1.0), if columns == 1 { 10 } else { 6 }),
                y: y(),
            };
            legend.draw(&mut canvas, (frame.left, top));
            frame.draw_y(&mut canvas);
            frame.draw_x(&mut canvas, "Epoch", false);
            frame.draw_y_title(&mut canvas, "Converged fraction", left);
            lines.iter().for_each(|line| line.draw_interval(&mut canvas, &frame));
            lines.iter().for_each(|line| line.draw(&mut canvas, &frame));
        }
        for (i, line) in notes.iter().enumerate() {
            canvas.text(line, (MARGIN, bottom + 6.0 + LEADING * i as f64), Font::new(SMALL).color(MUTED));
        }
        canvas.finish()
    }

    fn note(&self) -> String {
        let shown = self.selection.as_ref().map(|selection| format!(" Shown: {selection}.")).unwrap_or_default();
        let has_interval = self.lines.iter().flat_map(|line| &line.steps).any(|step| step.interval.is_some());
        let interval = if has_interval { "; band: pointwise 95 % interval" } else { "" };
        format!(
            "Kaplan–Meier estimate of the fraction that has converged{interval}. Vertical tick: runs that were observed \
             up to this epoch without convergence. In brackets: runs that converged.{shown}"
        )
    }

    /// A row for each step.
    fn data(&self) -> Table {
        let mut table = Table::default().text_column("cell");
        for header in ["epoch", "at_risk", "converged", "censored", "fraction", "low", "high"] {
            table = table.number_column(header);
        }
        for line in &self.lines {
            for step in &line.steps {
                let limit = |value: Option<f64>| value.map(|value| format::exact(1.0 - value)).unwrap_or_default();
                let mut row = vec![line.cell.clone(), format::exact(step.time)];
                row.extend([step.at_risk, step.events, step.censored].map(|count| count.to_string()));
                row.push(format::exact(1.0 - step.survival));
                row.extend([limit(step.interval.map(|i| i.high)), limit(step.interval.map(|i| i.low))]);
                table.push(row);
            }
        }
        table
    }
}

impl CellLine {
    /// The corners of a step function that starts at 0 and has a value after each step.
    fn corners(&self, frame: &Frame, value: impl Fn(&SurvivalStep) -> Option<f64>) -> Vec<Point> {
        let mut height = 0.0;
        let mut corners = vec![frame.point(0.0, height)];
        for step in &self.steps {
            corners.push(frame.point(step.time, height));
            height = value(step).unwrap_or(height);
            corners.push(frame.point(step.time, height));
        }
        corners
    }

    fn draw_interval(&self, canvas: &mut Canvas, frame: &Frame) {
        if self.steps.iter().all(|step| step.interval.is_none()) {
            return;
        }
        // Where the interval is not known, the limits are those of the step before; at 1, both are 1.
        let limit = |step: &SurvivalStep, high: bool| match step.interval {
            Some(interval) => Some(1.0 - if high { interval.low } else { interval.high }),
            None => (step.survival <= 0.0).then_some(1.0),
        };
        let mut outline = self.corners(frame, |step| limit(step, true));
        outline.extend(self.corners(frame, |step| limit(step, false)).into_iter().rev());
        canvas.fill(&outline, self.style.color, 0.13);
    }

    fn draw(&self, canvas: &mut Canvas, frame: &Frame) {
        canvas.line(&self.corners(frame, |step| Some(1.0 - step.survival)), self.style.line(1.6));
        for step in self.steps.iter().filter(|step| step.censored > 0) {
            let (x, y) = frame.point(step.time, 1.0 - step.survival);
            canvas.line(&[(x, y - 4.5), (x, y + 4.5)], Line::new(1.2, self.style.color));
        }
        for step in self.steps.iter().filter(|step| step.events > 0) {
            canvas.marker(self.style.marker, frame.point(step.time, 1.0 - step.survival), 2.6, self.style.color);
        }
    }
}

/// The figure `converged`.
///
/// # Errors
///
/// None; other figures have errors.
pub fn item(analysis: &Analysis) -> Result<Option<FigureItem>, FigureError> {
    let Some(figure) = prepare(analysis) else { return Ok(None) };
    let labels: Vec<&str> = figure.lines.iter().map(|line| line.label.as_str()).collect();
    Ok(Some(FigureItem {
        name: "converged".into(),
        title: "Converged by epoch".into(),
        text: format!("{}. {}", figure.heading, figure.note()),
        alt: format!("Step curves of the fraction of runs that have converged: {}", labels.join("; ")),
        runs: figure.runs.clone(),
        svg: figure.draw(),
        data: Some(figure.data()),
    }))
}
