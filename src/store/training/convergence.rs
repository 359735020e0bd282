//! The epoch of convergence of a series, or why it is unknown.

use crate::measure::{Epoch, ProtocolId};
use crate::store::{Lease, Store, StoreError};

/// The convergence of a series under one rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewConvergence {
    /// The series' metric.
    pub metric: String,
    /// Its protocol.
    pub protocol: ProtocolId,
    /// The rule, as JSON.
    pub rule: String,
    /// The epoch of convergence and the evaluation before it; or the epoch of the last evaluation and why the epoch of
    /// convergence is unknown.
    pub reached: Result<(Epoch, Epoch), (Epoch, &'static str)>,
}

impl Store {
    /// Records convergence. It replaces the earlier result for the same series and rule.
    ///
    /// # Errors
    ///
    /// [`StoreError::LostLease`] if the lease was lost; nothing is then written.
    pub fn record_convergence(&self, lease: Lease, results: &[NewConvergence]) -> Result<(), StoreError> {
        self.write_leased(lease, "cannot record convergence", async |db| {
            for new in results {
                let (reached, censored) = (new.reached.ok(), new.reached.err());
                sqlx::query(
                    "insert or replace into convergence (series, rule, reached, after, censored_at, why)
                     select id, ?, ?, ?, ?, ? from series where run = ? and metric = ? and protocol = ?",
                )
                .bind(&new.rule)
                .bind(reached.map(|(epoch, _)| epoch.0))
                .bind(reached.map(|(_, after)| after.0))
                .bind(censored.map(|(at, _)| at.0))
                .bind(censored.map(|(_, why)| why))
                .bind(lease.run.0)
                .bind(&new.metric)
                .bind(new.protocol.as_str())
                .execute(&mut *db)
                .await?;
            }
            Ok(())
        })
    }
}
