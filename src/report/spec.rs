mod written;

use std::path::Path;

use serde::Deserialize;

use super::{ReportError, SpecError};
use crate::measure::MetricDef;
use crate::stats::BandRule;
use written::Written;

/// What a report shows, checked.
#[derive(Clone, Debug, PartialEq)]
pub struct ReportSpec {
    /// The name; the report goes to `reports/<name>/`.
    pub name: String,
    /// The heading.
    pub title: String,
    /// The experiments that are compared, by name.
    pub experiments: Vec<String>,
    /// The metrics drawn as curves, one panel each.
    pub curves: Vec<&'static MetricDef>,
    /// The metrics in the tables.
    pub table: Vec<&'static MetricDef>,
    /// The band around mean curves.
    pub band: BandChoice,
    /// How convergence is judged.
    pub convergence: ConvergenceSpec,
    /// The sample sheet.
    pub sheet: SheetSpec,
}

/// Which band surrounds a mean curve.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum BandChoice {
    /// `t95` if every line has at least 5 seeds, else `range`: a t interval of few values is wider than the figure.
    #[default]
    Auto,
    /// From the least to the greatest seed.
    Range,
    /// The pointwise 95 % Student-t interval of the mean.
    T95,
}

/// How convergence is judged.
#[derive(Clone, Debug, PartialEq)]
pub struct ConvergenceSpec {
    /// The judged metric; never a neutral one.
    pub metric: &'static MetricDef,
    /// The band rule.
    pub rule: BandRule,
    /// A value to reach, in the metric's unit, common to all methods; shown beside the band if given.
    pub threshold: Option<f64>,
}

/// What the sample sheet shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SheetSpec {
    /// Whose epoch: a number, or `None` for each run's last picture.
    pub epoch: Option<u32>,
    /// The seed: a number, or `None` for each method's first.
    pub seed: Option<u64>,
    /// Rows, 1 to 8.
    pub items: usize,
}

impl SheetSpec {
    /// The most rows of a sheet.
    pub const MAX_ITEMS: usize = 8;
}

impl ReportSpec {
    /// The report that an experiment gets when nobody wrote one.
    pub fn for_experiment(name: &str, title: &str) -> Self {
        let defaults = written::check(Written::default(), "report").expect("the defaults are allowed values");
        Self { name: name.to_owned(), title: title.to_owned(), experiments: vec![name.to_owned()], ..defaults }
    }

    /// Reads a report file.
    ///
    /// # Errors
    ///
    /// If it cannot be read, or holds an unknown key, a wrong type or a value that is not allowed.
    pub fn read(path: &Path) -> Result<Self, ReportError> {
        let text =
            std::fs::read_to_string(path).map_err(|source| ReportError::Read { path: path.to_owned(), source })?;
        Self::parse(&text, &path.display().to_string())
    }

    /// Reads the text of a report file. `file` names it in errors; its stem is the name if the file gives none.
    ///
    /// # Errors
    ///
    /// If it holds an unknown key, a wrong type or a value that is not allowed.
    pub fn parse(text: &str, file: &str) -> Result<Self, ReportError> {
        let stem = Path::new(file).file_stem().map_or_else(|| file.to_owned(), |stem| stem.display().to_string());
        toml::from_str(text)
            .map_err(|error| syntax(text, &error))
            .and_then(|written| written::check(written, &stem))
            .map_err(|source| ReportError::Spec { file: file.to_owned(), source })
    }
}

/// The parser knows where it stopped, not always at which key: the line says that.
fn syntax(text: &str, error: &toml::de::Error) -> SpecError {
    let start = error.span().map_or(0, |span| span.start.min(text.len()));
    let line = text.as_bytes()[..start].iter().filter(|&&byte| byte == b'\n').count() + 1;
    let there = text.lines().nth(line - 1).unwrap_or_default().trim().to_owned();
    SpecError::Syntax { line, text: there, message: error.message().to_owned() }
}

#[cfg(test)]
mod tests;
