//! The scores of fitted networks by epoch, one panel for each file, with a baseline that needs no network.

use plotters::style::FontStyle;
use plotters::style::text_anchor::{HPos, VPos};

use super::canvas::{Canvas, Point, TextStyle, svg};
use super::frame::{Frame, Scale, axis_width};
use super::legend::Legend;
use super::style::{self, MARGIN, MUTED, WIDTH};
use super::text::wrap;
use crate::report::fits::{Fit, FitRecord, fits};
use crate::report::{Analysis, FigureError};

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
            ("Text encoder", "Bits per word (log₂ of perplexity)", lines, record.epoch)
        }
        FitRecord::Guide(record) => {
            let accuracies = |of: &dyn Fn(usize) -> f64| (0..record.history.len()).map(of).collect();
            let lines = [
                line("top-1 accuracy", accuracies(&|at| record.history[at].top1)),
                line("top-5 accuracy", accuracies(&|at| record.history[at].top5)),
                line("chance (top-1)", accuracies(&|_| record.chance_accuracy())),
            ];
            ("Guide network", "Accuracy on held-out images", lines, record.epoch)
        }
    };
    let cells = if fit.labels.len() == cells { "all cells".to_owned() } else { fit.figure_labels.join("; ") };
    let heading = format!("{network} of {cells} · weights of epoch {epoch}");
    (!lines[0].values.is_empty()).then_some(Panel { heading, axis, lines, epoch })
}

const PANEL: f64 = 300.0;

impl FitsFigure {
    /// Draws the figure as SVG.
    ///
    /// # Errors
    ///
    /// If the drawing library fails.
    pub fn draw(&self) -> Result<String, FigureError> {
        let columns = self.panels.len().min(2);
        let width = (WIDTH - 2.0 * MARGIN) / columns as f64;
        let height = 2.0 * MARGIN + PANEL * self.panels.len().div_ceil(columns) as f64;
        let room = axis_width(&self.panels.iter().map(Panel::values).collect::<Vec<Scale>>())?;
        svg(WIDTH, height, |canvas| {
            for (i, panel) in self.panels.iter().enumerate() {
                let corner = (MARGIN + width * (i % columns) as f64, MARGIN + PANEL * (i / columns) as f64);
                panel.draw(canvas, corner, (width, room))?;
            }
            Ok(())
        })
    }
}

impl Panel {
    /// The scale of the value axis.
    fn values(&self) -> Scale {
        let values = || self.lines.iter().flat_map(|line| &line.values).copied();
        let (low, high) = (values().fold(f64::INFINITY, f64::min), values().fold(f64::NEG_INFINITY, f64::max));
        Scale::around(low, high, 5)
    }

    fn draw(&self, canvas: &Canvas, (left, top): Point, (width, room): (f64, f64)) -> Result<(), FigureError> {
        let labels: Vec<(usize, &str)> = self.lines.iter().enumerate().map(|(i, line)| (i, line.label)).collect();
        let (inner, right) = (left + room, left + width - 14.0);
        let legend = Legend::new(&labels, right - inner)?;
        let frame = Frame {
            left: inner,
            top: top + 26.0 + legend.height,
            right,
            bottom: top + PANEL - 46.0,
            x: Scale::epochs(u32::try_from(self.lines[0].values.len()).unwrap_or(u32::MAX), 6),
            y: self.values(),
        };
        let heading = wrap(&self.heading, 11.0, FontStyle::Normal, right - inner, 1)?.concat();
        canvas.text(&heading, (inner, top + 8.0), TextStyle::new(11.0).color(MUTED))?;
        legend.draw(canvas, inner, top + 18.0)?;
        let axis = TextStyle::new(12.0).bold().anchor(HPos::Center, VPos::Center);
        canvas.text_upwards(self.axis, (left + 10.0, 0.5 * (frame.top + frame.bottom)), axis)?;
        frame.draw_y(canvas)?;
        frame.draw_x(canvas, false)?;
        let x = frame.x_of(f64::from(self.epoch));
        canvas.line(&[(x, frame.top), (x, frame.bottom)], 1.0, MUTED)?;
        for (i, line) in self.lines.iter().enumerate().rev() {
            line.draw(canvas, &frame, i)?;
        }
        Ok(())
    }
}

impl Line {
    fn draw(&self, canvas: &Canvas, frame: &Frame, number: usize) -> Result<(), FigureError> {
        let (color, marker) = style::of(number);
        let points: Vec<Point> =
            (1u32..).zip(&self.values).map(|(epoch, &value)| frame.point(f64::from(epoch), value)).collect();
        canvas.line(&points, 2.0, color)?;
        let every = points.len().div_ceil(8).max(1);
        for point in points.iter().step_by(every) {
            canvas.marker(marker, *point, 3.5, color)?;
        }
        Ok(())
    }
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
        insta::assert_snapshot!("fits_svg", prepared(&input).unwrap().draw().unwrap());
    }
}
