//! One line of a caption file: its caption and its problem.

use std::borrow::Cow;
use std::fmt;

/// A problem with a line of a caption file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum LineProblem {
    /// The line is blank; it is skipped.
    Blank,
    /// The line has control characters and no text; it is skipped.
    NoText,
    /// The line has control characters and text; the control characters are removed.
    ControlCharacters,
}

impl fmt::Display for LineProblem {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(match self {
            LineProblem::Blank => "blank caption line, skipped",
            LineProblem::NoText => "caption line of control characters, skipped",
            LineProblem::ControlCharacters => "control characters removed from the caption",
        })
    }
}

/// The caption of a line, trimmed, if it has one, and its problem, if it has one. A line without control characters is
/// not changed except for the trimming.
pub(super) fn parse_line(line: &str) -> (Option<Cow<'_, str>>, Option<LineProblem>) {
    let line = line.trim();
    if line.is_empty() {
        return (None, Some(LineProblem::Blank));
    }
    if !line.contains(is_unwanted) {
        return (Some(Cow::Borrowed(line)), None);
    }
    let text = without_control_characters(line);
    match text.trim() {
        "" => (None, Some(LineProblem::NoText)),
        text => (Some(Cow::Owned(text.to_owned())), Some(LineProblem::ControlCharacters)),
    }
}

/// Characters that are not visible but control a terminal or the direction of the text. A tab separates words and is
/// allowed.
fn is_unwanted(character: char) -> bool {
    let marks = matches!(character, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{feff}');
    let directions = matches!(character, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    marks || directions || character.is_control() && character != '\t'
}

/// The text without unwanted characters and without complete escape sequences (ECMA-48). Characters that end a line
/// become spaces.
fn without_control_characters(line: &str) -> String {
    let mut text = String::with_capacity(line.len());
    let mut rest = line.chars();
    while let Some(character) = rest.next() {
        match character {
            '\u{1b}' => skip_escape(&mut rest),
            '\u{9b}' => skip_control_sequence(&mut rest),
            _ if !is_unwanted(character) => text.push(character),
            _ if character.is_whitespace() => text.push(' '),
            _ => {}
        }
    }
    text
}

fn skip_escape(rest: &mut std::str::Chars<'_>) {
    match rest.next() {
        Some('[') => skip_control_sequence(rest),
        // A control string, up to BEL or the string terminator ESC \.
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

/// Skips up to the final byte, one of `@` to `~`.
fn skip_control_sequence(rest: &mut std::str::Chars<'_>) {
    for character in rest.by_ref() {
        if ('@'..='~').contains(&character) {
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(line: &str) -> (Option<String>, Option<LineProblem>) {
        let (caption, problem) = parse_line(line);
        (caption.map(Cow::into_owned), problem)
    }

    #[test]
    fn text_without_control_characters_is_not_changed() {
        for line in ["a red flower", "a\ttab", "une fleur « rosée »", "花 🌸", "a\u{a0}b"] {
            assert_eq!(parse(line), (Some(line.into()), None));
        }
        assert_eq!(parse("  a red flower \t"), (Some("a red flower".into()), None));
    }

    #[test]
    fn a_line_without_visible_text_is_not_a_caption() {
        for blank in ["", "  \t", "\u{a0}"] {
            assert_eq!(parse(blank), (None, Some(LineProblem::Blank)), "{blank:?}");
        }
        for line in ["\0\0", "\u{7f}", " \u{1} ", "\u{1b}[31m", "\u{feff}", "\u{202e}\u{200f}"] {
            assert_eq!(parse(line), (None, Some(LineProblem::NoText)), "{line:?}");
        }
    }

    #[test]
    fn control_characters_are_removed_from_text() {
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
            assert_eq!(parse(line), (Some(text.into()), Some(LineProblem::ControlCharacters)), "{line:?}");
        }
    }
}
