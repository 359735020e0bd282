//! Pictures in rows, each row beside what it was drawn from.

use std::io::Cursor;

use image::imageops::{self, FilterType};
use image::{ImageFormat, RgbImage};
use plotters::style::FontStyle;

use super::text::{self, FAMILY};
use crate::report::glyphs::is_writable;
use crate::report::{FigureError, ReportError, format, render};

/// Side of a picture in the PNG in pixels, at least: it is enlarged by a whole factor.
const SIDE: u32 = 128;
/// Width that captions are wrapped to, and what is left free; all in pixels of the SVG.
const CAPTION: u32 = 180;
const MARGIN: u32 = 12;
const GAP: u32 = 4;
const SIZE: f64 = 12.0;
const LEADING: f64 = 15.0;

/// A row of pictures.
#[derive(Clone, Debug)]
pub struct CaptionedRow {
    /// What stands beside it.
    pub caption: String,
    /// The pictures, from the left; all pictures of a grid are squares of one size.
    pub pictures: Vec<RgbImage>,
}

/// The PNG of a grid: a row of pictures behind each caption, which is wrapped, and cut where it is too long. A caption
/// with letters that the font lacks is `text 1` and so on, by its row.
///
/// # Errors
///
/// If the grid is too large to hold.
pub fn captioned_grid(rows: &[CaptionedRow]) -> Result<Vec<u8>, ReportError> {
    draw(rows).map_err(|source| ReportError::Figure { name: "samples", source })
}

fn draw(rows: &[CaptionedRow]) -> Result<Vec<u8>, FigureError> {
    text::register()?;
    let side = rows.iter().flat_map(|row| &row.pictures).map(|picture| picture.width().max(1)).next().unwrap_or(SIDE);
    let enlarged = side * SIDE.div_ceil(side);
    // The PNG has two pixels for one of the SVG.
    let tile = enlarged.div_ceil(2);
    let count = |length: usize| u32::try_from(length).unwrap_or(u32::MAX);
    let columns = count(rows.iter().map(|row| row.pictures.len()).max().unwrap_or(0));
    let across = |count: u32| count.saturating_mul(tile + GAP);
    let width = (2 * MARGIN + CAPTION).saturating_add(across(columns));
    let height = (2 * MARGIN - GAP).saturating_add(across(count(rows.len())));

    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" \
         font-family=\"{FAMILY}\" font-size=\"{SIZE}\" fill=\"#222222\">\n\
         <rect width=\"{width}\" height=\"{height}\" fill=\"#FFFFFF\"/>\n"
    );
    let most = (f64::from(tile) / LEADING) as usize;
    for (row, CaptionedRow { caption, .. }) in (0..).zip(rows) {
        let number = format!("text {}", row + 1);
        let caption = if is_writable(caption) { caption } else { &number };
        let lines = text::wrap(caption, SIZE, FontStyle::Normal, f64::from(CAPTION - GAP), most.max(1))?;
        let middle = f64::from(MARGIN + across(row)) + 0.5 * f64::from(tile);
        let first = middle - 0.5 * LEADING * lines.len() as f64 + 0.9 * SIZE;
        for (i, line) in lines.iter().enumerate() {
            let y = first + LEADING * i as f64;
            svg += &format!("<text x=\"{MARGIN}\" y=\"{y}\">{}</text>\n", format::xml(line));
        }
    }
    svg += "</svg>\n";

    let ground = render::png(&svg)?;
    let mut sheet = image::load_from_memory_with_format(&ground, ImageFormat::Png).map_err(FigureError::Encode)?;
    let scale = sheet.width() / width;
    for (row, CaptionedRow { pictures, .. }) in (0..).zip(rows) {
        for (column, picture) in (0..).zip(pictures) {
            let large = imageops::resize(picture, enlarged, enlarged, FilterType::Nearest);
            let (x, y) = (MARGIN + CAPTION + across(column), MARGIN + across(row));
            imageops::replace(&mut sheet, &image::DynamicImage::from(large), (scale * x).into(), (scale * y).into());
        }
    }
    let mut png = Cursor::new(Vec::new());
    sheet.into_rgb8().write_to(&mut png, ImageFormat::Png).map_err(FigureError::Encode)?;
    Ok(png.into_inner())
}

#[cfg(test)]
mod tests {
    use super::*;
    use image::Rgb;

    fn grid(captions: &[&str], side: u32) -> RgbImage {
        let picture = RgbImage::from_fn(side, side, |x, _| Rgb([if x == 0 { 9 } else { 200 }, 10, 20]));
        let row = |caption: &&str| CaptionedRow { caption: (*caption).to_owned(), pictures: vec![picture.clone(); 3] };
        let rows: Vec<CaptionedRow> = captions.iter().map(row).collect();
        image::load_from_memory(&captioned_grid(&rows).unwrap()).unwrap().into_rgb8()
    }

    #[test]
    fn pictures_stand_behind_their_captions_enlarged_without_blur() {
        let sheet = grid(&["a red flower", "<petals> & \u{1} more"], 32);
        assert_eq!(sheet.dimensions(), (2 * (24 + 180 + 3 * 68), 2 * (24 - 4 + 2 * 68)));
        let (left, top) = (2 * 192, 24);
        assert_eq!(sheet.get_pixel(left - 1, top).0, [255; 3]);
        assert_eq!(sheet.get_pixel(left + 3, top + 127).0, [9, 10, 20]);
        assert_eq!(sheet.get_pixel(left + 4, top).0, [200, 10, 20]);
        assert_eq!(sheet.get_pixel(left + 128, top).0, [255; 3], "a gap follows");
    }

    #[test]
    fn a_caption_too_long_for_its_row_touches_neither_pictures_nor_other_rows() {
        let long = "a flower with many petals of many colours ".repeat(20);
        let sheet = grid(&[&long, "b"], 64);
        let is_white = |x: u32, y: u32| sheet.get_pixel(x, y).0 == [255; 3];
        let dark = |rows: std::ops::Range<u32>| rows.flat_map(|y| (0..384).map(move |x| (x, y)));
        assert!(dark(24..152).any(|(x, y)| !is_white(x, y)), "there is text");
        assert!(dark(152..160).all(|(x, y)| is_white(x, y)), "the gap between the rows is free");
        assert!((0..sheet.height()).all(|y| (376..384).all(|x| is_white(x, y))), "so is that before the pictures");
    }
}
