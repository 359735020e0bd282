//! The glyphs of the font in figures.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use ttf_parser::Face;

use crate::screen::visible;

/// The regular and the bold face; figures use both.
static FACES: LazyLock<Vec<Face<'static>>> = LazyLock::new(|| {
    let faces = [dejavu::sans::regular(), dejavu::sans::bold()];
    faces.into_iter().filter_map(|bytes| Face::parse(bytes, 0).ok()).collect()
});

/// Whether figures can show a character. Joiners and variation selectors need no glyph.
fn has_glyph(c: char) -> bool {
    let is_invisible = matches!(c, '\u{200c}' | '\u{200d}' | '\u{fe00}'..='\u{fe0f}');
    c.is_ascii() || is_invisible || FACES.iter().all(|face| face.glyph_index(c).is_some())
}

/// Whether figures can show all characters of a text.
pub fn has_all_glyphs(text: &str) -> bool {
    visible(text).chars().all(has_glyph)
}

/// The characters in `texts` that the font does not have, without duplicates and in order.
pub fn missing_glyphs<'a>(texts: impl IntoIterator<Item = &'a str>) -> Vec<String> {
    let mut known = BTreeSet::new();
    let mut missing = Vec::new();
    for text in texts {
        missing.extend(visible(text).chars().filter(|&c| !has_glyph(c) && known.insert(c)).map(String::from));
    }
    missing
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn missing_glyphs_are_listed_once() {
        assert_eq!(missing_glyphs(["花の敵対 🌸", "花 again"]), ["花", "の", "敵", "対", "🌸"]);
        assert!(has_all_glyphs("GAN–CLS ± λ₁ é Жук שלום ↓ …"));
        assert!(missing_glyphs(["\u{202e}\x1b"]).is_empty(), "they are escaped");
    }
}
