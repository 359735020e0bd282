//! `[family]` and `[[claims]]`.

use toml::Value;

use super::number;
use crate::measure::metric;
use crate::report::spec::language::{CLAIM, COMPARISON};
use crate::report::spec::reader::{Reader, Values};
use crate::report::spec::{CellSelector, ClaimMeasure, ClaimSpec, ComparisonSpec, Expectation, FamilySpec};

/// The tests that are adjusted together.
pub(super) fn family(values: &Values, reader: &mut Reader) -> FamilySpec {
    let default = FamilySpec::default();
    let measures = super::words(values, "family.measures").into_iter().flatten().filter_map(measure).collect();
    FamilySpec {
        alpha: super::number_or(values, "family.alpha", default.alpha),
        measures,
        comparisons: tables(values, "family.comparisons")
            .filter_map(|(path, table)| {
                let values = reader.values(table, COMPARISON, &path);
                let [a, b] = ["a", "b"].map(|key| required(&values, key, &path, reader));
                Some(ComparisonSpec { a: a?, b: b? })
            })
            .collect(),
    }
}

/// The claims that the report answers.
pub(super) fn claims(values: &Values, reader: &mut Reader) -> Vec<ClaimSpec> {
    let tables: Vec<_> = tables(values, "claims").collect();
    tables.into_iter().filter_map(|(path, table)| claim(table, &path, reader)).collect()
}

/// The tables of a list with their paths.
fn tables<'t>(values: &Values<'t>, key: &'static str) -> impl Iterator<Item = (String, &'t toml::Table)> + use<'t> {
    let list = values.get(key).and_then(|value| value.as_array()).map_or(&[][..], Vec::as_slice);
    list.iter().enumerate().filter_map(move |(at, item)| Some((format!("{key}[{at}]"), item.as_table()?)))
}

fn claim(table: &toml::Table, path: &str, reader: &mut Reader) -> Option<ClaimSpec> {
    let values = reader.values(table, CLAIM, path);
    let word = |key: &str| values.get(key).and_then(|value| value.as_str());
    let measure = word("measure").map_or(Some(ClaimMeasure::Convergence), measure)?;
    let is_convergence = measure == ClaimMeasure::Convergence;
    let default = if is_convergence { Expectation::Faster } else { Expectation::Better };
    let expects = word("expects").map_or(Some(default), Expectation::find)?;
    let text = word("text").map(str::to_owned);
    if text.is_none() && !table.contains_key("text") {
        let help = "write the claim as a sentence: text = \"...\"";
        reader.mistake(&format!("{path}.text"), "is missing", Some(help.to_owned()));
    }
    let at = format!("{path}.expects");
    match expects {
        Expectation::Faster | Expectation::Converges if !is_convergence => {
            let help = "expect \"better\" or \"equal\", or leave out `measure`";
            let problem = format!("is {:?}, but `measure` is a metric", expects.as_str());
            reader.mistake(&at, problem, Some(help.to_owned()));
        }
        Expectation::Better if is_convergence => {
            let help = "expect \"faster\", \"equal\" or \"converges\", or set `measure` to a metric";
            reader.mistake(&at, "is \"better\", but the measure is convergence", Some(help.to_owned()));
        }
        _ => {}
    }
    let a = required(&values, "a", path, reader);
    let b = match (expects, values.get("b")) {
        (Expectation::Converges, None) => None,
        (Expectation::Converges, Some(_)) => {
            let help = "remove it: \"converges\" is expected of `a` alone";
            reader.mistake(&format!("{path}.b"), "is compared with nothing", Some(help.to_owned()));
            None
        }
        _ => Some(required(&values, "b", path, reader)?),
    };
    let margin = values.get("margin").map(|value| number(value));
    match (expects, margin) {
        (Expectation::Equal, None) if !table.contains_key("margin") => {
            let help = "write the greatest difference that counts as equal, in epochs or in the unit of the metric";
            reader.mistake(&format!("{path}.margin"), "is missing", Some(help.to_owned()));
        }
        (Expectation::Equal, _) | (_, None) => {}
        (_, Some(_)) => {
            let help = "remove it, or expect \"equal\"";
            let problem = format!("is set, but {:?} is expected", expects.as_str());
            reader.mistake(&format!("{path}.margin"), problem, Some(help.to_owned()));
        }
    }
    let published = word("published").unwrap_or_default().to_owned();
    Some(ClaimSpec { text: text?, published, a: a?, b, measure, expects, margin })
}

/// The conditions of a key that must be there.
fn required(values: &Values, key: &'static str, path: &str, reader: &mut Reader) -> Option<CellSelector> {
    let full = format!("{path}.{key}");
    match values.get(key) {
        Some(value @ Value::Table(_)) => Some(reader.conditions(value, &full)),
        Some(_) => None,
        None => {
            // A value of a wrong type is a mistake already.
            if !reader.has_mistake(&full) {
                let help = format!("write the conditions for its cell: {key} = {{ method = \"JEM-VGG\" }}");
                reader.mistake(&full, "is missing", Some(help));
            }
            None
        }
    }
}

fn measure(word: &str) -> Option<ClaimMeasure> {
    match word {
        "convergence" => Some(ClaimMeasure::Convergence),
        name => metric(name).map(ClaimMeasure::Metric),
    }
}
