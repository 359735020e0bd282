use serde::Deserialize;

use super::{BandChoice, ConvergenceSpec, ReportSpec, SheetSpec};
use crate::label;
use crate::measure::{Direction, METRICS, MetricDef, metric};
use crate::report::SpecError;
use crate::stats::BandRule;

/// The file as written.
#[derive(Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Written {
    name: Option<String>,
    title: Option<String>,
    experiments: Option<Vec<String>>,
    curves: Vec<String>,
    table: Vec<String>,
    band: BandChoice,
    convergence: WrittenConvergence,
    sheet: WrittenSheet,
}

#[derive(Deserialize)]
#[serde(default, deny_unknown_fields)]
struct WrittenConvergence {
    metric: String,
    tolerance: f64,
    confirm: usize,
    smooth: usize,
    min_improvement: f64,
    threshold: Option<f64>,
}

#[derive(Deserialize)]
#[serde(default, deny_unknown_fields)]
struct WrittenSheet {
    epoch: WordOr<u32>,
    seed: WordOr<u64>,
    items: usize,
}

/// A number, or the word that stands for the usual one.
#[derive(Deserialize)]
#[serde(untagged, expecting = "expected a whole number of at least 0, or a word in quotes")]
enum WordOr<N> {
    Number(N),
    Word(String),
}

impl Default for Written {
    fn default() -> Self {
        let names = |names: &[&str]| names.iter().map(ToString::to_string).collect();
        Self {
            name: None,
            title: None,
            experiments: None,
            curves: names(&["colour_distance", "ssim", "d_loss", "g_loss"]),
            table: names(&["colour_distance", "ssim"]),
            band: BandChoice::Auto,
            convergence: WrittenConvergence::default(),
            sheet: WrittenSheet::default(),
        }
    }
}

impl Default for WrittenConvergence {
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

impl Default for WrittenSheet {
    fn default() -> Self {
        Self { epoch: WordOr::Word("last".into()), seed: WordOr::Word("first".into()), items: SheetSpec::MAX_ITEMS }
    }
}

/// Bytes of the longest name that a folder may have.
const LONGEST_FOLDER: usize = 255;

/// The checked form of a file; `stem` is its name unless it gives one.
pub(super) fn check(written: Written, stem: &str) -> Result<ReportSpec, SpecError> {
    let name = label::normal(&written.name.unwrap_or_else(|| stem.to_owned()));
    // The name becomes a folder.
    let is_allowed = |c: char| c.is_alphanumeric() || "-_.".contains(c);
    if name.is_empty() || !name.chars().all(is_allowed) || name.starts_with(['.', '-']) {
        return Err(value("name", &format!("{name:?}"), "letters, digits, `-`, `_` and `.`, with a letter first"));
    }
    let letters = name.chars().count();
    if letters > label::LONGEST || name.len() > LONGEST_FOLDER {
        let allowed = format!("at most {} letters (fewer where each takes several bytes)", label::LONGEST);
        return Err(value("name", &format!("{letters} letters long"), &allowed));
    }
    let experiments = written.experiments.unwrap_or_else(|| vec![name.clone()]);
    if experiments.is_empty() {
        return Err(value("experiments", "empty", "a list of at least one experiment"));
    }
    let sheet = written.sheet;
    if !(1..=SheetSpec::MAX_ITEMS).contains(&sheet.items) {
        return Err(value("sheet.items", &sheet.items.to_string(), "a number from 1 to 8"));
    }
    Ok(ReportSpec {
        title: written.title.unwrap_or_else(|| name.clone()),
        name,
        experiments,
        curves: metrics("curves", &written.curves)?,
        table: metrics("table", &written.table)?,
        band: written.band,
        convergence: convergence(&written.convergence)?,
        sheet: SheetSpec {
            epoch: number_or("sheet.epoch", sheet.epoch, "last")?,
            seed: number_or("sheet.seed", sheet.seed, "first")?,
            items: sheet.items,
        },
    })
}

fn convergence(written: &WrittenConvergence) -> Result<ConvergenceSpec, SpecError> {
    let judged = known("convergence.metric", &written.metric, |metric| metric.direction != Direction::Neutral)?;
    if let Some(tau) = written.threshold.filter(|tau| !tau.is_finite()) {
        return Err(value("convergence.threshold", &tau.to_string(), "a finite number"));
    }
    let rule = BandRule::new(written.tolerance, written.confirm, written.smooth, written.min_improvement)
        .map_err(SpecError::Rule)?;
    Ok(ConvergenceSpec { metric: judged, rule, threshold: written.threshold })
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

/// The metric called `name`, if it is `fit` for the key.
fn known(key: &'static str, name: &str, fit: fn(&MetricDef) -> bool) -> Result<&'static MetricDef, SpecError> {
    metric(name).filter(|metric| fit(metric)).ok_or_else(|| {
        let allowed: Vec<_> = METRICS.iter().filter(|metric| fit(metric)).map(|m| format!("`{}`", m.name)).collect();
        value(key, &format!("{name:?}"), &format!("one of {}", allowed.join(", ")))
    })
}

fn number_or<N>(key: &'static str, written: WordOr<N>, usual: &str) -> Result<Option<N>, SpecError> {
    match written {
        WordOr::Number(number) => Ok(Some(number)),
        WordOr::Word(word) if word == usual => Ok(None),
        WordOr::Word(word) => Err(value(key, &format!("{word:?}"), &format!("{usual:?} or a whole number"))),
    }
}

fn value(key: &'static str, value: &str, allowed: &str) -> SpecError {
    SpecError::Value { key, value: value.to_owned(), allowed: allowed.to_owned() }
}
