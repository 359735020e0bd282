//! Colours by name, and light to mix them in.

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
    /// Magenta: a full, dark pink.
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
    /// Every name.
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

    /// The name as a word.
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

    /// Its paint before light falls on it.
    pub(super) fn light(self) -> Light {
        let bytes = match self {
            ColourName::Red => [214, 22, 34],
            ColourName::Orange => [250, 122, 14],
            ColourName::Yellow => [254, 214, 32],
            ColourName::Pink => [250, 148, 184],
            ColourName::Magenta => [206, 20, 126],
            ColourName::Purple => [112, 40, 158],
            ColourName::Lavender => [190, 166, 240],
            ColourName::Blue => [44, 78, 214],
            ColourName::White => [250, 248, 244],
        };
        light(bytes)
    }
}

/// Amounts of red, green and blue light, 1 the brightest a screen shows. Shades are mixed and scaled in this scale;
/// a screen's value is its square root (a gamma of 2, for which no power function is needed).
pub(super) type Light = [f32; 3];

/// The light of a screen colour.
pub(super) fn light(bytes: [u8; 3]) -> Light {
    bytes.map(|byte| {
        let value = f32::from(byte) / 255.0;
        value * value
    })
}

/// The screen colour of some light. What is too bright bends towards white instead of being cut.
pub(super) fn screen(light: Light) -> [u8; 3] {
    light.map(|value| {
        let soft = if value > 0.8 { 0.8 + 0.2 * (value - 0.8) / (value - 0.6) } else { value };
        (soft.max(0.0).sqrt() * 255.0 + 0.5) as u8
    })
}

/// A share `t` of the way from `a` to `b`.
pub(super) fn blend(a: Light, b: Light, t: f32) -> Light {
    [a[0] + (b[0] - a[0]) * t, a[1] + (b[1] - a[1]) * t, a[2] + (b[2] - a[2]) * t]
}

/// The light times a number.
pub(super) fn scaled(light: Light, by: f32) -> Light {
    light.map(|value| value * by)
}

/// The light plus white light.
pub(super) fn lifted(light: Light, by: f32) -> Light {
    light.map(|value| value + by)
}
