//! Dot plots: one dot for each seed, the mean and its interval, in rows below each other and one panel for each metric.

use super::canvas::{Anchor, Canvas, Font};
use super::frame::{BELOW, Frame, Scale};
use super::style::{GRID, INK, LEADING, Line, MARGIN, MUTED, SIZE, SMALL, Style, WIDTH};
use super::text::{Weight, wrap};
use crate::report::format;
use crate::report::table::Table;
use crate::stats::Interval;
use crate::store::RunId;

/// Rows of dots in panels beside each other.
#[derive(Clone, Debug, PartialEq)]
pub struct DotPlot {
    /// The rows, in groups with a title.
    pub groups: Vec<Group>,
    /// One for each metric and protocol.
    pub panels: Vec<Panel>,
    /// Whether there is a line at 0, which is then on every scale.
    pub has_zero: bool,
    /// The meaning of dots and lines, and what is not shown.
    pub note: String,
}

/// Rows that belong together.
#[derive(Clone, Debug, PartialEq)]
pub struct Group {
    /// The title above the rows; may be empty.
    pub title: String,
    /// The labels of the rows.
    pub rows: Vec<RowLabel>,
}

/// The label of a row, and the style of its dots.
#[derive(Clone, Debug, PartialEq)]
pub struct RowLabel {
    /// The label.
    pub label: String,
    /// The style.
    pub style: Style,
}

/// One metric.
#[derive(Clone, Debug, PartialEq)]
pub struct Panel {
    /// The metric.
    pub title: String,
    /// The text below the title, such as the better direction.
    pub detail: String,
    /// The name of the metric and the id of the protocol, for the data.
    pub series: (String, String),
    /// The values of every row, over all groups.
    pub rows: Vec<Dots>,
}

/// The values of a row in a panel.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Dots {
    /// The finite values.
    pub values: Vec<Dot>,
    /// The mean; `None` for no values.
    pub mean: Option<f64>,
    /// The interval of the mean.
    pub interval: Option<Interval>,
    /// The number of runs, or pairs of runs, without a finite value.
    pub left_out: usize,
}

/// The value of a seed.
#[derive(Clone, Debug, PartialEq)]
pub struct Dot {
    /// The seed.
    pub seed: u64,
    /// The value.
    pub value: f64,
    /// The runs that it was computed from.
    pub runs: Vec<RunId>,
}

const LABELS: f64 = 150.0;
/// The number of panels beside each other.
const COLUMNS: usize = 3;
const GAP: f64 = 16.0;
/// The height of a row with one line of text.
const ROW: f64 = 22.0;
const GROUP: f64 = 16.0;

impl DotPlot {
    /// Draws the figure as SVG.
    pub fn draw(&self) -> String {
        let labels = self.labels();
        let heights: Vec<Vec<f64>> =
            labels.iter().map(|rows| rows.iter().map(|lines| height(lines.len())).collect()).collect();
        let titles: f64 = self.groups.iter().filter(|group| !group.title.is_empty()).count() as f64 * GROUP;
        let rows: f64 = heights.iter().flatten().sum::<f64>() + titles;
        let columns = self.panels.len().clamp(1, COLUMNS);
        let width = (WIDTH - 2.0 * MARGIN - LABELS) / columns as f64;
        let heads: Vec<Vec<(String, bool)>> = self.panels.iter().map(|panel| panel.head(width - GAP)).collect();
        let head = LEADING * heads.iter().map(Vec::len).max().unwrap_or_default() as f64 + 6.0;
        let band = head + rows + BELOW - 8.0;
        let notes = wrap(&self.note, SMALL, Weight::Regular, WIDTH - 2.0 * MARGIN, 8);
        let bands = self.panels.len().div_ceil(columns);
        let bottom = MARGIN + band * bands as f64;
        let mut canvas = Canvas::new(WIDTH, bottom + LEADING * notes.len() as f64 + MARGIN);
        for (number, panels) in self.panels.chunks(columns).enumerate() {
            let top = MARGIN + band * number as f64 + head;
            self.draw_labels(&mut canvas, (&labels, &heights), top);
            for (column, panel) in panels.iter().enumerate() {
                let left = MARGIN + LABELS + width * column as f64;
                for (i, (line, is_bold)) in heads[number * columns + column].iter().enumerate() {
                    let font = if *is_bold { Font::new(SIZE).bold() } else { Font::new(SMALL).color(MUTED) };
                    canvas.text(line, (left, top - head + 6.0 + LEADING * i as f64), font);
                }
                let frame = Frame {
                    left,
                    top,
                    right: left + width - GAP,
                    bottom: top + rows,
                    x: panel.scale(self.has_zero),
                    y: Scale::between(0.0, 1.0, 1),
                };
                self.draw_panel(&mut canvas, panel, &frame, &heights);
            }
        }
        for (i, line) in notes.iter().enumerate() {
            canvas.text(line, (MARGIN, bottom + 5.0 + LEADING * i as f64), Font::new(SMALL).color(MUTED));
        }
        canvas.finish()
    }

    /// The lines of the label of each row of each group.
    fn labels(&self) -> Vec<Vec<Vec<String>>> {
        let lines = |row: &RowLabel| wrap(&row.label, SIZE, Weight::Regular, LABELS - 12.0, 4);
        self.groups.iter().map(|group| group.rows.iter().map(lines).collect()).collect()
    }

    fn draw_labels(&self, canvas: &mut Canvas, (labels, heights): (&[Vec<Vec<String>>], &[Vec<f64>]), top: f64) {
        let mut y = top;
        for ((group, labels), heights) in self.groups.iter().zip(labels).zip(heights) {
            if !group.title.is_empty() {
                canvas.line(&[(MARGIN, y), (WIDTH - MARGIN, y)], Line::new(0.75, GRID));
                let title = wrap(&group.title, SIZE, Weight::Bold, LABELS - 12.0, 1).concat();
                canvas.text(&title, (MARGIN, y + 0.5 * GROUP + 1.0), Font::new(SIZE).bold());
                y += GROUP;
            }
            for (lines, height) in labels.iter().zip(heights) {
                let at = (MARGIN + LABELS - 8.0, y + 0.5 * height);
                canvas.lines(lines, at, LEADING, Font::new(SIZE).anchor(Anchor::End));
                y += height;
            }
        }
    }

    fn draw_panel(&self, canvas: &mut Canvas, panel: &Panel, frame: &Frame, heights: &[Vec<f64>]) {
        frame.draw_x(canvas, "", true);
        if self.has_zero {
            let x = frame.x_of(0.0);
            canvas.line(&[(x, frame.top), (x, frame.bottom)], Line::new(1.0, INK));
        }
        let mut y = frame.top;
        let mut rows = panel.rows.iter();
        for (group, heights) in self.groups.iter().zip(heights) {
            y += if group.title.is_empty() { 0.0 } else { GROUP };
            for (label, height) in group.rows.iter().zip(heights) {
                if let Some(dots) = rows.next() {
                    dots.draw(canvas, frame, label.style, y + 0.5 * height);
                }
                y += height;
            }
        }
    }

    /// The runs whose values are shown.
    pub fn runs(&self) -> Vec<RunId> {
        let dots = self.panels.iter().flat_map(|panel| &panel.rows).flat_map(|row| &row.values);
        let mut runs: Vec<RunId> = dots.flat_map(|dot| dot.runs.iter().copied()).collect();
        runs.sort_unstable();
        runs.dedup();
        runs
    }

    /// A row for each value, and one for each mean.
    pub fn data(&self) -> Table {
        let mut table = Table::default();
        for header in ["group", "row", "metric", "protocol", "kind", "runs"] {
            table = table.text_column(header);
        }
        for header in ["seed", "value", "low", "high", "n", "left_out"] {
            table = table.number_column(header);
        }
        let rows: Vec<(&str, &str)> = self
            .groups
            .iter()
            .flat_map(|group| group.rows.iter().map(|row| (group.title.as_str(), row.label.as_str())))
            .collect();
        for panel in &self.panels {
            for ((group, label), dots) in rows.iter().zip(&panel.rows) {
                let head = [*group, *label, &panel.series.0, &panel.series.1].map(str::to_owned);
                for dot in &dots.values {
                    let runs: Vec<String> = dot.runs.iter().map(RunId::to_string).collect();
                    let mut row = head.to_vec();
                    row.extend(["seed".to_owned(), runs.join(" "), dot.seed.to_string(), format::exact(dot.value)]);
                    row.extend(std::iter::repeat_n(String::new(), 4));
                    table.push(row);
                }
                let limit = |limit: Option<f64>| limit.map(format::exact).unwrap_or_default();
                let mut row = head.to_vec();
                row.extend(["mean".to_owned(), String::new(), String::new(), limit(dots.mean)]);
                row.extend([limit(dots.interval.map(|i| i.low)), limit(dots.interval.map(|i| i.high))]);
                row.extend([dots.values.len().to_string(), dots.left_out.to_string()]);
                table.push(row);
            }
        }
        table
    }
}

/// The height of a row whose label has this many lines.
fn height(lines: usize) -> f64 {
    ROW.max(LEADING * lines as f64 + 6.0)
}

impl Panel {
    fn head(&self, limit: f64) -> Vec<(String, bool)> {
        let titles = wrap(&self.title, SIZE, Weight::Bold, limit, 3).into_iter().map(|line| (line, true));
        let details = wrap(&self.detail, SMALL, Weight::Regular, limit, 4).into_iter().map(|line| (line, false));
        titles.chain(details).collect()
    }

    fn scale(&self, has_zero: bool) -> Scale {
        let values = self.rows.iter().flat_map(|dots| {
            let ends = dots.interval.into_iter().flat_map(|interval| [interval.low, interval.high]);
            dots.values.iter().map(|dot| dot.value).chain(ends)
        });
        Scale::of(values.chain(has_zero.then_some(0.0)), 4)
    }
}

impl Dots {
    fn draw(&self, canvas: &mut Canvas, frame: &Frame, style: Style, y: f64) {
        if let Some(Interval { low, high }) = self.interval {
            let (low, high) = (frame.x_of(low), frame.x_of(high));
            canvas.fill(&[(low, y - 4.0), (high, y - 4.0), (high, y + 4.0), (low, y + 4.0)], style.color, 0.22);
        }
        for (i, dot) in self.values.iter().enumerate() {
            // Dots are spread over three lines, so that equal values are seen.
            let shift = [0.0, -4.0, 4.0][i % 3];
            canvas.marker(style.marker, (frame.x_of(dot.value), y + shift), 2.1, style.color);
        }
        if let Some(mean) = self.mean {
            let x = frame.x_of(mean);
            canvas.line(&[(x, y - 7.5), (x, y + 7.5)], Line::new(1.6, INK));
        }
        if self.values.is_empty() {
            let middle = 0.5 * (frame.left + frame.right);
            canvas.text("no values", (middle, y), Font::new(SMALL).color(MUTED).anchor(Anchor::Middle));
        }
    }
}
