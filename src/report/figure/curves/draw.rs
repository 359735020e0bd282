//! Drawing of curves.

use super::{CurvesFigure, Line, Panel};
use crate::report::figure::canvas::{Canvas, Font, Point};
use crate::report::figure::frame::{BELOW, Frame, Scale, axis_width};
use crate::report::figure::legend::Legend;
use crate::report::figure::style::{self, Dash, LEADING, MARGIN, MUTED, SMALL, WIDTH};
use crate::report::figure::text::{Weight, wrap};
use crate::stats::Band;

/// The height of the data of a panel.
const DATA: f64 = 150.0;

impl CurvesFigure {
    /// Draws the figure as SVG.
    pub fn draw(&self) -> String {
        let room = WIDTH - 2.0 * MARGIN;
        let legend = Legend::new(self.legend.iter().map(|(style, label)| (*style, label.as_str())), room, true);
        let axis = axis_width(&self.panels.iter().map(Panel::scale).collect::<Vec<Scale>>());
        let columns = self.panels.len().min(2);
        let panel_width = room / columns as f64;
        let headings: Vec<Vec<String>> = self
            .panels
            .iter()
            .map(|panel| wrap(&panel.heading, SMALL, Weight::Regular, panel_width - axis - 18.0, 3))
            .collect();
        let head = LEADING * headings.iter().map(Vec::len).max().unwrap_or_default() as f64 + 4.0;
        let panel_height = head + DATA + BELOW + 8.0;
        let note = wrap(&self.note, SMALL, Weight::Regular, room, 8);
        let top = MARGIN + legend.height + 8.0;
        let rows = self.panels.len().div_ceil(columns.max(1)) as f64;
        let bottom = top + panel_height * rows;
        let mut canvas = Canvas::new(WIDTH, bottom + LEADING * note.len() as f64 + MARGIN);
        legend.draw(&mut canvas, (MARGIN, MARGIN));
        for (i, (panel, heading)) in self.panels.iter().zip(&headings).enumerate() {
            let (row, column) = (i / columns, i % columns);
            let corner = (MARGIN + panel_width * column as f64, top + panel_height * row as f64);
            let frame = Frame {
                left: corner.0 + axis,
                top: corner.1 + head,
                right: corner.0 + panel_width - 18.0,
                bottom: corner.1 + head + DATA,
                x: Scale::epochs(self.last, 6),
                y: panel.scale(),
            };
            for (j, line) in heading.iter().enumerate() {
                let y = corner.1 + 6.0 + LEADING * j as f64;
                canvas.text(line, (frame.left, y), Font::new(SMALL).color(MUTED));
            }
            frame.draw_y_title(&mut canvas, &panel.axis, corner.0);
            panel.draw(&mut canvas, &frame);
        }
        for (i, line) in note.iter().enumerate() {
            canvas.text(line, (MARGIN, bottom + 6.0 + LEADING * i as f64), Font::new(SMALL).color(MUTED));
        }
        canvas.finish()
    }
}

impl Panel {
    fn scale(&self) -> Scale {
        Scale::of(self.values(), 5)
    }

    fn draw(&self, canvas: &mut Canvas, frame: &Frame) {
        frame.draw_y(canvas);
        frame.draw_x(canvas, "Epoch", false);
        for line in &self.lines {
            line.draw_band(canvas, frame);
        }
        for (i, line) in self.lines.iter().enumerate() {
            line.draw_mean(canvas, frame, i);
        }
        for line in &self.lines {
            line.draw_convergence(canvas, frame);
        }
    }
}

impl Line {
    fn draw_band(&self, canvas: &mut Canvas, frame: &Frame) {
        // A band is interrupted where there is only one seed.
        for stretch in self.points.chunk_by(|a, b| a.interval.is_some() == b.interval.is_some()) {
            let edge = |low: bool| {
                let ends = move |band: &Band| band.interval.map(|i| if low { i.low } else { i.high });
                stretch.iter().filter_map(move |band| Some(frame.point(f64::from(band.epoch.0), ends(band)?)))
            };
            let outline: Vec<Point> = edge(true).chain(edge(false).rev()).collect();
            if outline.len() > 2 {
                canvas.fill(&outline, self.style.color, 0.15);
            }
        }
    }

    fn draw_mean(&self, canvas: &mut Canvas, frame: &Frame, number: usize) {
        let style::Style { color, marker, .. } = self.style;
        // A line over an equal one is dashed, so that both are seen.
        let look = match self.equals {
            Some(_) => style::Line::new(1.6, color).dash(Dash::Short),
            None => self.style.line(1.6),
        };
        let at = |band: &Band| frame.point(f64::from(band.epoch.0), band.mean);
        let all: Vec<Point> = self.points.iter().map(at).collect();
        for stretch in self.points.chunk_by(|a, b| (a.n == self.seeds) == (b.n == self.seeds)) {
            if stretch[0].n == self.seeds {
                canvas.line(&stretch.iter().map(at).collect::<Vec<_>>(), look);
            }
        }
        if self.points.iter().any(|band| band.n < self.seeds) {
            canvas.line(&all, style::Line::new(0.6, color));
        }
        // About six markers per line, with an offset for each line, so that coinciding lines show all markers.
        let every = all.len().div_ceil(6).max(1);
        for point in all.iter().skip(number * every.div_ceil(3) % every).step_by(every) {
            canvas.marker(marker, *point, 2.6, color);
        }
    }

    /// Marks the median epoch of convergence on the mean, and at the epoch axis.
    fn draw_convergence(&self, canvas: &mut Canvas, frame: &Frame) {
        let Some(epoch) = self.converged else { return };
        let Some(value) = self.value_at(epoch) else { return };
        let (x, y) = frame.point(epoch, value);
        let line = style::Line::new(0.9, self.style.color);
        canvas.line(&[(x, y + 4.0), (x, frame.bottom)], line.dash(Dash::Dotted));
        canvas.circle((x, y), 4.0, style::Line::new(1.5, self.style.color));
    }

    /// The mean at an epoch, which can lie between two points.
    fn value_at(&self, epoch: f64) -> Option<f64> {
        let after = self.points.iter().position(|band| f64::from(band.epoch.0) >= epoch)?;
        let to = &self.points[after];
        let from = &self.points[after.saturating_sub(1)];
        let (start, end) = (f64::from(from.epoch.0), f64::from(to.epoch.0));
        let fraction = if end > start { (epoch - start) / (end - start) } else { 1.0 };
        Some(from.mean + fraction * (to.mean - from.mean))
    }
}
