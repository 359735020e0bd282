//! One line of a caption file: what of it is a caption, and what is odd about it.

use std::borrow::Cow;
use std::fmt;

/// What is odd about a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum LineFault {
    /// It is blank, and skipped.
    Blank,
    /// It holds control characters and no text, and is skipped.
    NoText,
    /// It holds control characters beside its text; they are left out of the caption.
    ControlCharacters,
}

impl LineFault {
    /// Whether the line is no caption at all.
    pub fn skips(self) -> bool {
        self != LineFault::ControlCharacters
    }
}

impl fmt::Display for LineFault {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(match self {
            LineFault::Blank => "blank caption line skipped",
            LineFault::NoText => "caption line of control characters skipped",
            LineFault::ControlCharacters => "control characters left out of the caption",
        })
    }
}

/// The caption of a line, trimmed, where it has one, and what is odd about it. A line without control characters is its own
/// caption to the byte.
pub(super) fn caption(line: &str) -> (Option<Cow<'_, str>>, Option<LineFault>) {
    let line = line.trim();
    if line.is_empty() {
        return (None, Some(LineFault::Blank));
    }
    if !line.contains(is_unwanted) {
        return (Some(Cow::Borrowed(line)), None);
    }
    let text = without_control(line);
    match text.trim() {
        "" => (None, Some(LineFault::NoText)),
        text => (Some(Cow::Owned(text.to_owned())), Some(LineFault::ControlCharacters)),
    }
}

/// Characters that show nothing but steer a terminal or turn the order of the text around. A tab only parts words.
fn is_unwanted(character: char) -> bool {
    let marks = matches!(character, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{feff}');
    let turns = matches!(character, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    marks || turns || character.is_control() && character != '\t'
}

/// The text without such characters and without whole escape sequences (ECMA-48); those that part lines become spaces.
fn without_control(line: &str) -> String {
    let mut text = String::with_capacity(line.len());
    let mut rest = line.chars();
    while let Some(character) = rest.next() {
        match character {
            '\u{1b}' => pass_escape(&mut rest),
            '\u{9b}' => pass_control_sequence(&mut rest),
            _ if !is_unwanted(character) => text.push(character),
            _ if character.is_whitespace() => text.push(' '),
            _ => {}
        }
    }
    text
}

fn pass_escape(rest: &mut std::str::Chars<'_>) {
    match rest.next() {
        Some('[') => pass_control_sequence(rest),
        // A string for the terminal, up to BEL or the string terminator ESC \.
        Some(']' | 'P' | 'X' | '^' | '_') => {
            while let Some(character) = rest.next() {
                if character == '\u{7}' || character == '\u{9c}' {
                    return;
                }
                if character == '\u{1b}' {
                    rest.next();
                    return;
                }
            }
        }
        _ => {}
    }
}

/// Up to the final byte, of `@` to `~`.
fn pass_control_sequence(rest: &mut std::str::Chars<'_>) {
    for character in rest.by_ref() {
        if ('@'..='~').contains(&character) {
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(line: &str) -> (Option<String>, Option<LineFault>) {
        let (caption, fault) = caption(line);
        (caption.map(Cow::into_owned), fault)
    }

    #[test]
    fn text_is_kept_to_the_byte() {
        for line in ["a red flower", "a\ttab", "une fleur « rosée »", "花 🌸", "a\u{a0}b"] {
            assert_eq!(of(line), (Some(line.into()), None));
        }
        assert_eq!(of("  a red flower \t"), (Some("a red flower".into()), None));
    }

    #[test]
    fn a_line_that_shows_nothing_is_no_caption() {
        for blank in ["", "  \t", "\u{a0}"] {
            assert_eq!(of(blank), (None, Some(LineFault::Blank)), "{blank:?}");
        }
        for line in ["\0\0", "\u{7f}", " \u{1} ", "\u{1b}[31m", "\u{feff}", "\u{202e}\u{200f}"] {
            assert_eq!(of(line), (None, Some(LineFault::NoText)), "{line:?}");
        }
    }

    #[test]
    fn text_beside_control_characters_is_kept_without_them() {
        let cases = [
            ("a \u{1b}[31mred\u{1b}[0m flower \u{202e}reversed", "a red flower reversed"),
            ("r\0e\0d\0", "red"),
            ("one\rtwo\u{b}three", "one two three"),
            ("\u{1b}]0;a title\u{7}rose", "rose"),
            ("\u{1b}]8;;x\u{1b}\\rose", "rose"),
            ("rose \u{9b}1;2m red\u{1b}", "rose  red"),
            ("\u{feff}rose", "rose"),
        ];
        for (line, text) in cases {
            assert_eq!(of(line), (Some(text.into()), Some(LineFault::ControlCharacters)), "{line:?}");
        }
    }
}
