use super::Table;
use super::runs::{by_cell, experiments};
use crate::report::{Analysis, format};

/// All points of the metrics with curves as CSV, at full precision; also `nan`, `inf` and `-inf`.
pub fn curves_csv(analysis: &Analysis) -> Table {
    let mut table = Table::default();
    for header in ["experiment", "run", "method", "settings", "seed", "metric", "protocol", "epoch", "value"] {
        table = table.text_column(header);
    }
    for (cell, run) in by_cell(analysis) {
        let (experiments, settings) = (experiments(cell), cell.settings());
        for metric in &analysis.spec.curves {
            for series in run.series.iter().filter(|series| series.metric == metric.name) {
                for (epoch, value) in series.curve.points() {
                    table.push(vec![
                        experiments.clone(),
                        run.record.id.to_string(),
                        cell.method.to_owned(),
                        settings.clone(),
                        run.record.seed.to_string(),
                        series.metric.clone(),
                        series.protocol.as_str().to_owned(),
                        epoch.to_string(),
                        format::exact(*value),
                    ]);
                }
            }
        }
    }
    table
}
