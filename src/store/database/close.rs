//! Closing the database, so that all of it is in one file.
//!
//! When the last connection is closed, SQLite moves the log into the database and deletes it. A process that ends
//! without closing leaves both files, and a copy of the database alone then lacks rows. So every exit of a process
//! closes it.

use std::sync::Mutex;
use std::time::Duration;

use sqlx::sqlite::SqlitePool;

use crate::store::Store;

/// How long an ending process waits for a statement in progress.
const LAST_STATEMENT: Duration = Duration::from_secs(2);

/// The pools of this process, not closed yet.
static OPEN: Mutex<Vec<SqlitePool>> = Mutex::new(Vec::new());

pub(super) fn register(pool: &SqlitePool) {
    if let Ok(mut open) = OPEN.lock() {
        // Drop closed pools, so that the list stays short.
        open.retain(|pool| !pool.is_closed());
        open.push(pool.clone());
    }
}

/// Closes every open database of this process. Call it before the process ends without returning from `main`, for
/// example after a signal. Other threads can then not use a database any more.
pub fn close_all() {
    let open = OPEN.lock().map(|mut open| std::mem::take(&mut *open)).unwrap_or_default();
    let Ok(runtime) = tokio::runtime::Builder::new_current_thread().enable_all().build() else { return };
    for pool in open {
        // The statement of a busy connection may take long; the next process then rolls back its transaction.
        let _closed = runtime.block_on(async { tokio::time::timeout(LAST_STATEMENT, pool.close()).await });
    }
}

impl Drop for Store {
    fn drop(&mut self) {
        if self.is_in_place() {
            self.runtime.block_on(self.pool.close());
        } else {
            // Closing would delete the log by its name, which may now be the log of another database.
            std::mem::forget(self.pool.clone());
        }
    }
}
