use plotters::style::FontStyle;
use plotters::style::text_anchor::{HPos, VPos};

use super::canvas::{Canvas, Point, TextStyle};
use super::style::{GRID, INK};
use super::text;
use crate::report::FigureError;

/// The font size of tick labels in pixels.
const TICK_SIZE: f64 = 11.0;
/// The space between a tick label and the value axis.
const TICK_GAP: f64 = 7.0;
/// The minimum space to the left of the value axis, for its title and tick labels of common length.
const MIN_WIDTH: f64 = 66.0;
/// The width of the title of the value axis, and the space beside it.
const TITLE_WIDTH: f64 = 18.0;
const TITLE_GAP: f64 = 6.0;

/// The space to the left of the value axes for tick labels and titles, in pixels. It depends on the longest label, and
/// is the same for all panels, so that their axes are aligned.
///
/// # Errors
///
/// If the font cannot be loaded.
pub fn axis_width(scales: &[Scale]) -> Result<f64, FigureError> {
    text::register()?;
    let mut widest: f64 = 0.0;
    for (scale, &tick) in scales.iter().flat_map(|scale| scale.ticks.iter().map(move |tick| (scale, tick))) {
        widest = widest.max(text::width(&scale.label(tick), TICK_SIZE, FontStyle::Normal)?);
    }
    let needed = TITLE_WIDTH + widest + TICK_GAP;
    Ok(if needed <= MIN_WIDTH { MIN_WIDTH } else { (needed + TITLE_GAP).ceil() })
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

    /// A scale for epochs from 0 to `last`, with ticks at whole epochs.
    pub fn epochs(last: u32, count: usize) -> Self {
        let last = f64::from(last.max(1));
        Self::ticked(0.0, last, round_step(last / count as f64).max(1.0))
    }

    fn ticked(low: f64, high: f64, step: f64) -> Self {
        let first = (low / step).ceil();
        // Multiples instead of sums, which would accumulate rounding errors.
        let ticks = (0..=1_000).map(|i| (first + f64::from(i)) * step).take_while(|&tick| tick <= high + 1e-9 * step);
        let decimals = (-step.log10().floor()).max(0.0);
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
    /// Epochs, from left to right.
    pub x: Scale,
    /// Values, from bottom to top.
    pub y: Scale,
}

impl Frame {
    /// The position of the point (`x`, `y`) in pixels.
    pub fn point(&self, x: f64, y: f64) -> Point {
        (self.x_of(x), self.bottom - self.y.fraction(y) * (self.bottom - self.top))
    }

    /// The horizontal position of the epoch `x` in pixels.
    pub fn x_of(&self, x: f64) -> f64 {
        self.left + self.x.fraction(x) * (self.right - self.left)
    }

    /// Draws the epoch axis: line, ticks, labels, title, and grid lines if `has_grid`.
    pub fn draw_x(&self, canvas: &Canvas, has_grid: bool) -> Result<(), FigureError> {
        let font = TextStyle::new(TICK_SIZE).anchor(HPos::Center, VPos::Top);
        for &tick in &self.x.ticks {
            let x = self.x_of(tick);
            if has_grid {
                canvas.line(&[(x, self.top), (x, self.bottom)], 1.0, GRID)?;
            }
            canvas.line(&[(x, self.bottom), (x, self.bottom + 4.0)], 1.0, INK)?;
            canvas.text(&self.x.label(tick), (x, self.bottom + 7.0), font)?;
        }
        canvas.line(&[(self.left, self.bottom), (self.right, self.bottom)], 1.0, INK)?;
        canvas.text("Epoch", (0.5 * (self.left + self.right), self.bottom + 23.0), TextStyle { size: 12.0, ..font })
    }

    /// Draws the value axis: line, grid, ticks and labels.
    pub fn draw_y(&self, canvas: &Canvas) -> Result<(), FigureError> {
        let font = TextStyle::new(TICK_SIZE).anchor(HPos::Right, VPos::Center);
        for &tick in &self.y.ticks {
            let (_, y) = self.point(self.x.low, tick);
            canvas.line(&[(self.left, y), (self.right, y)], 1.0, GRID)?;
            canvas.line(&[(self.left - 4.0, y), (self.left, y)], 1.0, INK)?;
            canvas.text(&self.y.label(tick), (self.left - TICK_GAP, y), font)?;
        }
        canvas.line(&[(self.left, self.top), (self.left, self.bottom)], 1.0, INK)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn epoch_ticks_are_whole_and_round() {
        assert_eq!(Scale::epochs(600, 6).ticks, [0.0, 100.0, 200.0, 300.0, 400.0, 500.0, 600.0]);
        assert_eq!(Scale::epochs(3, 6).ticks, [0.0, 1.0, 2.0, 3.0]);
        assert_eq!(Scale::epochs(0, 6).ticks, [0.0, 1.0]);
    }

    #[test]
    fn value_ticks_have_the_necessary_decimals() {
        let scale = Scale::around(0.3, 0.8, 5);
        assert_eq!(
            scale.ticks.iter().map(|&tick| scale.label(tick)).collect::<Vec<_>>(),
            ["0.3", "0.4", "0.5", "0.6", "0.7", "0.8"]
        );
        let losses = Scale::around(-0.02, 0.02, 4);
        assert_eq!(
            losses.ticks.iter().map(|&tick| losses.label(tick)).collect::<Vec<_>>(),
            ["−0.02", "−0.01", "0.00", "0.01", "0.02"]
        );
    }

    #[test]
    fn only_long_tick_labels_move_the_axis_to_the_right() {
        text::register().unwrap();
        assert_eq!(axis_width(&[Scale::around(0.3, 0.8, 5)]).unwrap(), MIN_WIDTH);
        let narrow = Scale::around(0.612_341, 0.612_346, 5);
        let label = text::width(&narrow.label(narrow.ticks[0]), TICK_SIZE, FontStyle::Normal).unwrap();
        assert!(label > 50.0, "{label}");
        assert!(axis_width(&[Scale::around(0.3, 0.8, 5), narrow]).unwrap() >= TITLE_WIDTH + label + TICK_GAP);
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
            y: Scale::ticked(0.0, 1.0, 0.5),
        };
        assert_eq!(frame.point(5.0, 0.25), (150.0, 85.0));
    }
}
