//! The width of text in the embedded font, and text in lines.

use std::sync::LazyLock;

use ttf_parser::Face;

use crate::screen::visible;

/// The font family of all figures in SVG.
pub const FAMILY: &str = "DejaVu Sans, sans-serif";

static REGULAR: LazyLock<Face<'static>> = LazyLock::new(|| face(dejavu::sans::regular()));
static BOLD: LazyLock<Face<'static>> = LazyLock::new(|| face(dejavu::sans::bold()));

fn face(bytes: &'static [u8]) -> Face<'static> {
    Face::parse(bytes, 0).expect("the embedded font is valid")
}

/// Whether text is bold, which is wider.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Weight {
    /// Normal text.
    Regular,
    /// Bold text.
    Bold,
}

/// The width of `text` at `size` pixels, in pixels, without kerning, which makes text slightly narrower.
pub fn width(text: &str, size: f64, weight: Weight) -> f64 {
    let face = match weight {
        Weight::Regular => &*REGULAR,
        Weight::Bold => &*BOLD,
    };
    // A missing glyph is drawn as the first one.
    let advance = |c: char| face.glyph_hor_advance(face.glyph_index(c).unwrap_or_default()).unwrap_or_default();
    let units: f64 = text.chars().map(|c| f64::from(advance(c))).sum();
    units * size / f64::from(face.units_per_em())
}

/// Wraps `text` into at most `lines` lines of at most `limit` pixels; truncated text ends with an ellipsis. Lines break
/// at spaces and after hyphens, and within words that are wider than a line.
pub fn wrap(text: &str, size: f64, weight: Weight, limit: f64, lines: usize) -> Vec<String> {
    let mut wrapped: Vec<String> = Vec::new();
    let mut line = String::new();
    for word in visible(text).split_whitespace() {
        for (i, piece) in word.split_inclusive('-').enumerate() {
            let space = if i == 0 && !line.is_empty() { " " } else { "" };
            let longer = format!("{line}{space}{piece}");
            if width(&longer, size, weight) <= limit {
                line = longer;
                continue;
            }
            if !line.is_empty() {
                wrapped.push(std::mem::take(&mut line));
            }
            line = break_word(piece, size, weight, limit, &mut wrapped);
        }
    }
    if !line.is_empty() {
        wrapped.push(line);
    }
    if wrapped.len() > lines {
        wrapped.truncate(lines);
        if let Some(last) = wrapped.last_mut() {
            *last = with_ellipsis(last, size, weight, limit);
        }
    }
    wrapped
}

/// `text` in one line of at most `limit` pixels; truncated text ends with an ellipsis.
pub fn shortened(text: &str, size: f64, weight: Weight, limit: f64) -> String {
    let text = visible(text);
    if width(&text, size, weight) <= limit { text.into_owned() } else { with_ellipsis(&text, size, weight, limit) }
}

/// Breaks a word into full lines, which are added to `lines`, and returns the rest.
fn break_word(word: &str, size: f64, weight: Weight, limit: f64, lines: &mut Vec<String>) -> String {
    let mut piece = String::new();
    for c in word.chars() {
        piece.push(c);
        if piece.chars().count() > 1 && width(&piece, size, weight) > limit {
            piece.pop();
            lines.push(std::mem::replace(&mut piece, c.to_string()));
        }
    }
    piece
}

fn with_ellipsis(line: &str, size: f64, weight: Weight, limit: f64) -> String {
    let mut line = line.to_owned();
    while width(&format!("{line}…"), size, weight) > limit && line.pop().is_some() {}
    format!("{}…", line.trim_end())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn widths_are_the_advances_of_the_font() {
        // DejaVu Sans: `0` has an advance of 1303 of 2048 units, in bold of 1425.
        assert_eq!(width("00", 10.0, Weight::Regular), 2.0 * 10.0 * 1303.0 / 2048.0);
        assert_eq!(width("0", 10.0, Weight::Bold), 10.0 * 1425.0 / 2048.0);
    }

    #[test]
    fn long_text_is_wrapped_at_words_and_truncated_with_an_ellipsis() {
        let text = "petals that are pink and white with a yellow center";
        let lines = wrap(text, 12.0, Weight::Regular, 100.0, 9);
        assert!(lines.len() > 2, "{lines:?}");
        assert_eq!(lines.join(" "), text);
        for line in &lines {
            assert!(width(line, 12.0, Weight::Regular) <= 100.0, "{line}");
        }
        let cut = wrap(text, 12.0, Weight::Regular, 100.0, 2);
        assert_eq!(cut.len(), 2);
        assert!(cut[1].ends_with('…'), "{cut:?}");
        let short = shortened(text, 12.0, Weight::Regular, 100.0);
        assert!(short.ends_with('…') && width(&short, 12.0, Weight::Regular) <= 100.0, "{short}");
        assert_eq!(shortened("petals", 12.0, Weight::Regular, 100.0), "petals");
    }

    #[test]
    fn a_label_breaks_after_its_hyphens() {
        let lines = wrap("JEM-VGG-foreground-shuffled control", 12.0, Weight::Regular, 110.0, 9);
        assert_eq!(lines, ["JEM-VGG-", "foreground-", "shuffled control"]);
    }

    #[test]
    fn a_word_wider_than_the_line_is_broken() {
        let lines = wrap("Donaudampfschifffahrtsgesellschaft", 12.0, Weight::Bold, 80.0, 9);
        assert!(lines.len() > 1);
        assert_eq!(lines.concat(), "Donaudampfschifffahrtsgesellschaft");
    }
}
