use resvg::tiny_skia::{Pixmap, Transform};
use resvg::usvg::{Options, Tree};

use super::FigureError;

/// The scale of the PNG relative to the SVG.
const SCALE: f32 = 2.0;

/// Renders the SVG of a figure as PNG at twice the size. Only the embedded font is used, so the result does not depend
/// on the machine.
///
/// # Errors
///
/// If the SVG is invalid or too large.
pub fn png(svg: &str) -> Result<Vec<u8>, FigureError> {
    let mut options = Options { font_family: "DejaVu Sans".to_owned(), ..Options::default() };
    let fonts = options.fontdb_mut();
    fonts.load_font_data(dejavu::sans::regular().to_vec());
    fonts.load_font_data(dejavu::sans::bold().to_vec());
    fonts.set_sans_serif_family("DejaVu Sans");
    let tree = Tree::from_str(svg, &options)?;
    let size = tree.size().to_int_size().scale_by(SCALE).ok_or_else(|| FigureError::Png("it has no size".into()))?;
    let mut pixmap = Pixmap::new(size.width(), size.height())
        .ok_or_else(|| FigureError::Png(format!("{}×{} pixels are too many", size.width(), size.height())))?;
    resvg::render(&tree, Transform::from_scale(SCALE, SCALE), &mut pixmap.as_mut());
    pixmap.encode_png().map_err(|error| FigureError::Png(error.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_png_has_twice_the_size_of_its_svg_and_text_in_the_embedded_font() {
        let svg = "<svg xmlns='http://www.w3.org/2000/svg' width='60' height='20'>\
                   <rect width='60' height='20' fill='white'/>\
                   <text x='2' y='15' font-family='DejaVu Sans, sans-serif' font-size='14'>Epoch</text></svg>";
        let image = image::load_from_memory(&png(svg).unwrap()).unwrap().to_luma8();
        assert_eq!(image.dimensions(), (120, 40));
        let ink = image.pixels().filter(|pixel| pixel.0[0] < 128).count();
        assert!(ink > 100, "{ink} dark pixels: the text was not drawn");
    }

    #[test]
    fn an_invalid_svg_is_an_error() {
        assert!(matches!(png("<p>"), Err(FigureError::Parse(_))));
    }
}
