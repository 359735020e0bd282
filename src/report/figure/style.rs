use plotters::style::RGBColor;

/// The width of most figures, in pixels.
pub const WIDTH: f64 = 960.0;
/// The margin around a figure, in pixels.
pub const MARGIN: f64 = 16.0;
/// The number of best cells, and of worst cells, in a figure with lines or rows if there are too many cells.
pub const MAX_CELLS: usize = 8;

/// Body text and axes.
pub const INK: RGBColor = RGBColor(0x22, 0x22, 0x22);
/// Secondary text.
pub const MUTED: RGBColor = RGBColor(0x66, 0x66, 0x66);
/// Grid lines.
pub const GRID: RGBColor = RGBColor(0xE2, 0xE2, 0xE2);

/// The colours of Okabe and Ito (2008), which people with colour blindness can distinguish. Yellow is last, since it is
/// hard to see on white.
const PALETTE: [RGBColor; 8] = [
    RGBColor(0x00, 0x72, 0xB2),
    RGBColor(0xD5, 0x5E, 0x00),
    RGBColor(0x00, 0x9E, 0x73),
    RGBColor(0xCC, 0x79, 0xA7),
    RGBColor(0xE6, 0x9F, 0x00),
    RGBColor(0x56, 0xB4, 0xE9),
    RGBColor(0x00, 0x00, 0x00),
    RGBColor(0xF0, 0xE4, 0x42),
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

/// The colour and the marker of the cell with this number. 8 colours and 7 markers give 56 combinations.
pub fn of(cell: usize) -> (RGBColor, Marker) {
    (PALETTE[cell % PALETTE.len()], MARKERS[cell % MARKERS.len()])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_fifty_six_lines_have_different_styles() {
        let styles: Vec<_> = (0..56).map(of).collect();
        for (i, style) in styles.iter().enumerate() {
            assert!(!styles[..i].contains(style), "{i}");
        }
    }
}
