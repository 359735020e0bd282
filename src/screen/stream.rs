use std::fmt::Display;
use std::io::{BufWriter, Result, Write};

use super::visible;

/// Writes text for people to standard output, hidden characters written out.
///
/// # Errors
///
/// If standard output cannot be written.
pub fn write(text: &str) -> Result<()> {
    write_raw(visible(text).as_bytes())
}

/// Writes data for programs to standard output as it is.
///
/// # Errors
///
/// If standard output cannot be written.
pub fn write_raw(bytes: &[u8]) -> Result<()> {
    let mut out = BufWriter::with_capacity(1 << 16, std::io::stdout().lock());
    out.write_all(bytes)?;
    out.flush()
}

/// Writes a line for people to standard error, hidden characters written out. It is one write, so that the lines of
/// several processes do not mix.
pub fn note(text: impl Display) {
    note_raw(&format!("{}\n", visible(&text.to_string())));
}

/// Writes text to standard error as it is: for what has colours of its own, and nothing that comes from elsewhere.
pub fn note_raw(text: &str) {
    // When standard error cannot be written, nobody is left to be told so.
    let _unread = std::io::stderr().write_all(text.as_bytes());
}
