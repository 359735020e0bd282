//! Image grids: several images in one file.

use std::io::Cursor;

use image::{ImageFormat, RgbImage};

use crate::metric::Planes;
use crate::train::TrainError;

/// Tiles in a row of an image grid.
pub(super) const COLUMNS: usize = 8;

/// An image grid of equal square tiles.
#[derive(Clone, Debug)]
pub struct ImageGrid {
    /// `samples`, `originals`, `guides` or `strips`.
    pub role: &'static str,
    /// Tiles in a row.
    pub columns: u32,
    /// Side of a tile in pixels.
    pub tile: u32,
    /// The PNG file.
    pub png: Vec<u8>,
}

/// Images of one side in rows, as a PNG.
///
/// # Errors
///
/// If it cannot be encoded.
pub(super) fn image_grid(role: &'static str, images: &[Planes]) -> Result<ImageGrid, TrainError> {
    let side = images.first().map_or(1, |image| image.side);
    let columns = images.len().clamp(1, COLUMNS);
    let rows = images.len().div_ceil(columns).max(1);
    let pixels = |count: usize| u32::try_from(count * side).expect("a grid has at most 2048 tiles of 256 pixels");
    let mut grid = RgbImage::new(pixels(columns), pixels(rows));
    for (i, image) in images.iter().enumerate() {
        let (left, top) = (pixels(i % columns), pixels(i / columns));
        let bytes = image.to_rgb();
        if let Some(tile) = RgbImage::from_raw(pixels(1), pixels(1), bytes) {
            image::imageops::replace(&mut grid, &tile, i64::from(left), i64::from(top));
        }
    }
    let mut png = Cursor::new(Vec::new());
    grid.write_to(&mut png, ImageFormat::Png)?;
    let (columns, tile) = (u32::try_from(columns).expect("at most 8 columns"), pixels(1));
    Ok(ImageGrid { role, columns, tile, png: png.into_inner() })
}
