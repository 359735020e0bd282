//! The content of a report file, from the values of its keys.

mod claims;

use toml::{Table, Value};

use super::check::{number, smoothing};
use super::choice::{FigureName, OutputFormat, TableName};
use super::language::KEYS;
use super::reader::{Reader, Values};
use super::{BandChoice, ConvergenceSpec, FilterSpec, ReportSpec, SamplesSpec};
use crate::label;
use crate::measure::{MetricDef, metric};
use crate::spec::Violation;
use crate::stats::{BandRule, PlateauRule, Rule, Smoothing, ThresholdRule};

/// The metrics of curves and of tables, unless the file lists others.
const CURVES: [&str; 4] = ["colour_distance", "ssim", "d_loss", "g_loss"];
const TABLE: [&str; 2] = ["colour_distance", "ssim"];

/// The invariant of the values that [`Reader::values`] returns.
const CHECKED: &str = "the values were checked against their ranges";

/// Reads a file. `origin` is its path for errors, and `stem` the default name.
///
/// # Errors
///
/// All mistakes, by line.
pub(super) fn read(table: &Table, text: &str, origin: &str, stem: &str) -> Result<ReportSpec, Vec<Violation>> {
    let mut reader = Reader::new(origin, text);
    let values = reader.values(table, KEYS, "");
    let name = label::normalize(text_or(&values, "name", stem));
    let experiments = texts(&values, "experiments");
    let spec = ReportSpec {
        title: text_or(&values, "title", &name).to_owned(),
        experiments: if experiments.is_empty() { vec![name.clone()] } else { experiments },
        name,
        curves: metrics(&values, "curves", &CURVES),
        table: metrics(&values, "table", &TABLE),
        band: match values.get("band").and_then(|value| value.as_str()) {
            Some("range") => BandChoice::Range,
            Some("t95") => BandChoice::T95,
            _ => BandChoice::Auto,
        },
        convergence: convergence(&values, &mut reader),
        samples: SamplesSpec {
            epoch: integer(&values, "sheet.epoch").and_then(|epoch| u32::try_from(epoch).ok()),
            seed: integer(&values, "sheet.seed").and_then(|seed| u64::try_from(seed).ok()),
            items: count(&values, "sheet.items", SamplesSpec::MAX_ITEMS),
        },
        filter: values.get("filter").map_or_else(FilterSpec::default, |value| reader.filter(value, "filter")),
        reference: Some(text_or(&values, "reference", "")).filter(|name| !name.is_empty()).map(label::normalize),
        tables: chosen(&values, "tables", TableName::ALL, TableName::find),
        figures: chosen(&values, "figures", FigureName::ALL, FigureName::find),
        formats: chosen(&values, "formats", OutputFormat::ALL, OutputFormat::find),
        family: claims::family(&values, &mut reader),
        claims: claims::claims(&values, &mut reader),
    };
    // A file without a name has that of the file, which must be allowed too.
    if text_or(&values, "name", "").is_empty()
        && let Err(problem) = super::check::folder_name(stem)
    {
        let help = "write a name into the file: name = \"my-report\"";
        reader.mistake("name", format!("is that of the file and {}", problem.text), Some(help.to_owned()));
    }
    reader.finish(spec)
}

fn convergence(values: &Values, reader: &mut Reader) -> ConvergenceSpec {
    let default = BandRule::default();
    let smoothing = values.get("convergence.smooth").and_then(|value| smoothing(value).ok()).unwrap_or(Smoothing::NONE);
    let confirm = count(values, "convergence.confirm", default.confirm());
    let rule = BandRule::new(
        number_or(values, "convergence.tolerance", default.tolerance()),
        confirm,
        1,
        number_or(values, "convergence.min_improvement", default.min_improvement()),
    );
    let rule = rule.expect(CHECKED).with_smoothing(smoothing);
    let plateau = PlateauRule::default();
    let plateau = PlateauRule::new(
        number_or(values, "convergence.delta", plateau.delta()),
        count(values, "convergence.patience", plateau.patience()),
        smoothing,
    );
    let plateau = plateau.expect(CHECKED);
    let threshold = values.get("convergence.threshold").map(|value| number(value)).filter(|tau| tau.is_finite());
    let at = threshold.map(|tau| ThresholdRule::new(tau, confirm, Smoothing::NONE).expect(CHECKED));
    let primary = match (values.get("convergence.rule").and_then(|value| value.as_str()), at) {
        (Some("threshold"), Some(at)) => Rule::Threshold(at),
        (Some("threshold"), None) => {
            if !reader.has_mistake("convergence.threshold") {
                let help = "write `threshold` under [convergence], in the unit of the metric";
                let problem = "is \"threshold\", but there is no threshold";
                reader.mistake("convergence.rule", problem, Some(help.to_owned()));
            }
            Rule::Band(rule)
        }
        (Some("plateau"), _) => Rule::Plateau(plateau),
        _ => Rule::Band(rule),
    };
    let metric = values.get("convergence.metric").and_then(|value| metric(value.as_str()?));
    let metric = metric.or_else(|| self::metric("colour_distance")).expect("this metric exists");
    ConvergenceSpec { metric, rule, threshold, plateau, primary }
}

/// The text of `key`, or the default if it is missing or empty.
fn text_or<'t>(values: &Values<'t>, key: &str, default: &'t str) -> &'t str {
    values.get(key).and_then(|value| value.as_str()).filter(|text| !text.trim().is_empty()).unwrap_or(default)
}

fn texts(values: &Values, key: &str) -> Vec<String> {
    words(values, key).into_iter().flatten().map(str::to_owned).collect()
}

/// The words of a list; `None` if the key is missing.
fn words<'t>(values: &Values<'t>, key: &str) -> Option<Vec<&'t str>> {
    let list = values.get(key)?.as_array()?;
    Some(list.iter().filter_map(Value::as_str).collect())
}

fn metrics(values: &Values, key: &str, default: &[&str]) -> Vec<&'static MetricDef> {
    let names = words(values, key).unwrap_or_else(|| default.to_vec());
    names.into_iter().filter_map(metric).collect()
}

fn chosen<T: Copy>(values: &Values, key: &str, all: &[T], find: fn(&str) -> Option<T>) -> Vec<T> {
    words(values, key).map_or_else(|| all.to_vec(), |words| words.into_iter().filter_map(find).collect())
}

fn number_or(values: &Values, key: &str, default: f64) -> f64 {
    values.get(key).map_or(default, |value| number(value))
}

fn integer(values: &Values, key: &str) -> Option<i64> {
    values.get(key)?.as_integer()
}

fn count(values: &Values, key: &str, default: usize) -> usize {
    integer(values, key).and_then(|n| usize::try_from(n).ok()).unwrap_or(default)
}
