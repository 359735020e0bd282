//! Legends in rows.

use super::canvas::{Canvas, Font, Point};
use super::style::{SIZE, Style};
use super::text::{Weight, shortened, width};

const ROW: f64 = 15.0;
const SWATCH: f64 = 26.0;
const GAP: f64 = 14.0;

/// A legend in rows above the data.
#[derive(Debug)]
pub struct Legend {
    /// Style, label, and the position relative to the upper left corner of the legend.
    entries: Vec<(Style, String, Point)>,
    /// Whether the styles are shown with their lines, and not with their markers alone.
    has_lines: bool,
    /// The height in pixels.
    pub height: f64,
}

impl Legend {
    /// Arranges `labels` in rows of at most `limit` pixels; a longer label is truncated.
    pub fn new<'a>(labels: impl IntoIterator<Item = (Style, &'a str)>, limit: f64, has_lines: bool) -> Self {
        let swatch = if has_lines { SWATCH } else { 0.5 * SWATCH };
        let (mut x, mut y) = (0.0, 0.0);
        let mut entries = Vec::new();
        for (style, label) in labels {
            let label = shortened(label, SIZE, Weight::Regular, limit - swatch);
            let needed = swatch + width(&label, SIZE, Weight::Regular);
            if x > 0.0 && x + needed > limit {
                (x, y) = (0.0, y + ROW);
            }
            entries.push((style, label, (x, y)));
            x += needed + GAP;
        }
        let height = if entries.is_empty() { 0.0 } else { y + ROW };
        Self { entries, has_lines, height }
    }

    /// Draws the legend with its upper left corner at (`left`, `top`).
    pub fn draw(&self, canvas: &mut Canvas, (left, top): Point) {
        for (style, label, (x, y)) in &self.entries {
            let (x, y) = (left + x, top + y + 0.5 * ROW);
            let swatch = if self.has_lines { SWATCH } else { 0.5 * SWATCH };
            if self.has_lines {
                canvas.line(&[(x, y), (x + swatch - 6.0, y)], style.line(1.6));
            }
            canvas.marker(style.marker, (x + 0.5 * (swatch - 6.0), y), 3.0, style.color);
            canvas.text(label, (x + swatch, y), Font::new(SIZE));
        }
    }
}
