use plotters::backend::SVGBackend;
use plotters::coord::Shift;
use plotters::drawing::{DrawingArea, DrawingAreaErrorKind, IntoDrawingArea};
use plotters::element::{Circle, PathElement, Polygon, Text};
use plotters::style::text_anchor::{HPos, Pos, VPos};
use plotters::style::{Color, FontDesc, FontFamily, FontStyle, FontTransform, RGBColor, WHITE};

use super::style::{INK, Marker};
use super::text::{self, FAMILY, LIBRARY_SIZE};
use crate::report::FigureError;
use crate::screen::visible;

/// The number of units per pixel. The drawing library rounds to units, which would be too coarse with whole pixels.
const UNITS: f64 = 4.0;

/// A point in pixels from the upper left corner of a figure.
pub type Point = (f64, f64);

/// The drawing area of a figure: an SVG of the drawing library with coordinates in pixels.
pub struct Canvas<'a> {
    area: DrawingArea<SVGBackend<'a>, Shift>,
}

/// The style of a text.
#[derive(Clone, Copy)]
pub struct TextStyle {
    /// Height in pixels.
    pub size: f64,
    /// Bold or not.
    pub style: FontStyle,
    /// The colour.
    pub color: RGBColor,
    /// The point of the text at its position.
    pub anchor: Pos,
}

impl TextStyle {
    /// Normal text, whose position is its left end at half of its height.
    pub fn new(size: f64) -> Self {
        let anchor = Pos::new(HPos::Left, VPos::Center);
        Self { size, style: FontStyle::Normal, color: INK, anchor }
    }

    /// Makes the text bold.
    pub fn bold(self) -> Self {
        Self { style: FontStyle::Bold, ..self }
    }

    /// Sets the colour.
    pub fn color(self, color: RGBColor) -> Self {
        Self { color, ..self }
    }

    /// Sets the anchor.
    pub fn anchor(self, horizontal: HPos, vertical: VPos) -> Self {
        Self { anchor: Pos::new(horizontal, vertical), ..self }
    }
}

/// Draws a figure of `width` × `height` pixels on white and returns its SVG.
///
/// # Errors
///
/// If the font cannot be loaded or the library fails.
pub fn svg(
    width: f64,
    height: f64,
    draw: impl FnOnce(&Canvas) -> Result<(), FigureError>,
) -> Result<String, FigureError> {
    text::register()?;
    let size = (units(width).unsigned_abs(), units(height).unsigned_abs());
    let mut svg = String::new();
    {
        let area = SVGBackend::with_string(&mut svg, size).into_drawing_area();
        area.fill(&WHITE).map_err(refused)?;
        let canvas = Canvas { area };
        draw(&canvas)?;
        canvas.area.present().map_err(refused)?;
    }
    // The library writes the size in units. It is replaced by the size in pixels; the `viewBox` scales units to pixels.
    let in_units = format!("width=\"{}\" height=\"{}\"", size.0, size.1);
    let in_pixels = format!("width=\"{width}\" height=\"{height}\" stroke-linejoin=\"round\"");
    Ok(svg.replacen(&in_units, &in_pixels, 1))
}

impl Canvas<'_> {
    /// Draws a line through `points`.
    pub fn line(&self, points: &[Point], width: f64, color: RGBColor) -> Result<(), FigureError> {
        let points: Vec<_> = points.iter().copied().map(at).collect();
        let style = color.stroke_width(units(width).unsigned_abs());
        self.area.draw(&PathElement::new(points, style)).map_err(refused)
    }

    /// Draws a filled polygon.
    pub fn fill(&self, corners: &[Point], color: RGBColor, opacity: f64) -> Result<(), FigureError> {
        let corners: Vec<_> = corners.iter().copied().map(at).collect();
        self.area.draw(&Polygon::new(corners, color.mix(opacity))).map_err(refused)
    }

    /// Draws one line of text.
    pub fn text(&self, text: &str, point: Point, font: TextStyle) -> Result<(), FigureError> {
        self.set(text, point, font, FontTransform::None)
    }

    /// Draws one line of text from bottom to top.
    pub fn text_upwards(&self, text: &str, point: Point, font: TextStyle) -> Result<(), FigureError> {
        self.set(text, point, font, FontTransform::Rotate270)
    }

    fn set(&self, text: &str, point: Point, font: TextStyle, turn: FontTransform) -> Result<(), FigureError> {
        let size = font.size * UNITS * LIBRARY_SIZE;
        let desc = FontDesc::new(FontFamily::Name(FAMILY), size, font.style).transform(turn);
        let mut style = desc.color(&font.color);
        style.pos = font.anchor;
        self.area.draw(&Text::new(visible(text), at(point), style)).map_err(refused)
    }

    /// Draws a marker around a point, about `2 · radius` pixels wide.
    pub fn marker(&self, marker: Marker, (x, y): Point, radius: f64, color: RGBColor) -> Result<(), FigureError> {
        // These factors give all markers about the same area.
        let (side, tip, arm) = (0.86 * radius, 1.25 * radius, 1.1 * radius);
        match marker {
            Marker::Disc => {
                let disc = Circle::new(at((x, y)), units(radius), color.filled());
                self.area.draw(&disc).map_err(refused)
            }
            Marker::Square => self.fill(
                &[(x - side, y - side), (x + side, y - side), (x + side, y + side), (x - side, y + side)],
                color,
                1.0,
            ),
            Marker::Up => self.fill(&[(x, y - tip), (x + arm, y + 0.7 * tip), (x - arm, y + 0.7 * tip)], color, 1.0),
            Marker::Down => self.fill(&[(x, y + tip), (x + arm, y - 0.7 * tip), (x - arm, y - 0.7 * tip)], color, 1.0),
            Marker::Diamond => self.fill(&[(x, y - tip), (x + tip, y), (x, y + tip), (x - tip, y)], color, 1.0),
            Marker::Plus => {
                self.line(&[(x - arm, y), (x + arm, y)], 2.0, color)?;
                self.line(&[(x, y - arm), (x, y + arm)], 2.0, color)
            }
            Marker::Cross => {
                self.line(&[(x - side, y - side), (x + side, y + side)], 2.0, color)?;
                self.line(&[(x - side, y + side), (x + side, y - side)], 2.0, color)
            }
        }
    }
}

/// Converts pixels to units. Figures have at most thousands of pixels, so the cast is exact.
fn units(pixels: f64) -> i32 {
    (pixels * UNITS).round() as i32
}

fn at((x, y): Point) -> (i32, i32) {
    (units(x), units(y))
}

fn refused<E: std::error::Error + Send + Sync>(error: DrawingAreaErrorKind<E>) -> FigureError {
    FigureError::Draw(error.to_string())
}
