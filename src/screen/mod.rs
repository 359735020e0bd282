//! What people read: standard output, notes on standard error, and text that is safe to show there.
//!
//! Nothing else in the crate writes to these streams, so that two rules hold everywhere. A stream that cannot be
//! written never ends the process by a panic. And text that comes from elsewhere (titles, notes, captions, paths) is
//! shown by [`visible`], so that it can neither move the cursor nor turn the direction of what stands beside it.

mod hidden;
mod stream;

pub use hidden::{is_hidden, on_one_line, visible};
pub use stream::{note, note_raw, write, write_raw};
