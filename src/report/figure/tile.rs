//! The tiles of stored image grids.

use std::io::Cursor;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use image::imageops::{self, FilterType};
use image::{ImageFormat, RgbImage};

use crate::report::{FigureError, RunData};
use crate::store::ImageGrid;

/// The minimum side of an embedded tile in pixels: more than twice its side in the figure, since PNGs have twice the size.
const MIN_SIDE: u32 = 192;

/// The tiles of a decoded image grid.
pub struct Tiles {
    image: RgbImage,
    run: i64,
    role: String,
    columns: u32,
    tile: u32,
}

impl Tiles {
    /// Decodes an image grid of a run.
    ///
    /// # Errors
    ///
    /// If it cannot be read or decoded.
    pub fn decode(run: &RunData, grid: &ImageGrid) -> Result<Self, FigureError> {
        let png = run.pictures.png(grid).map_err(|source| FigureError::Picture {
            role: grid.role.clone(),
            run: run.record.id.0,
            source: Box::new(source),
        })?;
        let run = run.record.id.0;
        let image = image::load_from_memory_with_format(&png, ImageFormat::Png)
            .map_err(|source| FigureError::Decode { role: grid.role.clone(), run, source })?
            .to_rgb8();
        Ok(Self { image, run, role: grid.role.clone(), columns: grid.columns, tile: grid.tile })
    }

    /// The number of tiles in the image.
    pub fn count(&self) -> usize {
        let rows = self.image.height().checked_div(self.tile).unwrap_or_default();
        (self.columns.min(self.image.width().checked_div(self.tile).unwrap_or_default()) * rows) as usize
    }

    /// The tile with this number as a `data:` URL. It is enlarged by an integer factor, so that no viewer blurs it.
    ///
    /// # Errors
    ///
    /// If there is no such tile.
    pub fn data_url(&self, index: usize) -> Result<String, FigureError> {
        if index >= self.count() {
            return Err(FigureError::Tile {
                role: self.role.clone(),
                run: self.run,
                width: self.image.width(),
                height: self.image.height(),
                index,
                tile: self.tile,
            });
        }
        // The index fits a u32: it is below `count`, which is computed from u32. `columns` is not 0, or `count` would
        // be.
        let (row, column) = (index as u32 / self.columns, index as u32 % self.columns);
        let crop =
            imageops::crop_imm(&self.image, column * self.tile, row * self.tile, self.tile, self.tile).to_image();
        let side = self.tile * MIN_SIDE.div_ceil(self.tile);
        let large = imageops::resize(&crop, side, side, FilterType::Nearest);
        let mut png = Cursor::new(Vec::new());
        large.write_to(&mut png, ImageFormat::Png).map_err(FigureError::Encode)?;
        Ok(format!("data:image/png;base64,{}", STANDARD.encode(png.into_inner())))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::fixture;

    fn decoded(url: &str) -> RgbImage {
        let base64 = url.strip_prefix("data:image/png;base64,").unwrap();
        image::load_from_memory(&STANDARD.decode(base64).unwrap()).unwrap().to_rgb8()
    }

    #[test]
    fn tiles_are_numbered_along_rows_and_enlarged_without_blur() {
        let input = fixture::with_images(fixture::input(&["A"], 1), 5, 8);
        let run = &input.runs[0];
        let tiles = Tiles::decode(run, &run.image_grids[0]).unwrap();
        assert_eq!(tiles.count(), 6);
        let fourth = decoded(&tiles.data_url(3).unwrap());
        assert_eq!(fourth.dimensions(), (192, 192));
        // The white corner is 2 of 8 pixels, 48 of 192; then (250, 120, 0) · 4/5.
        assert_eq!(fourth.get_pixel(47, 47).0, [255, 255, 255]);
        assert_eq!(fourth.get_pixel(48, 48).0, [200, 96, 0]);
    }

    #[test]
    fn a_damaged_or_too_small_image_grid_is_an_error_that_names_it() {
        let mut input = fixture::with_images(fixture::input(&["A"], 1), 3, 8);
        let run = input.runs.remove(0);
        let tiles = Tiles::decode(&run, &run.image_grids[0]).unwrap();
        let error = tiles.data_url(3).unwrap_err().to_string();
        assert_eq!(error, "image grid `originals` of run 1 has 24×8 pixels, too few for tile 3 of side 8");
        let mut broken = run.clone();
        fixture::damage(&mut broken);
        let error = Tiles::decode(&broken, &run.image_grids[0]).map(|_| ()).unwrap_err().to_string();
        assert!(error.starts_with("image grid `originals` of run 1: "), "{error}");
        let nothing = ImageGrid { tile: 0, ..run.image_grids[0].clone() };
        assert!(Tiles::decode(&run, &nothing).unwrap().data_url(0).is_err());
    }
}
