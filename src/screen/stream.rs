use std::fmt::Display;
use std::io::{BufWriter, Result, Write};

use super::visible;

/// Writes text for people to standard output; hidden characters are escaped.
///
/// # Errors
///
/// If standard output cannot be written.
pub fn write(text: &str) -> Result<()> {
    write_raw(visible(text).as_bytes())
}

/// Writes data for programs to standard output, unchanged.
///
/// # Errors
///
/// If standard output cannot be written.
pub fn write_raw(bytes: &[u8]) -> Result<()> {
    let mut out = BufWriter::with_capacity(1 << 16, std::io::stdout().lock());
    out.write_all(bytes)?;
    out.flush()
}

/// Writes a line for people to standard error; hidden characters are escaped. It is one write, so that lines of several
/// processes do not mix.
pub fn note(text: impl Display) {
    note_raw(&format!("{}\n", visible(&text.to_string())));
}

/// Writes text to standard error, unchanged: for coloured text, and not for text from elsewhere.
pub fn note_raw(text: &str) {
    // If standard error cannot be written, the error cannot be reported either.
    let _unreported = std::io::stderr().write_all(text.as_bytes());
}
