//! Boxes with text, for diagrams.

use super::canvas::{Anchor, Canvas, Font, Rect};
use super::style::{Color, INK, Line, MUTED, SMALL};
use super::text::{Weight, wrap};

/// The distance of lines of text in a box.
const LEADING: f64 = 11.5;

/// A box: a title in bold, and lines below it.
#[derive(Clone, Debug)]
pub struct Part<'t> {
    /// The title; may be empty.
    pub title: &'t str,
    /// The lines, which are wrapped.
    pub lines: Vec<String>,
    /// The colour of the outline; the box is filled with a light tint of it.
    pub color: Color,
}

impl Part<'_> {
    /// The lines in a box of this width, and whether each is bold.
    fn wrapped(&self, width: f64) -> Vec<(String, bool)> {
        let limit = width - 6.0;
        let titles = wrap(self.title, SMALL, Weight::Bold, limit, 2).into_iter().map(|line| (line, true));
        let lines = self.lines.iter().flat_map(|line| wrap(line, SMALL, Weight::Regular, limit, 3));
        titles.chain(lines.map(|line| (line, false))).collect()
    }

    /// The height that the text needs in a box of this width.
    pub fn height(&self, width: f64) -> f64 {
        LEADING * self.wrapped(width).len() as f64 + 8.0
    }

    /// Draws the box with its text in the middle.
    pub fn draw(&self, canvas: &mut Canvas, rect: Rect) {
        canvas.rect(rect, 3.0, self.color.tint(0.12), Line::new(1.0, self.color));
        let lines = self.wrapped(rect.width);
        let (x, y) = rect.centre();
        let first = y - 0.5 * LEADING * lines.len().saturating_sub(1) as f64;
        for (i, (line, is_bold)) in lines.iter().enumerate() {
            let font = Font::new(SMALL).anchor(Anchor::Middle);
            let font = if *is_bold { font.bold() } else { font.color(INK) };
            canvas.text(line, (x, first + LEADING * i as f64), font);
        }
    }
}

/// The look of arrows.
pub const ARROW: Line = Line { width: 1.0, color: MUTED, dash: super::style::Dash::Solid };
