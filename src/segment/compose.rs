//! Composition of the images from which guide features are extracted.

use super::Mask;
use super::error::SizeMismatch;
use crate::word_enum::word_enum;
use image::{Rgb, RgbImage};

/// The contents of a guide image.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Composition {
    /// The image with the flower tinted and outlined.
    Full,
    /// The flower on a white background.
    Foreground,
    /// The background; the flower is white.
    Background,
    /// The image without changes.
    None,
}

/// The colours of tints and outlines, by flower.
const PALETTE: [Rgb<u8>; 6] = [
    Rgb([255, 64, 32]),
    Rgb([32, 160, 255]),
    Rgb([255, 208, 32]),
    Rgb([160, 64, 255]),
    Rgb([32, 208, 128]),
    Rgb([255, 96, 192]),
];
const WHITE: Rgb<u8> = Rgb([255; 3]);
/// The width of the outline in pixels; the outline is inside the flower.
const OUTLINE: u32 = 2;

/// A text that is not a composition.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a composition (full, foreground, background, none)")]
pub struct UnknownComposition(String);

/// How [`Composition::Full`] marks a flower: `segment.style`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Style {
    /// Tint and outline.
    TintOutline,
    /// Tint only.
    Tint,
    /// Outline only.
    Outline,
}

impl Style {
    /// The style of a setting: `tint-outline`, `tint` or `outline`.
    pub fn from_setting(word: &str) -> Self {
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

    /// The value in settings and tables.
    pub fn as_str(self) -> &'static str {
        match self {
            Composition::Full => "full",
            Composition::Foreground => "foreground",
            Composition::Background => "background",
            Composition::None => "none",
        }
    }

    /// Composes an image of the same size.
    ///
    /// `Full` tints each flower, as the mean of its pixels and a palette colour, and draws a 2 px outline in that
    /// colour; `style` can select one of the two. The border of the image is also outlined where a flower touches it.
    /// The background is not changed.
    ///
    /// # Errors
    ///
    /// If the mask has another size than the image, except for `None`, which does not use the mask.
    pub fn compose(self, image: &RgbImage, mask: &Mask, style: Style) -> Result<RgbImage, SizeMismatch> {
        if self == Composition::None {
            return Ok(image.clone());
        }
        if mask.dimensions() != image.dimensions() {
            return Err(SizeMismatch { mask: mask.dimensions(), image: image.dimensions() });
        }
        Ok(RgbImage::from_fn(image.width(), image.height(), |x, y| {
            let pixel = *image.get_pixel(x, y);
            match (self, mask.contains(x, y)) {
                (Composition::Full, true) => mark(pixel, mask, style, x, y),
                (Composition::Foreground, false) | (Composition::Background, true) => WHITE,
                _ => pixel,
            }
        }))
    }
}

word_enum!(Composition, UnknownComposition);

/// A pixel of a flower in a style.
fn mark(pixel: Rgb<u8>, mask: &Mask, style: Style, x: u32, y: u32) -> Rgb<u8> {
    let colour = PALETTE[(usize::from(mask.instance(x, y)) - 1) % PALETTE.len()];
    match style {
        Style::TintOutline | Style::Outline if is_outline(mask, x, y) => colour,
        Style::TintOutline | Style::Tint => mean_colour(pixel, colour),
        Style::Outline => pixel,
    }
}

/// The mean of two colours, rounded up.
fn mean_colour(a: Rgb<u8>, b: Rgb<u8>) -> Rgb<u8> {
    let half = |a: u8, b: u8| (u16::from(a) + u16::from(b)).div_ceil(2) as u8;
    Rgb(std::array::from_fn(|channel| half(a.0[channel], b.0[channel])))
}

/// Whether a pixel that is not of the same flower is within the width of the outline, by the city-block distance.
fn is_outline(mask: &Mask, x: u32, y: u32) -> bool {
    let own = mask.instance(x, y);
    let reach = OUTLINE as i64;
    (-reach..=reach).any(|dy| {
        let across = reach - dy.abs();
        (-across..=across).any(|dx| {
            // A pixel beyond the left or upper border is outside, like one beyond the other borders.
            let at = (u32::try_from(i64::from(x) + dx), u32::try_from(i64::from(y) + dy));
            !matches!(at, (Ok(x), Ok(y)) if mask.instance(x, y) == own)
        })
    })
}

#[cfg(test)]
mod tests;
