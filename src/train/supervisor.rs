//! Claims runs from the queue and trains each in a process of its own.

mod process;

use std::os::unix::process::{CommandExt as _, ExitStatusExt as _};
use std::process::{Command, ExitStatus};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use crate::device::DeviceSpec;
use crate::prepare::Cache;
use crate::provenance::{COMMAND_LINE, own_command_line};
use crate::screen::note;
use crate::store::{AttemptOutcome, Lease, LeaseMonitor, LostAttempt, RunId, RunState, Store, StoreError, Worker};

use super::TrainError;
use super::lock_wait::lock_wait;
use super::log::append;
use process::{TrainingProcess, program};

/// How often the training processes are checked.
const POLL: Duration = Duration::from_millis(20);
/// How often the queue is checked while another process can be started.
const QUEUE_INTERVAL: Duration = Duration::from_secs(1);

/// The exit code of a process that could not use the database.
const DATABASE_UNUSABLE: i32 = 4;

/// A supervisor of training processes.
pub struct Supervisor<'a> {
    /// The database with the queue.
    pub store: &'a Store,
    /// The experiment whose runs are trained; all experiments if `None`.
    pub experiment: Option<&'a str>,
    /// The chosen device of every run.
    pub device: DeviceSpec,
    /// The folder of prepared inputs.
    pub cache: &'a Cache,
    /// Whether runs print nothing about their epochs.
    pub quiet: bool,
    /// Training processes at a time, at least 1.
    pub workers: usize,
    /// How many consecutive crashes without a new checkpoint are followed by another attempt.
    pub retries: u32,
    /// How long a lease is valid without a heartbeat.
    pub lease: Duration,
    /// The stop requests so far: at 1, every run finishes its step and is saved; at 2, they stop immediately.
    pub stops: Arc<AtomicUsize>,
}

/// The results of a supervisor.
#[derive(Debug, Default)]
pub struct WorkSummary {
    /// Runs that finished or diverged.
    pub ended: usize,
    /// Runs that failed.
    pub failed: Vec<RunId>,
    /// Whether a stop was requested.
    pub interrupted: bool,
}

impl Supervisor<'_> {
    /// Trains queued runs until the queue is empty or a stop is requested. If this process ends for any reason, the
    /// training processes save their runs and stop.
    ///
    /// # Errors
    ///
    /// If the database cannot be used, or a process cannot be started.
    pub fn work(&self) -> Result<WorkSummary, TrainError> {
        let stops = self.stops.clone();
        self.store.set_lock_wait(lock_wait(|text| note(text), move || stops.load(Ordering::SeqCst) > 0));
        let mut summary = WorkSummary::default();
        let mut processes: Vec<TrainingProcess> = Vec::new();
        let mut monitor = LeaseMonitor::default();
        let mut checked: Option<Instant> = None;
        loop {
            let stops = self.stops.load(Ordering::SeqCst);
            if let Err(error) = self.store.check_in_place() {
                return Err(stop_all(processes, error));
            }
            let is_due = checked.is_none_or(|checked| checked.elapsed() >= QUEUE_INTERVAL);
            if stops == 0 && processes.len() < self.workers && is_due {
                checked = Some(Instant::now());
                self.start_processes(&mut processes, &mut monitor, &mut summary)?;
            }
            // While it is not decided whether another worker is alive, its run may return to the queue.
            if processes.is_empty() && (stops > 0 || !monitor.has_undecided_leases()) {
                summary.interrupted = stops > 0;
                return Ok(summary);
            }
            for process in &mut processes {
                process.stop(stops);
            }
            let mut running = Vec::with_capacity(processes.len());
            for mut process in processes {
                match process.ended()? {
                    Some(status) => {
                        checked = None;
                        self.settle(&process, status, &mut summary)?;
                    }
                    None => running.push(process),
                }
            }
            processes = running;
            if checked.is_some() {
                std::thread::sleep(POLL);
            }
        }
    }

    /// Starts processes until the limit is reached or the queue is empty.
    fn start_processes(
        &self,
        processes: &mut Vec<TrainingProcess>,
        monitor: &mut LeaseMonitor,
        summary: &mut WorkSummary,
    ) -> Result<(), TrainError> {
        for lost in self.store.reclaim(monitor, self.retries)? {
            self.report_lost(&lost, summary);
        }
        let worker = Worker::this(&self.device.to_string());
        while processes.len() < self.workers {
            let Some(lease) = self.store.claim(self.experiment, &worker, self.lease)? else { return Ok(()) };
            let started = self.command(lease).and_then(|command| TrainingProcess::start(command, lease));
            match started {
                Ok(process) => processes.push(process),
                Err(error) => {
                    self.store.release(lease, &AttemptOutcome::Interrupted)?;
                    return Err(error);
                }
            }
        }
        Ok(())
    }

    /// The command that trains the run of a lease.
    fn command(&self, lease: Lease) -> Result<Command, TrainError> {
        let mut command = Command::new(program().map_err(TrainError::Process)?);
        command.arg0("jem");
        if self.quiet {
            command.arg("--quiet");
        }
        // The processes share the cores, unless the user has set the number of threads.
        if std::env::var_os("RAYON_NUM_THREADS").is_none() {
            let cores = std::thread::available_parallelism().map_or(1, usize::from);
            command.env("RAYON_NUM_THREADS", (cores / self.workers).max(1).to_string());
        }
        command
            .arg("--database")
            .arg(self.store.path())
            .arg("--cache")
            .arg(self.cache.folder())
            .args(["--cache-limit", &self.cache.limit().to_string()])
            .arg("train-run")
            .arg(format!("{}:{}:{}", lease.run, lease.attempt, lease.fence))
            .args(["--device", &self.device.to_string()])
            .args(["--lease", &self.lease.as_secs().to_string()])
            // Burn reads optimizer states on its default device, which would be CUDA in a CUDA build.
            .env("BURN_DEVICE", "flex")
            .env(COMMAND_LINE, own_command_line());
        Ok(command)
    }

    /// Handles the end of a process. It has released its lease, or this releases it, or the lease was lost and the run
    /// is not this supervisor's any more.
    fn settle(
        &self,
        process: &TrainingProcess,
        status: ExitStatus,
        summary: &mut WorkSummary,
    ) -> Result<(), TrainError> {
        let lease = self.store.lease_status(process.lease)?;
        match lease.state {
            _ if !lease.is_valid => {}
            RunState::Running => self.release(process, status, summary)?,
            RunState::Failed => summary.failed.push(process.lease.run),
            RunState::Finished | RunState::Diverged => summary.ended += 1,
            RunState::Queued | RunState::Cancelled => {}
        }
        Ok(())
    }

    /// Releases the lease of a process that ended without doing so.
    fn release(
        &self,
        process: &TrainingProcess,
        status: ExitStatus,
        summary: &mut WorkSummary,
    ) -> Result<(), TrainError> {
        let lease = process.lease;
        let released = match (status.code(), status.signal()) {
            (Some(130), _) => self.store.release(lease, &AttemptOutcome::Interrupted),
            (None, Some(signal)) if process.is_stopped_by(signal) => {
                self.store.release(lease, &AttemptOutcome::Interrupted)
            }
            (None, signal) => {
                let cause = signal_text(signal);
                self.store.record_crash(lease, &cause, self.retries).map(|lost| self.report_lost(&lost, summary))
            }
            // The process has printed why. It is not an error of the run.
            (Some(DATABASE_UNUSABLE), _) => {
                let cause = "its process could not use the database";
                self.store.record_crash(lease, cause, self.retries).map(|lost| self.report_lost(&lost, summary))
            }
            (Some(code), _) => {
                let why = format!("the training process ended with exit code {code}; see its log");
                let failed = self.store.release(lease, &AttemptOutcome::Failed { why });
                failed.map(|()| summary.failed.push(lease.run))
            }
        };
        match released {
            Ok(()) | Err(StoreError::LostLease { .. }) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    /// Reports a lost attempt on standard error and in the log of its run.
    fn report_lost(&self, lost: &LostAttempt, summary: &mut WorkSummary) {
        let next = match lost.failed {
            true if lost.crashes == 1 => "the run has failed, since retries are disabled".to_owned(),
            true => format!("the run has failed after {} crashes without a new checkpoint", lost.crashes),
            false => format!("retry {} of {} from the last checkpoint", lost.crashes, self.retries),
        };
        let text = format!("attempt {} was lost: {}; {next}", lost.attempt, lost.cause);
        append(&self.store.log(lost.run), &text);
        note(format!("run {}: {text}", lost.run));
        if lost.failed {
            summary.failed.push(lost.run);
        }
    }
}

/// Stops the training processes and waits for them, when the database cannot be used any more.
fn stop_all(processes: Vec<TrainingProcess>, error: StoreError) -> TrainError {
    for mut process in processes {
        process.stop(1);
        while matches!(process.ended(), Ok(None)) {
            std::thread::sleep(POLL);
        }
    }
    error.into()
}

fn signal_text(signal: Option<i32>) -> String {
    match signal {
        // The kernel sends this signal when memory runs out, and reports it only in its own log.
        Some(9) => "signal 9 (killed, or out of memory)".to_owned(),
        Some(signal) => format!("signal {signal}"),
        None => "it ended without an exit code or a signal".to_owned(),
    }
}
