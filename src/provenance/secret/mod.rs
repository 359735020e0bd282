//! Removing secrets from text before it is stored. A secret is recognized by the file name, by the key before a value,
//! or by the format of a value.

mod file_name;
mod key;
mod line_redactor;
mod literal;
mod patch;
mod pattern;
#[cfg(test)]
mod tests;
mod text_kind;
mod token;
mod value;

pub use file_name::is_private;
pub use patch::{ScanResult, scan_bytes, scan_patch};

use line_redactor::LineRedactor;
use text_kind::TextKind;

/// Replaces a removed secret.
const REDACTED: &str = "[redacted]";

/// Redacts `text`: users and passwords in URLs, the values of keys that name a secret, and words in the format of an
/// access token.
pub fn redacted(text: &str) -> String {
    let mut lines = LineRedactor::new(TextKind::Settings);
    text.split_inclusive('\n').map(|line| token::redacted(&lines.redacted(line)).into_owned()).collect()
}

/// Redacts each word of a command line as [`redacted`] does. A word after an option that names a secret is replaced
/// completely.
pub fn redacted_words(words: &[String]) -> Vec<String> {
    let mut follows_secret_option = false;
    let mut clean = Vec::with_capacity(words.len());
    for word in words {
        let is_option = word.starts_with('-');
        clean.push(if follows_secret_option && !is_option { REDACTED.to_owned() } else { redacted(word) });
        follows_secret_option =
            is_option && !word.contains('=') && key::key_class(word.trim_start_matches('-')).is_some();
    }
    clean
}
