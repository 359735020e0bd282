//! The content of a report, and the files that describe it.

mod check;
mod choice;
mod claim;
mod file;
mod language;
mod reader;
mod schema;
mod selector;

use std::collections::BTreeSet;
use std::path::Path;

use super::ReportError;
use crate::measure::MetricDef;
use crate::spec::{SpecError, Violation};
use crate::stats::{BandRule, PlateauRule, Rule};
pub use choice::{FigureName, OutputFormat, TableName};
pub use claim::{ClaimMeasure, ClaimSpec, ComparisonSpec, Expectation, FamilySpec};
pub use schema::schema;
pub use selector::{CellSelector, FilterSpec};

/// The validated content of a report.
#[derive(Clone, Debug, PartialEq)]
pub struct ReportSpec {
    /// The name; the report is written to `reports/<name>/`.
    pub name: String,
    /// The title.
    pub title: String,
    /// The names of the compared experiments.
    pub experiments: Vec<String>,
    /// The metrics with curves, one panel each.
    pub curves: Vec<&'static MetricDef>,
    /// The metrics in the tables.
    pub table: Vec<&'static MetricDef>,
    /// The band around mean curves.
    pub band: BandChoice,
    /// The metric and the rules of convergence.
    pub convergence: ConvergenceSpec,
    /// The figure of samples.
    pub samples: SamplesSpec,
    /// The runs that it contains.
    pub filter: FilterSpec,
    /// The name of the method that others are compared with; `None` for the first method.
    pub reference: Option<String>,
    /// The tables to write, of those that have data.
    pub tables: Vec<TableName>,
    /// The figures to draw, of those that have data.
    pub figures: Vec<FigureName>,
    /// The formats to write.
    pub formats: Vec<OutputFormat>,
    /// The comparisons that are tested together.
    pub family: FamilySpec,
    /// The claims that it answers.
    pub claims: Vec<ClaimSpec>,
}

/// The band around a mean curve.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum BandChoice {
    /// `t95` if every line has at least 5 seeds, otherwise `range`: a t interval of few values would be too wide.
    #[default]
    Auto,
    /// From the least to the greatest value of the seeds.
    Range,
    /// The pointwise 95 % Student-t interval of the mean.
    T95,
}

/// The metric and the rules of convergence.
#[derive(Clone, Debug, PartialEq)]
pub struct ConvergenceSpec {
    /// The metric, which is not neutral.
    pub metric: &'static MetricDef,
    /// The band rule.
    pub rule: BandRule,
    /// The threshold for all methods, in the unit of the metric. If it is set, its results are shown too.
    pub threshold: Option<f64>,
    /// The plateau rule.
    pub plateau: PlateauRule,
    /// The rule of claims, comparisons and the table of convergence: the band rule, unless the file names another.
    pub primary: Rule,
}

/// The content of the figure of samples (`[sheet]` in a report file).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SamplesSpec {
    /// The epoch; `None` for the last samples of each run.
    pub epoch: Option<u32>,
    /// The seed; `None` for the first seed of each method.
    pub seed: Option<u64>,
    /// The number of rows, 1 to 8.
    pub items: usize,
}

impl SamplesSpec {
    /// The maximum number of rows.
    pub const MAX_ITEMS: usize = 8;
}

impl ReportSpec {
    /// The default report of an experiment.
    pub fn for_experiment(name: &str, title: &str) -> Self {
        let defaults = file::read(&toml::Table::new(), "", "", "report").expect("the defaults are allowed values");
        Self { name: name.to_owned(), title: title.to_owned(), experiments: vec![name.to_owned()], ..defaults }
    }

    /// The names of the metrics whose points the report reads.
    pub fn metrics_needed(&self) -> BTreeSet<&'static str> {
        let shown = self.curves.iter().chain(&self.table).map(|metric| metric.name);
        let tested = self.family.measures.iter().copied().chain(self.claims.iter().map(|claim| claim.measure));
        let tested = tested.filter_map(|measure| match measure {
            ClaimMeasure::Convergence => None,
            ClaimMeasure::Metric(metric) => Some(metric.name),
        });
        // The rate is needed for the cost of convergence.
        shown.chain([self.convergence.metric.name, "images_per_second"]).chain(tested).collect()
    }

    /// Whether the report has this figure if there are data. An empty list selects all.
    pub fn shows_figure(&self, name: FigureName) -> bool {
        self.figures.is_empty() || self.figures.contains(&name)
    }

    /// Whether the report has this table if there are data. An empty list selects all.
    pub fn shows_table(&self, name: TableName) -> bool {
        self.tables.is_empty() || self.tables.contains(&name)
    }

    /// Whether the report is written in this format. An empty list selects all.
    pub fn writes(&self, format: OutputFormat) -> bool {
        self.formats.is_empty() || self.formats.contains(&format)
    }

    /// Reads a report file.
    ///
    /// # Errors
    ///
    /// If it cannot be read or is not valid TOML; or all mistakes in it: unknown keys, wrong types, values that are not
    /// allowed.
    pub fn read(path: &Path) -> Result<Self, ReportError> {
        let text =
            std::fs::read_to_string(path).map_err(|source| ReportError::Read { path: path.to_owned(), source })?;
        Self::parse(&text, &path.display().to_string())
    }

    /// Parses the text of a report file. `file` is its path for error messages; the stem of `file` is the default name.
    ///
    /// # Errors
    ///
    /// If it is not valid TOML; or all mistakes in it.
    pub fn parse(text: &str, file: &str) -> Result<Self, ReportError> {
        let stem = Path::new(file).file_stem().map_or_else(|| file.to_owned(), |stem| stem.display().to_string());
        let read = match text.parse::<toml::Table>() {
            Ok(table) => file::read(&table, text, file, &stem),
            Err(error) => Err(vec![malformed(file, &error)]),
        };
        read.map_err(|mistakes| ReportError::Spec(SpecError::Violations(mistakes)))
    }
}

/// The mistake of a file that is not valid TOML.
fn malformed(file: &str, error: &toml::de::Error) -> Violation {
    let help = "the marked text is not valid TOML; the rest of the file was not checked";
    Violation::new(file, "", error.to_string().trim_end().to_owned()).help(help)
}

#[cfg(test)]
mod tests;
