//! The vectors of texts that a user gives.

use super::CliError;
use crate::prepare::TextEncoder;
use crate::screen::note;

/// The vector of a text. Words that the encoder does not know are listed on standard error. `encoder_name` and `help`
/// are for the error.
///
/// # Errors
///
/// If the encoder knows no word of the text.
pub fn vector_of(
    encoder: &TextEncoder,
    text: &str,
    (encoder_name, help): (&str, &str),
    quiet: bool,
) -> Result<Vec<f32>, CliError> {
    let (known, unknown) = encoder.unknown_words(text);
    if known == 0 {
        return Err(CliError::Usage {
            what: format!("{encoder_name} knows no word of {text:?}"),
            help: help.to_owned(),
        });
    }
    if !unknown.is_empty() && !quiet {
        note(format!("note: words that the text encoder does not know: {}", unknown.join(", ")));
    }
    Ok(encoder.encode_all(&[text])?.remove(0))
}
