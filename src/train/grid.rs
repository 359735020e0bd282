//! Pictures side by side.

use std::io::Cursor;

use image::{ImageFormat, RgbImage};

use crate::metric::Planes;

use super::TrainError;
use super::session::NewImage;

/// Tiles in a row of a sample grid.
const COLUMNS: usize = 8;

/// Pictures of one side in rows, as a PNG.
///
/// # Errors
///
/// If it cannot be encoded.
pub(super) fn grid(role: &'static str, pictures: &[Planes]) -> Result<NewImage, TrainError> {
    let side = pictures.first().map_or(1, |picture| picture.side);
    let columns = pictures.len().clamp(1, COLUMNS);
    let rows = pictures.len().div_ceil(columns).max(1);
    let pixels = |count: usize| u32::try_from(count * side).expect("a grid has at most 2048 tiles of 256 pixels");
    let mut sheet = RgbImage::new(pixels(columns), pixels(rows));
    for (i, picture) in pictures.iter().enumerate() {
        let (left, top) = (pixels(i % columns), pixels(i / columns));
        let bytes = picture.to_rgb();
        if let Some(tile) = RgbImage::from_raw(pixels(1), pixels(1), bytes) {
            image::imageops::replace(&mut sheet, &tile, i64::from(left), i64::from(top));
        }
    }
    let mut png = Cursor::new(Vec::new());
    sheet.write_to(&mut png, ImageFormat::Png)?;
    let (columns, tile) = (u32::try_from(columns).expect("at most 8 columns"), pixels(1));
    Ok(NewImage { role, columns, tile, png: png.into_inner() })
}
