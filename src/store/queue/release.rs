//! The end of an attempt.

use crate::store::database::now;
use crate::store::lease::record_time;
use crate::store::{Lease, RunState, Store, StoreError};

use super::reopen::reopen;

/// How an attempt ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AttemptOutcome {
    /// The run reached its horizon.
    Finished {
        /// SHA-256 over the final parameters of both networks.
        weights: String,
    },
    /// A loss or weight was not finite.
    Diverged {
        /// Which value, and at which step.
        what: String,
    },
    /// Training failed.
    Failed {
        /// The error.
        why: String,
    },
    /// Stopped from outside; another attempt resumes the run.
    Interrupted,
}

impl AttemptOutcome {
    fn state(&self) -> RunState {
        match self {
            AttemptOutcome::Finished { .. } => RunState::Finished,
            AttemptOutcome::Diverged { .. } => RunState::Diverged,
            AttemptOutcome::Failed { .. } => RunState::Failed,
            AttemptOutcome::Interrupted => RunState::Queued,
        }
    }

    /// The word stored with the attempt.
    pub fn as_str(&self) -> &'static str {
        if *self == AttemptOutcome::Interrupted { "interrupted" } else { self.state().as_str() }
    }

    fn reason(&self) -> &str {
        match self {
            AttemptOutcome::Diverged { what } => what,
            AttemptOutcome::Failed { why } => why,
            AttemptOutcome::Finished { .. } | AttemptOutcome::Interrupted => "",
        }
    }
}

impl Store {
    /// Ends the attempt and sets the run's next state. A finished run is reopened if its horizon was moved while it was
    /// in training.
    ///
    /// # Errors
    ///
    /// [`StoreError::LostLease`] if the lease was lost.
    pub fn release(&self, lease: Lease, outcome: &AttemptOutcome) -> Result<(), StoreError> {
        let state = outcome.state().as_str();
        let weights = if let AttemptOutcome::Finished { weights } = outcome { weights.as_str() } else { "" };
        self.write_leased(lease, "cannot record the end of a run", async |db| {
            sqlx::query(
                "update run set state = ?1, outcome = ?2, weights = ?3, ended_at = iif(?1 = 'queued', null, ?4)
                 where id = ?5",
            )
            .bind(state)
            .bind(outcome.reason())
            .bind(weights)
            .bind(now())
            .bind(lease.run.0)
            .execute(&mut *db)
            .await?;
            sqlx::query("update attempt set ended_at = ?, ending = ? where id = ?")
                .bind(now())
                .bind(outcome.as_str())
                .bind(lease.attempt)
                .execute(&mut *db)
                .await?;
            record_time(db, lease).await?;
            reopen(db, lease.run).await?;
            Ok(())
        })
    }
}
