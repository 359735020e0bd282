use std::fmt::Write as _;
use std::io::{self, Write};

use flate2::{Compression, GzBuilder};

use super::runs::{by_cell, experiments};
use crate::report::data_table::quoted;
use crate::report::{Analysis, Cell, RunData, format};
use crate::store::Series;

/// The names of the file of curves: as text, and compressed.
pub const CURVES: [&str; 2] = ["curves.csv", "curves.csv.gz"];

/// With more points than this the file is compressed. Text of this length has about ten megabytes.
const MAX_POINTS: usize = 100_000;

/// All points of the metrics with curves as CSV, at full precision; also `nan`, `inf` and `-inf`. The name of the file
/// and its content, which is compressed if there are many points.
pub fn curves_csv(analysis: &Analysis) -> (&'static str, Vec<u8>) {
    const IN_MEMORY: &str = "writing to memory does not fail";
    let [plain, compressed] = CURVES;
    let points: usize = series(analysis).map(|(_, _, series)| series.curve.points().len()).sum();
    if points <= MAX_POINTS {
        let mut text = Vec::new();
        write(analysis, &mut text).expect(IN_MEMORY);
        return (plain, text);
    }
    // The header has no name and no time. The fastest level leaves the file a tenth larger than the default.
    let mut packed = GzBuilder::new().write(Vec::new(), Compression::fast());
    write(analysis, &mut packed).expect(IN_MEMORY);
    (compressed, packed.finish().expect(IN_MEMORY))
}

/// The series of the metrics with curves, by cell, run and metric.
fn series<'s, 'a>(analysis: &'s Analysis<'a>) -> impl Iterator<Item = (&'s Cell<'a>, &'a RunData, &'a Series)> {
    by_cell(analysis).flat_map(move |(cell, run)| {
        let of_metric = |name: &'static str| run.series.iter().filter(move |series| series.metric == name);
        analysis
            .spec
            .curves
            .iter()
            .flat_map(move |metric| of_metric(metric.name))
            .map(move |series| (cell, run, series))
    })
}

/// Writes the table. It is too long to be kept in memory as cells of text.
fn write(analysis: &Analysis, out: &mut impl Write) -> io::Result<()> {
    out.write_all(b"experiment,run,method,settings,seed,metric,protocol,epoch,value\r\n")?;
    let mut rows = String::new();
    for (cell, run, series) in series(analysis) {
        let (id, seed) = (run.record.id.to_string(), run.record.seed.to_string());
        let [experiments, method, settings] = [&experiments(cell), cell.method, &cell.settings()].map(quoted);
        let (metric, protocol) = (&series.metric, series.protocol.as_str());
        let labels = format!("{experiments},{id},{method},{settings},{seed},{metric},{protocol}");
        rows.clear();
        for (epoch, value) in series.curve.points() {
            // Writing to text does not fail.
            let _ = write!(rows, "{labels},{epoch},{}\r\n", format::Exact(*value));
        }
        out.write_all(rows.as_bytes())?;
    }
    Ok(())
}
