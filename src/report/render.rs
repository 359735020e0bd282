mod resources;

use std::sync::{Arc, LazyLock};

use resvg::tiny_skia::{Pixmap, Transform};
use resvg::usvg::{Options, Tree, WriteOptions, fontdb};
use svg2pdf::{ConversionOptions, PageOptions};

use super::FigureError;
use resources::in_order;

/// The scale of the PNG relative to the SVG.
const SCALE: f32 = 2.0;

/// Pixels of an SVG in an inch of its PDF.
const DPI: f32 = 96.0;

/// The embedded fonts.
static FONTS: LazyLock<Arc<fontdb::Database>> = LazyLock::new(|| {
    let mut fonts = fontdb::Database::new();
    fonts.load_font_data(dejavu::sans::regular().to_vec());
    fonts.load_font_data(dejavu::sans::bold().to_vec());
    fonts.set_sans_serif_family("DejaVu Sans");
    Arc::new(fonts)
});

/// A figure that other formats are made of. Only the embedded font is used, so they do not depend on the machine.
pub struct Drawing(Tree);

impl Drawing {
    /// Reads the SVG of a figure.
    ///
    /// # Errors
    ///
    /// If it is invalid.
    pub fn new(svg: &str) -> Result<Self, FigureError> {
        let options =
            Options { font_family: "DejaVu Sans".to_owned(), fontdb: Arc::clone(&FONTS), ..Options::default() };
        Ok(Self(Tree::from_str(svg, &options)?))
    }

    /// The figure as PNG at twice the size.
    ///
    /// # Errors
    ///
    /// If it is too large.
    pub fn png(&self) -> Result<Vec<u8>, FigureError> {
        let size = self.0.size().to_int_size().scale_by(SCALE);
        let size = size.ok_or_else(|| FigureError::Png("it has no size".into()))?;
        let mut pixmap = Pixmap::new(size.width(), size.height())
            .ok_or_else(|| FigureError::Png(format!("{}×{} pixels are too many", size.width(), size.height())))?;
        resvg::render(&self.0, Transform::from_scale(SCALE, SCALE), &mut pixmap.as_mut());
        pixmap.encode_png().map_err(|error| FigureError::Png(error.to_string()))
    }

    /// The figure as SVG with paths in place of text, which looks the same without the font.
    pub fn outlined(&self) -> String {
        let options = WriteOptions { preserve_text: false, coordinates_precision: 3, ..WriteOptions::default() };
        self.0.to_string(&options)
    }
}

/// An SVG as PNG at twice the size.
///
/// # Errors
///
/// If it is invalid or too large.
pub fn png(svg: &str) -> Result<Vec<u8>, FigureError> {
    Drawing::new(svg)?.png()
}

/// An outlined SVG as PDF, at 96 pixels an inch. Its images are embedded as they are.
///
/// # Errors
///
/// If it cannot be converted.
pub fn pdf(outlined: &str) -> Result<Vec<u8>, FigureError> {
    let error = |error: &dyn std::fmt::Display| FigureError::Pdf(error.to_string());
    let tree = svg2pdf::usvg::Tree::from_str(outlined, &svg2pdf::usvg::Options::default());
    let tree = tree.map_err(|source| error(&source))?;
    let pdf = svg2pdf::to_pdf(&tree, ConversionOptions::default(), PageOptions { dpi: DPI });
    pdf.map(in_order).map_err(|source| error(&source))
}

#[cfg(test)]
mod tests {
    use super::*;

    const SVG: &str = "<svg xmlns='http://www.w3.org/2000/svg' width='60' height='20'>\
                       <rect width='60' height='20' fill='white'/>\
                       <text x='2' y='15' font-family='DejaVu Sans, sans-serif' font-size='14'>Epoch</text></svg>";

    fn ink(png: &[u8]) -> usize {
        let image = image::load_from_memory(png).unwrap().to_luma8();
        assert_eq!(image.dimensions(), (120, 40));
        image.pixels().filter(|pixel| pixel.0[0] < 128).count()
    }

    #[test]
    fn a_png_has_twice_the_size_of_its_svg_and_text_in_the_embedded_font() {
        let ink = ink(&Drawing::new(SVG).unwrap().png().unwrap());
        assert!(ink > 100, "{ink} dark pixels: the text was not drawn");
    }

    #[test]
    fn an_outlined_figure_has_no_text_and_looks_the_same() {
        let drawing = Drawing::new(SVG).unwrap();
        let outlined = drawing.outlined();
        assert!(!outlined.contains("<text") && outlined.contains("<path"), "{outlined}");
        assert_eq!(ink(&Drawing::new(&outlined).unwrap().png().unwrap()), ink(&drawing.png().unwrap()));
    }

    #[test]
    fn a_pdf_has_the_size_of_its_svg_at_96_pixels_an_inch() {
        let pdf = pdf(&Drawing::new(SVG).unwrap().outlined()).unwrap();
        assert!(pdf.starts_with(b"%PDF-"));
        let text = String::from_utf8_lossy(&pdf);
        assert!(text.contains("/MediaBox [0 0 45 15]"), "{text}");
    }

    #[test]
    fn an_invalid_svg_is_an_error() {
        assert!(matches!(Drawing::new("<p>").map(drop), Err(FigureError::Parse(_))));
        assert!(matches!(pdf("<p>"), Err(FigureError::Pdf(_))));
    }
}
