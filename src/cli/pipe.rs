//! What happens when nobody reads standard output any more, as in `jem list | head`.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use signal_hook::consts::SIGPIPE;

/// Ends the process by the signal that says so, as other tools do. Rust's runtime ignores it, and the next
/// `println!` would panic.
pub fn end_with_the_reader() -> std::io::Result<()> {
    signal_hook::flag::register_conditional_default(SIGPIPE, Arc::new(AtomicBool::new(true))).map(drop)
}
