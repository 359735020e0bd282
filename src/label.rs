//! Names given by people: of methods, experiments, reports and tags. They are normalized, so that equal-looking names
//! are equal.

use unicode_normalization::UnicodeNormalization as _;

use crate::screen::{is_hidden, visible};

/// The maximum length of the name of a method, an experiment or a report, in characters.
pub const MAX_LENGTH: usize = 100;

/// The characters that join letters of some scripts and emoji. Between other letters they are invisible.
const JOINERS: [char; 2] = ['\u{200c}', '\u{200d}'];

/// Why a text is not a valid name. The message follows the name of the subject.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LabelError {
    /// It is empty.
    #[error("is empty")]
    Empty,
    /// It has more than one line.
    #[error("contains a line break")]
    LineBreak,
    /// It contains an invisible character.
    #[error("contains the invisible character {escaped}")]
    Hidden {
        /// The character, escaped.
        escaped: String,
    },
    /// It is too long.
    #[error("has {length} characters, more than {max}")]
    TooLong {
        /// Its length in characters.
        length: usize,
        /// The maximum length.
        max: usize,
    },
}

impl LabelError {
    /// How to correct it.
    pub fn help(&self) -> String {
        match self {
            LabelError::Empty => "give it a name".to_owned(),
            LabelError::LineBreak => "write it on one line".to_owned(),
            LabelError::Hidden { .. } => "write it without control characters and direction marks".to_owned(),
            LabelError::TooLong { max, .. } => format!("use at most {max} characters"),
        }
    }
}

/// The name as it is stored: without surrounding spaces, in Unicode normalization form C. In this form a letter with an
/// accent is one character, independent of how it was typed.
pub fn normalize(text: &str) -> String {
    text.trim().nfc().collect()
}

/// The [normalize]d form of a name: one line of at most `max` visible characters.
///
/// # Errors
///
/// The first violation.
pub fn validate(text: &str, max: usize) -> Result<String, LabelError> {
    let label = normalize(text);
    let length = label.chars().count();
    if label.is_empty() {
        return Err(LabelError::Empty);
    }
    if label.contains(['\n', '\r', '\u{2028}', '\u{2029}']) {
        return Err(LabelError::LineBreak);
    }
    let mut before = ' ';
    for c in label.chars() {
        if is_hidden(c) || JOINERS.contains(&c) && before.is_ascii() {
            return Err(LabelError::Hidden { escaped: escape(c) });
        }
        before = c;
    }
    if length > max {
        return Err(LabelError::TooLong { length, max });
    }
    Ok(label)
}

/// The Unicode skeleton of a name: equal for names that look alike, for example with a Latin and a Cyrillic `a`.
pub fn skeleton(label: &str) -> String {
    unicode_security::skeleton(label).collect()
}

fn escape(c: char) -> String {
    match visible(&c.to_string()) {
        escaped if escaped.chars().count() > 1 => escaped.into_owned(),
        _ => c.escape_unicode().to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_normalized() {
        assert_eq!(validate(" e\u{301}t\u{e9} ", 10).unwrap(), "\u{e9}t\u{e9}");
        assert_eq!(validate("花の敵対 🌸", MAX_LENGTH).unwrap(), "花の敵対 🌸");
        assert_eq!(validate("👩\u{200d}🔬", MAX_LENGTH).unwrap(), "👩\u{200d}🔬");
    }

    #[test]
    fn invisible_characters_are_refused() {
        let hidden = |escaped: &str| Err(LabelError::Hidden { escaped: escaped.to_owned() });
        assert_eq!(validate("a\u{202e}b", 9), hidden("\\u{202e}"));
        assert_eq!(validate("a\x1b[0m", 9), hidden("\\x1b"));
        assert_eq!(validate("a\u{200d}b", 9), hidden("\\u{200d}"));
        assert_eq!(validate("line\nbreak", 99), Err(LabelError::LineBreak));
        assert_eq!(validate("line\u{2028}break", 99), Err(LabelError::LineBreak));
        assert_eq!(validate(" \t", 9), Err(LabelError::Empty));
    }

    #[test]
    fn the_length_counts_characters_not_bytes() {
        assert!(validate(&"花".repeat(50), 50).is_ok());
        assert_eq!(validate(&"y".repeat(51), 50), Err(LabelError::TooLong { length: 51, max: 50 }));
    }

    #[test]
    fn names_that_look_alike_have_the_same_skeleton() {
        assert_eq!(skeleton("Аda"), skeleton("Ada"));
        assert_ne!(skeleton("JEM-VGG"), skeleton("JEM-AlexNet"));
    }
}
