use std::io::Cursor;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use image::imageops::{self, FilterType};
use image::{ImageFormat, RgbImage};

use crate::report::{FigureError, RunData};
use crate::store::RunPicture;

/// Side of an embedded tile in pixels, at least: twice its side in the figure, since PNGs are made at that scale.
const EMBEDDED: u32 = 256;

/// A decoded picture of a run, cut into tiles.
pub struct Tiles {
    image: RgbImage,
    run: i64,
    role: String,
    columns: u32,
    tile: u32,
}

impl Tiles {
    /// Decodes a picture.
    ///
    /// # Errors
    ///
    /// If it does not decode.
    pub fn decode(run: &RunData, picture: &RunPicture) -> Result<Self, FigureError> {
        let run = run.record.id.0;
        let image = image::load_from_memory_with_format(&picture.png, ImageFormat::Png)
            .map_err(|source| FigureError::Decode { role: picture.role.clone(), run, source })?
            .to_rgb8();
        Ok(Self { image, run, role: picture.role.clone(), columns: picture.columns, tile: picture.tile })
    }

    /// How many tiles the picture has room for.
    pub fn count(&self) -> usize {
        let rows = self.image.height().checked_div(self.tile).unwrap_or_default();
        (self.columns.min(self.image.width().checked_div(self.tile).unwrap_or_default()) * rows) as usize
    }

    /// The tile with this number as a `data:` URL, enlarged by a whole factor so that its pixels stay crisp in
    /// every viewer.
    ///
    /// # Errors
    ///
    /// If the picture has no such tile.
    pub fn url(&self, index: usize) -> Result<String, FigureError> {
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
        // Below `count`, a product of two u32, and `count` is above 0 only if both sides are.
        let (row, column) = (index as u32 / self.columns, index as u32 % self.columns);
        let cut = imageops::crop_imm(&self.image, column * self.tile, row * self.tile, self.tile, self.tile).to_image();
        let side = self.tile * EMBEDDED.div_ceil(self.tile);
        let large = imageops::resize(&cut, side, side, FilterType::Nearest);
        let mut png = Cursor::new(Vec::new());
        large.write_to(&mut png, ImageFormat::Png).map_err(FigureError::Encode)?;
        Ok(format!("data:image/png;base64,{}", STANDARD.encode(png.into_inner())))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::lab;

    fn decoded(url: &str) -> RgbImage {
        let base64 = url.strip_prefix("data:image/png;base64,").unwrap();
        image::load_from_memory(&STANDARD.decode(base64).unwrap()).unwrap().to_rgb8()
    }

    #[test]
    fn tiles_are_counted_along_rows_and_enlarged_without_blur() {
        let input = lab::with_pictures(lab::input(&["A"], 1), 5, 8);
        let run = &input.runs[0];
        let tiles = Tiles::decode(run, &run.pictures[0]).unwrap();
        assert_eq!(tiles.count(), 6);
        let fourth = decoded(&tiles.url(3).unwrap());
        assert_eq!(fourth.dimensions(), (256, 256));
        // The white corner is 2 of 8 pixels, 64 of 256; then (250, 120, 0) · 4/5.
        assert_eq!(fourth.get_pixel(63, 63).0, [255, 255, 255]);
        assert_eq!(fourth.get_pixel(64, 64).0, [200, 96, 0]);
    }

    #[test]
    fn a_damaged_or_too_small_picture_is_an_error_that_names_it() {
        let mut input = lab::with_pictures(lab::input(&["A"], 1), 3, 8);
        let run = input.runs.remove(0);
        let tiles = Tiles::decode(&run, &run.pictures[0]).unwrap();
        let error = tiles.url(3).unwrap_err().to_string();
        assert_eq!(error, "`originals` picture of run 1 is 24×8 pixels, too small for tile 3 of side 8");
        let broken = RunPicture { png: vec![1, 2, 3], ..run.pictures[0].clone() };
        let error = Tiles::decode(&run, &broken).map(|_| ()).unwrap_err().to_string();
        assert!(error.starts_with("`originals` picture of run 1: "), "{error}");
        let nothing = RunPicture { tile: 0, ..run.pictures[0].clone() };
        assert!(Tiles::decode(&run, &nothing).unwrap().url(0).is_err());
    }
}
