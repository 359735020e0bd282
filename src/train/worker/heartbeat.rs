//! Renews the lease on a run from a thread of its own.

use std::path::{Path, PathBuf};
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::time::{Duration, Instant};

use burn::train::Interrupter;

use crate::store::{Lease, RunState, Store, StoreError, Worker};

/// How often the lease is checked. A cancelled run stops after this time, and not only when its lease is renewed.
const CHECK_INTERVAL: Duration = Duration::from_secs(1);

/// A thread that renews the lease, and stops the session when the lease is lost.
pub struct Heartbeat {
    thread: std::thread::JoinHandle<()>,
    stop: Sender<()>,
}

impl Heartbeat {
    /// Renews `lease` for `length`, four times in that time, until it is stopped.
    pub fn start(path: &Path, lease: Lease, worker: Worker, length: Duration, interrupter: Interrupter) -> Self {
        let (stop, stopped) = channel();
        let path = path.to_owned();
        let mut renewal = Renewal { path, store: None, lease, worker, length, renewed: Instant::now() };
        let thread = std::thread::spawn(move || {
            let wait = CHECK_INTERVAL.min(length / 4);
            while stopped.recv_timeout(wait) == Err(RecvTimeoutError::Timeout) {
                if let Some(reason) = renewal.stop_reason() {
                    interrupter.stop(Some(reason));
                    return;
                }
            }
        });
        Self { thread, stop }
    }

    /// Stops renewing.
    pub fn stop(self) {
        drop(self.stop);
        // After a panic of the thread the lease is not renewed, and expires.
        drop(self.thread.join());
    }
}

struct Renewal {
    path: PathBuf,
    store: Option<Store>,
    lease: Lease,
    worker: Worker,
    length: Duration,
    renewed: Instant,
}

impl Renewal {
    /// Why the training must stop, if it must. If the database cannot be used for a while, this is tried again later;
    /// until then the fencing number protects the database.
    fn stop_reason(&mut self) -> Option<&'static str> {
        match self.renew_if_due() {
            Err(StoreError::LostLease { .. }) => Some("the lease on the run was lost"),
            Err(StoreError::Moved { .. } | StoreError::Missing { .. }) => Some("the database was moved or removed"),
            _ => None,
        }
    }

    fn renew_if_due(&mut self) -> Result<(), StoreError> {
        let store = match self.store.take() {
            Some(store) => store,
            None => {
                let store = Store::open(&self.path)?;
                // The next check is soon. Waiting for a lock here would delay the end of the run.
                store.set_lock_wait(|_| false);
                store
            }
        };
        let store = self.store.insert(store);
        store.check_in_place()?;
        if self.renewed.elapsed() >= self.length / 4 {
            store.renew(self.lease, &self.worker, self.length)?;
            self.renewed = Instant::now();
        }
        let status = store.lease_status(self.lease)?;
        match status.is_valid && status.state == RunState::Running {
            true => Ok(()),
            false => Err(StoreError::LostLease { run: self.lease.run }),
        }
    }
}
