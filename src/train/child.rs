//! A training process as its supervisor sees it.

use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus};

use rustix::process::{Pid, Signal, kill_process};

use crate::provenance::{COMMAND_LINE, own_command_line};
use crate::store::Hold;

use super::TrainError;
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
            .args(["--supervisor", &std::process::id().to_string()])
            // Burn reads optimizer states through its default device; without this that would be CUDA in a CUDA build.
            .env("BURN_DEVICE", "flex")
            .env(COMMAND_LINE, own_command_line());
        let process = command.spawn().map_err(TrainError::Process)?;
        Ok(Self { hold, process, told: 0 })
    }

    /// Passes on how often the supervisor was told to stop: once and the process saves its run, twice and it ends at
    /// once. By signals that only a supervisor sends: a terminal or a job system may send the others to both, and
    /// must not seem to say them twice.
    pub fn stop(&mut self, times: usize) {
        let Some(pid) = i32::try_from(self.process.id()).ok().and_then(Pid::from_raw) else { return };
        let words = [Signal::USR1, Signal::USR2];
        for word in words.into_iter().take(times).skip(self.told) {
            self.told += 1;
            // It may have ended since; then there is nobody to tell. One that was stopped is woken to hear it.
            for signal in [word, Signal::CONT] {
                let _gone = kill_process(pid, signal);
            }
        }
    }

    /// Whether it was told to stop.
    pub fn is_told(&self) -> bool {
        self.told > 0
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
