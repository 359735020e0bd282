//! A training process as its supervisor sees it.

use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Stdio};

use rustix::process::{Pid, Signal, kill_process};

use crate::provenance::{COMMAND_LINE, own_command_line};
use crate::store::Hold;

use super::TrainError;
use super::stop::{SIGNALS, Stop};
use super::supervisor::Supervisor;

/// A training process and the run that it was given.
pub struct Child {
    /// The hold that it was started with.
    pub hold: Hold,
    process: std::process::Child,
    told: usize,
}

impl Child {
    /// Starts the process that trains the held run.
    pub fn start(supervisor: &Supervisor, hold: Hold) -> Result<Self, TrainError> {
        let mut command = Command::new(program().map_err(TrainError::Process)?);
        command.arg0("jem");
        if supervisor.quiet {
            command.arg("--quiet");
        }
        // The processes share the cores, unless a person has shared them out.
        if std::env::var_os("RAYON_NUM_THREADS").is_none() {
            let cores = std::thread::available_parallelism().map_or(1, usize::from);
            command.env("RAYON_NUM_THREADS", (cores / supervisor.workers).max(1).to_string());
        }
        command
            .arg("--database")
            .arg(supervisor.store.path())
            .arg("--cache")
            .arg(supervisor.cache.folder())
            .args(["--cache-limit", &supervisor.cache.limit().to_string()])
            .arg("train-run")
            .arg(format!("{}:{}:{}", hold.run, hold.attempt, hold.fence))
            .args(["--device", &supervisor.device.to_string()])
            .args(["--lease", &supervisor.lease.as_secs().to_string()])
            // Burn reads optimizer states through its default device; without this that would be CUDA in a CUDA build.
            .env("BURN_DEVICE", "flex")
            .env(COMMAND_LINE, own_command_line());
        // Its standard input is how it is told to stop, and by its end it notices that this process is gone.
        let process = command.stdin(Stdio::piped()).spawn().map_err(TrainError::Process)?;
        Ok(Self { hold, process, told: 0 })
    }

    /// Passes on how the supervisor was told to stop: 1 and the process saves its run, 2 and it ends at once.
    pub fn stop(&mut self, how: usize) {
        for stop in [Stop::Save, Stop::AtOnce].into_iter().take(how).skip(self.told) {
            self.told += 1;
            // It may have ended since; then there is nobody to tell.
            let _gone = self.process.stdin.as_mut().map(|input| stop.send(input));
            // One that was stopped is woken to hear it.
            if let Some(pid) = i32::try_from(self.process.id()).ok().and_then(Pid::from_raw) {
                let _gone = kill_process(pid, Signal::CONT);
            }
        }
    }

    /// Whether an end by `signal` is a stop and no crash: it was told to stop, or was told by that signal itself, before
    /// it could listen.
    pub fn is_stopped_by(&self, signal: i32) -> bool {
        self.told > 0 || SIGNALS.iter().any(|stop| stop.as_raw() == signal)
    }

    /// How it ended, if it has.
    pub fn ended(&mut self) -> Result<Option<ExitStatus>, TrainError> {
        self.process.try_wait().map_err(TrainError::Process)
    }
}

/// The program that runs here, as it was when it was started: its file may have been built anew since, or be gone.
fn program() -> std::io::Result<PathBuf> {
    let running = Path::new("/proc/self/exe");
    if running.exists() { Ok(running.to_owned()) } else { std::env::current_exe() }
}
