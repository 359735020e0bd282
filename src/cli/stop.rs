//! The signals that request a command to save and stop.

use std::os::raw::c_int;

use signal_hook::consts::{SIGHUP, SIGINT};
use signal_hook::iterator::Signals;

use crate::train::stop::SIGNALS;

/// Listens for every signal that requests a stop. SIGHUP is excluded if `nohup` made the process ignore it.
pub fn signals() -> std::io::Result<Signals> {
    let all = SIGNALS.iter().map(|signal| signal.as_raw());
    Signals::new(all.filter(|&signal| signal != SIGHUP || !is_ignored(SIGHUP)))
}

/// Whether this process was started with the signal ignored. True if the system does not provide this information.
fn is_ignored(signal: c_int) -> bool {
    let Ok(status) = std::fs::read_to_string("/proc/self/status") else { return true };
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()).is_none_or(|mask| mask >> (signal - 1) & 1 == 1)
}

/// The stop that the received signals request.
#[derive(Default)]
pub struct StopRequest {
    interrupts: usize,
}

impl StopRequest {
    /// Adds a signal. Returns whether the process must exit immediately, without saving: only the second Ctrl-C
    /// requests this, since a job system may send any signal several times to all processes of a job.
    pub fn is_immediate_after(&mut self, signal: c_int) -> bool {
        self.interrupts += usize::from(signal == SIGINT);
        self.interrupts >= 2
    }
}

#[cfg(test)]
mod tests {
    use signal_hook::consts::{SIGTERM, SIGUSR1, SIGUSR2};

    use super::*;

    #[test]
    fn only_the_second_ctrl_c_requests_an_immediate_exit() {
        let immediate = |signals: &[c_int]| {
            let mut request = StopRequest::default();
            signals.iter().map(|&signal| request.is_immediate_after(signal)).collect::<Vec<_>>()
        };
        assert_eq!(immediate(&[SIGUSR1, SIGUSR2, SIGTERM, SIGTERM, SIGUSR1, SIGHUP]), [false; 6]);
        assert_eq!(immediate(&[SIGINT, SIGTERM, SIGINT]), [false, false, true]);
    }
}
