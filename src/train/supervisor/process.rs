//! A training process, as its supervisor controls it.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};

use rustix::process::{Pid, Signal, kill_process};

use crate::store::Lease;
use crate::train::TrainError;
use crate::train::stop::{SIGNALS, StopCommand};

/// A training process and its lease on a run.
pub struct TrainingProcess {
    /// The lease that it was started with.
    pub lease: Lease,
    child: Child,
    /// How many stop commands it has received.
    stops: usize,
}

impl TrainingProcess {
    /// Starts `command`, which trains the run of the lease.
    pub fn start(mut command: Command, lease: Lease) -> Result<Self, TrainError> {
        // It receives stop commands over its standard input, whose end means that this process has ended.
        let child = command.stdin(Stdio::piped()).spawn().map_err(TrainError::Process)?;
        Ok(Self { lease, child, stops: 0 })
    }

    /// Sends the stop commands that the supervisor received: 1, the process saves its run; 2, it exits immediately.
    pub fn stop(&mut self, stops: usize) {
        for stop in [StopCommand::Save, StopCommand::Immediate].into_iter().take(stops).skip(self.stops) {
            self.stops += 1;
            // This fails if the process has ended, which is not an error.
            let _ended = self.child.stdin.as_mut().map(|input| stop.send(input));
            // A suspended process must continue to receive it.
            if let Some(pid) = i32::try_from(self.child.id()).ok().and_then(Pid::from_raw) {
                let _ended = kill_process(pid, Signal::CONT);
            }
        }
    }

    /// Whether an end by `signal` is a stop and not a crash: a stop command was sent, or the process received the
    /// signal of a stop request before it handled signals.
    pub fn is_stopped_by(&self, signal: i32) -> bool {
        self.stops > 0 || SIGNALS.iter().any(|stop| stop.as_raw() == signal)
    }

    /// Its exit status, if it has ended.
    pub fn ended(&mut self) -> Result<Option<ExitStatus>, TrainError> {
        self.child.try_wait().map_err(TrainError::Process)
    }
}

/// The running program itself. Its file may have been replaced or removed since it was started.
pub fn program() -> std::io::Result<PathBuf> {
    let running = Path::new("/proc/self/exe");
    if running.exists() { Ok(running.to_owned()) } else { std::env::current_exe() }
}
