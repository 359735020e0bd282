use super::Table;
use crate::report::Analysis;
use crate::report::fits::{FitRecord, fits};
use crate::report::format;

/// The scores of fitted networks after each epoch as CSV, at full precision; `None` if no network was fitted. The
/// baselines (`perplexity_of_frequencies`, `top1_by_chance`) are included at every epoch.
pub fn fits_csv(analysis: &Analysis) -> Option<Table> {
    let mut table = Table::default();
    for header in ["setting", "sha256", "methods", "runs", "epoch", "kept", "measure", "value"] {
        table = table.text_column(header);
    }
    let all = fits(analysis);
    for fit in &all {
        let (kept, epochs): (u32, Vec<Vec<(&str, f64)>>) = match &fit.record {
            FitRecord::Text(record) => {
                let values = record.history.iter().map(|score| {
                    vec![
                        ("perplexity", score.held_out),
                        ("perplexity_in_learning", score.train),
                        ("perplexity_of_frequencies", record.unigram),
                    ]
                });
                (record.epoch, values.collect())
            }
            FitRecord::Guide(record) => {
                let values = record.history.iter().map(|score| {
                    vec![("top1", score.top1), ("top5", score.top5), ("top1_by_chance", record.chance_accuracy())]
                });
                (record.epoch, values.collect())
            }
        };
        let runs: Vec<String> = fit.runs.iter().map(|run| run.record.id.to_string()).collect();
        for (epoch, values) in (1..).zip(epochs) {
            for (measure, value) in values {
                table.push(vec![
                    fit.setting.to_owned(),
                    fit.sha256.to_owned(),
                    fit.labels.join("; "),
                    runs.join(" "),
                    epoch.to_string(),
                    (epoch == kept).to_string(),
                    measure.to_owned(),
                    format::exact(value),
                ]);
            }
        }
    }
    (!all.is_empty()).then_some(table)
}
