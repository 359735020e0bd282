//! The signals that tell a command to save and stop.

use std::os::raw::c_int;

use signal_hook::consts::{SIGHUP, SIGINT};
use signal_hook::iterator::Signals;

use crate::train::stop::SIGNALS;

/// Listens for every signal that tells this process to stop. A closing terminal does not count where `nohup` had it
/// ignored.
pub fn signals() -> std::io::Result<Signals> {
    let all = SIGNALS.iter().map(|signal| signal.as_raw());
    Signals::new(all.filter(|&signal| signal != SIGHUP || !is_ignored(SIGHUP)))
}

/// Whether this process was started with the signal ignored; a system that does not say counts as one where it was.
fn is_ignored(signal: c_int) -> bool {
    let Ok(status) = std::fs::read_to_string("/proc/self/status") else { return true };
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()).is_none_or(|mask| mask >> (signal - 1) & 1 == 1)
}

/// What the signals that came so far ask for.
#[derive(Default)]
pub struct Asked {
    interrupts: usize,
}

impl Asked {
    /// Takes one more signal into account; whether to end at once. Only a person does that, by Ctrl-C twice: a job
    /// system may send any signal, and each several times, to all processes of a job.
    pub fn is_at_once(&mut self, signal: c_int) -> bool {
        self.interrupts += usize::from(signal == SIGINT);
        self.interrupts >= 2
    }
}

#[cfg(test)]
mod tests {
    use signal_hook::consts::{SIGTERM, SIGUSR1, SIGUSR2};

    use super::*;

    #[test]
    fn only_ctrl_c_twice_ends_at_once() {
        let at_once = |signals: &[c_int]| {
            let mut asked = Asked::default();
            signals.iter().map(|&signal| asked.is_at_once(signal)).collect::<Vec<_>>()
        };
        assert_eq!(at_once(&[SIGUSR1, SIGUSR2, SIGTERM, SIGTERM, SIGUSR1, SIGHUP]), [false; 6]);
        assert_eq!(at_once(&[SIGINT, SIGTERM, SIGINT]), [false, false, true]);
    }
}
