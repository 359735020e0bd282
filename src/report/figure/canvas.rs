//! The drawing area of a figure. It writes SVG, with coordinates in pixels from the upper left corner.

use std::fmt::Write as _;

use super::style::{Color, INK, Line, Marker, WHITE};
use super::text::FAMILY;
use crate::report::format;

/// A point in pixels from the upper left corner of a figure.
pub type Point = (f64, f64);

/// A rectangle in pixels.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Rect {
    /// The left edge.
    pub left: f64,
    /// The upper edge.
    pub top: f64,
    /// The width.
    pub width: f64,
    /// The height.
    pub height: f64,
}

impl Rect {
    /// The right edge.
    pub fn right(self) -> f64 {
        self.left + self.width
    }

    /// The lower edge.
    pub fn bottom(self) -> f64 {
        self.top + self.height
    }

    /// The centre.
    pub fn centre(self) -> Point {
        (self.left + 0.5 * self.width, self.top + 0.5 * self.height)
    }
}

/// The point of a text at its position, horizontally.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Anchor {
    /// The left end.
    Start,
    /// The middle.
    Middle,
    /// The right end.
    End,
}

/// The style of a text. Its position is at half of the height of its letters.
#[derive(Clone, Copy, Debug)]
pub struct Font {
    /// The size in pixels.
    pub size: f64,
    /// Whether it is bold.
    pub is_bold: bool,
    /// The colour.
    pub color: Color,
    /// The point of the text at its position.
    pub anchor: Anchor,
}

impl Font {
    /// Normal text whose left end is at its position.
    pub fn new(size: f64) -> Self {
        Self { size, is_bold: false, color: INK, anchor: Anchor::Start }
    }

    /// Makes the text bold.
    pub fn bold(self) -> Self {
        Self { is_bold: true, ..self }
    }

    /// Sets the colour.
    pub fn color(self, color: Color) -> Self {
        Self { color, ..self }
    }

    /// Sets the point of the text at its position.
    pub fn anchor(self, anchor: Anchor) -> Self {
        Self { anchor, ..self }
    }
}

/// Half of the height of the letters without descenders, as a fraction of the size.
const HALF_HEIGHT: f64 = 0.36;

/// A figure that is drawn.
#[derive(Debug)]
pub struct Canvas {
    width: f64,
    height: f64,
    elements: String,
}

impl Canvas {
    /// An empty figure of `width` × `height` pixels on white.
    pub fn new(width: f64, height: f64) -> Self {
        Self { width, height, elements: String::new() }
    }

    /// The SVG of the figure.
    pub fn finish(self) -> String {
        let (width, height) = (number(self.width), number(self.height));
        format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" \
             viewBox=\"0 0 {width} {height}\" font-family=\"{FAMILY}\" stroke-linejoin=\"round\">\n\
             <rect width=\"{width}\" height=\"{height}\" fill=\"{}\"/>\n{}</svg>\n",
            WHITE.hex(),
            self.elements
        )
    }

    /// Adds an element with attributes, which are already escaped.
    fn add(&mut self, element: &str, attributes: std::fmt::Arguments) {
        // Writing to a string cannot fail.
        let _ = writeln!(self.elements, "<{element} {attributes}/>");
    }

    /// Draws a line through `points`. Fewer than two points draw nothing.
    pub fn line(&mut self, points: &[Point], line: Line) {
        if points.len() > 1 {
            self.add("polyline", format_args!("points=\"{}\" fill=\"none\"{}", coordinates(points), stroke(line)));
        }
    }

    /// Draws a filled polygon.
    pub fn fill(&mut self, corners: &[Point], color: Color, opacity: f64) {
        let opacity = if opacity < 1.0 { format!(" fill-opacity=\"{}\"", number(opacity)) } else { String::new() };
        self.add("polygon", format_args!("points=\"{}\" fill=\"{}\"{opacity}", coordinates(corners), color.hex()));
    }

    /// Draws a rectangle with round corners of this radius, filled and with an outline.
    pub fn rect(&mut self, rect: Rect, radius: f64, fill: Color, outline: Line) {
        let position = format!(
            "x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\"",
            number(rect.left),
            number(rect.top),
            number(rect.width),
            number(rect.height)
        );
        let radius = if radius > 0.0 { format!(" rx=\"{}\"", number(radius)) } else { String::new() };
        self.add("rect", format_args!("{position}{radius} fill=\"{}\"{}", fill.hex(), stroke(outline)));
    }

    /// Draws a disc.
    pub fn disc(&mut self, (x, y): Point, radius: f64, color: Color) {
        self.add(
            "circle",
            format_args!("cx=\"{}\" cy=\"{}\" r=\"{}\" fill=\"{}\"", number(x), number(y), number(radius), color.hex()),
        );
    }

    /// Draws a circle: an outline, filled with white.
    pub fn circle(&mut self, (x, y): Point, radius: f64, outline: Line) {
        self.add(
            "circle",
            format_args!(
                "cx=\"{}\" cy=\"{}\" r=\"{}\" fill=\"{}\"{}",
                number(x),
                number(y),
                number(radius),
                WHITE.hex(),
                stroke(outline)
            ),
        );
    }

    /// Draws one line of text.
    pub fn text(&mut self, text: &str, at: Point, font: Font) {
        self.put(text, at, font, false);
    }

    /// Draws one line of text from bottom to top.
    pub fn text_upwards(&mut self, text: &str, at: Point, font: Font) {
        self.put(text, at, font, true);
    }

    fn put(&mut self, text: &str, (x, y): Point, font: Font, is_upwards: bool) {
        let below = HALF_HEIGHT * font.size;
        let position = match is_upwards {
            false => format!("x=\"{}\" y=\"{}\"", number(x), number(y + below)),
            true => format!("transform=\"translate({} {}) rotate(-90)\"", number(x + below), number(y)),
        };
        let anchor = match font.anchor {
            Anchor::Start => "",
            Anchor::Middle => " text-anchor=\"middle\"",
            Anchor::End => " text-anchor=\"end\"",
        };
        let weight = if font.is_bold { " font-weight=\"bold\"" } else { "" };
        let (size, color) = (number(font.size), font.color.hex());
        // Writing to a string cannot fail.
        let _ = writeln!(
            self.elements,
            "<text {position} font-size=\"{size}\"{weight}{anchor} fill=\"{color}\">{}</text>",
            format::xml(text)
        );
    }

    /// Draws lines of text below each other, `leading` pixels apart, whose middle is at the height of the position.
    pub fn lines(&mut self, lines: &[String], (x, y): Point, leading: f64, font: Font) {
        let first = y - 0.5 * leading * lines.len().saturating_sub(1) as f64;
        for (i, line) in lines.iter().enumerate() {
            self.text(line, (x, first + leading * i as f64), font);
        }
    }

    /// Draws an image, given as a URL, into a rectangle.
    pub fn image(&mut self, url: &str, rect: Rect) {
        let Rect { left, top, width, height } = rect;
        let (x, y, width, height) = (number(left), number(top), number(width), number(height));
        self.add("image", format_args!("x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"{height}\" href=\"{url}\""));
    }

    /// Draws a line through `points` with an arrowhead at the last point.
    pub fn arrow(&mut self, points: &[Point], line: Line) {
        let [.., (fx, fy), (x, y)] = *points else { return };
        let length = (x - fx).hypot(y - fy);
        if length == 0.0 {
            return;
        }
        let (dx, dy) = ((x - fx) / length, (y - fy) / length);
        let (long, half) = (3.2 * line.width.max(1.0) + 2.0, 1.6 * line.width.max(1.0) + 1.0);
        let base = (x - long * dx, y - long * dy);
        let mut shaft = points.to_vec();
        if let Some(last) = shaft.last_mut() {
            *last = base;
        }
        self.line(&shaft, line);
        let corner = |side: f64| (base.0 - side * half * dy, base.1 + side * half * dx);
        self.fill(&[(x, y), corner(1.0), corner(-1.0)], line.color, 1.0);
    }

    /// Draws a marker around a point, about `2 · radius` pixels wide.
    pub fn marker(&mut self, marker: Marker, (x, y): Point, radius: f64, color: Color) {
        // These factors give all markers about the same area.
        let (side, tip, arm) = (0.86 * radius, 1.25 * radius, 1.1 * radius);
        let line = Line::new(0.55 * radius, color);
        match marker {
            Marker::Disc => self.disc((x, y), radius, color),
            Marker::Square => {
                let corners = [(x - side, y - side), (x + side, y - side), (x + side, y + side), (x - side, y + side)];
                self.fill(&corners, color, 1.0);
            }
            Marker::Up => self.fill(&[(x, y - tip), (x + arm, y + 0.7 * tip), (x - arm, y + 0.7 * tip)], color, 1.0),
            Marker::Down => self.fill(&[(x, y + tip), (x + arm, y - 0.7 * tip), (x - arm, y - 0.7 * tip)], color, 1.0),
            Marker::Diamond => self.fill(&[(x, y - tip), (x + tip, y), (x, y + tip), (x - tip, y)], color, 1.0),
            Marker::Plus => {
                self.line(&[(x - arm, y), (x + arm, y)], line);
                self.line(&[(x, y - arm), (x, y + arm)], line);
            }
            Marker::Cross => {
                self.line(&[(x - side, y - side), (x + side, y + side)], line);
                self.line(&[(x - side, y + side), (x + side, y - side)], line);
            }
        }
    }
}

/// A number with at most two decimals.
fn number(value: f64) -> String {
    let text = format!("{value:.2}");
    let text = text.trim_end_matches('0').trim_end_matches('.');
    if text == "-0" { "0".to_owned() } else { text.to_owned() }
}

fn coordinates(points: &[Point]) -> String {
    let pairs: Vec<String> = points.iter().map(|&(x, y)| format!("{},{}", number(x), number(y))).collect();
    pairs.join(" ")
}

fn stroke(line: Line) -> String {
    let dash = line.dash.pattern();
    let dash = if dash.is_empty() { String::new() } else { format!(" stroke-dasharray=\"{dash}\"") };
    format!(" stroke=\"{}\" stroke-width=\"{}\"{dash}", line.color.hex(), number(line.width))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::figure::style::Dash;

    #[test]
    fn numbers_are_short_and_without_a_negative_zero() {
        assert_eq!([1.0, 0.125, -0.001, 1234.5].map(number), ["1", "0.12", "0", "1234.5"]);
    }

    #[test]
    fn elements_have_escaped_text_and_dashes() {
        let mut canvas = Canvas::new(20.0, 10.0);
        canvas.line(&[(1.0, 2.0), (3.5, 4.0)], Line::new(1.5, INK).dash(Dash::Long));
        canvas.line(&[(1.0, 2.0)], Line::new(1.0, INK));
        canvas.text("a < b & \u{1}", (5.0, 5.0), Font::new(10.0).bold().anchor(Anchor::End));
        let svg = canvas.finish();
        let elements: Vec<&str> = svg.lines().skip(2).collect();
        assert_eq!(
            elements,
            [
                "<polyline points=\"1,2 3.5,4\" fill=\"none\" stroke=\"#222222\" stroke-width=\"1.5\" \
                 stroke-dasharray=\"6 3\"/>",
                "<text x=\"5\" y=\"8.6\" font-size=\"10\" font-weight=\"bold\" text-anchor=\"end\" \
                 fill=\"#222222\">a &lt; b &amp; \\x01</text>",
                "</svg>",
            ]
        );
    }

    #[test]
    fn an_arrow_ends_with_its_tip_at_the_last_point() {
        let mut canvas = Canvas::new(20.0, 10.0);
        canvas.arrow(&[(0.0, 5.0), (15.0, 5.0)], Line::new(1.0, INK));
        let svg = canvas.finish();
        assert!(svg.contains("points=\"0,5 9.8,5\"") && svg.contains("points=\"15,5 9.8,7.6 9.8,2.4\""), "{svg}");
    }
}
