//! What happens to runs, noted within the transaction that makes it happen.

use sqlx::SqliteConnection;

use super::{RunId, now};

/// Records an event of a run; `attempt` is the one that it happened to, if it happened to one.
pub(super) async fn add_event(
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
