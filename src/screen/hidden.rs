//! Invisible characters that change how text is displayed.

use std::borrow::Cow;
use std::fmt::Write as _;

/// Whether a character is a control character, or invisible and changes how others are displayed: direction marks,
/// zero-width spaces, fillers and tags. Joiners and variation selectors are not included, because scripts and emoji
/// need them.
pub fn is_hidden(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{180e}'
            | '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
            | '\u{3164}' | '\u{feff}' | '\u{ffa0}' | '\u{fff9}'..='\u{fffb}'
            | '\u{1bca0}'..='\u{1bca3}' | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}')
}

/// `text` with every hidden character escaped, as `\x1b` or `\u{202e}`. Line breaks and tabs are kept.
pub fn visible(text: &str) -> Cow<'_, str> {
    let is_kept = |c: char| matches!(c, '\n' | '\t');
    // A fast path: most text is plain ASCII.
    if text.bytes().all(|byte| matches!(byte, b' '..=b'~' | b'\n' | b'\t'))
        || !text.chars().any(|c| is_hidden(c) && !is_kept(c))
    {
        return Cow::Borrowed(text);
    }
    let mut shown = String::with_capacity(text.len() + 16);
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        match c {
            // The line end of other systems.
            '\r' if rest.peek() == Some(&'\n') => {}
            c if is_kept(c) || !is_hidden(c) => shown.push(c),
            c => escape(c, &mut shown),
        }
    }
    Cow::Owned(shown)
}

/// The same on one line: line breaks and tabs become spaces.
pub fn on_one_line(text: &str) -> Cow<'_, str> {
    if text.contains(['\n', '\r', '\t']) {
        let line = text.replace("\r\n", " ").replace(['\n', '\r', '\t'], " ");
        return Cow::Owned(visible(&line).into_owned());
    }
    visible(text)
}

fn escape(c: char, into: &mut String) {
    let written = match u32::from(c) {
        code @ 0..=0x7f => write!(into, "\\x{code:02x}"),
        code => write!(into, "\\u{{{code:x}}}"),
    };
    written.expect("writing to a string cannot fail");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn control_characters_and_direction_marks_are_escaped() {
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
            assert_eq!(visible(shown), shown, "escaped text is not escaped again");
        }
    }

    #[test]
    fn letters_of_every_script_and_joined_emoji_are_kept() {
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
