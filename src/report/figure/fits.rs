//! The scores of fitted networks by epoch, one panel for each file, with a baseline that needs no network.

use std::collections::BTreeSet;

use super::canvas::{Canvas, Font, Point};
use super::frame::{BELOW, Frame, Scale, axis_width};
use super::legend::Legend;
use super::style::{self, LEADING, MARGIN, MUTED, SMALL, Style, WIDTH};
use super::text::{Weight, wrap};
use crate::report::data_table::Table;
use crate::report::fits::{Fit, FitRecord, fits};
use crate::report::font::has_all_glyphs;
use crate::report::item::FigureItem;
use crate::report::{Analysis, FigureError, format};
use crate::store::RunId;

/// The data of the figure.
#[derive(Clone, Debug, PartialEq)]
pub struct FitsFigure {
    /// One for each fitted file.
    pub panels: Vec<Panel>,
}

/// One fitted network.
#[derive(Clone, Debug, PartialEq)]
pub struct Panel {
    /// The kind of the network, the cells that use it, and the epoch.
    pub heading: String,
    /// The title of the value axis.
    pub axis: &'static str,
    /// The scores at each epoch, from epoch 1; the last line is the baseline.
    pub lines: [Line; 3],
    /// The epoch whose weights are used, from 1.
    pub epoch: u32,
}

/// A score at each epoch.
#[derive(Clone, Debug, PartialEq)]
pub struct Line {
    /// The label of the score.
    pub label: &'static str,
    /// One for each epoch.
    pub values: Vec<f64>,
}

/// Collects the scores; `None` if no network was fitted.
pub fn prepare(analysis: &Analysis) -> Option<FitsFigure> {
    let all = analysis.cells.len();
    let panels: Vec<Panel> = fits(analysis).iter().filter_map(|fit| panel(fit, all)).collect();
    (!panels.is_empty()).then_some(FitsFigure { panels })
}

fn panel(fit: &Fit, cells: usize) -> Option<Panel> {
    let line = |label, values: Vec<f64>| Line { label, values };
    let (network, axis, lines, epoch) = match &fit.record {
        FitRecord::Text(record) => {
            let bits = |of: &dyn Fn(usize) -> f64| (0..record.history.len()).map(|at| of(at).log2()).collect();
            let lines = [
                line("held-out sentences", bits(&|at| record.history[at].held_out)),
                line("training sentences", bits(&|at| record.history[at].train)),
                line("word frequencies only", bits(&|_| record.unigram)),
            ];
            ("Text encoder", "Bits per word", lines, record.epoch)
        }
        FitRecord::Guide(record) => {
            let accuracies = |of: &dyn Fn(usize) -> f64| (0..record.history.len()).map(of).collect();
            let lines = [
                line("top-1 accuracy", accuracies(&|at| record.history[at].top1)),
                line("top-5 accuracy", accuracies(&|at| record.history[at].top5)),
                line("chance (top-1)", accuracies(&|_| record.chance_accuracy())),
            ];
            ("Guide network", "Held-out accuracy", lines, record.epoch)
        }
    };
    let cells = if fit.labels.len() == cells { "all cells".to_owned() } else { named(fit) };
    let heading = format!("{network} of {cells} · weights of epoch {epoch}");
    (!lines[0].values.is_empty()).then_some(Panel { heading, axis, lines, epoch })
}

/// The maximum number of cells that are named.
const NAMED: usize = 2;

/// The cells that use a fit, or their methods if there are many.
fn named(fit: &Fit) -> String {
    if fit.figure_labels.len() <= NAMED {
        return fit.figure_labels.join("; ");
    }
    let mut methods: Vec<&str> = fit.runs.iter().map(|run| run.record.method.as_str()).collect();
    methods.sort_unstable();
    methods.dedup();
    let cells = fit.figure_labels.len();
    match methods.as_slice() {
        [method] if has_all_glyphs(method) => format!("{cells} cells of {method}"),
        methods => format!("{cells} cells of {}", format::counted(methods.len(), "method")),
    }
}

/// The height of the data of a panel.
const DATA: f64 = 150.0;

impl FitsFigure {
    /// Draws the figure as SVG.
    pub fn draw(&self) -> String {
        let columns = self.panels.len().min(2);
        let width = (WIDTH - 2.0 * MARGIN) / columns as f64;
        let room = axis_width(&self.panels.iter().map(Panel::scale).collect::<Vec<Scale>>());
        let heads: Vec<Head> = self.panels.iter().map(|panel| panel.head(width - room - 18.0)).collect();
        let head = heads.iter().map(Head::height).fold(0.0, f64::max);
        let height = head + DATA + BELOW + 8.0;
        let mut canvas = Canvas::new(WIDTH, 2.0 * MARGIN + height * self.panels.len().div_ceil(columns) as f64);
        for (i, (panel, heading)) in self.panels.iter().zip(&heads).enumerate() {
            let (row, column) = (i / columns, i % columns);
            let (left, top) = (MARGIN + width * column as f64, MARGIN + height * row as f64);
            let frame = Frame {
                left: left + room,
                top: top + head,
                right: left + width - 18.0,
                bottom: top + head + DATA,
                x: Scale::epochs(u32::try_from(panel.lines[0].values.len()).unwrap_or(u32::MAX), 6),
                y: panel.scale(),
            };
            heading.draw(&mut canvas, (frame.left, top));
            frame.draw_y_title(&mut canvas, panel.axis, left);
            panel.draw(&mut canvas, &frame);
        }
        canvas.finish()
    }

    /// A row for each score.
    fn data(&self) -> Table {
        let mut table = Table::default().text_column("network").text_column("score");
        table = table.number_column("epoch").number_column("value");
        for panel in &self.panels {
            for line in &panel.lines {
                for (epoch, &value) in (1..).zip(&line.values) {
                    let epoch: u32 = epoch;
                    let words = [panel.heading.clone(), line.label.to_owned()];
                    table.push(words.into_iter().chain([epoch.to_string(), format::exact(value)]).collect());
                }
            }
        }
        table
    }
}

/// The text and the legend above a panel.
struct Head {
    lines: Vec<String>,
    legend: Legend,
}

impl Head {
    fn height(&self) -> f64 {
        LEADING * self.lines.len() as f64 + self.legend.height + 8.0
    }

    fn draw(&self, canvas: &mut Canvas, (left, top): Point) {
        for (i, line) in self.lines.iter().enumerate() {
            canvas.text(line, (left, top + 5.0 + LEADING * i as f64), Font::new(SMALL).color(MUTED));
        }
        self.legend.draw(canvas, (left, top + LEADING * self.lines.len() as f64 + 2.0));
    }
}

impl Panel {
    fn scale(&self) -> Scale {
        Scale::of(self.lines.iter().flat_map(|line| line.values.iter().copied()), 5)
    }

    fn head(&self, limit: f64) -> Head {
        let labels = self.lines.iter().enumerate().map(|(i, line)| (Style::of(i, 0), line.label));
        Head { lines: wrap(&self.heading, SMALL, Weight::Regular, limit, 3), legend: Legend::new(labels, limit, true) }
    }

    fn draw(&self, canvas: &mut Canvas, frame: &Frame) {
        frame.draw_y(canvas);
        frame.draw_x(canvas, "Epoch", false);
        let x = frame.x_of(f64::from(self.epoch));
        canvas.line(&[(x, frame.top), (x, frame.bottom)], style::Line::new(0.75, MUTED));
        for (i, line) in self.lines.iter().enumerate().rev() {
            line.draw(canvas, frame, Style::of(i, 0));
        }
    }
}

impl Line {
    fn draw(&self, canvas: &mut Canvas, frame: &Frame, style: Style) {
        let points: Vec<Point> =
            (1u32..).zip(&self.values).map(|(epoch, &value)| frame.point(f64::from(epoch), value)).collect();
        canvas.line(&points, style.line(1.6));
        let every = points.len().div_ceil(8).max(1);
        for point in points.iter().step_by(every) {
            canvas.marker(style.marker, *point, 2.6, style.color);
        }
    }
}

/// The figure `fits`.
///
/// # Errors
///
/// None; other figures have errors.
pub fn item(analysis: &Analysis) -> Result<Option<FigureItem>, FigureError> {
    let Some(figure) = prepare(analysis) else { return Ok(None) };
    let networks = if figure.panels.len() == 1 { "This network was" } else { "These networks were" };
    let runs: BTreeSet<RunId> = fits(analysis).iter().flat_map(|fit| &fit.runs).map(|run| run.record.id).collect();
    let headings: Vec<&str> = figure.panels.iter().map(|panel| panel.heading.as_str()).collect();
    Ok(Some(FigureItem {
        name: "fits".into(),
        title: "Fitted networks".into(),
        text: format!(
            "{networks} fitted before the runs. The grey line marks the epoch whose weights the runs use. The last \
             line of each panel is a baseline without a network."
        ),
        alt: format!("Scores of fitted networks by epoch: {}", headings.join("; ")),
        runs: runs.into_iter().collect(),
        svg: figure.draw(),
        data: Some(figure.data()),
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::{ReportInput, ReportSpec, fixture};

    fn prepared(input: &ReportInput) -> Option<FitsFigure> {
        prepare(&Analysis::new(input, &ReportSpec::for_experiment("lab", "Lab")).unwrap())
    }

    #[test]
    fn each_file_has_a_panel_with_a_baseline() {
        let mut input = fixture::with_fits(fixture::input(&["A", "B"], 2));
        let fits = prepared(&input).unwrap();
        let headings: Vec<&str> = fits.panels.iter().map(|panel| panel.heading.as_str()).collect();
        assert_eq!(
            headings,
            ["Guide network of B · weights of epoch 3", "Text encoder of all cells · weights of epoch 2"]
        );
        let values = |panel: usize, line: usize| fits.panels[panel].lines[line].values.clone();
        assert_eq!((values(0, 0), values(0, 2)), (vec![0.25, 0.5, 0.625], vec![0.25; 3]));
        assert_eq!((values(1, 0), values(1, 2)), (vec![3.0, 2.0, 2.0], vec![6.0; 3]));
        // A second file of the same recipe has its own panel.
        input.runs[3].fitted[0].sha256 = "cd".repeat(32);
        assert_eq!(prepared(&input).unwrap().panels.len(), 3);
        input.runs.iter_mut().for_each(|run| run.fitted.clear());
        assert_eq!(prepared(&input), None);
    }

    #[test]
    fn the_figure_matches_its_snapshot() {
        let input = fixture::with_fits(fixture::input(&["A <b>", "B & c"], 1));
        insta::assert_snapshot!("fits_svg", prepared(&input).unwrap().draw());
    }
}
