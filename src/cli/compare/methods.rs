//! Comparisons of the methods or cells of an experiment, in sentences.

use std::collections::BTreeSet;

use crate::measure::{Direction, METRICS, ProtocolId};
use crate::report::comparison::{Comparison, Datum, FIELDS, Family, Measure, matched};
use crate::report::{Analysis, Cell};
use crate::store::Store;

use super::super::CliError;
use super::super::cells::{Results, labels, measure};
use super::super::format::{Field, Format, Records, print};

/// Compares each text's cells with those of every later text. `metrics` are the requested measures; empty for
/// convergence and all held-out metrics.
///
/// # Errors
///
/// If the experiment, a method or a metric does not exist, or no two cells have equal settings.
pub fn run(
    store: &Store,
    experiment: &str,
    texts: &[String],
    metrics: &[String],
    format: Format,
) -> Result<(), CliError> {
    if texts.len() < 2 {
        // The error for an unknown method is more specific, and both list the methods.
        let results = Results::read(store, experiment, texts)?;
        let analysis = Analysis::new(&results.input, &results.spec)?;
        return Err(CliError::Usage {
            what: format!("one method of {experiment} cannot be compared"),
            help: format!("give at least two of: {}", labels(&analysis.cells.iter().collect::<Vec<_>>())),
        });
    }
    let results = Results::read(store, experiment, texts)?;
    let analysis = Analysis::new(&results.input, &results.spec)?;
    let measures = measures(store, &results, metrics)?;
    let pairs = pairs(&results, &analysis, experiment, texts)?;
    let tests = pairs.iter().flat_map(|&(a, b)| measures.iter().map(move |&measure| (a, b, measure)));
    let compared = tests.map(|(a, b, measure)| Comparison::new(&analysis, a, b, measure)).collect();
    let family = Family::of(compared, results.spec.family.alpha);
    match format {
        Format::Table => print(&text(&family, experiment)),
        format => records(&family).print(format),
    }
}

/// The requested measures, or convergence and every held-out metric with a direction that a compared run has.
fn measures(store: &Store, results: &Results, requested: &[String]) -> Result<Vec<Measure>, CliError> {
    if requested.is_empty() {
        let runs = results.runs();
        let compared = results.input.runs.iter().filter(|run| runs.contains(&run.record.id));
        let held_out = compared.flat_map(|run| &run.series).filter(|series| series.protocol != ProtocolId::none());
        let names: BTreeSet<&str> = held_out.map(|series| series.metric.as_str()).collect();
        let ranked = METRICS.iter().filter(|metric| metric.direction != Direction::Neutral);
        let known = ranked.filter(|metric| names.contains(metric.name)).map(Measure::Metric);
        return Ok(std::iter::once(Measure::Convergence).chain(known).collect());
    }
    requested.iter().map(|name| measure(store, name)).collect()
}

/// The pairs of cells with equal settings, of every two texts.
fn pairs<'c, 's>(
    results: &Results,
    analysis: &'c Analysis<'s>,
    experiment: &str,
    texts: &[String],
) -> Result<Vec<(&'c Cell<'s>, &'c Cell<'s>)>, CliError> {
    let mut pairs = Vec::new();
    for first in 0..texts.len() {
        for second in first + 1..texts.len() {
            let (a, b) = (results.cells(analysis, first), results.cells(analysis, second));
            let found = matched(&a, &b, &BTreeSet::from(["method"]));
            if found.is_empty() {
                let what = format!(
                    "no cells of `{}` and `{}` in {experiment} have equal settings",
                    texts[first], texts[second]
                );
                let help = format!("name two different cells: {}", labels(&[a, b].concat()));
                return Err(CliError::Usage { what, help });
            }
            pairs.extend(found);
        }
    }
    Ok(pairs)
}

/// A heading for each pair of cells, and a line for each measure.
fn text(family: &Family, experiment: &str) -> String {
    let mut text = String::new();
    let pair = |member: &crate::report::comparison::Member| {
        (member.comparison.a.label.clone(), member.comparison.b.label.clone())
    };
    for members in family.members.chunk_by(|x, y| pair(x) == pair(y)) {
        let (a, b) = pair(&members[0]);
        text += &format!("{a} against {b}, experiment {experiment}\n");
        for member in members {
            text += &format!("  {}\n", member.sentence(family));
        }
        text.push('\n');
    }
    text + &format!(
        "Differences are the first minus the second, in pairs with equal seeds. Significant: p {}at most {}.\n",
        if family.members.len() > 1 { "after Holm " } else { "" },
        family.alpha
    )
}

fn records(family: &Family) -> Records {
    let mut records = Records::new(&FIELDS);
    records.add_data_column("answer");
    for member in &family.members {
        let mut row: Vec<Field> = member.fields(family).into_iter().map(field).collect();
        row.push(Field::Text(member.sentence(family)));
        records.push(row);
    }
    records
}

fn field(datum: Datum) -> Field {
    match datum {
        Datum::None => Field::None,
        Datum::Text(text) => Field::Text(text),
        Datum::Count(count) => Field::integer(i64::try_from(count).ok()),
        Datum::Number(number) => Field::Number(number),
    }
}
