//! Last and best values of metrics, as each epoch leaves them: read without looking at any point.

use std::collections::HashMap;

use sqlx::SqliteConnection;

use crate::measure::{Epoch, METRICS, ProtocolId};

use super::list::numbers;
use super::{RunId, Store, StoreError};

/// The ends of one metric of one run under one protocol.
#[derive(Clone, Debug)]
pub struct Summary {
    /// The metric's name.
    pub metric: String,
    /// The protocol, or none for training metrics.
    pub protocol: ProtocolId,
    /// The last epoch that has a value, and the value, which may be non-finite.
    pub last: (Epoch, f64),
    /// The best finite value and the first epoch that has it, for metrics of which one end is better.
    pub best: Option<(Epoch, f64)>,
}

type Row = (i64, String, Option<f64>, u32, Option<f64>, Option<u32>, Option<String>);
type NamedRow = (i64, String, Option<f64>, u32, Option<f64>, Option<u32>, Option<String>, String);

/// Which non-finite value the last one is, only a point says: it is looked up where there is no finite one. These
/// rows come one by one: as text, SQLite rounds numbers, with 17 digits too.
const OF_METRIC: &str = "select series.run, series.protocol, summary.last, summary.last_epoch,
         case direction when 'lower' then summary.min when 'higher' then summary.max end,
         case direction when 'lower' then summary.min_epoch when 'higher' then summary.max_epoch end,
         case when summary.last is null then (
             select point.nonfinite from point
             where point.series = summary.series and point.epoch = summary.last_epoch order by point.step desc limit 1
         ) end
     from series indexed by series_by_metric
     join summary on summary.series = series.id
     join metric_def on metric_def.name = series.metric
     where series.metric = ?1 and (?2 is null or series.run in (select value from json_each(?2)))";

const OF_RUNS: &str = "select series.run, series.protocol, summary.last, summary.last_epoch,
         case direction when 'lower' then summary.min when 'higher' then summary.max end,
         case direction when 'lower' then summary.min_epoch when 'higher' then summary.max_epoch end,
         case when summary.last is null then (
             select point.nonfinite from point
             where point.series = summary.series and point.epoch = summary.last_epoch order by point.step desc limit 1
         ) end, series.metric
     from series
     join summary on summary.series = series.id
     join metric_def on metric_def.name = series.metric
     where series.run in (select value from json_each(?1))
     order by series.run, series.metric, series.protocol";

impl Store {
    /// One metric of `runs`, or of all. Where a run has it under several protocols, the one measured last counts.
    ///
    /// # Errors
    ///
    /// If the database cannot be read.
    pub fn summaries(&self, metric: &str, runs: Option<&[RunId]>) -> Result<HashMap<RunId, Summary>, StoreError> {
        self.read("the metrics cannot be read", async |db| summaries(db, metric, runs).await)
    }

    /// Every metric of some runs, under every protocol, by run, metric and protocol.
    ///
    /// # Errors
    ///
    /// If the database cannot be read.
    pub fn summaries_of(&self, runs: &[RunId]) -> Result<Vec<(RunId, Summary)>, StoreError> {
        let rows = self.read("the metrics cannot be read", async |db| {
            sqlx::query_as::<_, NamedRow>(OF_RUNS).bind(numbers(runs)).fetch_all(db).await
        })?;
        let named = |(run, protocol, last, at, best, best_at, nonfinite, metric): NamedRow| {
            summary(&metric, (run, protocol, last, at, best, best_at, nonfinite))
        };
        Ok(rows.into_iter().map(named).collect())
    }

    /// The names that a metric can have here: what jem records, and what this database holds besides.
    ///
    /// # Errors
    ///
    /// If the database cannot be read.
    pub fn metric_names(&self) -> Result<Vec<String>, StoreError> {
        let stored: Vec<String> = self.read("the metrics cannot be read", async |db| {
            sqlx::query_scalar("select name from metric_def order by name").fetch_all(db).await
        })?;
        let mut names: Vec<String> = METRICS.iter().map(|metric| metric.name.to_owned()).collect();
        names.extend(stored.into_iter().filter(|name| METRICS.iter().all(|metric| metric.name != name)));
        Ok(names)
    }

    /// The metrics that some run has been measured with on held-out items, by name.
    ///
    /// # Errors
    ///
    /// If the database cannot be read.
    pub fn held_out_metrics(&self) -> Result<Vec<String>, StoreError> {
        self.read("the metrics cannot be read", async |db| {
            sqlx::query_scalar(
                "select name from metric_def
                 where exists (select 1 from series where series.metric = name and series.protocol < 'none')
                     or exists (select 1 from series where series.metric = name and series.protocol > 'none')
                 order by name",
            )
            .fetch_all(db)
            .await
        })
    }
}

/// One metric of runs. Of several protocols the one measured last stays, and of those the last by its id.
pub(super) async fn summaries(
    db: &mut SqliteConnection,
    metric: &str,
    runs: Option<&[RunId]>,
) -> Result<HashMap<RunId, Summary>, sqlx::Error> {
    let rows: Vec<Row> = sqlx::query_as(OF_METRIC).bind(metric).bind(runs.map(numbers)).fetch_all(db).await?;
    let mut newest: HashMap<RunId, Summary> = HashMap::with_capacity(rows.len());
    for (run, new) in rows.into_iter().map(|row| summary(metric, row)) {
        let is_newer = |known: &Summary| (known.last.0, &known.protocol) < (new.last.0, &new.protocol);
        if newest.get(&run).is_none_or(is_newer) {
            newest.insert(run, new);
        }
    }
    Ok(newest)
}

fn summary(metric: &str, (run, protocol, last, at, best, best_at, nonfinite): Row) -> (RunId, Summary) {
    let last = last.unwrap_or(match nonfinite.as_deref() {
        Some("inf") => f64::INFINITY,
        Some("-inf") => f64::NEG_INFINITY,
        _ => f64::NAN,
    });
    let best = best.zip(best_at).map(|(value, epoch)| (Epoch(epoch), value));
    (
        RunId(run),
        Summary {
            metric: metric.to_owned(),
            protocol: ProtocolId::from_stored(protocol),
            last: (Epoch(at), last),
            best,
        },
    )
}

#[cfg(test)]
mod tests {
    use crate::store::lab::{Lab, epoch};

    #[test]
    fn no_digit_is_lost_on_the_way_out() {
        let lab = Lab::new();
        let hold = lab.take(std::time::Duration::from_secs(60));
        lab.store.record(hold, &epoch(1, 0.5, 1.0)).unwrap();
        let hard = [0.1 + 0.2, 1.0 / 3.0, 5e-324, f64::MIN_POSITIVE, f64::MAX, -0.0, 2f64.powi(53) + 2.0, 1e22, 1e23];
        // Steps of a multiplicative generator, taken as bits: numbers of every size.
        let bits =
            std::iter::successors(Some(1u64), |bits| Some(bits.wrapping_mul(0xda94_2042_e4dd_58b5).wrapping_add(1)));
        let every_size = bits.map(f64::from_bits).filter(|number| number.is_finite()).take(300);
        for number in hard.into_iter().chain(every_size) {
            let kept = lab.store.write("test", async |db| {
                let update = sqlx::query("update summary set last = ?, max = ?").bind(number).bind(number);
                update.execute(db).await.map_err(lab.store.sql("test"))
            });
            kept.unwrap();
            let summary = &lab.store.summaries("ssim", None).unwrap()[&hold.run];
            assert_eq!((summary.last.1, summary.best.unwrap().1), (number, number), "{number:e}");
        }
    }
}
