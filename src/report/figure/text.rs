use plotters::style::{FontDesc, FontFamily, FontStyle};

use crate::report::FigureError;
use crate::screen::visible;

/// The font family of all figures in SVG, also its name in the drawing library.
pub const FAMILY: &str = "DejaVu Sans, sans-serif";

/// The ratio of font sizes in the drawing library and in SVG.
pub const LIBRARY_SIZE: f64 = 1.24;

/// Registers the embedded font with the drawing library. Repeated calls have no effect.
///
/// # Errors
///
/// If the font cannot be loaded.
pub fn register() -> Result<(), FigureError> {
    let styles = [(FontStyle::Normal, dejavu::sans::regular()), (FontStyle::Bold, dejavu::sans::bold())];
    for (style, bytes) in styles {
        plotters::style::register_font(FAMILY, style, bytes).map_err(|_| FigureError::Font)?;
    }
    Ok(())
}

/// The sum of ascender and descender of DejaVu Sans, divided by its em (`hhea`: 1901, 483; `head`: 2048). The library
/// defines the font size as the height, SVG as the em.
const HEIGHT_PER_EM: f64 = (1901.0 + 483.0) / 2048.0;

/// The width of `text` at `size` pixels, in pixels.
///
/// # Errors
///
/// If the font is not registered.
pub fn width(text: &str, size: f64, style: FontStyle) -> Result<f64, FigureError> {
    // Measured at a large size, because the library rounds to whole pixels.
    const LARGE: f64 = 100.0;
    let font = FontDesc::new(FontFamily::Name(FAMILY), LARGE * HEIGHT_PER_EM, style);
    let (width, _) = font.box_size(text).map_err(|_| FigureError::Font)?;
    Ok(f64::from(width) * size / LARGE)
}

/// Wraps `text` into at most `lines` lines of at most `limit` pixels; truncated text ends with an ellipsis. Lines break
/// at spaces and after hyphens, and within words that are wider than a line.
///
/// # Errors
///
/// If the font is not registered.
pub fn wrap(text: &str, size: f64, style: FontStyle, limit: f64, lines: usize) -> Result<Vec<String>, FigureError> {
    let mut wrapped: Vec<String> = Vec::new();
    let mut line = String::new();
    for word in visible(text).split_whitespace() {
        for (i, piece) in word.split_inclusive('-').enumerate() {
            let space = if i == 0 && !line.is_empty() { " " } else { "" };
            let longer = format!("{line}{space}{piece}");
            if width(&longer, size, style)? <= limit {
                line = longer;
                continue;
            }
            if !line.is_empty() {
                wrapped.push(std::mem::take(&mut line));
            }
            line = break_word(piece, size, style, limit, &mut wrapped)?;
        }
    }
    if !line.is_empty() {
        wrapped.push(line);
    }
    if wrapped.len() > lines {
        wrapped.truncate(lines);
        if let Some(last) = wrapped.last_mut() {
            *last = with_ellipsis(last, size, style, limit)?;
        }
    }
    Ok(wrapped)
}

/// Breaks a word into full lines, which are added to `lines`, and returns the rest.
fn break_word(
    word: &str,
    size: f64,
    style: FontStyle,
    limit: f64,
    lines: &mut Vec<String>,
) -> Result<String, FigureError> {
    let mut piece = String::new();
    for c in word.chars() {
        piece.push(c);
        if piece.chars().count() > 1 && width(&piece, size, style)? > limit {
            piece.pop();
            lines.push(std::mem::replace(&mut piece, c.to_string()));
        }
    }
    Ok(piece)
}

fn with_ellipsis(line: &str, size: f64, style: FontStyle, limit: f64) -> Result<String, FigureError> {
    let mut line = line.to_owned();
    while width(&format!("{line}…"), size, style)? > limit && line.pop().is_some() {}
    Ok(format!("{}…", line.trim_end()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_text_is_wrapped_at_words_and_truncated_with_an_ellipsis() {
        register().unwrap();
        let text = "petals that are pink and white with a yellow center";
        let lines = wrap(text, 12.0, FontStyle::Normal, 100.0, 9).unwrap();
        assert!(lines.len() > 2, "{lines:?}");
        assert_eq!(lines.join(" "), text);
        for line in &lines {
            assert!(width(line, 12.0, FontStyle::Normal).unwrap() <= 100.0, "{line}");
        }
        let cut = wrap(text, 12.0, FontStyle::Normal, 100.0, 2).unwrap();
        assert_eq!(cut.len(), 2);
        assert!(cut[1].ends_with('…'), "{cut:?}");
    }

    #[test]
    fn a_label_breaks_after_its_hyphens() {
        register().unwrap();
        let lines = wrap("JEM-VGG-foreground-shuffled control", 12.0, FontStyle::Normal, 110.0, 9).unwrap();
        assert_eq!(lines, ["JEM-VGG-", "foreground-", "shuffled control"]);
    }

    #[test]
    fn a_word_wider_than_the_line_is_broken() {
        register().unwrap();
        let lines = wrap("Donaudampfschifffahrtsgesellschaft", 12.0, FontStyle::Bold, 80.0, 9).unwrap();
        assert!(lines.len() > 1);
        assert_eq!(lines.concat(), "Donaudampfschifffahrtsgesellschaft");
    }
}
