//! Finished runs that go on: to a later horizon, or to be measured in more ways.

use super::{NewCell, RunId};

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

/// Whether `cell` asks for a measure that its run was not queued with, or by another network or other sets. Runs queued
/// before there was a choice were measured in the two ways that there were.
pub(super) async fn lacks_measures(
    db: &mut sqlx::SqliteConnection,
    cell: &NewCell,
    seed: i64,
) -> Result<bool, sqlx::Error> {
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

/// Puts a finished run back into the queue though it has reached its horizon; says whether it was finished. Whoever
/// takes it finds nothing to train, and takes the measures that are missing.
pub(super) async fn reopen_to_measure(db: &mut sqlx::SqliteConnection, run: RunId) -> Result<bool, sqlx::Error> {
    let reopened = sqlx::query(
        "update run set state = 'queued', ended_at = null, weights = '', crashes = 0
         where id = ? and state = 'finished'",
    );
    Ok(reopened.bind(run.0).execute(db).await?.rows_affected() == 1)
}
