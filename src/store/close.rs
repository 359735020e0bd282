//! Closing the database, so that all of it lies in one file.
//!
//! SQLite moves the log into the database and removes it when the last connection is closed; a process that ends without
//! closing leaves both files, and a copy of the database alone then lacks rows. So every way out of a process closes.

use std::sync::Mutex;
use std::time::Duration;

use sqlx::sqlite::SqlitePool;

use super::Store;

/// How long a process that has to end waits for a statement that is being carried out.
const LAST_STATEMENT: Duration = Duration::from_secs(2);

/// The pools of this process that were not closed yet.
static OPEN: Mutex<Vec<SqlitePool>> = Mutex::new(Vec::new());

pub(super) fn register(pool: &SqlitePool) {
    if let Ok(mut open) = OPEN.lock() {
        // A closed one is of no use any more; this keeps the list short.
        open.retain(|pool| !pool.is_closed());
        open.push(pool.clone());
    }
}

/// Closes every database that this process has open. To be called before the process ends in another way than by
/// returning from `main`, as after a signal; what other threads ask of a database afterwards is refused.
pub fn close_all() {
    let open = OPEN.lock().map(|mut open| std::mem::take(&mut *open)).unwrap_or_default();
    let Ok(runtime) = tokio::runtime::Builder::new_current_thread().enable_all().build() else { return };
    for pool in open {
        // The statement of a busy connection may take long; its transaction is then rolled back by the next process.
        let _closed = runtime.block_on(async { tokio::time::timeout(LAST_STATEMENT, pool.close()).await });
    }
}

impl Drop for Store {
    fn drop(&mut self) {
        if self.is_in_place() {
            self.runtime.block_on(self.pool.close());
        } else {
            // Closing would remove the log by its name, which may be another database's by now.
            std::mem::forget(self.pool.clone());
        }
    }
}
