//! Standard output, messages on standard error, and text that is safe to display.
//!
//! No other module writes to these streams. So a stream that cannot be written never causes a panic, and text from
//! elsewhere (titles, notes, captions, paths) is escaped by [`visible`]: it cannot move the cursor or change the
//! direction of text.

mod hidden;
mod stream;

pub use hidden::{is_hidden, on_one_line, visible};
pub use stream::{note, note_raw, write, write_raw};
