//! What a signal does to a command that does not train: it ends, with the database closed.

use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::iterator::Signals;
use signal_hook::low_level::emulate_default_handler;

use crate::store::close_all;

/// Closes the database before a signal ends the process, which then ends as by the signal itself.
pub fn close_before_the_end() -> std::io::Result<()> {
    let mut signals = Signals::new([SIGHUP, SIGINT, SIGTERM])?;
    std::thread::spawn(move || {
        for signal in signals.forever() {
            close_all();
            if emulate_default_handler(signal).is_err() {
                signal_hook::low_level::exit(128 + signal);
            }
        }
    });
    Ok(())
}
