//! Training outlasts another process's lock on the database: a backup program, or a person in a SQLite shell.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// How long a process that was told to stop still waits, so that a short transaction of another does not keep it from
/// saving. Job systems give 30 s between the signal that stops and the one that kills (Slurm's `KillWait`).
const GRACE: Duration = Duration::from_secs(20);

/// What [`crate::store::Store::wait_for_lock`] asks while runs train: it goes on until `is_stopped`, and then for
/// [`GRACE`]; each minute `warn` is told.
pub fn outlast(
    warn: impl Fn(&str) + Send + Sync + 'static,
    is_stopped: impl Fn() -> bool + Send + Sync + 'static,
) -> impl Fn(Duration) -> bool + Send + Sync + 'static {
    let warned = AtomicU64::new(0);
    move |waited| {
        let minutes = waited.as_secs() / 60;
        if minutes > warned.swap(minutes, Ordering::SeqCst) {
            warn(&format!(
                "warning: another process has locked the database for {minutes} min; waiting, and nothing is lost"
            ));
        }
        waited < GRACE || !is_stopped()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicBool, AtomicUsize};

    use super::*;

    #[test]
    fn each_minute_of_each_lock_is_told_once_until_it_is_stopped() {
        let (warnings, stopped) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicBool::new(false)));
        let (count, stop) = (warnings.clone(), stopped.clone());
        let warn = move |_: &str| {
            count.fetch_add(1, Ordering::SeqCst);
        };
        let wait = outlast(warn, move || stop.load(Ordering::SeqCst));
        let warned_after = |seconds: &[u64]| {
            assert!(seconds.iter().all(|&seconds| wait(Duration::from_secs(seconds))));
            warnings.load(Ordering::SeqCst)
        };
        assert_eq!(warned_after(&[2, 30, 59]), 0);
        assert_eq!(warned_after(&[61, 90, 121, 124]), 2);
        assert_eq!(warned_after(&[2, 62]), 3, "a later lock begins anew");
        stopped.store(true, Ordering::SeqCst);
        assert!(wait(Duration::from_secs(4)), "a short lock does not keep it from saving");
        assert!(!wait(Duration::from_secs(64)));
    }
}
