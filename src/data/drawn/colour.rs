//! Colours by name, and linear RGB values.

use serde::Serialize;

/// The names of petal colours.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum ColourName {
    /// Red.
    Red,
    /// Orange.
    Orange,
    /// Yellow.
    Yellow,
    /// Pink: light, between red and magenta.
    Pink,
    /// Magenta: a saturated, dark pink.
    Magenta,
    /// Purple: dark violet.
    Purple,
    /// Lavender: pale violet.
    Lavender,
    /// Blue.
    Blue,
    /// White.
    White,
}

impl ColourName {
    /// Every colour, in the order in which species are assigned to colours.
    pub const ALL: [ColourName; 9] = [
        ColourName::Red,
        ColourName::White,
        ColourName::Purple,
        ColourName::Yellow,
        ColourName::Pink,
        ColourName::Blue,
        ColourName::Orange,
        ColourName::Lavender,
        ColourName::Magenta,
    ];

    /// The name, as in captions.
    pub fn name(self) -> &'static str {
        match self {
            ColourName::Red => "red",
            ColourName::Orange => "orange",
            ColourName::Yellow => "yellow",
            ColourName::Pink => "pink",
            ColourName::Magenta => "magenta",
            ColourName::Purple => "purple",
            ColourName::Lavender => "lavender",
            ColourName::Blue => "blue",
            ColourName::White => "white",
        }
    }

    /// The colour of a petal before shading.
    pub(super) fn rgb(self) -> LinearRgb {
        linear(match self {
            ColourName::Red => [214, 22, 34],
            ColourName::Orange => [250, 122, 14],
            ColourName::Yellow => [254, 214, 32],
            ColourName::Pink => [250, 148, 184],
            ColourName::Magenta => [206, 20, 126],
            ColourName::Purple => [112, 40, 158],
            ColourName::Lavender => [190, 166, 240],
            ColourName::Blue => [44, 78, 214],
            ColourName::White => [250, 248, 244],
        })
    }
}

/// Linear intensities of red, green and blue, where 1 is the maximum of a screen. Colours are mixed and scaled in this
/// space. A screen value is the square root (a gamma of 2, which needs no power function).
pub(super) type LinearRgb = [f32; 3];

/// Converts a screen colour to linear intensities.
pub(super) fn linear(bytes: [u8; 3]) -> LinearRgb {
    bytes.map(|byte| {
        let value = f32::from(byte) / 255.0;
        value * value
    })
}

/// Converts linear intensities to a screen colour. Values above 0.8 are compressed instead of clipped.
pub(super) fn to_screen(light: LinearRgb) -> [u8; 3] {
    light.map(|value| {
        let soft = if value > 0.8 { 0.8 + 0.2 * (value - 0.8) / (value - 0.6) } else { value };
        (soft.max(0.0).sqrt() * 255.0 + 0.5) as u8
    })
}

/// Linear interpolation: `a` for `t` = 0, `b` for `t` = 1.
pub(super) fn blend(a: LinearRgb, b: LinearRgb, t: f32) -> LinearRgb {
    [a[0] + (b[0] - a[0]) * t, a[1] + (b[1] - a[1]) * t, a[2] + (b[2] - a[2]) * t]
}

/// The colour multiplied by a factor.
pub(super) fn scaled(light: LinearRgb, by: f32) -> LinearRgb {
    light.map(|value| value * by)
}

/// The colour with `by` added to each channel.
pub(super) fn lightened(light: LinearRgb, by: f32) -> LinearRgb {
    light.map(|value| value + by)
}
