//! Stop commands of a supervisor to its training processes.
//!
//! The supervisor writes a byte to the standard input of the process and sends no signal: a job system can send the
//! same signal to both, and the process would count two stop requests. When the supervisor ends for any reason, the
//! input ends, which is a stop command too.

use std::io::{ErrorKind, Read, Write};

use rustix::process::Signal;

/// The signals that request to save within the epoch and stop. Slurm can send USR1 or USR2 before the time limit, and
/// sends TERM at the limit. A terminal that closes sends HUP.
pub const SIGNALS: [Signal; 5] = [Signal::INT, Signal::TERM, Signal::USR1, Signal::USR2, Signal::HUP];

/// A stop command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StopCommand {
    /// Finish the step, save, and release the lease.
    Save,
    /// Exit immediately. The steps since the last checkpoint are lost.
    Immediate,
}

impl StopCommand {
    fn byte(self) -> u8 {
        match self {
            StopCommand::Save => b's',
            StopCommand::Immediate => b'!',
        }
    }

    /// Sends the command over the standard input of a training process.
    ///
    /// # Errors
    ///
    /// If the process has ended.
    pub fn send(self, input: &mut impl Write) -> std::io::Result<()> {
        input.write_all(&[self.byte()])
    }

    /// Calls `handle` with every command from `input` until it ends. The end of the input is a [`StopCommand::Save`].
    pub fn receive(mut input: impl Read, mut handle: impl FnMut(StopCommand)) {
        let mut byte = [0];
        loop {
            match input.read(&mut byte) {
                Ok(1) if byte[0] == StopCommand::Immediate.byte() => handle(StopCommand::Immediate),
                Ok(1) => handle(StopCommand::Save),
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Ok(_) | Err(_) => return handle(StopCommand::Save),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_arrive_in_order_and_the_end_of_the_input_is_a_stop() {
        let (output, mut input) = std::io::pipe().unwrap();
        StopCommand::Save.send(&mut input).unwrap();
        StopCommand::Immediate.send(&mut input).unwrap();
        drop(input);
        let mut received = Vec::new();
        StopCommand::receive(output, |stop| received.push(stop));
        assert_eq!(received, [StopCommand::Save, StopCommand::Immediate, StopCommand::Save]);
    }
}
