//! The stored rows from which a figure or a table is computed.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use sha2::{Digest as _, Sha256};

use crate::measure::ProtocolId;
use crate::report::{Analysis, ClaimMeasure, FigureName, RunData, TableName, format};
use crate::store::{RunId, Series};

/// What a figure or a table reads of its runs.
#[derive(Clone, Debug, Default)]
pub struct Sources {
    /// The names of metrics.
    pub metrics: BTreeSet<&'static str>,
    /// Whether it depends on the convergence rule.
    pub uses_rule: bool,
    /// Whether it shows image grids.
    pub has_images: bool,
    /// Whether it shows scores of fitted networks.
    pub has_fits: bool,
    /// Whether it shows settings.
    pub has_settings: bool,
}

impl Sources {
    /// Those of a figure.
    pub fn of_figure(analysis: &Analysis, name: &str) -> Self {
        let Some(name) = FigureName::find(name) else { return Self::all(analysis) };
        match name {
            FigureName::Pipeline | FigureName::Networks => Self { has_settings: true, ..Self::default() },
            FigureName::Curves => Self {
                metrics: analysis.spec.curves.iter().map(|metric| metric.name).collect(),
                uses_rule: true,
                ..Self::default()
            },
            FigureName::Convergence | FigureName::Converged => Self {
                metrics: BTreeSet::from([analysis.spec.convergence.metric.name]),
                uses_rule: true,
                ..Self::default()
            },
            FigureName::Fits => Self { has_fits: true, ..Self::default() },
            FigureName::Differences | FigureName::Controls | FigureName::Objectives | FigureName::Cost => {
                Self::all(analysis)
            }
            FigureName::Segmentations
            | FigureName::Methods
            | FigureName::Originals
            | FigureName::Foreground
            | FigureName::Backgrounds
            | FigureName::Resolutions
            | FigureName::Strips
            | FigureName::Samples => Self { has_images: true, ..Self::default() },
        }
    }

    /// Those of a table.
    pub fn of_table(analysis: &Analysis, name: &str) -> Self {
        match TableName::find(name) {
            Some(TableName::Deviations) => Self { has_settings: true, ..Self::default() },
            _ => Self::all(analysis),
        }
    }

    /// The metrics of tables, of convergence and of claims.
    fn all(analysis: &Analysis) -> Self {
        let claimed = analysis.spec.claims.iter().filter_map(|claim| match claim.measure {
            ClaimMeasure::Metric(metric) => Some(metric),
            ClaimMeasure::Convergence => None,
        });
        let metrics = analysis.spec.table.iter().copied().chain(claimed);
        Self {
            metrics: metrics.chain([analysis.spec.convergence.metric]).map(|metric| metric.name).collect(),
            uses_rule: true,
            ..Self::default()
        }
    }

    /// Whether it depends on results, and not only on settings.
    pub fn has_results(&self) -> bool {
        !self.metrics.is_empty() || self.has_images || self.has_fits
    }

    /// The protocols of its metrics, or of the items that its images show.
    pub fn protocols<'a>(&self, analysis: &Analysis<'a>, runs: &[&'a RunData]) -> BTreeSet<&'a str> {
        let metrics = match self.has_images {
            true => BTreeSet::from([analysis.spec.convergence.metric.name]),
            false => self.metrics.clone(),
        };
        let series = runs.iter().flat_map(|run| &run.series);
        let used = series.filter(|series| metrics.contains(series.metric.as_str()));
        used.map(|series| &series.protocol).filter(|id| **id != ProtocolId::none()).map(ProtocolId::as_str).collect()
    }
}

/// Hashes over stored rows. Each curve is hashed once, although many figures read it.
#[derive(Default)]
pub struct RowHashes {
    series: BTreeMap<(RunId, String, String), String>,
}

/// The digits of a hash in a caption.
const DIGITS: usize = 12;

impl RowHashes {
    /// The first 12 hexadecimal digits of the SHA-256 of the rows that `sources` names, as text: a line for each run, in
    /// the order of their numbers, then lines for its settings, curves, image grids and fitted files. A curve is
    /// represented by the SHA-256 of its lines `epoch value`, and an image by that of its PNG file.
    pub fn of(&mut self, runs: &[&RunData], sources: &Sources) -> String {
        let mut text = String::new();
        for run in runs {
            self.write(&mut text, run, sources);
        }
        hex::encode(Sha256::digest(text))[..DIGITS].to_owned()
    }

    fn write(&mut self, text: &mut String, run: &RunData, sources: &Sources) {
        let record = &run.record;
        let (id, cell, seed, state) = (record.id, &record.cell, record.seed, record.state);
        let mut line = |line: String| {
            text.push_str(&line);
            text.push('\n');
        };
        line(format!("run {id} cell {cell} seed {seed} {state} epoch {} of {}", record.epoch, record.horizon));
        if sources.has_settings {
            record.settings.iter().for_each(|(key, value)| line(format!("setting {key} = {value}")));
        }
        for series in run.series.iter().filter(|series| sources.metrics.contains(series.metric.as_str())) {
            let (metric, protocol) = (&series.metric, series.protocol.as_str());
            let key = (id, metric.clone(), protocol.to_owned());
            let hash = self.series.entry(key).or_insert_with(|| hash_of(series));
            line(format!("series {metric} {protocol} {hash}"));
        }
        if sources.has_images {
            let grids = run.image_grids.iter();
            grids.for_each(|grid| line(format!("image {} {} {}", grid.role, grid.epoch, grid.picture)));
        }
        if sources.has_fits {
            run.fitted.iter().for_each(|file| line(format!("fit {} {}", file.setting, file.sha256)));
        }
    }
}

fn hash_of(series: &Series) -> String {
    let mut text = String::new();
    for (epoch, value) in series.curve.points() {
        // Writing to text does not fail.
        let _ = writeln!(text, "{epoch} {}", format::Exact(*value));
    }
    hex::encode(Sha256::digest(text))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::measure::{Curve, Epoch};
    use crate::report::{ReportSpec, fixture};

    #[test]
    fn the_hash_is_that_of_the_lines_of_its_rows() {
        let mut input = fixture::input(&["A"], 1);
        input.runs[0].series.truncate(1);
        input.runs[0].series[0].curve = Curve::new(vec![(Epoch(0), 0.5), (Epoch(5), f64::NAN)]).unwrap();
        let spec = ReportSpec::for_experiment("lab", "Lab");
        let analysis = Analysis::new(&input, &spec).unwrap();
        let sources = Sources::of_figure(&analysis, "convergence");
        let found = RowHashes::default().of(&[&input.runs[0]], &sources);
        let digest = |text: &str| hex::encode(Sha256::digest(text));
        let (protocol, curve) = (fixture::protocol(3).id(), digest("0 0.5\n5 nan\n"));
        let text = format!(
            "run 1 cell 0000000000000000 seed 1 finished epoch 60 of 60\nseries colour_distance {} {curve}\n",
            protocol.as_str()
        );
        assert_eq!(found, digest(&text)[..12]);
    }

    #[test]
    fn the_hash_changes_with_the_values_that_are_used_and_not_with_others() {
        let input = fixture::with_images(fixture::input(&["A", "B"], 2), 3, 8);
        let spec = ReportSpec::for_experiment("lab", "Lab");
        let hash = |input: &crate::report::ReportInput, name: &str| {
            let analysis = Analysis::new(input, &spec).unwrap();
            let runs: Vec<&RunData> = analysis.runs().collect();
            RowHashes::default().of(&runs, &Sources::of_figure(&analysis, name))
        };
        let mut other = input.clone();
        let loss = other.runs[2].series.iter_mut().find(|series| series.metric == "d_loss").unwrap();
        loss.curve = Curve::new(vec![(Epoch(1), 0.1)]).unwrap();
        assert_eq!(hash(&input, "convergence"), hash(&other, "convergence"));
        assert_ne!(hash(&input, "curves"), hash(&other, "curves"));
        assert_eq!(hash(&input, "samples"), hash(&other, "samples"));
        other.runs[0].image_grids[0].picture = "00".into();
        assert_ne!(hash(&input, "samples"), hash(&other, "samples"));
    }
}
