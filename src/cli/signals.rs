//! The signals of commands that do not train: the database is closed and the process ends.

use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::iterator::Signals;
use signal_hook::low_level::emulate_default_handler;

use crate::store::close_all;

/// Closes the database before a signal ends the process. The exit status is that of the signal.
pub fn close_database_on_signals() -> std::io::Result<()> {
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
