//! The convergence of each seed of each method: a dot with its interval, or an arrow for a censored run.

use plotters::style::text_anchor::{HPos, VPos};
use plotters::style::{FontStyle, RGBColor, WHITE};

use super::canvas::{Canvas, TextStyle, svg};
use super::frame::{Frame, Scale};
use super::style::{self, GRID, INK, MARGIN, MAX_CELLS, MUTED, Marker, WIDTH};
use super::text;
use crate::report::{Analysis, Assessment, FigureError, format};
use crate::stats::{Convergence, Median, Survival, survival};

/// The data of the figure.
#[derive(Clone, Debug, PartialEq)]
pub struct ConvergenceFigure {
    /// The metric and the rule.
    pub heading: String,
    /// The description of the selected cells, if not all are shown.
    pub selection: Option<String>,
    /// One for each cell with an assessed run.
    pub rows: Vec<Row>,
    /// The last epoch of the axis: the largest horizon.
    pub last: u32,
    /// The number of runs that are not shown because they have not ended.
    pub unfinished: usize,
}

/// One cell.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    /// The number of the cell.
    pub cell: usize,
    /// Its label in figures.
    pub label: String,
    /// The convergence of each ended run, in ascending order of the seeds.
    pub outcomes: Vec<Convergence>,
    /// The counts and the median.
    pub survival: Survival,
}

/// Collects the results of the band rule; `None` if no run has ended yet.
pub fn prepare(analysis: &Analysis) -> Option<ConvergenceFigure> {
    let (cells, selection) = analysis.cells_in_figure(MAX_CELLS);
    let rows: Vec<Row> = cells
        .into_iter()
        .map(|(cell, found)| {
            let outcomes = analysis.band_outcomes(found);
            Row { cell, label: found.figure_label.clone(), survival: survival(&outcomes), outcomes }
        })
        .filter(|row| !row.outcomes.is_empty())
        .collect();
    let horizons = analysis.runs().filter(|run| analysis.band(run).convergence().is_some());
    let last = horizons.map(|run| run.record.horizon.0).max()?;
    let rule = analysis.spec.convergence.rule;
    let heading = format!(
        "{}: within {} of its improvement, confirmed by {} evaluations",
        analysis.spec.convergence.metric.title,
        format::percent(rule.tolerance()),
        rule.confirm(),
    );
    let unfinished = analysis.runs().filter(|run| analysis.band(run) == Assessment::Unfinished).count();
    let selection = selection.map(|selection| format!("Shown: {selection}"));
    Some(ConvergenceFigure { heading, selection, rows, last, unfinished })
}

const LABELS: f64 = 230.0;
const SUMMARY: f64 = 150.0;
/// The height of one seed, and the space above and below the seeds of a row.
const SEED: f64 = 11.0;
const PADDING: f64 = 9.0;

impl Row {
    fn height(&self, lines: usize) -> f64 {
        (SEED * self.outcomes.len() as f64).max(15.0 * lines as f64) + 2.0 * PADDING
    }
}

impl ConvergenceFigure {
    /// Draws the figure as SVG.
    ///
    /// # Errors
    ///
    /// If the drawing library fails.
    pub fn draw(&self) -> Result<String, FigureError> {
        text::register()?;
        let labels: Vec<Vec<String>> = self
            .rows
            .iter()
            .map(|row| text::wrap(&row.label, 12.0, FontStyle::Normal, LABELS - 16.0, 3))
            .collect::<Result<_, _>>()?;
        let heights: Vec<f64> = self.rows.iter().zip(&labels).map(|(row, lines)| row.height(lines.len())).collect();
        let above = if self.selection.is_some() { 18.0 } else { 0.0 };
        let top = MARGIN + 46.0 + above;
        let bottom = top + heights.iter().sum::<f64>();
        let frame = Frame {
            left: MARGIN + LABELS,
            top,
            right: WIDTH - MARGIN - SUMMARY,
            bottom,
            x: Scale::epochs(self.last, 7),
            y: Scale::epochs(1, 1),
        };
        svg(WIDTH, bottom + 48.0, |canvas| {
            canvas.text(&self.heading, (MARGIN, MARGIN + 6.0), TextStyle::new(12.0).bold())?;
            if let Some(selection) = &self.selection {
                canvas.text(selection, (MARGIN, MARGIN + 24.0), TextStyle::new(11.0).color(MUTED))?;
            }
            self.draw_key(canvas, MARGIN + 27.0 + above)?;
            frame.draw_x(canvas, true)?;
            let mut above = top;
            for ((row, lines), height) in self.rows.iter().zip(&labels).zip(&heights) {
                canvas.line(&[(MARGIN, above), (WIDTH - MARGIN, above)], 1.0, GRID)?;
                row.draw(canvas, &frame, lines, above, *height)?;
                above += height;
            }
            canvas.line(&[(frame.left, top), (frame.left, bottom)], 1.0, INK)
        })
    }

    /// Draws the legend in one line above the data.
    fn draw_key(&self, canvas: &Canvas, y: f64) -> Result<(), FigureError> {
        let font = TextStyle::new(11.0).color(MUTED);
        let mut x = MARGIN;
        let mut entry = |mark: &dyn Fn(f64) -> Result<(), FigureError>, meaning: &str| {
            mark(x)?;
            canvas.text(meaning, (x + 24.0, y), font)?;
            x += 24.0 + text::width(meaning, 11.0, FontStyle::Normal)? + 18.0;
            Ok::<(), FigureError>(())
        };
        entry(
            &|x| {
                canvas.line(&[(x, y), (x + 16.0, y)], 2.0, MUTED)?;
                canvas.marker(Marker::Disc, (x + 16.0, y), 3.5, MUTED)
            },
            "one seed: converged within the bar",
        )?;
        entry(&|x| arrow(canvas, x + 10.0, y, MUTED), "one seed: not converged by this epoch")?;
        entry(&|x| canvas.line(&[(x + 10.0, y - 7.0), (x + 10.0, y + 7.0)], 1.5, INK), "median")?;
        if self.unfinished > 0 {
            let left_out = format!("{} not finished, not shown", format::counted(self.unfinished, "run"));
            canvas.text(&left_out, (WIDTH - MARGIN, y), font.anchor(HPos::Right, VPos::Center))?;
        }
        Ok(())
    }
}

impl Row {
    fn draw(&self, canvas: &Canvas, frame: &Frame, lines: &[String], top: f64, height: f64) -> Result<(), FigureError> {
        let middle = top + 0.5 * height;
        let label = TextStyle::new(12.0).anchor(HPos::Right, VPos::Center);
        for (i, line) in lines.iter().enumerate() {
            let y = middle + 15.0 * (i as f64 - 0.5 * (lines.len() - 1) as f64);
            canvas.text(line, (frame.left - 10.0, y), label)?;
        }
        if let Some(Median::At(epoch)) = self.survival.median {
            let x = frame.x_of(epoch);
            canvas.line(&[(x, top + 3.0), (x, top + height - 3.0)], 1.5, INK)?;
        }
        let (color, _) = style::of(self.cell);
        for (i, outcome) in self.outcomes.iter().enumerate() {
            let y = middle + SEED * (i as f64 - 0.5 * (self.outcomes.len() - 1) as f64);
            match *outcome {
                Convergence::Reached { epoch, after } => {
                    let (from, to) = (frame.x_of(f64::from(after.0)), frame.x_of(f64::from(epoch.0)));
                    canvas.line(&[(from, y), (to, y)], 2.0, color)?;
                    canvas.marker(Marker::Disc, (to, y), 3.5, color)?;
                }
                Convergence::Censored { at, .. } => arrow(canvas, frame.x_of(f64::from(at.0)), y, color)?,
            }
        }
        let median = self.survival.median.map(|median| format!(", median {median}")).unwrap_or_default();
        let counts = format!("{}/{}{median}", self.survival.reached, self.survival.n);
        canvas.text(&counts, (frame.right + 16.0, middle), TextStyle::new(11.0))
    }
}

/// Draws a hollow arrow that points to later epochs, with its base at `x`.
fn arrow(canvas: &Canvas, x: f64, y: f64, color: RGBColor) -> Result<(), FigureError> {
    let outline = [(x, y - 4.0), (x + 8.0, y), (x, y + 4.0), (x, y - 4.0), (x + 8.0, y)];
    canvas.fill(&outline, WHITE, 1.0)?;
    canvas.line(&outline, 1.5, color)
}

#[cfg(test)]
mod tests;
