//! Reopening finished runs: to train to a later horizon, or to compute more measures.

use sqlx::SqliteConnection;

use crate::store::RunId;
use crate::store::training::summarise_run;

use super::NewCell;

/// Queues a finished run again if its horizon is later than its last epoch; returns whether it did.
///
/// A run is evaluated every `eval.every` epochs and once more after its last. The longer run would not have that extra
/// evaluation, so its points and image grids are deleted, and convergence is computed again at the end. The reopened
/// run then ends with the same points as a run that was never stopped.
pub(super) async fn reopen(db: &mut SqliteConnection, run: RunId) -> Result<bool, sqlx::Error> {
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
    let grids = "delete from run_picture
        where run = ?1 and (
            role = 'strips'
            or epoch % (select json_extract(settings, '$.\"eval.every\".value') from run where id = ?1) <> 0
        )";
    let convergence = "delete from convergence where series in (select id from series where run = ?1)";
    for statement in [points, grids, convergence] {
        sqlx::query(statement).bind(run.0).execute(&mut *db).await?;
    }
    summarise_run(db, run).await?;
    Ok(true)
}

/// Whether `cell` requests a measure that its run was not queued with, or another network or other sets for one. Runs
/// that were queued before the setting existed have the two measures of that time.
pub(super) async fn lacks_measures(db: &mut SqliteConnection, cell: &NewCell, seed: i64) -> Result<bool, sqlx::Error> {
    sqlx::query_scalar(
        "select exists (
             select value from json_each(?1, '$.\"eval.measures\".value')
             except
             select measure.value from run, json_each(
                 coalesce(json_extract(run.settings, '$.\"eval.measures\".value'), '[\"colour_distance\",\"ssim\"]')
             ) as measure
             where run.cell = ?2 and run.seed = ?3
         ) or exists (
             select 1 from run, json_each(?1) as new
             where run.cell = ?2 and run.seed = ?3
                 and new.key in (
                     'eval.extractor', 'eval.extractor_weights', 'eval.extractor_layer', 'eval.extractor_input',
                     'eval.extractor_width', 'eval.resizer', 'eval.samples', 'eval.photos', 'eval.lpips',
                     'eval.infinity.samples', 'eval.infinity.from', 'eval.infinity.points'
                 )
                 and json_extract(run.settings, '$.\"' || new.key || '\".value') <> json_extract(new.value, '$.value')
         )",
    )
    .bind(&cell.settings)
    .bind(&cell.id)
    .bind(seed)
    .fetch_one(db)
    .await
}

/// Queues a finished run again although it has reached its horizon; returns whether it was finished. The worker that
/// claims it has nothing to train, and computes the missing measures.
pub(super) async fn reopen_to_measure(db: &mut SqliteConnection, run: RunId) -> Result<bool, sqlx::Error> {
    let reopened = sqlx::query(
        "update run set state = 'queued', ended_at = null, weights = '', crashes = 0
         where id = ? and state = 'finished'",
    );
    Ok(reopened.bind(run.0).execute(db).await?.rows_affected() == 1)
}
