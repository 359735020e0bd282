//! Characters that are not seen, and yet change what is.

use std::borrow::Cow;
use std::fmt::Write as _;

/// Whether a character is a control character, or one of those that show nothing and change how others look: marks
/// of direction, spaces without width, fillers and tags. Joiners and variation selectors are not among them, since
/// scripts and emoji need them.
pub fn is_hidden(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{180e}'
            | '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
            | '\u{3164}' | '\u{feff}' | '\u{ffa0}' | '\u{fff9}'..='\u{fffb}'
            | '\u{1bca0}'..='\u{1bca3}' | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}')
}

/// `text` with every hidden character written out, as `\x1b` or `\u{202e}`. Line breaks and tabs stay.
pub fn visible(text: &str) -> Cow<'_, str> {
    let stays = |c: char| matches!(c, '\n' | '\t');
    // Most text is plain ASCII, and a long listing is full of it.
    if text.bytes().all(|byte| matches!(byte, b' '..=b'~' | b'\n' | b'\t'))
        || !text.chars().any(|c| is_hidden(c) && !stays(c))
    {
        return Cow::Borrowed(text);
    }
    let mut shown = String::with_capacity(text.len() + 16);
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        match c {
            // The end of a line as other systems write it.
            '\r' if rest.peek() == Some(&'\n') => {}
            c if stays(c) || !is_hidden(c) => shown.push(c),
            c => write_out(c, &mut shown),
        }
    }
    Cow::Owned(shown)
}

/// The same on one line: a line break or a tab becomes a space.
pub fn on_one_line(text: &str) -> Cow<'_, str> {
    if text.contains(['\n', '\r', '\t']) {
        let line = text.replace("\r\n", " ").replace(['\n', '\r', '\t'], " ");
        return Cow::Owned(visible(&line).into_owned());
    }
    visible(text)
}

fn write_out(c: char, into: &mut String) {
    let written = match u32::from(c) {
        code @ 0..=0x7f => write!(into, "\\x{code:02x}"),
        code => write!(into, "\\u{{{code:x}}}"),
    };
    written.expect("a string takes all that is written to it");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn control_characters_and_marks_of_direction_are_written_out() {
        for (text, shown) in [
            ("\x1b[31mred\x1b[0m", "\\x1b[31mred\\x1b[0m"),
            ("a\u{202e}b\u{2066}c", "a\\u{202e}b\\u{2066}c"),
            ("\u{9b}2J\x7f\0\x07\x08", "\\u{9b}2J\\x7f\\x00\\x07\\x08"),
            ("zero\u{200b}width\u{feff}", "zero\\u{200b}width\\u{feff}"),
            ("tag\u{e0041}", "tag\\u{e0041}"),
            ("over\rwritten", "over\\x0dwritten"),
            ("two\r\nlines\n\tindented", "two\nlines\n\tindented"),
        ] {
            assert_eq!(visible(text), shown);
            assert_eq!(visible(shown), shown, "what is shown is safe");
        }
    }

    #[test]
    fn the_letters_of_every_script_and_joined_emoji_stay() {
        for text in ["é e\u{301} ß", "花の敵対", "שלום", "می\u{200c}خواهم", "👩\u{200d}🔬 ❤\u{fe0f}", "a — b … × ±"]
        {
            assert!(matches!(visible(text), Cow::Borrowed(same) if same == text), "{text}");
        }
    }

    #[test]
    fn a_field_of_a_table_is_one_line() {
        assert_eq!(on_one_line("a\nb\tc\r\nd\re\u{2028}f"), "a b c d e\\u{2028}f");
        assert!(matches!(on_one_line("plain"), Cow::Borrowed("plain")));
    }
}
