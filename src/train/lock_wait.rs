//! Waiting while another process has locked the database, such as a backup program or a SQLite shell.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// How long a process waits for the lock after a stop request, so that a short transaction of another process does not
/// prevent it from saving. Job systems allow 30 s between the signals to stop and to kill (Slurm's `KillWait`).
const STOP_TIMEOUT: Duration = Duration::from_secs(20);

/// The function for [`crate::store::Store::set_lock_wait`] during training. It waits until `is_stopped`, and then up to
/// [`STOP_TIMEOUT`]. Every minute it calls `warn`.
pub fn lock_wait(
    warn: impl Fn(&str) + Send + Sync + 'static,
    is_stopped: impl Fn() -> bool + Send + Sync + 'static,
) -> impl Fn(Duration) -> bool + Send + Sync + 'static {
    let warned = AtomicU64::new(0);
    move |waited| {
        let minutes = waited.as_secs() / 60;
        if minutes > warned.swap(minutes, Ordering::SeqCst) {
            warn(&format!(
                "warning: another process has locked the database for {minutes} min; waiting, no data is lost"
            ));
        }
        waited < STOP_TIMEOUT || !is_stopped()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicBool, AtomicUsize};

    use super::*;

    #[test]
    fn each_minute_of_a_lock_gives_one_warning_and_waiting_ends_after_a_stop() {
        let (warnings, stopped) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicBool::new(false)));
        let (count, stop) = (warnings.clone(), stopped.clone());
        let warn = move |_: &str| {
            count.fetch_add(1, Ordering::SeqCst);
        };
        let wait = lock_wait(warn, move || stop.load(Ordering::SeqCst));
        let warned_after = |seconds: &[u64]| {
            assert!(seconds.iter().all(|&seconds| wait(Duration::from_secs(seconds))));
            warnings.load(Ordering::SeqCst)
        };
        assert_eq!(warned_after(&[2, 30, 59]), 0);
        assert_eq!(warned_after(&[61, 90, 121, 124]), 2);
        assert_eq!(warned_after(&[2, 62]), 3, "a later lock gives warnings again");
        stopped.store(true, Ordering::SeqCst);
        assert!(wait(Duration::from_secs(4)), "a short lock does not prevent saving");
        assert!(!wait(Duration::from_secs(64)));
    }
}
