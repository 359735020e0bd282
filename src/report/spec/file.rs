use serde::Deserialize;

use super::{
    BandChoice, ConvergenceSpec, FamilySpec, FigureName, FilterSpec, OutputFormat, ReportSpec, SamplesSpec, TableName,
};
use crate::label;
use crate::measure::{Direction, METRICS, MetricDef, metric};
use crate::report::SpecError;
use crate::stats::BandRule;

/// The format of a report file.
#[derive(Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct ReportFile {
    name: Option<String>,
    title: Option<String>,
    experiments: Option<Vec<String>>,
    curves: Vec<String>,
    table: Vec<String>,
    band: BandChoice,
    convergence: ConvergenceTable,
    sheet: SheetTable,
}

#[derive(Deserialize)]
#[serde(default, deny_unknown_fields)]
struct ConvergenceTable {
    metric: String,
    tolerance: f64,
    confirm: usize,
    smooth: usize,
    min_improvement: f64,
    threshold: Option<f64>,
}

#[derive(Deserialize)]
#[serde(default, deny_unknown_fields)]
struct SheetTable {
    epoch: NumberOrWord<u32>,
    seed: NumberOrWord<u64>,
    items: usize,
}

/// A number, or the word for the default.
#[derive(Deserialize)]
#[serde(untagged, expecting = "expected a whole number of at least 0, or a word in quotes")]
enum NumberOrWord<N> {
    Number(N),
    Word(String),
}

impl Default for ReportFile {
    fn default() -> Self {
        let names = |names: &[&str]| names.iter().map(ToString::to_string).collect();
        Self {
            name: None,
            title: None,
            experiments: None,
            curves: names(&["colour_distance", "ssim", "d_loss", "g_loss"]),
            table: names(&["colour_distance", "ssim"]),
            band: BandChoice::Auto,
            convergence: ConvergenceTable::default(),
            sheet: SheetTable::default(),
        }
    }
}

impl Default for ConvergenceTable {
    fn default() -> Self {
        let rule = BandRule::default();
        Self {
            metric: "colour_distance".into(),
            tolerance: rule.tolerance(),
            confirm: rule.confirm(),
            smooth: rule.smooth(),
            min_improvement: rule.min_improvement(),
            threshold: None,
        }
    }
}

impl Default for SheetTable {
    fn default() -> Self {
        Self {
            epoch: NumberOrWord::Word("last".into()),
            seed: NumberOrWord::Word("first".into()),
            items: SamplesSpec::MAX_ITEMS,
        }
    }
}

/// The maximum length of a folder name in bytes.
const MAX_FOLDER_NAME: usize = 255;

/// Validates a file; `stem` is the default name.
pub(super) fn check(file: ReportFile, stem: &str) -> Result<ReportSpec, SpecError> {
    let name = label::normalize(&file.name.unwrap_or_else(|| stem.to_owned()));
    // The name is used for a folder.
    let is_allowed = |c: char| c.is_alphanumeric() || "-_.".contains(c);
    if name.is_empty() || !name.chars().all(is_allowed) || name.starts_with(['.', '-']) {
        return Err(value("name", &format!("{name:?}"), "letters, digits, `-`, `_` and `.`, with a letter first"));
    }
    let letters = name.chars().count();
    if letters > label::MAX_LENGTH || name.len() > MAX_FOLDER_NAME {
        let allowed = format!("at most {} characters (fewer if they take several bytes each)", label::MAX_LENGTH);
        return Err(value("name", &format!("{letters} characters long"), &allowed));
    }
    let experiments = file.experiments.unwrap_or_else(|| vec![name.clone()]);
    if experiments.is_empty() {
        return Err(value("experiments", "empty", "a list of at least one experiment"));
    }
    let sheet = file.sheet;
    if !(1..=SamplesSpec::MAX_ITEMS).contains(&sheet.items) {
        return Err(value("sheet.items", &sheet.items.to_string(), "a number from 1 to 8"));
    }
    Ok(ReportSpec {
        title: file.title.unwrap_or_else(|| name.clone()),
        name,
        experiments,
        curves: metrics("curves", &file.curves)?,
        table: metrics("table", &file.table)?,
        band: file.band,
        convergence: convergence(&file.convergence)?,
        samples: SamplesSpec {
            epoch: number_or("sheet.epoch", sheet.epoch, "last")?,
            seed: number_or("sheet.seed", sheet.seed, "first")?,
            items: sheet.items,
        },
        filter: FilterSpec::default(),
        reference: None,
        tables: TableName::ALL.to_vec(),
        figures: FigureName::ALL.to_vec(),
        formats: OutputFormat::ALL.to_vec(),
        family: FamilySpec::default(),
        claims: Vec::new(),
    })
}

fn convergence(file: &ConvergenceTable) -> Result<ConvergenceSpec, SpecError> {
    let metric = known("convergence.metric", &file.metric, |metric| metric.direction != Direction::Neutral)?;
    if let Some(tau) = file.threshold.filter(|tau| !tau.is_finite()) {
        return Err(value("convergence.threshold", &tau.to_string(), "a finite number"));
    }
    let rule =
        BandRule::new(file.tolerance, file.confirm, file.smooth, file.min_improvement).map_err(SpecError::Rule)?;
    Ok(ConvergenceSpec { metric, rule, threshold: file.threshold })
}

fn metrics(key: &'static str, names: &[String]) -> Result<Vec<&'static MetricDef>, SpecError> {
    let mut found: Vec<&'static MetricDef> = Vec::new();
    for name in names {
        let metric = known(key, name, |_| true)?;
        if found.contains(&metric) {
            return Err(value(key, &format!("{name:?} twice"), "a list of different metrics"));
        }
        found.push(metric);
    }
    Ok(found)
}

/// The metric `name`, if it is allowed for the key.
fn known(key: &'static str, name: &str, is_allowed: fn(&MetricDef) -> bool) -> Result<&'static MetricDef, SpecError> {
    metric(name).filter(|metric| is_allowed(metric)).ok_or_else(|| {
        let allowed: Vec<_> =
            METRICS.iter().filter(|metric| is_allowed(metric)).map(|m| format!("`{}`", m.name)).collect();
        value(key, &format!("{name:?}"), &format!("one of {}", allowed.join(", ")))
    })
}

fn number_or<N>(key: &'static str, file: NumberOrWord<N>, default: &str) -> Result<Option<N>, SpecError> {
    match file {
        NumberOrWord::Number(number) => Ok(Some(number)),
        NumberOrWord::Word(word) if word == default => Ok(None),
        NumberOrWord::Word(word) => Err(value(key, &format!("{word:?}"), &format!("{default:?} or a whole number"))),
    }
}

fn value(key: &'static str, value: &str, allowed: &str) -> SpecError {
    SpecError::Value { key, value: value.to_owned(), allowed: allowed.to_owned() }
}
