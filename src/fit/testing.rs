//! Test helpers for both kinds of fits.

use std::panic::{AssertUnwindSafe, catch_unwind};

/// Calls `fit`, which returns a hash, in three threads at the same time, and asserts that all hashes are equal.
pub(super) fn assert_same_in_threads(fit: impl Fn() -> String + Sync) {
    let hashes: Vec<String> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..3).map(|_| scope.spawn(&fit)).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    assert!(hashes.iter().all(|hash| *hash == hashes[0]));
}

/// Calls `fit`, which must panic: the fit is interrupted as by a killed process.
pub(super) fn interrupt<T>(fit: impl FnOnce() -> T) {
    assert!(catch_unwind(AssertUnwindSafe(fit)).is_err());
}
