//! How an attempt lets go of its run.

use super::queue::{count_time, held};
use super::{Hold, RunState, Store, StoreError, now};

/// How an attempt lets go of its run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ending {
    /// The horizon is reached; the hash of the final weights.
    Finished {
        /// SHA-256 over both networks' parameters.
        weights: String,
    },
    /// A loss or weight was not finite.
    Diverged {
        /// Where and what.
        what: String,
    },
    /// Training could not go on.
    Failed {
        /// The error.
        why: String,
    },
    /// Stopped from outside; another attempt goes on.
    Interrupted,
}

impl Ending {
    fn state(&self) -> RunState {
        match self {
            Ending::Finished { .. } => RunState::Finished,
            Ending::Diverged { .. } => RunState::Diverged,
            Ending::Failed { .. } => RunState::Failed,
            Ending::Interrupted => RunState::Queued,
        }
    }

    /// The word kept of the attempt.
    pub fn word(&self) -> &'static str {
        if *self == Ending::Interrupted { "interrupted" } else { self.state().as_str() }
    }

    fn outcome(&self) -> &str {
        match self {
            Ending::Diverged { what } => what,
            Ending::Failed { why } => why,
            Ending::Finished { .. } | Ending::Interrupted => "",
        }
    }
}

impl Store {
    /// Ends the attempt and gives the run its next state. A run that has finished goes on when its horizon was
    /// moved while it was in training.
    ///
    /// # Errors
    ///
    /// [`StoreError::LostHold`] if another worker has it by now.
    pub fn let_go(&self, hold: Hold, ending: &Ending) -> Result<(), StoreError> {
        let what = "the end of a run cannot be recorded";
        let failed = self.sql(what);
        let state = ending.state();
        let weights = if let Ending::Finished { weights } = ending { weights.as_str() } else { "" };
        self.write(what, async |db| {
            let ended = sqlx::query(
                "update run set state = ?, outcome = ?, weights = ?, ended_at = iif(? = 'queued', null, ?)
                 where id = ? and fence = ? and state = 'running'",
            )
            .bind(state.as_str())
            .bind(ending.outcome())
            .bind(weights)
            .bind(state.as_str())
            .bind(now())
            .bind(hold.run.0)
            .bind(hold.fence)
            .execute(&mut *db)
            .await
            .map_err(&failed)?;
            held(hold, ended.rows_affected())?;
            sqlx::query("update attempt set ended_at = ?, ending = ? where id = ?")
                .bind(now())
                .bind(ending.word())
                .bind(hold.attempt)
                .execute(&mut *db)
                .await
                .map_err(&failed)?;
            count_time(db, hold).await.map_err(&failed)?;
            super::reopen::reopen(db, hold.run).await.map_err(&failed)?;
            Ok(())
        })
    }
}
