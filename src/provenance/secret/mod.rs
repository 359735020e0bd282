//! Taking secrets out of text that is kept: told by a file's name, by the key before a value, or by a value's form.

mod assignment;
mod form;
mod key;
mod literal;
mod name;
mod patch;
#[cfg(test)]
mod tests;
mod value;

pub use name::is_private;
pub use patch::{Scan, scan_bytes, scan_patch};

use assignment::{Kind, Lines};

/// What stands for what was taken out.
const REDACTED: &str = "[redacted]";

/// `text` without the user and password of its URLs, without the values of keys that name a secret, and without words
/// that have the form of an access token.
pub fn redacted(text: &str) -> String {
    let mut lines = Lines::new(Kind::Settings);
    text.split_inclusive('\n').map(|line| form::redacted(&lines.redacted(line)).into_owned()).collect()
}

/// The words of a command line, each [`redacted`]; one that follows an option that names a secret goes as a whole.
pub fn redacted_words(words: &[String]) -> Vec<String> {
    let mut after = false;
    let mut clean = Vec::with_capacity(words.len());
    for word in words {
        let is_option = word.starts_with('-');
        clean.push(if after && !is_option { REDACTED.to_owned() } else { redacted(word) });
        after = is_option && !word.contains('=') && key::class(word.trim_start_matches('-')).is_some();
    }
    clean
}
