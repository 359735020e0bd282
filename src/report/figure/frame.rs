//! Axes: scales with round ticks, and the rectangle of the data.

use super::canvas::{Anchor, Canvas, Font, Point};
use super::style::{GRID, INK, Line, SIZE, SMALL};
use super::text::{Weight, shortened, width};

/// The space between a tick label and the value axis.
const TICK_GAP: f64 = 5.0;
/// The width of the title of the value axis, and the space beside it.
const TITLE_WIDTH: f64 = 16.0;

/// The space below the data for the labels and the title of the horizontal axis, in pixels.
pub const BELOW: f64 = 32.0;

/// The space to the left of the value axes for tick labels and titles, in pixels. It depends on the longest label, and
/// is the same for all panels, so that their axes are aligned.
pub fn axis_width(scales: &[Scale]) -> f64 {
    let labels = scales.iter().flat_map(|scale| scale.ticks.iter().map(|&tick| scale.label(tick)));
    let widest = labels.map(|label| width(&label, SMALL, Weight::Regular)).fold(22.0, f64::max);
    (TITLE_WIDTH + widest + TICK_GAP).ceil()
}

/// The scale of an axis: values from `low` to `high`, and the positions of ticks.
#[derive(Clone, Debug, PartialEq)]
pub struct Scale {
    /// The least value.
    pub low: f64,
    /// The greatest value.
    pub high: f64,
    ticks: Vec<f64>,
    decimals: usize,
}

impl Scale {
    /// A scale for `low..=high` with margins and about `count` ticks at round values.
    pub fn around(low: f64, high: f64, count: usize) -> Self {
        // The span of a constant curve is a tenth of its value, or one if the value is zero.
        let span = if high > low { high - low } else { (0.1 * high.abs()).max(if high == 0.0 { 1.0 } else { 0.0 }) };
        let (low, high) = if high > low { (low, high) } else { (low - 0.5 * span, high + 0.5 * span) };
        Self::ticked(low - 0.05 * span, high + 0.05 * span, round_step(span / count as f64))
    }

    /// A scale for all finite `values`, as [`Scale::around`]; from 0 to 1 if there are none.
    pub fn of(values: impl Iterator<Item = f64>, count: usize) -> Self {
        let (low, high) = values
            .filter(|value| value.is_finite())
            .fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), value| (low.min(value), high.max(value)));
        if low <= high { Self::around(low, high, count) } else { Self::between(0.0, 1.0, count) }
    }

    /// A scale from exactly `low` to `high`.
    pub fn between(low: f64, high: f64, count: usize) -> Self {
        Self::ticked(low, high, round_step((high - low) / count as f64))
    }

    /// A scale for epochs from 0 to `last`, with ticks at whole epochs.
    pub fn epochs(last: u32, count: usize) -> Self {
        let last = f64::from(last.max(1));
        Self::ticked(0.0, last, round_step(last / count as f64).max(1.0))
    }

    fn ticked(low: f64, high: f64, step: f64) -> Self {
        let first = (low / step - 1e-9).ceil();
        // Multiples instead of sums, which would accumulate rounding errors.
        let ticks = (0..=1_000).map(|i| (first + f64::from(i)) * step).take_while(|&tick| tick <= high + 1e-9 * step);
        let decimals = (-(step.log10() + 1e-9).floor()).max(0.0);
        Self { low, high, ticks: ticks.collect(), decimals: decimals as usize }
    }

    /// The position of `value`, from 0 at `low` to 1 at `high`.
    pub fn fraction(&self, value: f64) -> f64 {
        (value - self.low) / (self.high - self.low)
    }

    fn label(&self, tick: f64) -> String {
        // Adding 0 removes the sign of −0.0.
        format!("{:.*}", self.decimals, tick + 0.0).replacen('-', "−", 1)
    }
}

/// The smallest number of the form 1, 2 or 5 times a power of ten that is at least three quarters of `step`.
fn round_step(step: f64) -> f64 {
    let power = 10f64.powf(step.log10().floor());
    [1.0, 2.0, 5.0, 10.0].into_iter().map(|digit| digit * power).find(|&round| round >= 0.75 * step).unwrap_or(step)
}

/// The rectangle of the data in pixels, with its scales.
#[derive(Clone, Debug)]
pub struct Frame {
    /// The left edge.
    pub left: f64,
    /// The upper edge.
    pub top: f64,
    /// The right edge.
    pub right: f64,
    /// The lower edge.
    pub bottom: f64,
    /// From left to right.
    pub x: Scale,
    /// From bottom to top.
    pub y: Scale,
}

impl Frame {
    /// The position of the point (`x`, `y`) in pixels.
    pub fn point(&self, x: f64, y: f64) -> Point {
        (self.x_of(x), self.bottom - self.y.fraction(y) * (self.bottom - self.top))
    }

    /// The horizontal position of `x` in pixels.
    pub fn x_of(&self, x: f64) -> f64 {
        self.left + self.x.fraction(x) * (self.right - self.left)
    }

    /// Draws the horizontal axis: line, ticks, labels, title, and grid lines if `has_grid`. Labels that would touch are
    /// left out.
    pub fn draw_x(&self, canvas: &mut Canvas, title: &str, has_grid: bool) {
        let widest = self.x.ticks.iter().map(|&tick| width(&self.x.label(tick), SMALL, Weight::Regular));
        let needed = widest.fold(0.0, f64::max) + 6.0;
        let spacing = match self.x.ticks[..] {
            [first, second, ..] => self.x_of(second) - self.x_of(first),
            _ => needed,
        };
        let every = (needed / spacing.max(1e-6)).ceil().clamp(1.0, 1e3) as usize;
        for (i, &tick) in self.x.ticks.iter().enumerate() {
            let x = self.x_of(tick);
            if has_grid {
                canvas.line(&[(x, self.top), (x, self.bottom)], Line::new(0.75, GRID));
            }
            canvas.line(&[(x, self.bottom), (x, self.bottom + 3.0)], Line::new(0.75, INK));
            if i % every == 0 {
                canvas.text(&self.x.label(tick), (x, self.bottom + 10.0), Font::new(SMALL).anchor(Anchor::Middle));
            }
        }
        canvas.line(&[(self.left, self.bottom), (self.right, self.bottom)], Line::new(0.75, INK));
        let title = shortened(title, SIZE, Weight::Regular, self.right - self.left + 30.0);
        let middle = 0.5 * (self.left + self.right);
        canvas.text(&title, (middle, self.bottom + 23.0), Font::new(SIZE).anchor(Anchor::Middle));
    }

    /// Draws the value axis: line, grid, ticks and labels.
    pub fn draw_y(&self, canvas: &mut Canvas) {
        for &tick in &self.y.ticks {
            let (_, y) = self.point(self.x.low, tick);
            canvas.line(&[(self.left, y), (self.right, y)], Line::new(0.75, GRID));
            canvas.line(&[(self.left - 3.0, y), (self.left, y)], Line::new(0.75, INK));
            canvas.text(&self.y.label(tick), (self.left - TICK_GAP, y), Font::new(SMALL).anchor(Anchor::End));
        }
        canvas.line(&[(self.left, self.top), (self.left, self.bottom)], Line::new(0.75, INK));
    }

    /// Draws the title of the value axis, whose space to the left begins at `left`.
    pub fn draw_y_title(&self, canvas: &mut Canvas, title: &str, left: f64) {
        let title = shortened(title, SIZE, Weight::Bold, self.bottom - self.top + 20.0);
        let middle = 0.5 * (self.top + self.bottom);
        canvas.text_upwards(&title, (left + 7.0, middle), Font::new(SIZE).bold().anchor(Anchor::Middle));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labels(scale: &Scale) -> Vec<String> {
        scale.ticks.iter().map(|&tick| scale.label(tick)).collect()
    }

    #[test]
    fn epoch_ticks_are_whole_and_round() {
        assert_eq!(Scale::epochs(600, 6).ticks, [0.0, 100.0, 200.0, 300.0, 400.0, 500.0, 600.0]);
        assert_eq!(Scale::epochs(3, 6).ticks, [0.0, 1.0, 2.0, 3.0]);
        assert_eq!(Scale::epochs(0, 6).ticks, [0.0, 1.0]);
    }

    #[test]
    fn value_ticks_have_the_necessary_decimals() {
        assert_eq!(labels(&Scale::around(0.3, 0.8, 5)), ["0.3", "0.4", "0.5", "0.6", "0.7", "0.8"]);
        assert_eq!(labels(&Scale::around(-0.02, 0.02, 4)), ["−0.02", "−0.01", "0.00", "0.01", "0.02"]);
        assert_eq!(labels(&Scale::between(0.0, 1.0, 4)), ["0.0", "0.2", "0.4", "0.6", "0.8", "1.0"]);
    }

    #[test]
    fn values_that_are_not_finite_do_not_change_a_scale() {
        let values = [f64::NAN, 2.0, f64::INFINITY, 1.0];
        assert_eq!(Scale::of(values.into_iter(), 4), Scale::around(1.0, 2.0, 4));
        assert_eq!(Scale::of([f64::NAN].into_iter(), 4), Scale::between(0.0, 1.0, 4));
    }

    #[test]
    fn only_long_tick_labels_move_the_axis_to_the_right() {
        let usual = axis_width(&[Scale::around(0.3, 0.8, 5)]);
        assert_eq!(usual, axis_width(&[Scale::around(1.0, 9.0, 5)]));
        let narrow = Scale::around(0.612_341, 0.612_346, 5);
        let label = width(&narrow.label(narrow.ticks[0]), SMALL, Weight::Regular);
        assert!(label > 40.0, "{label}");
        assert!(axis_width(&[Scale::around(0.3, 0.8, 5), narrow]) >= TITLE_WIDTH + label + TICK_GAP);
    }

    #[test]
    fn the_scale_of_a_constant_curve_has_a_span() {
        for value in [0.0, 2.0, -3.0] {
            let scale = Scale::around(value, value, 4);
            assert!(scale.low < value && value < scale.high, "{scale:?}");
            assert!(scale.ticks.len() > 1, "{scale:?}");
        }
    }

    #[test]
    fn points_are_mapped_with_larger_values_at_the_top() {
        let frame = Frame {
            left: 100.0,
            top: 10.0,
            right: 200.0,
            bottom: 110.0,
            x: Scale::epochs(10, 5),
            y: Scale::between(0.0, 1.0, 2),
        };
        assert_eq!(frame.point(5.0, 0.25), (150.0, 85.0));
    }

    #[test]
    fn tick_labels_that_would_touch_are_left_out() {
        let drawn = |right| {
            let (x, y) = (Scale::epochs(600, 6), Scale::epochs(1, 1));
            let mut canvas = Canvas::new(300.0, 50.0);
            Frame { left: 0.0, top: 0.0, right, bottom: 10.0, x, y }.draw_x(&mut canvas, "", false);
            canvas.finish().matches("</text>").count() - 1
        };
        assert_eq!((drawn(300.0), drawn(100.0)), (7, 4));
    }
}
