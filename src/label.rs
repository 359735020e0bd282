//! Names that people give: to methods, experiments, reports and tags. Two that look the same have to be the same.

use unicode_normalization::UnicodeNormalization as _;

use crate::screen::{is_hidden, visible};

/// The most letters of the name of a method, an experiment or a report.
pub const LONGEST: usize = 100;

/// What joins the letters of some scripts and emoji. Between other letters it is not seen.
const JOINERS: [char; 2] = ['\u{200c}', '\u{200d}'];

/// Why text cannot be a name: the end of a sentence that begins with it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadLabel {
    /// There is nothing in it.
    #[error("is empty")]
    Empty,
    /// It takes more than one line.
    #[error("has a line break in it")]
    Lines,
    /// A character in it cannot be seen.
    #[error("has the character {shown} in it, which cannot be seen")]
    Hidden {
        /// The character, written out.
        shown: String,
    },
    /// It is too long.
    #[error("has {letters} letters, more than {most}")]
    TooLong {
        /// How many it has.
        letters: usize,
        /// How many it may have.
        most: usize,
    },
}

impl BadLabel {
    /// What to do about it.
    pub fn help(&self) -> String {
        match self {
            BadLabel::Empty => "give it a name".to_owned(),
            BadLabel::Lines => "write it on one line".to_owned(),
            BadLabel::Hidden { .. } => "write it without control characters and marks of direction".to_owned(),
            BadLabel::TooLong { most, .. } => format!("use at most {most} letters"),
        }
    }
}

/// The name as it is kept: without space around it, and in the normal form C of Unicode, in which a letter with an
/// accent is one character however it was typed.
pub fn normal(text: &str) -> String {
    text.trim().nfc().collect()
}

/// The [normal] form of a name, checked to be one line of at most `most` letters that can all be seen.
///
/// # Errors
///
/// The first thing that is wrong with it.
pub fn checked(text: &str, most: usize) -> Result<String, BadLabel> {
    let label = normal(text);
    let letters = label.chars().count();
    if label.is_empty() {
        return Err(BadLabel::Empty);
    }
    if label.contains(['\n', '\r', '\u{2028}', '\u{2029}']) {
        return Err(BadLabel::Lines);
    }
    let mut before = ' ';
    for c in label.chars() {
        if is_hidden(c) || JOINERS.contains(&c) && before.is_ascii() {
            return Err(BadLabel::Hidden { shown: written_out(c) });
        }
        before = c;
    }
    if letters > most {
        return Err(BadLabel::TooLong { letters, most });
    }
    Ok(label)
}

/// What a name looks like: equal for two that most people cannot tell apart, such as one with a Latin and one with a
/// Cyrillic `a`.
pub fn skeleton(label: &str) -> String {
    unicode_security::skeleton(label).collect()
}

fn written_out(c: char) -> String {
    match visible(&c.to_string()) {
        shown if shown.chars().count() > 1 => shown.into_owned(),
        _ => c.escape_unicode().to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_has_one_form_however_it_was_typed() {
        assert_eq!(checked(" e\u{301}t\u{e9} ", 10).unwrap(), "\u{e9}t\u{e9}");
        assert_eq!(checked("花の敵対 🌸", LONGEST).unwrap(), "花の敵対 🌸");
        assert_eq!(checked("👩\u{200d}🔬", LONGEST).unwrap(), "👩\u{200d}🔬");
    }

    #[test]
    fn what_cannot_be_seen_is_refused_by_name() {
        let hidden = |shown: &str| Err(BadLabel::Hidden { shown: shown.to_owned() });
        assert_eq!(checked("a\u{202e}b", 9), hidden("\\u{202e}"));
        assert_eq!(checked("a\x1b[0m", 9), hidden("\\x1b"));
        assert_eq!(checked("a\u{200d}b", 9), hidden("\\u{200d}"));
        assert_eq!(checked("line\nbreak", 99), Err(BadLabel::Lines));
        assert_eq!(checked("line\u{2028}break", 99), Err(BadLabel::Lines));
        assert_eq!(checked(" \t", 9), Err(BadLabel::Empty));
    }

    #[test]
    fn letters_are_counted_and_not_bytes() {
        assert!(checked(&"花".repeat(50), 50).is_ok());
        assert_eq!(checked(&"y".repeat(51), 50), Err(BadLabel::TooLong { letters: 51, most: 50 }));
    }

    #[test]
    fn names_that_look_alike_have_one_look() {
        assert_eq!(skeleton("Аda"), skeleton("Ada"));
        assert_ne!(skeleton("JEM-VGG"), skeleton("JEM-AlexNet"));
    }
}
