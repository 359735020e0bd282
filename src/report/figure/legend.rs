use plotters::style::FontStyle;

use super::canvas::{Canvas, TextStyle};
use super::style;
use super::text::{self, width};
use crate::report::FigureError;

const SIZE: f64 = 12.0;
const ROW: f64 = 20.0;
const SWATCH: f64 = 30.0;
const GAP: f64 = 22.0;

/// A legend in rows above the data.
pub struct Legend {
    /// The number of the cell, the label, and the position relative to the upper left corner of the legend.
    entries: Vec<(usize, String, f64, f64)>,
    /// The height in pixels.
    pub height: f64,
}

impl Legend {
    /// Arranges `labels` in rows of at most `limit` pixels; a longer label is truncated.
    ///
    /// # Errors
    ///
    /// If the font cannot be loaded.
    pub fn new(labels: &[(usize, &str)], limit: f64) -> Result<Self, FigureError> {
        text::register()?;
        let (mut x, mut y) = (0.0, 0.0);
        let mut entries = Vec::new();
        for &(cell, label) in labels {
            let label = text::wrap(label, SIZE, FontStyle::Normal, limit - SWATCH - GAP, 1)?.concat();
            let needed = SWATCH + width(&label, SIZE, FontStyle::Normal)?;
            if x > 0.0 && x + needed > limit {
                (x, y) = (0.0, y + ROW);
            }
            entries.push((cell, label, x, y));
            x += needed + GAP;
        }
        let height = if entries.is_empty() { 0.0 } else { y + ROW };
        Ok(Self { entries, height })
    }

    /// Draws the legend with its upper left corner at (`left`, `top`).
    pub fn draw(&self, canvas: &Canvas, left: f64, top: f64) -> Result<(), FigureError> {
        for (cell, label, x, y) in &self.entries {
            let (x, y) = (left + x, top + y + 0.5 * ROW);
            let (color, marker) = style::of(*cell);
            canvas.line(&[(x, y), (x + SWATCH - 8.0, y)], 2.0, color)?;
            canvas.marker(marker, (x + 0.5 * (SWATCH - 8.0), y), 4.0, color)?;
            canvas.text(label, (x + SWATCH, y), TextStyle::new(SIZE))?;
        }
        Ok(())
    }
}
