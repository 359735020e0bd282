//! The series of runs: all points of their metrics.

use std::collections::BTreeMap;

use sqlx::SqliteConnection;

use crate::measure::{Curve, Epoch, ProtocolId};
use crate::store::{RunId, Store, StoreError};

use super::json::numbers;
use super::record::{Series, stored_value};

/// The series with a point, of runs and with the points of metrics in JSON arrays, or of all metrics if `?2` is null.
///
/// The driver passes every row between threads and allocates every value. For millions of points that takes several
/// times as long as the query, so SQLite packs the points of a series into one text, `epoch value epoch value …`. With
/// `%!.20g` it writes all 18 or 19 digits that it computes, and the nearest number to these is the stored one, which is
/// not always so with the 15 digits of its default, or with 17. It multiplies numbers below 1e15 by powers of ten that
/// are exact, in twice the precision; with others the digits may be wrong, and [`INEXACT`] is written instead of those.
const SERIES: &str = "select series.id, series.run, series.metric, series.protocol,
         iif(?2 is null or series.metric in (select value from json_each(?2)), (
             select group_concat(
                 epoch || ' ' || case
                     when value = 0 or abs(value) between 1e-15 and 1e15 then format('%!.20g', value)
                     else coalesce(nonfinite, '?')
                 end, ' '
             ) from (
                 select epoch, value, nonfinite from point where point.series = series.id order by epoch, step
             )
         ), '')
     from series
     where series.run in (select value from json_each(?1))
         and exists (select 1 from point where point.series = series.id)
     order by series.run, series.metric, series.protocol";

/// Stands for a number whose digits SQLite does not know exactly. The points of the series are then read row by row.
const INEXACT: char = '?';

/// Series, run, metric, protocol and points.
type Row = (i64, i64, String, String, String);

/// Epoch, value, and which value it is if it is not finite.
type PointRow = (u32, Option<f64>, Option<String>);

/// The runs of one query. The text of their points takes a few megabytes.
const RUNS: usize = 64;

impl Store {
    /// Every series of a run, by metric and protocol.
    ///
    /// # Errors
    ///
    /// If the database cannot be read.
    pub fn series(&self, run: RunId) -> Result<Vec<Series>, StoreError> {
        Ok(self.series_of(&[run], None)?.remove(&run).unwrap_or_default())
    }

    /// The series of several runs, by run, metric and protocol. Only those of `metrics` have their points, or all if
    /// `None`; the curves of the others are empty. A run without a point is missing in the result.
    ///
    /// # Errors
    ///
    /// If the database cannot be read.
    pub fn series_of(
        &self,
        runs: &[RunId],
        metrics: Option<&[&str]>,
    ) -> Result<BTreeMap<RunId, Vec<Series>>, StoreError> {
        let metrics = metrics.map(|names| serde_json::to_string(names).expect("text can be written as JSON"));
        let mut found: BTreeMap<RunId, Vec<Series>> = BTreeMap::new();
        for runs in runs.chunks(RUNS) {
            let rows =
                self.read("cannot read the series of runs", async |db| rows(db, runs, metrics.as_deref()).await)?;
            for (series, run, metric, protocol, points) in rows {
                let what = || format!("{metric} of run {run}");
                let points = match points.contains(INEXACT) {
                    true => self.points(series)?,
                    false => unpack(&points).ok_or_else(|| self.bad_row(what(), "its points cannot be read"))?,
                };
                let curve = Curve::new(points).map_err(|error| self.bad_row(what(), error))?;
                let series = Series { metric, protocol: ProtocolId::from_stored(protocol), curve };
                found.entry(RunId(run)).or_default().push(series);
            }
        }
        Ok(found)
    }

    /// The points of one series, row by row.
    fn points(&self, series: i64) -> Result<Vec<(Epoch, f64)>, StoreError> {
        let rows: Vec<PointRow> = self.read("cannot read the series of runs", async |db| {
            let text = "select epoch, value, nonfinite from point where series = ? order by epoch, step";
            sqlx::query_as(text).bind(series).fetch_all(db).await
        })?;
        let point = |(epoch, value, nonfinite): PointRow| (Epoch(epoch), stored_value(value, nonfinite.as_deref()));
        Ok(rows.into_iter().map(point).collect())
    }
}

async fn rows(db: &mut SqliteConnection, runs: &[RunId], metrics: Option<&str>) -> Result<Vec<Row>, sqlx::Error> {
    sqlx::query_as(SERIES).bind(numbers(runs)).bind(metrics).fetch_all(db).await
}

/// The points of a packed text; `None` if it is not one.
fn unpack(text: &str) -> Option<Vec<(Epoch, f64)>> {
    let mut words = text.split_ascii_whitespace();
    let mut points = Vec::new();
    while let Some(epoch) = words.next() {
        points.push((Epoch(epoch.parse().ok()?), words.next()?.parse().ok()?));
    }
    Some(points)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::fixture::{Fixture, d_loss, epoch, epoch_with};

    /// Numbers of a multiplicative generator, read as bits: of every magnitude.
    fn of_every_magnitude() -> impl Iterator<Item = f64> {
        let bits =
            std::iter::successors(Some(1u64), |bits| Some(bits.wrapping_mul(0xda94_2042_e4dd_58b5).wrapping_add(1)));
        bits.map(f64::from_bits).filter(|number| number.is_finite())
    }

    #[test]
    fn points_are_read_with_all_their_digits() {
        let fixture = Fixture::new();
        let hard = [5e-324, f64::MIN_POSITIVE, f64::MAX, -f64::MAX, 2f64.powi(53) + 2.0, 1e22, 1e23];
        let near_one = (1..300).map(|n| f64::from_bits(1f64.to_bits() + n * 15_013_933_421_119));
        let usual = of_every_magnitude().filter(|number| (1e-15..=1e15).contains(&number.abs())).take(500);
        let usual: Vec<f64> = usual.chain([1e-15, -1e15, 0.0, 0.1 + 0.2, 1.0 / 3.0]).chain(near_one).collect();
        let extreme = hard.into_iter().chain(of_every_magnitude().take(200)).collect();
        for stored in [usual, extreme] {
            let lease = fixture.claim();
            for (number, value) in (1..).zip(&stored) {
                fixture.store.record_epoch(lease, &epoch_with(number, vec![d_loss(*value)])).unwrap();
            }
            let series = fixture.store.series(lease.run).unwrap();
            assert_eq!((series.len(), series[0].metric.as_str()), (1, "d_loss"));
            for ((at, number), (epoch, read)) in (1..).zip(&stored).zip(series[0].curve.points()) {
                assert_eq!((epoch.0, read.to_bits()), (at, number.to_bits()), "{number:e}");
            }
            assert_eq!(series[0].curve.points().len(), stored.len());
        }
    }

    #[test]
    fn values_that_are_not_finite_are_read_as_recorded() {
        let fixture = Fixture::new();
        let lease = fixture.claim();
        for (number, value) in (1..).zip([f64::NAN, f64::INFINITY, f64::NEG_INFINITY]) {
            fixture.store.record_epoch(lease, &epoch_with(number, vec![d_loss(value)])).unwrap();
        }
        let series = fixture.store.series(lease.run).unwrap();
        let [(_, nan), (_, high), (_, low)] = series[0].curve.points() else { panic!("{series:?}") };
        assert!(nan.is_nan() && *high == f64::INFINITY && *low == f64::NEG_INFINITY);
    }

    #[test]
    fn only_the_wanted_metrics_of_the_wanted_runs_have_points() {
        let fixture = Fixture::new();
        let leases = [fixture.claim(), fixture.claim(), fixture.claim()];
        for (lease, ssim) in leases.into_iter().zip([0.5, 0.25, 0.125]) {
            for number in [1, 2] {
                fixture.store.record_epoch(lease, &epoch(number, ssim, 1.0)).unwrap();
            }
        }
        let read = fixture.store.series_of(&[RunId(1), RunId(3), RunId(6)], Some(&["ssim"])).unwrap();
        assert_eq!(read.keys().map(|run| run.0).collect::<Vec<_>>(), [1, 3], "run 6 has no point");
        let points =
            |run: i64, at: usize| (read[&RunId(run)][at].metric.as_str(), read[&RunId(run)][at].curve.points());
        assert_eq!(points(3, 0), ("d_loss", [].as_slice()));
        assert_eq!(points(3, 1), ("ssim", [(Epoch(1), 0.125), (Epoch(2), 0.125)].as_slice()));
        assert_eq!(points(1, 1).1[0].1, 0.5);
        let whole = fixture.store.series_of(&[RunId(1)], None).unwrap();
        assert!(whole[&RunId(1)].iter().all(|series| series.curve.points().len() == 2));
    }

    #[test]
    fn a_text_that_is_not_a_list_of_points_is_refused() {
        assert_eq!(unpack("1 0.5 2 -1.5e-05"), Some(vec![(Epoch(1), 0.5), (Epoch(2), -1.5e-5)]));
        assert_eq!(unpack(""), Some(Vec::new()));
        assert_eq!((unpack("1 0.5 2"), unpack("1 x"), unpack("-1 0.5")), (None, None, None));
    }
}
