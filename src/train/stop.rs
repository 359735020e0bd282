//! How a training process is told to stop, and how it hears it.
//!
//! A supervisor writes a byte to the standard input of its training process, and no signal: a job system may send any
//! signal to both, and a signal that arrives twice must not seem to be said twice. When the supervisor dies, in
//! whatever way, the input ends, and that is a stop too.

use std::io::{ErrorKind, Read, Write};

use rustix::process::Signal;

/// The signals from outside that mean: save within the epoch, and stop. Slurm sends USR1 or USR2 some time before the
/// limit when it is asked to, TERM at the limit; a terminal that closes sends HUP.
pub const SIGNALS: [Signal; 5] = [Signal::INT, Signal::TERM, Signal::USR1, Signal::USR2, Signal::HUP];

/// What a supervisor asks of its training process.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stop {
    /// End the step, save, and let go of the run.
    Save,
    /// End at once; the steps since the last checkpoint are lost.
    AtOnce,
}

impl Stop {
    fn byte(self) -> u8 {
        match self {
            Stop::Save => b's',
            Stop::AtOnce => b'!',
        }
    }

    /// Asks for it over the standard input of a training process.
    ///
    /// # Errors
    ///
    /// If the process has ended.
    pub fn send(self, input: &mut impl Write) -> std::io::Result<()> {
        input.write_all(&[self.byte()])
    }

    /// Calls `hear` with everything that is asked for over `input`, until it ends: the supervisor is gone by then, and
    /// that asks to save.
    pub fn receive(mut input: impl Read, mut hear: impl FnMut(Stop)) {
        let mut byte = [0];
        loop {
            match input.read(&mut byte) {
                Ok(1) if byte[0] == Stop::AtOnce.byte() => hear(Stop::AtOnce),
                Ok(1) => hear(Stop::Save),
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Ok(_) | Err(_) => return hear(Stop::Save),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_asked_for_arrives_in_order_and_the_end_of_the_supervisor_is_a_stop() {
        let (output, mut input) = std::io::pipe().unwrap();
        Stop::Save.send(&mut input).unwrap();
        Stop::AtOnce.send(&mut input).unwrap();
        drop(input);
        let mut heard = Vec::new();
        Stop::receive(output, |stop| heard.push(stop));
        assert_eq!(heard, [Stop::Save, Stop::AtOnce, Stop::Save]);
    }
}
