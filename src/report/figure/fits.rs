//! How networks were fitted: one panel a file, held-out scores by epoch beside what needs no network.

use plotters::style::FontStyle;
use plotters::style::text_anchor::{HPos, VPos};

use super::canvas::{Canvas, Point, Type, svg};
use super::frame::{Frame, Scale, axis_room};
use super::legend::Legend;
use super::style::{self, MUTED};
use super::text::wrap;
use crate::report::fits::{Fit, FitRecord, fits};
use crate::report::{Analysis, FigureError};

/// The figure, in numbers.
#[derive(Clone, Debug, PartialEq)]
pub struct Fits {
    /// One for each file.
    pub panels: Vec<Panel>,
}

/// One fitted network.
#[derive(Clone, Debug, PartialEq)]
pub struct Panel {
    /// What it is, and the cells that have it.
    pub heading: String,
    /// Beside the value axis.
    pub axis: &'static str,
    /// Values by epoch, from epoch 1; the last line is what needs no network.
    pub lines: [Line; 3],
    /// The epoch whose weights were kept, from 1.
    pub kept: u32,
}

/// A value at each epoch.
#[derive(Clone, Debug, PartialEq)]
pub struct Line {
    /// What it is.
    pub label: &'static str,
    /// One an epoch.
    pub values: Vec<f64>,
}

/// `None` where nothing was fitted.
pub fn prepare(analysis: &Analysis) -> Option<Fits> {
    let all = analysis.cells.len();
    let panels: Vec<Panel> = fits(analysis).iter().filter_map(|fit| panel(fit, all)).collect();
    (!panels.is_empty()).then_some(Fits { panels })
}

fn panel(fit: &Fit, cells: usize) -> Option<Panel> {
    let line = |label, values: Vec<f64>| Line { label, values };
    let (what, axis, lines, kept) = match &fit.record {
        FitRecord::Text(record) => {
            let bits = |of: &dyn Fn(usize) -> f64| (0..record.history.len()).map(|at| of(at).log2()).collect();
            let lines = [
                line("held out", bits(&|at| record.history[at].held_out)),
                line("in learning", bits(&|at| record.history[at].learned)),
                line("frequencies of words alone", bits(&|_| record.unigram)),
            ];
            ("Text encoder", "Bits a word (log₂ of perplexity)", lines, record.epoch)
        }
        FitRecord::Guide(record) => {
            let shares = |of: &dyn Fn(usize) -> f64| (0..record.history.len()).map(of).collect();
            let lines = [
                line("right class first", shares(&|at| record.history[at].top1)),
                line("among the first five", shares(&|at| record.history[at].top5)),
                line("first by chance", shares(&|_| record.by_chance())),
            ];
            ("Guide's network", "Share of held-out photos", lines, record.epoch)
        }
    };
    let whose = if fit.labels.len() == cells { "all cells".to_owned() } else { fit.drawn.join("; ") };
    let heading = format!("{what} of {whose} · kept: epoch {kept}");
    (!lines[0].values.is_empty()).then_some(Panel { heading, axis, lines, kept })
}

const WIDTH: f64 = 960.0;
const MARGIN: f64 = 16.0;
const PANEL: f64 = 300.0;

impl Fits {
    /// Draws the figure as SVG.
    ///
    /// # Errors
    ///
    /// If the drawing library refuses.
    pub fn draw(&self) -> Result<String, FigureError> {
        let columns = self.panels.len().min(2);
        let width = (WIDTH - 2.0 * MARGIN) / columns as f64;
        let height = 2.0 * MARGIN + PANEL * self.panels.len().div_ceil(columns) as f64;
        let room = axis_room(&self.panels.iter().map(Panel::values).collect::<Vec<Scale>>())?;
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
    /// The scale of its values.
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
        canvas.text(&heading, (inner, top + 8.0), Type::new(11.0).color(MUTED))?;
        legend.draw(canvas, inner, top + 18.0)?;
        let axis = Type::new(12.0).bold().anchor(HPos::Center, VPos::Center);
        canvas.text_upwards(self.axis, (left + 10.0, 0.5 * (frame.top + frame.bottom)), axis)?;
        frame.draw_y(canvas)?;
        frame.draw_x(canvas, false)?;
        let kept = frame.column(f64::from(self.kept));
        canvas.line(&[(kept, frame.top), (kept, frame.bottom)], 1.0, MUTED)?;
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
    use crate::report::{ReportInput, ReportSpec, lab};

    fn prepared(input: &ReportInput) -> Option<Fits> {
        prepare(&Analysis::new(input, &ReportSpec::for_experiment("lab", "Lab")).unwrap())
    }

    #[test]
    fn each_file_has_a_panel_with_what_needs_no_network() {
        let mut input = lab::with_fits(lab::input(&["A", "B"], 2));
        let fits = prepared(&input).unwrap();
        let headings: Vec<&str> = fits.panels.iter().map(|panel| panel.heading.as_str()).collect();
        assert_eq!(headings, ["Guide's network of B · kept: epoch 3", "Text encoder of all cells · kept: epoch 2"]);
        let values = |panel: usize, line: usize| fits.panels[panel].lines[line].values.clone();
        assert_eq!((values(0, 0), values(0, 2)), (vec![0.25, 0.5, 0.625], vec![0.25; 3]));
        assert_eq!((values(1, 0), values(1, 2)), (vec![3.0, 2.0, 2.0], vec![6.0; 3]));
        // A second file of the same recipe is not drawn as one with the first.
        input.runs[3].fitted[0].sha256 = "cd".repeat(32);
        assert_eq!(prepared(&input).unwrap().panels.len(), 3);
        input.runs.iter_mut().for_each(|run| run.fitted.clear());
        assert_eq!(prepared(&input), None);
    }

    #[test]
    fn the_figure_is_drawn_as_ever() {
        let input = lab::with_fits(lab::input(&["A <b>", "B & c"], 1));
        insta::assert_snapshot!("fits_svg", prepared(&input).unwrap().draw().unwrap());
    }
}
