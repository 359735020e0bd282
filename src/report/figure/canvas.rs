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

/// The drawing library rounds to whole units, which makes steps of fine curves: a unit is a quarter of a pixel.
const UNITS: f64 = 4.0;

/// A point of a figure, in pixels from its upper left corner.
pub type Point = (f64, f64);

/// What figures draw on: the drawing library's SVG, in pixels and fractions of them.
pub struct Canvas<'a> {
    area: DrawingArea<SVGBackend<'a>, Shift>,
}

/// How a text is set.
#[derive(Clone, Copy)]
pub struct Type {
    /// Height in pixels.
    pub size: f64,
    /// Bold or not.
    pub style: FontStyle,
    /// The colour.
    pub color: RGBColor,
    /// Which point of the text the position names.
    pub anchor: Pos,
}

impl Type {
    /// Plain text, named by its left end and middle height.
    pub fn new(size: f64) -> Self {
        let anchor = Pos::new(HPos::Left, VPos::Center);
        Self { size, style: FontStyle::Normal, color: INK, anchor }
    }

    /// In bold.
    pub fn bold(self) -> Self {
        Self { style: FontStyle::Bold, ..self }
    }

    /// In another colour.
    pub fn color(self, color: RGBColor) -> Self {
        Self { color, ..self }
    }

    /// Named by another point.
    pub fn anchor(self, horizontal: HPos, vertical: VPos) -> Self {
        Self { anchor: Pos::new(horizontal, vertical), ..self }
    }
}

/// The SVG of a figure of `width` × `height` pixels on white.
///
/// # Errors
///
/// If the font does not load or the library refuses.
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
    // The library's size is in units; the figure's is in pixels, and its `viewBox` maps one to the other.
    let in_units = format!("width=\"{}\" height=\"{}\"", size.0, size.1);
    let in_pixels = format!("width=\"{width}\" height=\"{height}\" stroke-linejoin=\"round\"");
    Ok(svg.replacen(&in_units, &in_pixels, 1))
}

impl Canvas<'_> {
    /// A line through `points`.
    pub fn line(&self, points: &[Point], width: f64, color: RGBColor) -> Result<(), FigureError> {
        let points: Vec<_> = points.iter().copied().map(at).collect();
        let style = color.stroke_width(units(width).unsigned_abs());
        self.area.draw(&PathElement::new(points, style)).map_err(refused)
    }

    /// A filled shape.
    pub fn fill(&self, corners: &[Point], color: RGBColor, opacity: f64) -> Result<(), FigureError> {
        let corners: Vec<_> = corners.iter().copied().map(at).collect();
        self.area.draw(&Polygon::new(corners, color.mix(opacity))).map_err(refused)
    }

    /// One line of text.
    pub fn text(&self, text: &str, point: Point, font: Type) -> Result<(), FigureError> {
        self.set(text, point, font, FontTransform::None)
    }

    /// One line of text that reads upwards.
    pub fn text_upwards(&self, text: &str, point: Point, font: Type) -> Result<(), FigureError> {
        self.set(text, point, font, FontTransform::Rotate270)
    }

    fn set(&self, text: &str, point: Point, font: Type, turn: FontTransform) -> Result<(), FigureError> {
        let size = font.size * UNITS * LIBRARY_SIZE;
        let desc = FontDesc::new(FontFamily::Name(FAMILY), size, font.style).transform(turn);
        let mut style = desc.color(&font.color);
        style.pos = font.anchor;
        self.area.draw(&Text::new(visible(text), at(point), style)).map_err(refused)
    }

    /// A marker around `centre`, about `2 · radius` pixels wide.
    pub fn marker(&self, marker: Marker, (x, y): Point, radius: f64, color: RGBColor) -> Result<(), FigureError> {
        // Corners stick out further than a disc of the same radius looks; these factors even the areas out.
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

/// Pixels in the library's units. Figures are thousands of pixels at most, so the cast is exact.
fn units(pixels: f64) -> i32 {
    (pixels * UNITS).round() as i32
}

fn at((x, y): Point) -> (i32, i32) {
    (units(x), units(y))
}

fn refused<E: std::error::Error + Send + Sync>(error: DrawingAreaErrorKind<E>) -> FigureError {
    FigureError::Draw(error.to_string())
}
