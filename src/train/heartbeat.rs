//! Renewing the hold on a run from a thread of its own.

use std::path::{Path, PathBuf};
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::time::{Duration, Instant};

use burn::train::Interrupter;

use crate::store::{Hold, RunState, Store, StoreError, Worker};

/// How often it is asked whether the run is still held: a cancelled run stops soon, not when its lease is renewed.
const LOOK: Duration = Duration::from_secs(1);

/// Renews the hold, and stops the session when the hold is lost.
pub struct Heartbeat {
    thread: std::thread::JoinHandle<()>,
    stop: Sender<()>,
}

impl Heartbeat {
    /// Renews `hold` for `lease`, four times in its length, until it is stopped.
    pub fn start(path: &Path, hold: Hold, worker: Worker, lease: Duration, interrupter: Interrupter) -> Self {
        let (stop, stopped) = channel();
        let mut beat = Beat { path: path.to_owned(), store: None, hold, worker, lease, renewed: Instant::now() };
        let thread = std::thread::spawn(move || {
            let wait = LOOK.min(lease / 4);
            while stopped.recv_timeout(wait) == Err(RecvTimeoutError::Timeout) {
                if let Some(why) = beat.end() {
                    interrupter.stop(Some(why));
                    return;
                }
            }
        });
        Self { thread, stop }
    }

    /// Stops renewing.
    pub fn stop(self) {
        drop(self.stop);
        // A heartbeat that panicked is a heartbeat that stopped: the lease then runs out by itself.
        drop(self.thread.join());
    }
}

struct Beat {
    path: PathBuf,
    store: Option<Store>,
    hold: Hold,
    worker: Worker,
    lease: Duration,
    renewed: Instant,
}

impl Beat {
    /// Why the training has to stop, if it has. A database that cannot be used for a while is asked again later; the
    /// fence guards what is written meanwhile.
    fn end(&mut self) -> Option<&'static str> {
        match self.beat() {
            Err(StoreError::LostHold { .. }) => Some("the run was taken away"),
            Err(StoreError::Moved { .. } | StoreError::Missing { .. }) => Some("the database is gone"),
            _ => None,
        }
    }

    fn beat(&mut self) -> Result<(), StoreError> {
        let store = match self.store.take() {
            Some(store) => store,
            None => {
                let store = Store::open(&self.path)?;
                // It looks again soon; waiting here would keep the run from ending.
                store.wait_for_lock(|_| false);
                store
            }
        };
        let store = self.store.insert(store);
        store.check_in_place()?;
        if self.renewed.elapsed() >= self.lease / 4 {
            store.hold_on(self.hold, &self.worker, self.lease)?;
            self.renewed = Instant::now();
        }
        let standing = store.standing(self.hold)?;
        match standing.held && standing.state == RunState::Running {
            true => Ok(()),
            false => Err(StoreError::LostHold { run: self.hold.run }),
        }
    }
}
