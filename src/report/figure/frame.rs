use plotters::style::FontStyle;
use plotters::style::text_anchor::{HPos, VPos};

use super::canvas::{Canvas, Point, Type};
use super::style::{GRID, INK};
use super::text;
use crate::report::FigureError;

/// Size of tick labels in pixels.
const TICK_SIZE: f64 = 11.0;
/// From a tick label to the value axis.
const TICK_GAP: f64 = 7.0;
/// Left of the value axis: its title, and tick labels of usual length.
const USUAL_ROOM: f64 = 66.0;
/// The title of the value axis from the left edge of a panel, and what is to be free beside it.
const TITLE_ROOM: f64 = 18.0;
const TITLE_GAP: f64 = 6.0;

/// Pixels left of the value axes of a figure's panels for tick labels and titles: more where the labels are long. It is
/// one width for all panels, so that axes below each other are in line.
///
/// # Errors
///
/// If the font does not load.
pub fn axis_room(scales: &[Scale]) -> Result<f64, FigureError> {
    text::register()?;
    let mut widest: f64 = 0.0;
    for (scale, &tick) in scales.iter().flat_map(|scale| scale.ticks.iter().map(move |tick| (scale, tick))) {
        widest = widest.max(text::width(&scale.label(tick), TICK_SIZE, FontStyle::Normal)?);
    }
    let least = TITLE_ROOM + widest + TICK_GAP;
    Ok(if least <= USUAL_ROOM { USUAL_ROOM } else { (least + TITLE_GAP).ceil() })
}

/// A scale: values from `low` to `high`, and the values that get a tick.
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
    /// A scale over `low..=high` with a little room at both ends and about `count` ticks at round values.
    pub fn around(low: f64, high: f64, count: usize) -> Self {
        // A flat curve still needs a height: a tenth of its value, or one if that is nothing.
        let span = if high > low { high - low } else { (0.1 * high.abs()).max(if high == 0.0 { 1.0 } else { 0.0 }) };
        let (low, high) = if high > low { (low, high) } else { (low - 0.5 * span, high + 0.5 * span) };
        Self::ticked(low - 0.05 * span, high + 0.05 * span, round_step(span / count as f64))
    }

    /// Epochs from 0 to `last`, ticks at whole epochs.
    pub fn epochs(last: u32, count: usize) -> Self {
        let last = f64::from(last.max(1));
        Self::ticked(0.0, last, round_step(last / count as f64).max(1.0))
    }

    fn ticked(low: f64, high: f64, step: f64) -> Self {
        let first = (low / step).ceil();
        // Multiples, not sums: sums of 0.1 drift.
        let ticks = (0..=1_000).map(|i| (first + f64::from(i)) * step).take_while(|&tick| tick <= high + 1e-9 * step);
        let decimals = (-step.log10().floor()).max(0.0);
        Self { low, high, ticks: ticks.collect(), decimals: decimals as usize }
    }

    /// Where `value` lies, from 0 at `low` to 1 at `high`.
    pub fn share(&self, value: f64) -> f64 {
        (value - self.low) / (self.high - self.low)
    }

    fn label(&self, tick: f64) -> String {
        // −0.0 would print its sign.
        format!("{:.*}", self.decimals, tick + 0.0).replacen('-', "−", 1)
    }
}

/// 1, 2 or 5 times a power of ten: the least that is at least three quarters of `step`.
fn round_step(step: f64) -> f64 {
    let power = 10f64.powf(step.log10().floor());
    [1.0, 2.0, 5.0, 10.0].into_iter().map(|digit| digit * power).find(|&round| round >= 0.75 * step).unwrap_or(step)
}

/// The rectangle that data is drawn in, in pixels, with its scales.
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
    /// Where the point (`x`, `y`) is drawn.
    pub fn point(&self, x: f64, y: f64) -> Point {
        (self.column(x), self.bottom - self.y.share(y) * (self.bottom - self.top))
    }

    /// Where the epoch `x` is drawn.
    pub fn column(&self, x: f64) -> f64 {
        self.left + self.x.share(x) * (self.right - self.left)
    }

    /// The epoch axis: line, ticks, labels and title, and grid lines if asked for.
    pub fn draw_x(&self, canvas: &Canvas, has_grid: bool) -> Result<(), FigureError> {
        let font = Type::new(TICK_SIZE).anchor(HPos::Center, VPos::Top);
        for &tick in &self.x.ticks {
            let x = self.column(tick);
            if has_grid {
                canvas.line(&[(x, self.top), (x, self.bottom)], 1.0, GRID)?;
            }
            canvas.line(&[(x, self.bottom), (x, self.bottom + 4.0)], 1.0, INK)?;
            canvas.text(&self.x.label(tick), (x, self.bottom + 7.0), font)?;
        }
        canvas.line(&[(self.left, self.bottom), (self.right, self.bottom)], 1.0, INK)?;
        canvas.text("Epoch", (0.5 * (self.left + self.right), self.bottom + 23.0), Type { size: 12.0, ..font })
    }

    /// The value axis: line, grid, ticks and labels.
    pub fn draw_y(&self, canvas: &Canvas) -> Result<(), FigureError> {
        let font = Type::new(TICK_SIZE).anchor(HPos::Right, VPos::Center);
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
    fn value_ticks_have_the_decimals_that_their_step_needs() {
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
    fn long_tick_labels_push_the_axis_to_the_right_and_short_ones_do_not() {
        text::register().unwrap();
        assert_eq!(axis_room(&[Scale::around(0.3, 0.8, 5)]).unwrap(), USUAL_ROOM);
        let narrow = Scale::around(0.612_341, 0.612_346, 5);
        let label = text::width(&narrow.label(narrow.ticks[0]), TICK_SIZE, FontStyle::Normal).unwrap();
        assert!(label > 50.0, "{label}");
        assert!(axis_room(&[Scale::around(0.3, 0.8, 5), narrow]).unwrap() >= TITLE_ROOM + label + TICK_GAP);
    }

    #[test]
    fn a_flat_curve_gets_a_height() {
        for value in [0.0, 2.0, -3.0] {
            let scale = Scale::around(value, value, 4);
            assert!(scale.low < value && value < scale.high, "{scale:?}");
            assert!(scale.ticks.len() > 1, "{scale:?}");
        }
    }

    #[test]
    fn points_are_mapped_with_the_value_axis_upwards() {
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
