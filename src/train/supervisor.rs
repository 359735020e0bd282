//! Taking runs off the queue, one training process at a time.

use std::os::unix::process::ExitStatusExt as _;
use std::path::Path;
use std::process::{Child, Command};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};

use crate::device::DeviceSpec;
use crate::provenance::{COMMAND_LINE, own_command_line};
use crate::store::{Ending, Hold, RunId, Store, StoreError, Worker};

use super::TrainError;
use super::worker::LEASE;

const POLL: Duration = Duration::from_millis(50);

/// How a supervisor works.
pub struct Supervisor<'a> {
    /// The queue.
    pub store: &'a Store,
    /// Only this experiment's runs; all when `None`.
    pub experiment: Option<&'a str>,
    /// The device of every run, chosen.
    pub device: DeviceSpec,
    /// The folder of prepared inputs.
    pub cache: &'a Path,
    /// Whether runs say nothing of their epochs.
    pub quiet: bool,
    /// Raised when the supervisor is to stop.
    pub stop: Arc<AtomicBool>,
}

/// What came of the queue.
#[derive(Debug, Default)]
pub struct Worked {
    /// Runs that ended by themselves: finished or diverged.
    pub ended: usize,
    /// Runs that failed.
    pub failed: Vec<RunId>,
    /// Runs whose process was killed; they are queued again.
    pub killed: Vec<RunId>,
    /// Whether the supervisor was told to stop.
    pub interrupted: bool,
}

impl Supervisor<'_> {
    /// Trains queued runs until there is none left, or it is told to stop.
    ///
    /// # Errors
    ///
    /// If the database cannot be used, or a process cannot be started.
    pub fn work(&self) -> Result<Worked, TrainError> {
        let mut worked = Worked::default();
        let worker = Worker::this(&self.device.to_string());
        loop {
            self.store.reclaim()?;
            if self.stop.load(Ordering::Relaxed) {
                worked.interrupted = true;
                return Ok(worked);
            }
            let passed = worked.killed.clone();
            let Some(hold) = self.store.claim(self.experiment, &passed, &worker, LEASE)? else { return Ok(worked) };
            let status = self.wait(self.start(hold)?)?;
            match (status.code(), status.signal()) {
                (Some(0), _) => worked.ended += 1,
                (Some(130), _) => {
                    worked.interrupted = true;
                    return Ok(worked);
                }
                (Some(code), _) => {
                    let why = format!("the training process ended with exit code {code}");
                    self.settle(hold, &Ending::Failed { why })?;
                    worked.failed.push(hold.run);
                }
                (None, _) => {
                    self.settle(hold, &Ending::Interrupted)?;
                    worked.killed.push(hold.run);
                }
            }
        }
    }

    /// Lets go of a run whose process ended without doing so.
    fn settle(&self, hold: Hold, ending: &Ending) -> Result<(), StoreError> {
        match self.store.let_go(hold, ending) {
            Ok(()) | Err(StoreError::LostHold { .. }) => Ok(()),
            Err(error) => Err(error),
        }
    }

    fn start(&self, hold: Hold) -> Result<Child, TrainError> {
        let program = std::env::current_exe().map_err(TrainError::Process)?;
        let mut command = Command::new(program);
        if self.quiet {
            command.arg("--quiet");
        }
        command
            .arg("--database")
            .arg(self.store.path())
            .arg("--cache")
            .arg(self.cache)
            .arg("train-run")
            .arg(format!("{}:{}:{}", hold.run, hold.attempt, hold.fence))
            .arg("--device")
            .arg(self.device.to_string())
            // Burn reads optimizer states through its default device; without this that would be CUDA in a CUDA build.
            .env("BURN_DEVICE", "flex")
            .env(COMMAND_LINE, own_command_line())
            .spawn()
            .map_err(TrainError::Process)
    }

    fn wait(&self, mut child: Child) -> Result<std::process::ExitStatus, TrainError> {
        let mut told = false;
        loop {
            if let Some(status) = child.try_wait().map_err(TrainError::Process)? {
                return Ok(status);
            }
            if self.stop.load(Ordering::Relaxed) && !told {
                told = true;
                if let Some(pid) = i32::try_from(child.id()).ok().and_then(Pid::from_raw) {
                    // It may have ended since; then there is nobody to tell.
                    let _gone = kill_process(pid, Signal::TERM);
                }
            }
            std::thread::sleep(POLL);
        }
    }
}
