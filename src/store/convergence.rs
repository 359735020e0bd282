//! Where the epoch of convergence is kept, or why none is known.

use crate::measure::{Epoch, ProtocolId};

use super::queue::still_held;
use super::{Hold, Store, StoreError};

/// What is known of a series' convergence under one rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewConvergence {
    /// The series' metric.
    pub metric: String,
    /// Its protocol.
    pub protocol: ProtocolId,
    /// The rule, as JSON.
    pub rule: String,
    /// The epoch reached and the evaluation before it, or the epoch of the last evaluation and why it is not known.
    pub reached: Result<(Epoch, Epoch), (Epoch, &'static str)>,
}

impl Store {
    /// Records convergence, replacing what was known of the same series under the same rule.
    ///
    /// # Errors
    ///
    /// [`StoreError::LostHold`] if another worker has the run by now; nothing is then written.
    pub fn record_convergence(&self, hold: Hold, outcomes: &[NewConvergence]) -> Result<(), StoreError> {
        let what = "convergence cannot be recorded";
        let failed = self.sql(what);
        self.write(what, async |db| {
            if !still_held(db, hold).await.map_err(&failed)? {
                return Err(StoreError::LostHold { run: hold.run });
            }
            for new in outcomes {
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
                .bind(hold.run.0)
                .bind(&new.metric)
                .bind(new.protocol.as_str())
                .execute(&mut *db)
                .await
                .map_err(&failed)?;
            }
            Ok(())
        })
    }
}
