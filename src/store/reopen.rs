//! Finished runs that go on to a later horizon.

use super::RunId;

/// Puts a finished run whose horizon is later than its last epoch back into the queue; says whether it did.
///
/// A run looks at held-out items at every `eval.every` epochs and once more after its last. The longer run would not
/// have had that one look more, so what it left is forgotten, and convergence is judged again at the end: the
/// reopened run ends with the points of one that was never stopped.
pub(super) async fn reopen(db: &mut sqlx::SqliteConnection, run: RunId) -> Result<bool, sqlx::Error> {
    let reopened = sqlx::query(
        "update run set state = 'queued', ended_at = null, weights = '', crashes = 0
         where id = ? and state = 'finished' and horizon > epoch",
    )
    .bind(run.0)
    .execute(&mut *db)
    .await?;
    if reopened.rows_affected() == 0 {
        return Ok(false);
    }
    let points = "delete from point
        where series in (select id from series where run = ?1 and protocol <> 'none')
            and epoch % (select json_extract(settings, '$.\"eval.every\".value') from run where id = ?1) <> 0";
    let pictures = "delete from run_picture
        where run = ?1
            and epoch % (select json_extract(settings, '$.\"eval.every\".value') from run where id = ?1) <> 0";
    let convergence = "delete from convergence where series in (select id from series where run = ?1)";
    for statement in [points, pictures, convergence] {
        sqlx::query(statement).bind(run.0).execute(&mut *db).await?;
    }
    super::write::summarise_again(db, run).await?;
    Ok(true)
}
