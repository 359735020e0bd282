use plotters::style::RGBColor;

/// Body text and axes.
pub const INK: RGBColor = RGBColor(0x22, 0x22, 0x22);
/// Secondary text.
pub const MUTED: RGBColor = RGBColor(0x66, 0x66, 0x66);
/// Grid lines.
pub const GRID: RGBColor = RGBColor(0xE2, 0xE2, 0xE2);

/// The colours of Okabe and Ito (2008), which people with colour blindness can tell apart. Yellow, hard to see on
/// white, comes last.
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

/// The shape that marks a method's points, so that no two lines differ by colour alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Marker {
    /// A disc.
    Disc,
    /// A square.
    Square,
    /// A triangle that stands on its base.
    Up,
    /// A square on its corner.
    Diamond,
    /// A triangle that stands on its tip.
    Down,
    /// A plus sign.
    Plus,
    /// A diagonal cross.
    Cross,
}

const MARKERS: [Marker; 7] =
    [Marker::Disc, Marker::Square, Marker::Up, Marker::Diamond, Marker::Down, Marker::Plus, Marker::Cross];

/// How the line of the cell with this number looks. 8 colours and 7 markers make 56 different lines.
pub fn of(cell: usize) -> (RGBColor, Marker) {
    (PALETTE[cell % PALETTE.len()], MARKERS[cell % MARKERS.len()])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fifty_six_lines_all_look_different() {
        let looks: Vec<_> = (0..56).map(of).collect();
        for (i, look) in looks.iter().enumerate() {
            assert!(!looks[..i].contains(look), "{i}");
        }
    }
}
