//! Taking runs off the queue, each into a training process of its own.

use std::os::unix::process::ExitStatusExt as _;
use std::process::ExitStatus;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use crate::device::DeviceSpec;
use crate::prepare::Cache;
use crate::screen::note;
use crate::store::{Ending, Lost, RunId, RunState, Store, StoreError, Worker};

use super::TrainError;
use super::child::Child;
use super::lock_wait::outlast;
use super::log::append;

/// How often the training processes are looked at.
const POLL: Duration = Duration::from_millis(20);
/// How often the queue is looked at while a process could be started.
const LOOK: Duration = Duration::from_secs(1);

/// The exit code of a process that could not use the database.
const DATABASE_UNUSABLE: i32 = 4;

/// How a supervisor works.
pub struct Supervisor<'a> {
    /// The queue.
    pub store: &'a Store,
    /// Only this experiment's runs; all when `None`.
    pub experiment: Option<&'a str>,
    /// The device of every run, chosen.
    pub device: DeviceSpec,
    /// The folder of prepared inputs.
    pub cache: &'a Cache,
    /// Whether runs say nothing of their epochs.
    pub quiet: bool,
    /// Runs in training at a time, at least 1.
    pub workers: usize,
    /// How often in a row a run is tried again whose process was lost without a new checkpoint.
    pub retries: u32,
    /// How long a run is held without a heartbeat.
    pub lease: Duration,
    /// How the supervisor was told to stop: 1 ends every run's step and saves it, 2 ends them at once.
    pub stops: Arc<AtomicUsize>,
}

/// What came of the queue.
#[derive(Debug, Default)]
pub struct Worked {
    /// Runs that ended by themselves: finished or diverged.
    pub ended: usize,
    /// Runs that failed.
    pub failed: Vec<RunId>,
    /// Whether the supervisor was told to stop.
    pub interrupted: bool,
}

impl Supervisor<'_> {
    /// Trains queued runs until there is none left, or it is told to stop. The training processes save and stop when
    /// this process ends in whatever way.
    ///
    /// # Errors
    ///
    /// If the database cannot be used, or a process cannot be started.
    pub fn work(&self) -> Result<Worked, TrainError> {
        let stops = self.stops.clone();
        self.store.wait_for_lock(outlast(|text| note(text), move || stops.load(Ordering::SeqCst) > 0));
        let mut worked = Worked::default();
        let mut children: Vec<Child> = Vec::new();
        let mut looked: Option<Instant> = None;
        loop {
            let stops = self.stops.load(Ordering::SeqCst);
            if let Err(error) = self.store.check_in_place() {
                return Err(abandon(children, error));
            }
            let due = looked.is_none_or(|looked| looked.elapsed() >= LOOK);
            if stops == 0 && children.len() < self.workers && due {
                looked = Some(Instant::now());
                self.fill(&mut children, &mut worked)?;
            }
            // A run whose worker seems to live may still turn out to be nobody's.
            if children.is_empty() && (stops > 0 || !self.store.awaits_leases()) {
                worked.interrupted = stops > 0;
                return Ok(worked);
            }
            for child in &mut children {
                child.stop(stops);
            }
            let mut waiting = Vec::with_capacity(children.len());
            for mut child in children {
                match child.ended()? {
                    Some(status) => {
                        looked = None;
                        self.settle(&child, status, &mut worked)?;
                    }
                    None => waiting.push(child),
                }
            }
            children = waiting;
            if looked.is_some() {
                std::thread::sleep(POLL);
            }
        }
    }

    /// Starts processes until there are as many as there may be, or nothing is left to train.
    fn fill(&self, children: &mut Vec<Child>, worked: &mut Worked) -> Result<(), TrainError> {
        for lost in self.store.reclaim(self.retries)? {
            self.tell(&lost, worked);
        }
        let worker = Worker::this(&self.device.to_string());
        while children.len() < self.workers {
            let Some(hold) = self.store.claim(self.experiment, &worker, self.lease)? else { return Ok(()) };
            match Child::start(self, hold) {
                Ok(child) => children.push(child),
                Err(error) => {
                    self.store.let_go(hold, &Ending::Interrupted)?;
                    return Err(error);
                }
            }
        }
        Ok(())
    }

    /// Takes account of a process that ended: it let go of its run, or this does so for it, or the run was taken away
    /// and is no business of this supervisor any more.
    fn settle(&self, child: &Child, status: ExitStatus, worked: &mut Worked) -> Result<(), TrainError> {
        let standing = self.store.standing(child.hold)?;
        match standing.state {
            _ if !standing.held => {}
            RunState::Running => self.let_go(child, status, worked)?,
            RunState::Failed => worked.failed.push(child.hold.run),
            RunState::Finished | RunState::Diverged => worked.ended += 1,
            RunState::Queued | RunState::Cancelled => {}
        }
        Ok(())
    }

    /// Lets go of a run whose process ended without doing so.
    fn let_go(&self, child: &Child, status: ExitStatus, worked: &mut Worked) -> Result<(), TrainError> {
        let settled = match (status.code(), status.signal()) {
            (Some(130), _) => self.store.let_go(child.hold, &Ending::Interrupted),
            (None, Some(signal)) if child.is_stopped_by(signal) => self.store.let_go(child.hold, &Ending::Interrupted),
            (None, signal) => {
                let how = killed_by(signal);
                self.store.crashed(child.hold, &how, self.retries).map(|lost| self.tell(&lost, worked))
            }
            // It said why; nothing is wrong with the run itself.
            (Some(DATABASE_UNUSABLE), _) => {
                let how = "its process could not use the database";
                self.store.crashed(child.hold, how, self.retries).map(|lost| self.tell(&lost, worked))
            }
            (Some(code), _) => {
                let why = format!("the training process ended with exit code {code}; its log says why");
                let failed = self.store.let_go(child.hold, &Ending::Failed { why });
                failed.map(|()| worked.failed.push(child.hold.run))
            }
        };
        match settled {
            Ok(()) | Err(StoreError::LostHold { .. }) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    /// Says what became of a run whose process was lost, in its log too.
    fn tell(&self, lost: &Lost, worked: &mut Worked) {
        let next = match lost.failed {
            true if lost.crashes == 1 => "it has failed, since it is not to be tried again".to_owned(),
            true => format!("it has failed, since that happened {} times without a new checkpoint", lost.crashes),
            false => format!("it is tried again ({} of {}) from its last checkpoint", lost.crashes, self.retries),
        };
        let text = format!("attempt {} was lost: {}; {next}", lost.attempt, lost.how);
        append(&self.store.log(lost.run), &text);
        note(format!("run {}: {text}", lost.run));
        if lost.failed {
            worked.failed.push(lost.run);
        }
    }
}

/// Stops the training processes and waits for them, where nothing can be recorded of them any more.
fn abandon(children: Vec<Child>, error: StoreError) -> TrainError {
    for mut child in children {
        child.stop(1);
        while matches!(child.ended(), Ok(None)) {
            std::thread::sleep(POLL);
        }
    }
    error.into()
}

fn killed_by(signal: Option<i32>) -> String {
    match signal {
        // The kernel ends what takes the last memory by this signal, and says so only in its own log.
        Some(9) => "signal 9 (killed, or out of memory)".to_owned(),
        Some(signal) => format!("signal {signal}"),
        None => "it ended in no known way".to_owned(),
    }
}
