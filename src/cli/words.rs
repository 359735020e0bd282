//! Texts that a user wrote, as vectors.

use super::CliError;
use crate::prepare::TextEncoder;
use crate::screen::note;

/// The vector of a text, of which the encoder has to know a word; those that it does not know are named. `whose` says which
/// encoder it is, and `help` where words of its can be found.
pub fn vector_of(
    encoder: &TextEncoder,
    text: &str,
    (whose, help): (&str, &str),
    quiet: bool,
) -> Result<Vec<f32>, CliError> {
    let (known, unknown) = encoder.unknown_words(text);
    if known == 0 {
        return Err(CliError::Usage { what: format!("{whose} knows no word of {text:?}"), help: help.to_owned() });
    }
    if !unknown.is_empty() && !quiet {
        note(format!("note: words that the text encoder does not know: {}", unknown.join(", ")));
    }
    Ok(encoder.encode_all(&[text])?.remove(0))
}
