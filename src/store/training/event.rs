//! Events of runs, recorded in the transaction of the change that they describe.

use sqlx::SqliteConnection;

use crate::store::database::now;
use crate::store::{Lease, RunId, Store, StoreError};

impl Store {
    /// Records an event of a run.
    ///
    /// # Errors
    ///
    /// [`StoreError::LostLease`] if the lease was lost; nothing is then written.
    pub fn add_event(&self, lease: Lease, kind: &str, text: &str) -> Result<(), StoreError> {
        self.write_leased(lease, "cannot record an event", async |db| {
            add_event(db, lease.run, Some(lease.attempt), kind, text).await
        })
    }
}

/// Records an event of a run, or of one `attempt` of it.
pub(in crate::store) async fn add_event(
    db: &mut SqliteConnection,
    run: RunId,
    attempt: Option<i64>,
    kind: &str,
    text: &str,
) -> Result<(), sqlx::Error> {
    sqlx::query("insert into event (run, attempt, at, kind, text) values (?, ?, ?, ?, ?)")
        .bind(run.0)
        .bind(attempt)
        .bind(now())
        .bind(kind)
        .bind(text)
        .execute(db)
        .await?;
    Ok(())
}
