//! Colours, markers, dashes and sizes.

/// The width of figures in pixels. In print it is 6.5 inches, so that a pixel is 0.75 points.
pub const WIDTH: f64 = 624.0;
/// The margin around a figure, in pixels.
pub const MARGIN: f64 = 10.0;
/// The size of text in pixels: 7.9 points in print.
pub const SIZE: f64 = 10.5;
/// The size of secondary text and of tick labels in pixels: 7.1 points in print. No text is smaller.
pub const SMALL: f64 = 9.5;
/// The distance of lines of text in pixels.
pub const LEADING: f64 = 13.0;

/// An opaque colour: red, green and blue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Color(pub u8, pub u8, pub u8);

impl Color {
    /// The colour as `#RRGGBB`.
    pub fn hex(self) -> String {
        format!("#{:02X}{:02X}{:02X}", self.0, self.1, self.2)
    }

    /// The colour mixed with white; 0 gives white, 1 the colour itself.
    pub fn tint(self, amount: f64) -> Self {
        // Between 0 and 255, so the cast is exact.
        let mix = |channel: u8| (255.0 - amount * (255.0 - f64::from(channel))).round() as u8;
        Self(mix(self.0), mix(self.1), mix(self.2))
    }
}

/// The background.
pub const WHITE: Color = Color(0xFF, 0xFF, 0xFF);
/// Body text and axes.
pub const INK: Color = Color(0x22, 0x22, 0x22);
/// Secondary text.
pub const MUTED: Color = Color(0x5A, 0x5A, 0x5A);
/// Grid lines.
pub const GRID: Color = Color(0xE2, 0xE2, 0xE2);

/// The colours of Okabe and Ito (2008), which people with colour blindness can distinguish. Yellow is last, since it is
/// hard to see on white.
pub const PALETTE: [Color; 8] = [
    Color(0x00, 0x72, 0xB2),
    Color(0xD5, 0x5E, 0x00),
    Color(0x00, 0x9E, 0x73),
    Color(0xCC, 0x79, 0xA7),
    Color(0xE6, 0x9F, 0x00),
    Color(0x56, 0xB4, 0xE9),
    Color(0x00, 0x00, 0x00),
    Color(0xF0, 0xE4, 0x42),
];

/// The shape of the points of a line, so that lines do not differ in colour only.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Marker {
    /// A disc.
    Disc,
    /// A square.
    Square,
    /// A triangle that points up.
    Up,
    /// A diamond.
    Diamond,
    /// A triangle that points down.
    Down,
    /// A plus sign.
    Plus,
    /// A diagonal cross.
    Cross,
}

const MARKERS: [Marker; 7] =
    [Marker::Disc, Marker::Square, Marker::Up, Marker::Diamond, Marker::Down, Marker::Plus, Marker::Cross];

/// How a line is interrupted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dash {
    /// Not at all.
    Solid,
    /// Long dashes.
    Long,
    /// Dots.
    Dotted,
    /// Dashes and dots.
    Mixed,
    /// Short dashes.
    Short,
}

const DASHES: [Dash; 5] = [Dash::Solid, Dash::Long, Dash::Dotted, Dash::Mixed, Dash::Short];

impl Dash {
    /// The lengths of dashes and gaps in pixels; empty for a solid line.
    pub fn pattern(self) -> &'static str {
        match self {
            Dash::Solid => "",
            Dash::Long => "6 3",
            Dash::Dotted => "1.5 2",
            Dash::Mixed => "7 2 1.5 2",
            Dash::Short => "3.5 2.5",
        }
    }
}

/// The look of a line or an outline.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Line {
    /// The width in pixels.
    pub width: f64,
    /// The colour.
    pub color: Color,
    /// The dashes.
    pub dash: Dash,
}

impl Line {
    /// A solid line.
    pub fn new(width: f64, color: Color) -> Self {
        Self { width, color, dash: Dash::Solid }
    }

    /// Sets the dashes.
    pub fn dash(self, dash: Dash) -> Self {
        Self { dash, ..self }
    }
}

/// The look of a cell: of its line, its points and its entry in a legend.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Style {
    /// The colour of the method.
    pub color: Color,
    /// The shape of points.
    pub marker: Marker,
    /// The dashes of the line.
    pub dash: Dash,
}

impl Style {
    /// The style of the cell at `rank` among the cells of the method at `method`, both from 0. Methods differ in colour
    /// and marker, the cells of a method in marker and dashes.
    pub fn of(method: usize, rank: usize) -> Self {
        Self {
            color: PALETTE[method % PALETTE.len()],
            marker: MARKERS[(method + rank) % MARKERS.len()],
            dash: DASHES[rank % DASHES.len()],
        }
    }

    /// A line in this style.
    pub fn line(self, width: f64) -> Line {
        Line::new(width, self.color).dash(self.dash)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cells_of_56_methods_with_5_cells_each_have_different_styles() {
        let styles: Vec<Style> = (0..56).flat_map(|method| (0..5).map(move |rank| Style::of(method, rank))).collect();
        for (i, style) in styles.iter().enumerate() {
            assert!(!styles[..i].contains(style), "{i}");
        }
    }

    #[test]
    fn a_method_has_one_colour() {
        assert!((0..9).all(|rank| Style::of(2, rank).color == PALETTE[2]));
        assert_eq!((PALETTE[0].hex(), PALETTE[0].tint(0.0), INK.tint(1.0)), ("#0072B2".into(), WHITE, INK));
    }
}
