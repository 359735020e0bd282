//! Checks of the database: the file, its references, its series, its image grids.

use sha2::{Digest as _, Sha256};

use crate::store::{RunId, RunState, Store, StoreError};

use super::driver_error::{ErrorKind, SALVAGE};

/// A problem found by a check.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// Its subject, as in `run 3`.
    pub subject: String,
    /// The problem.
    pub fault: String,
    /// How to resolve it.
    pub remedy: String,
}

impl Finding {
    /// A finding about a run.
    pub fn of_run(run: RunId, fault: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self { subject: format!("run {run}"), fault: fault.into(), remedy: remedy.into() }
    }
}

/// A folder of files of a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredArtifact {
    /// The run.
    pub run: RunId,
    /// The run's state.
    pub state: RunState,
    /// `last`, `best` or `kept`.
    pub kind: String,
    /// The folder, relative to the database's files.
    pub path: String,
    /// SHA-256 over its files.
    pub sha256: String,
}

/// One kind of check.
type Check = fn(&Store) -> Result<Vec<Finding>, StoreError>;

const RESTORE: &str = "restore a copy written by `jem db backup`";

impl Store {
    /// All problems of the database itself: damage, references to missing rows, gaps in series, and summaries and
    /// images that do not match their rows. Files beside the database are not read.
    ///
    /// # Errors
    ///
    /// If the database cannot be read for a reason other than damage.
    pub fn check(&self) -> Result<Vec<Finding>, StoreError> {
        let checks: [Check; 6] =
            [Self::integrity, Self::references, Self::gaps, Self::summaries_of_points, Self::checkpoints, Self::images];
        let mut findings = Vec::new();
        for check in checks {
            match check(self) {
                Ok(found) => findings.extend(found),
                // A damaged database cannot be checked further.
                Err(StoreError::Sql { source, .. }) if source.kind() == ErrorKind::Damaged => {
                    if findings.is_empty() {
                        findings.push(self.of_file(source.to_string(), SALVAGE));
                    }
                    return Ok(findings);
                }
                Err(error) => return Err(error),
            }
        }
        Ok(findings)
    }

    /// Every folder of files that is named by a row.
    ///
    /// # Errors
    ///
    /// If the database cannot be read.
    pub fn artifacts(&self) -> Result<Vec<StoredArtifact>, StoreError> {
        let rows: Vec<(i64, String, String, String, String)> = self.read("cannot list the files", async |db| {
            let text = "select run.id, run.state, kind, path, sha256 from artifact join run on run.id = artifact.run
                        order by artifact.run, artifact.id";
            sqlx::query_as(text).fetch_all(db).await
        })?;
        let artifact = |(run, state, kind, path, sha256): (i64, String, String, String, String)| {
            let state = state.parse().map_err(|error| self.bad_row(format!("run {run}"), error))?;
            Ok(StoredArtifact { run: RunId(run), state, kind, path, sha256 })
        };
        rows.into_iter().map(artifact).collect()
    }

    fn of_file(&self, fault: impl Into<String>, remedy: &str) -> Finding {
        Finding { subject: self.path.display().to_string(), fault: fault.into(), remedy: remedy.to_owned() }
    }

    /// SQLite's check of the pages of the file.
    fn integrity(&self) -> Result<Vec<Finding>, StoreError> {
        let lines: Vec<String> = self.read("cannot be checked", async |db| {
            sqlx::query_scalar("pragma integrity_check(20)").fetch_all(db).await
        })?;
        Ok(lines.into_iter().filter(|line| line != "ok").map(|line| self.of_file(line, SALVAGE)).collect())
    }

    /// References to missing rows.
    fn references(&self) -> Result<Vec<Finding>, StoreError> {
        let rows: Vec<(String, String, i64)> = self.read("cannot be checked", async |db| {
            let text = r#"select "table", parent, count(*) from pragma_foreign_key_check group by 1, 2"#;
            sqlx::query_as(text).fetch_all(db).await
        })?;
        let finding = |(table, parent, count): (String, String, i64)| {
            let rows = if count == 1 { "row names" } else { "rows name" };
            self.of_file(format!("{count} {rows} of `{table}` a missing row of `{parent}`"), RESTORE)
        };
        Ok(rows.into_iter().map(finding).collect())
    }

    /// Missing epochs of series. A measure on held-out items may start late. If it was added later, it may lack epochs:
    /// then the run has an event `unfilled`, and its measures are not checked.
    fn gaps(&self) -> Result<Vec<Finding>, StoreError> {
        let rows: Vec<(i64, String, i64, i64, i64)> = self.read("cannot be checked", async |db| {
            sqlx::query_as(
                "with spaced as (
                     select series.id, series.run, series.metric, series.protocol, run.epoch as reached,
                         case series.protocol
                             when 'none' then 1
                             else coalesce(json_extract(run.settings, '$.\"eval.every\".value'), 1)
                         end as every
                     from series join run on run.id = series.run
                     where series.protocol = 'none'
                         or not exists (select 1 from event where event.run = run.id and event.kind = 'unfilled')
                 ),
                 counted as (
                     select spaced.run, metric, min(epoch) as first,
                         iif(protocol = 'none', max(reached, max(epoch)), max(epoch)) as last,
                         every, count(distinct iif(epoch % every = 0, epoch, null)) as points
                     from spaced join point on point.series = spaced.id
                     group by spaced.id
                 )
                 select run, metric, first, last, last / every - (first + every - 1) / every + 1 - points as missing
                 from counted where missing > 0 order by run, metric",
            )
            .fetch_all(db)
            .await
        })?;
        let finding = |(run, metric, first, last, missing): (i64, String, i64, i64, i64)| {
            let epochs = if missing == 1 { "1 epoch" } else { &format!("{missing} epochs") };
            Finding::of_run(RunId(run), format!("{metric} lacks {epochs} between {first} and {last}"), RESTORE)
        };
        Ok(rows.into_iter().map(finding).collect())
    }

    /// Summaries that do not match their points.
    fn summaries_of_points(&self) -> Result<Vec<Finding>, StoreError> {
        let rows: Vec<(i64, String)> = self.read("cannot be checked", async |db| {
            sqlx::query_as(
                "select series.run, series.metric
                 from series left join summary on summary.series = series.id
                 where exists (select 1 from point where point.series = series.id) and (
                     summary.series is null
                     or summary.last_epoch <> (select max(epoch) from point where point.series = series.id)
                     or summary.min is not (select min(value) from point where point.series = series.id)
                         and exists (select 1 from point where point.series = series.id and value is not null)
                     or summary.max is not (select max(value) from point where point.series = series.id)
                         and exists (select 1 from point where point.series = series.id and value is not null)
                 ) order by 1, 2",
            )
            .fetch_all(db)
            .await
        })?;
        let finding = |(run, metric): (i64, String)| {
            Finding::of_run(RunId(run), format!("the summary of {metric} does not match its points"), RESTORE)
        };
        Ok(rows.into_iter().map(finding).collect())
    }

    /// Runs that were trained and have no checkpoint to resume from.
    fn checkpoints(&self) -> Result<Vec<Finding>, StoreError> {
        let runs: Vec<i64> = self.read("cannot be checked", async |db| {
            sqlx::query_scalar(
                "select id from run where epoch > 0
                     and not exists (select 1 from artifact where artifact.run = run.id and kind = 'last')
                 order by id",
            )
            .fetch_all(db)
            .await
        })?;
        let remedy = "its points are kept; to train it again: `jem retry RUN --from-start`";
        Ok(runs.into_iter().map(|run| Finding::of_run(RunId(run), "it has no checkpoint", remedy)).collect())
    }

    /// Images that do not match their hash.
    fn images(&self) -> Result<Vec<Finding>, StoreError> {
        let mut after = String::new();
        let mut damaged = 0;
        loop {
            let next: Option<(String, Vec<u8>)> = self.read("cannot be checked", async |db| {
                let text = "select hash, png from picture where hash > ? order by hash limit 1";
                sqlx::query_as(text).bind(&after).fetch_optional(db).await
            })?;
            let Some((hash, png)) = next else { break };
            damaged += u64::from(hex::encode(Sha256::digest(&png)) != hash);
            after = hash;
        }
        let fault = format!("{damaged} images differ from the ones that were written");
        Ok(if damaged == 0 { Vec::new() } else { vec![self.of_file(fault, RESTORE)] })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::fixture::{Fixture, epoch};

    /// The findings of a check of a run of three epochs after `statement`.
    fn found_after(statement: &'static str) -> Vec<String> {
        let fixture = Fixture::new();
        let lease = fixture.claim();
        for number in 0..=3 {
            let mut record = epoch(number, f64::from(number), 1.0);
            record.image_grids.push(crate::store::NewImageGrid {
                role: "samples",
                columns: 1,
                tile: 8,
                png: vec![1, 2],
            });
            fixture.store.record_epoch(lease, &record).unwrap();
        }
        fixture.execute(statement);
        fixture
            .store
            .check()
            .unwrap()
            .into_iter()
            .map(|finding| format!("{}: {}", finding.subject, finding.fault))
            .collect()
    }

    #[test]
    fn a_complete_database_has_no_findings() {
        assert_eq!(found_after("update run set note = 'fine'"), Vec::<String>::new());
    }

    #[test]
    fn deleted_and_changed_rows_are_found() {
        let found = found_after("delete from point where epoch = 2");
        assert_eq!(found, ["run 1: d_loss lacks 1 epoch between 0 and 3", "run 1: ssim lacks 1 epoch between 0 and 3"]);
        let found = found_after(
            "delete from point where epoch = 3 and series in (select id from series where metric = 'd_loss')",
        );
        assert!(found.contains(&"run 1: d_loss lacks 1 epoch between 0 and 3".to_owned()), "{found:?}");
        let found = found_after("update point set value = 9 where epoch = 1");
        assert!(found.iter().all(|line| line.contains("summary")) && found.len() == 2, "{found:?}");
        let found = found_after("delete from artifact");
        assert!(found.len() == 1 && found[0].starts_with("run 1:"), "{found:?}");
        let found = found_after("update picture set png = x'00'");
        assert!(found.len() == 1 && found[0].contains("1 image"), "{found:?}");
    }

    #[test]
    fn a_reference_to_a_missing_row_is_found() {
        let found = found_after("pragma foreign_keys = off; delete from run where id = 2; delete from attempt");
        assert!(found.iter().any(|line| line.contains("`attempt`")), "{found:?}");
    }

    #[test]
    fn a_damaged_page_is_found() {
        let fixture = Fixture::new();
        fixture.end_runs();
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("copy.db");
        fixture.store.backup(&path).unwrap();
        let mut bytes = std::fs::read(&path).unwrap();
        // From the second page on, so that the header stays intact.
        for at in (4096 + 200..bytes.len()).step_by(4096) {
            bytes[at..at + 400].fill(0xa5);
        }
        std::fs::write(&path, bytes).unwrap();
        match Store::open_to_read(&path) {
            Ok(store) => assert!(!store.check().unwrap().is_empty()),
            Err(error) => assert!(error.help().is_some(), "{error}"),
        }
    }
}
