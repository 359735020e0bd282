//! The convergence of each seed of each method: a dot with its interval, or an arrow for a censored run.

use std::collections::BTreeSet;

use super::canvas::{Anchor, Canvas, Font, Point};
use super::frame::{BELOW, Frame, Scale};
use super::shown::{MAX_CELLS, shown};
use super::style::{Color, GRID, INK, LEADING, Line, MARGIN, MUTED, Marker, SIZE, SMALL, Style, WHITE, WIDTH};
use super::text::{Weight, width, wrap};
use crate::report::data_table::Table;
use crate::report::item::FigureItem;
use crate::report::{Analysis, Assessment, FigureError, RunData, format};
use crate::stats::{Convergence, Median, Rule, Survival, survival};
use crate::store::RunId;

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
    /// The style of the cell.
    pub style: Style,
    /// Its label in figures.
    pub label: String,
    /// Its label.
    pub cell: String,
    /// The ended runs, in ascending order of the seeds.
    pub runs: Vec<Seed>,
    /// The counts and the median.
    pub survival: Survival,
}

/// The convergence of a run.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Seed {
    /// The run.
    pub run: RunId,
    /// Its seed.
    pub seed: u64,
    /// When it converged, or why that is unknown.
    pub outcome: Convergence,
}

/// Collects the results of the rule of claims and comparisons; `None` if no run has ended yet.
pub fn prepare(analysis: &Analysis) -> Option<ConvergenceFigure> {
    let (cells, selection) = shown(analysis, MAX_CELLS);
    let seed = |run: &&RunData| {
        let outcome = analysis.primary(run).convergence()?;
        Some(Seed { run: run.record.id, seed: run.record.seed, outcome })
    };
    let rows: Vec<Row> = cells
        .into_iter()
        .map(|shown| {
            let runs: Vec<Seed> = shown.cell.runs.iter().filter_map(seed).collect();
            Row {
                style: shown.style,
                label: shown.cell.figure_label.clone(),
                cell: shown.cell.label.clone(),
                survival: survival(&runs.iter().map(|seed| seed.outcome).collect::<Vec<_>>()),
                runs,
            }
        })
        .filter(|row| !row.runs.is_empty())
        .collect();
    let horizons = analysis.runs().filter(|run| analysis.primary(run).convergence().is_some());
    let last = horizons.map(|run| run.record.horizon.0).max()?;
    let unfinished = analysis.runs().filter(|run| analysis.primary(run) == Assessment::Unfinished).count();
    let selection = selection.map(|selection| format!("Shown: {selection}"));
    Some(ConvergenceFigure { heading: rule(analysis), selection, rows, last, unfinished })
}

/// The metric and the rule of convergence, in words.
pub fn rule(analysis: &Analysis) -> String {
    let spec = &analysis.spec.convergence;
    let words = match spec.primary {
        Rule::Band(rule) => {
            let (tolerance, confirm) = (format::percent(rule.tolerance()), rule.confirm());
            format!("within {tolerance} of its improvement, confirmed by {confirm} evaluations")
        }
        Rule::Threshold(rule) => format!("at {} or better, confirmed by {} evaluations", rule.tau(), rule.confirm()),
        Rule::Plateau(rule) => {
            format!("no improvement by more than {} in {} evaluations", rule.delta(), rule.patience())
        }
    };
    let smoothing = spec.primary.smoothing().description().map(|text| format!(", after {text}")).unwrap_or_default();
    format!("{}: {words}{smoothing}", spec.metric.title)
}

const LABELS: f64 = 150.0;
const SUMMARY: f64 = 104.0;
/// The height of one seed, and the space above and below the seeds of a row.
const SEED: f64 = 8.0;
const PADDING: f64 = 6.0;
/// The height of a line of the key.
const KEY: f64 = 15.0;

impl Row {
    fn height(&self, lines: usize) -> f64 {
        (SEED * self.runs.len() as f64).max(LEADING * lines as f64) + 2.0 * PADDING
    }
}

impl ConvergenceFigure {
    /// Draws the figure as SVG.
    pub fn draw(&self) -> String {
        let labels: Vec<Vec<String>> =
            self.rows.iter().map(|row| wrap(&row.label, SIZE, Weight::Regular, LABELS - 12.0, 4)).collect();
        let heights: Vec<f64> = self.rows.iter().zip(&labels).map(|(row, lines)| row.height(lines.len())).collect();
        let mut heading = wrap(&self.heading, SIZE, Weight::Bold, WIDTH - 2.0 * MARGIN, 3);
        let bold = heading.len();
        if let Some(selection) = &self.selection {
            heading.extend(wrap(selection, SMALL, Weight::Regular, WIDTH - 2.0 * MARGIN, 2));
        }
        let key = self.key();
        let top_of_key = MARGIN + LEADING * heading.len() as f64 + 4.0;
        let top = top_of_key + KEY * (key.iter().map(|entry| entry.at.1).fold(0.0, f64::max) / KEY + 1.0) + 4.0;
        let bottom = top + heights.iter().sum::<f64>();
        let frame = Frame {
            left: MARGIN + LABELS,
            top,
            right: WIDTH - MARGIN - SUMMARY,
            bottom,
            x: Scale::epochs(self.last, 7),
            y: Scale::epochs(1, 1),
        };
        let mut canvas = Canvas::new(WIDTH, bottom + BELOW + 6.0);
        for (i, line) in heading.iter().enumerate() {
            let font = if i < bold { Font::new(SIZE).bold() } else { Font::new(SMALL).color(MUTED) };
            canvas.text(line, (MARGIN, MARGIN + 5.0 + LEADING * i as f64), font);
        }
        key.iter().for_each(|entry| entry.draw(&mut canvas, (MARGIN, top_of_key)));
        frame.draw_x(&mut canvas, "Epoch", true);
        let mut above = top;
        for ((row, lines), height) in self.rows.iter().zip(&labels).zip(&heights) {
            canvas.line(&[(MARGIN, above), (WIDTH - MARGIN, above)], Line::new(0.75, GRID));
            row.draw(&mut canvas, &frame, lines, (above, *height));
            above += height;
        }
        canvas.line(&[(frame.left, top), (frame.left, bottom)], Line::new(0.75, INK));
        canvas.finish()
    }

    /// The entries of the legend, in rows above the data.
    fn key(&self) -> Vec<KeyEntry> {
        let mut meanings = vec![
            (Mark::Reached, "converged within the bar".to_owned()),
            (Mark::Censored, "not converged by this epoch".to_owned()),
            (Mark::Median, "median".to_owned()),
        ];
        if self.unfinished > 0 {
            meanings.push((Mark::None, format!("{} not finished, not shown", format::counted(self.unfinished, "run"))));
        }
        let (mut x, mut y) = (0.0, 0.0);
        let mut entries = Vec::new();
        for (mark, meaning) in meanings {
            let needed = 20.0 + width(&meaning, SMALL, Weight::Regular);
            if x > 0.0 && x + needed > WIDTH - 2.0 * MARGIN {
                (x, y) = (0.0, y + KEY);
            }
            entries.push(KeyEntry { mark, meaning, at: (x, y) });
            x += needed + 14.0;
        }
        entries
    }

    /// The shown runs.
    fn runs(&self) -> Vec<RunId> {
        let runs: BTreeSet<RunId> = self.rows.iter().flat_map(|row| row.runs.iter().map(|seed| seed.run)).collect();
        runs.into_iter().collect()
    }

    /// A row for each run.
    fn data(&self) -> Table {
        let mut table = Table::default().text_column("cell").number_column("run").number_column("seed");
        for header in ["reached", "after", "censored_at"] {
            table = table.number_column(header);
        }
        table = table.text_column("why");
        for row in &self.rows {
            for seed in &row.runs {
                let mut cells = vec![row.cell.clone(), seed.run.to_string(), seed.seed.to_string()];
                cells.extend(match seed.outcome {
                    Convergence::Reached { epoch, after } => {
                        [epoch.to_string(), after.to_string(), String::new(), String::new()]
                    }
                    Convergence::Censored { at, why } => {
                        [String::new(), String::new(), at.to_string(), why.to_string()]
                    }
                });
                table.push(cells);
            }
        }
        table
    }
}

#[derive(Clone, Copy)]
enum Mark {
    Reached,
    Censored,
    Median,
    None,
}

struct KeyEntry {
    mark: Mark,
    meaning: String,
    at: Point,
}

impl KeyEntry {
    fn draw(&self, canvas: &mut Canvas, (left, top): Point) {
        let (x, y) = (left + self.at.0, top + self.at.1 + 0.5 * KEY);
        match self.mark {
            Mark::Reached => {
                canvas.line(&[(x, y), (x + 12.0, y)], Line::new(1.6, MUTED));
                canvas.marker(Marker::Disc, (x + 12.0, y), 2.6, MUTED);
            }
            Mark::Censored => arrow(canvas, (x + 6.0, y), MUTED),
            Mark::Median => canvas.line(&[(x + 10.0, y - 5.0), (x + 10.0, y + 5.0)], Line::new(1.3, INK)),
            Mark::None => {}
        }
        canvas.text(&self.meaning, (x + 20.0, y), Font::new(SMALL).color(MUTED));
    }
}

impl Row {
    fn draw(&self, canvas: &mut Canvas, frame: &Frame, lines: &[String], (top, height): (f64, f64)) {
        let middle = top + 0.5 * height;
        canvas.lines(lines, (frame.left - 8.0, middle), LEADING, Font::new(SIZE).anchor(Anchor::End));
        if let Some(Median::At(epoch)) = self.survival.median {
            let x = frame.x_of(epoch);
            canvas.line(&[(x, top + 2.0), (x, top + height - 2.0)], Line::new(1.3, INK));
        }
        let color = self.style.color;
        for (i, seed) in self.runs.iter().enumerate() {
            let y = middle + SEED * (i as f64 - 0.5 * (self.runs.len() - 1) as f64);
            match seed.outcome {
                Convergence::Reached { epoch, after } => {
                    let (from, to) = (frame.x_of(f64::from(after.0)), frame.x_of(f64::from(epoch.0)));
                    canvas.line(&[(from, y), (to, y)], Line::new(1.6, color));
                    canvas.marker(Marker::Disc, (to, y), 2.6, color);
                }
                Convergence::Censored { at, .. } => arrow(canvas, (frame.x_of(f64::from(at.0)), y), color),
            }
        }
        let counts = format!("{} of {}", self.survival.reached, self.survival.n);
        let median = self.survival.median.map(|median| format!("median {median}"));
        let counts: Vec<String> = std::iter::once(counts).chain(median).collect();
        canvas.lines(&counts, (frame.right + 14.0, middle), LEADING - 1.0, Font::new(SMALL));
    }
}

/// Draws a hollow arrow that points to later epochs, with its base at `x`.
fn arrow(canvas: &mut Canvas, (x, y): Point, color: Color) {
    let outline = [(x, y - 3.0), (x + 6.0, y), (x, y + 3.0), (x, y - 3.0), (x + 6.0, y)];
    canvas.fill(&outline, WHITE, 1.0);
    canvas.line(&outline, Line::new(1.2, color));
}

/// The figure `convergence`.
///
/// # Errors
///
/// None; other figures have errors.
pub fn item(analysis: &Analysis) -> Result<Option<FigureItem>, FigureError> {
    let Some(figure) = prepare(analysis) else { return Ok(None) };
    let selection = figure.selection.as_ref().map(|selection| format!(" {selection}.")).unwrap_or_default();
    let row = |row: &Row| format!("{}: {} of {} converged", row.label, row.survival.reached, row.survival.n);
    let rows: Vec<String> = figure.rows.iter().map(row).collect();
    Ok(Some(FigureItem {
        name: "convergence".into(),
        title: "Epochs of convergence".into(),
        text: format!(
            "The epoch of convergence of every run that has ended. {}. A run that has not converged counts as observed \
             up to the epoch of its arrow.{selection}",
            figure.heading
        ),
        alt: format!("Epochs of convergence. {}", rows.join("; ")),
        runs: figure.runs(),
        svg: figure.draw(),
        data: Some(figure.data()),
    }))
}

#[cfg(test)]
mod tests;
