//! Image grids with a caption beside each row.

use std::io::Cursor;

use super::text::{self, FAMILY, Weight};
use crate::report::font::has_all_glyphs;
use crate::report::{FigureError, ReportError, format, render};
use image::imageops::{self, FilterType};
use image::{DynamicImage, ImageFormat, RgbImage};

/// The minimum side of an image in the PNG, in pixels. Images are enlarged by an integer factor.
const MIN_SIDE: u32 = 128;
/// The width of captions, the margin and the gap between images, in pixels of the SVG.
const CAPTION: u32 = 180;
const MARGIN: u32 = 12;
const GAP: u32 = 4;
const SIZE: f64 = 12.0;
const LEADING: f64 = 15.0;

/// A row of images with a caption.
#[derive(Clone, Debug)]
pub struct CaptionedRow {
    /// The text beside the images.
    pub caption: String,
    /// The images from left to right. All images of a grid are squares of the same size.
    pub images: Vec<RgbImage>,
}

/// Draws a grid with a row of images beside each caption, and returns the PNG. Long captions are wrapped and truncated.
/// A caption for which the font lacks glyphs is replaced by `text 1` and so on, by the number of its row.
///
/// # Errors
///
/// If the grid is too large.
pub fn captioned_grid(rows: &[CaptionedRow]) -> Result<Vec<u8>, ReportError> {
    draw(rows).map_err(|source| ReportError::Figure { name: "samples", source })
}

fn draw(rows: &[CaptionedRow]) -> Result<Vec<u8>, FigureError> {
    let side = rows.iter().flat_map(|row| &row.images).map(|image| image.width().max(1)).next().unwrap_or(MIN_SIDE);
    let enlarged = side * MIN_SIDE.div_ceil(side);
    // The PNG has twice the size of the SVG.
    let tile = enlarged.div_ceil(2);
    let count = |length: usize| u32::try_from(length).unwrap_or(u32::MAX);
    let columns = count(rows.iter().map(|row| row.images.len()).max().unwrap_or(0));
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
        let caption = if has_all_glyphs(caption) { caption } else { &number };
        let lines = text::wrap(caption, SIZE, Weight::Regular, f64::from(CAPTION - GAP), most.max(1));
        let middle = f64::from(MARGIN + across(row)) + 0.5 * f64::from(tile);
        let first = middle - 0.5 * LEADING * lines.len() as f64 + 0.9 * SIZE;
        for (i, line) in lines.iter().enumerate() {
            let y = first + LEADING * i as f64;
            svg += &format!("<text x=\"{MARGIN}\" y=\"{y}\">{}</text>\n", format::xml(line));
        }
    }
    svg += "</svg>\n";

    let captions = render::png(&svg)?;
    let mut grid = image::load_from_memory_with_format(&captions, ImageFormat::Png).map_err(FigureError::Encode)?;
    let scale = grid.width() / width;
    for (row, CaptionedRow { images, .. }) in (0..).zip(rows) {
        for (column, image) in (0..).zip(images) {
            let large = imageops::resize(image, enlarged, enlarged, FilterType::Nearest);
            let (x, y) = (MARGIN + CAPTION + across(column), MARGIN + across(row));
            imageops::replace(&mut grid, &DynamicImage::from(large), (scale * x).into(), (scale * y).into());
        }
    }
    let mut png = Cursor::new(Vec::new());
    grid.into_rgb8().write_to(&mut png, ImageFormat::Png).map_err(FigureError::Encode)?;
    Ok(png.into_inner())
}

#[cfg(test)]
mod tests {
    use super::*;
    use image::Rgb;

    fn grid(captions: &[&str], side: u32) -> RgbImage {
        let image = RgbImage::from_fn(side, side, |x, _| Rgb([if x == 0 { 9 } else { 200 }, 10, 20]));
        let row = |caption: &&str| CaptionedRow { caption: (*caption).to_owned(), images: vec![image.clone(); 3] };
        let rows: Vec<CaptionedRow> = captions.iter().map(row).collect();
        image::load_from_memory(&captioned_grid(&rows).unwrap()).unwrap().into_rgb8()
    }

    #[test]
    fn images_are_beside_their_captions_and_enlarged_without_blur() {
        let png = grid(&["a red flower", "<petals> & \u{1} more"], 32);
        assert_eq!(png.dimensions(), (2 * (24 + 180 + 3 * 68), 2 * (24 - 4 + 2 * 68)));
        let (left, top) = (2 * 192, 24);
        assert_eq!(png.get_pixel(left - 1, top).0, [255; 3]);
        assert_eq!(png.get_pixel(left + 3, top + 127).0, [9, 10, 20]);
        assert_eq!(png.get_pixel(left + 4, top).0, [200, 10, 20]);
        assert_eq!(png.get_pixel(left + 128, top).0, [255; 3], "a gap follows");
    }

    #[test]
    fn a_long_caption_does_not_overlap_images_or_other_rows() {
        let long = "a flower with many petals of many colours ".repeat(20);
        let png = grid(&[&long, "b"], 64);
        let is_white = |x: u32, y: u32| png.get_pixel(x, y).0 == [255; 3];
        let dark = |rows: std::ops::Range<u32>| rows.flat_map(|y| (0..384).map(move |x| (x, y)));
        assert!(dark(24..152).any(|(x, y)| !is_white(x, y)), "the caption is drawn");
        assert!(dark(152..160).all(|(x, y)| is_white(x, y)), "the gap between the rows is empty");
        assert!((0..png.height()).all(|y| (376..384).all(|x| is_white(x, y))), "the gap before the images is empty");
    }
}
