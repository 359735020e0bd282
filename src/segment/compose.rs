//! The pictures that guide features are computed from.

use super::Mask;
use super::error::MaskSize;
use image::{Rgb, RgbImage};
use std::fmt;
use std::str::FromStr;

/// What a guide's picture shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Composition {
    /// The photo, the flower tinted and outlined.
    Full,
    /// The flower on white.
    Foreground,
    /// All but the flower, which is white.
    Background,
    /// The photo.
    None,
}

/// Tints and outlines, one flower after another.
const PALETTE: [Rgb<u8>; 6] = [
    Rgb([255, 64, 32]),
    Rgb([32, 160, 255]),
    Rgb([255, 208, 32]),
    Rgb([160, 64, 255]),
    Rgb([32, 208, 128]),
    Rgb([255, 96, 192]),
];
const WHITE: Rgb<u8> = Rgb([255; 3]);
/// Width of the outline in pixels, all of it inside the flower.
const OUTLINE: u32 = 2;

/// A word that is no composition.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a composition (full, foreground, background, none)")]
pub struct UnknownComposition(String);

/// How `Full` marks a flower: `segment.style`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Style {
    /// Half its colour, and an outline.
    TintOutline,
    /// Half its colour.
    Tint,
    /// An outline.
    Outline,
}

impl Style {
    /// The style that a setting names: `tint-outline`, `tint` or `outline`.
    pub fn of(word: &str) -> Self {
        match word {
            "tint" => Style::Tint,
            "outline" => Style::Outline,
            _ => Style::TintOutline,
        }
    }
}

impl Composition {
    /// Every composition.
    pub const ALL: [Composition; 4] =
        [Composition::Full, Composition::Foreground, Composition::Background, Composition::None];

    /// The word for it in settings and tables.
    pub fn as_str(self) -> &'static str {
        match self {
            Composition::Full => "full",
            Composition::Foreground => "foreground",
            Composition::Background => "background",
            Composition::None => "none",
        }
    }

    /// The composed picture, of the photo's size.
    ///
    /// `Full` blends each flower half and half with a colour of a palette and outlines it 2 px wide in that colour, or
    /// does one of the two, as `style` says; a flower also ends at the picture's border. The background stays as it is.
    ///
    /// # Errors
    ///
    /// If the mask has another size than the photo; `None` does not look at the mask.
    pub fn compose(self, photo: &RgbImage, mask: &Mask, style: Style) -> Result<RgbImage, MaskSize> {
        if self == Composition::None {
            return Ok(photo.clone());
        }
        if mask.dimensions() != photo.dimensions() {
            return Err(MaskSize { mask: mask.dimensions(), photo: photo.dimensions() });
        }
        Ok(RgbImage::from_fn(photo.width(), photo.height(), |x, y| {
            let pixel = *photo.get_pixel(x, y);
            match (self, mask.contains(x, y)) {
                (Composition::Full, true) => mark(pixel, mask, style, x, y),
                (Composition::Foreground, false) | (Composition::Background, true) => WHITE,
                _ => pixel,
            }
        }))
    }
}

impl fmt::Display for Composition {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.as_str())
    }
}

impl FromStr for Composition {
    type Err = UnknownComposition;

    fn from_str(word: &str) -> Result<Self, Self::Err> {
        let known = Self::ALL.into_iter().find(|composition| composition.as_str() == word);
        known.ok_or_else(|| UnknownComposition(word.to_owned()))
    }
}

/// A pixel of a flower, marked.
fn mark(pixel: Rgb<u8>, mask: &Mask, style: Style, x: u32, y: u32) -> Rgb<u8> {
    let colour = PALETTE[(usize::from(mask.instance(x, y)) - 1) % PALETTE.len()];
    match style {
        Style::TintOutline | Style::Outline if at_the_edge(mask, x, y) => colour,
        Style::TintOutline | Style::Tint => blend(pixel, colour),
        Style::Outline => pixel,
    }
}

/// Half of each, rounded up.
fn blend(a: Rgb<u8>, b: Rgb<u8>) -> Rgb<u8> {
    let half = |a: u8, b: u8| (u16::from(a) + u16::from(b)).div_ceil(2) as u8;
    Rgb(std::array::from_fn(|channel| half(a.0[channel], b.0[channel])))
}

/// Whether something that is not the same flower lies within the outline's width of a pixel, in steps along rows and
/// columns.
fn at_the_edge(mask: &Mask, x: u32, y: u32) -> bool {
    let own = mask.instance(x, y);
    let reach = OUTLINE as i64;
    (-reach..=reach).any(|dy| {
        let across = reach - dy.abs();
        (-across..=across).any(|dx| {
            // A step off the left or upper edge is as far outside as one off the others.
            let at = (u32::try_from(i64::from(x) + dx), u32::try_from(i64::from(y) + dy));
            !matches!(at, (Ok(x), Ok(y)) if mask.instance(x, y) == own)
        })
    })
}

#[cfg(test)]
mod tests;
