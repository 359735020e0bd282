//! Table 1: the epochs of convergence by cell, each against its reference.

use super::footnote::{footnote, is_shown, selection};
use super::{NO_VALUE, Table, experiments};
use crate::report::comparison::{
    CellConvergence, Details, Family, Finding, Measure, Member, Refusal, convergence_of_cell, limits, probability,
};
use crate::report::format::{exact, significant};
use crate::report::item::TableItem;
use crate::report::{Analysis, Cell};

/// A cell with its convergence, and its comparison with its reference if the family has one.
struct Row<'s> {
    cell: &'s Cell<'s>,
    found: Result<CellConvergence, Refusal>,
    /// The first comparison in which it is the first cell.
    member: Option<&'s Member<'s>>,
}

/// The table; `None` if no run has ended.
pub fn epochs<'s>(analysis: &'s Analysis<'s>, family: &'s Family<'s>) -> Option<TableItem> {
    let row = |cell: &'s Cell<'s>| Row {
        cell,
        found: convergence_of_cell(analysis, cell),
        member: family.first_of(cell, Measure::Convergence),
    };
    let rows: Vec<Row> = analysis.cells.iter().map(row).collect();
    if rows.iter().all(|row| matches!(row.found, Err(Refusal::NotMeasured { .. }))) {
        return None;
    }
    let text = text(analysis, family, &rows);
    Some(TableItem {
        name: "convergence".to_owned(),
        title: "Epochs of convergence".to_owned(),
        text,
        runs: analysis.runs().map(|run| run.record.id).collect(),
        shown: shown(rows.iter().filter(|row| is_shown(analysis, row.cell))),
        data: data(&rows),
    })
}

fn shown<'r, 's: 'r>(rows: impl Iterator<Item = &'r Row<'s>>) -> Table {
    let rows: Vec<&Row> = rows.collect();
    let is_compared = rows.iter().any(|row| row.member.is_some());
    let mut table = Table::default()
        .text_column("Method")
        .number_column("Converged")
        .number_column("Censored")
        .number_column("Median epoch")
        .text_column("95 % interval");
    if is_compared {
        table = table
            .text_column("Against")
            .number_column("Ratio of medians")
            .text_column("Difference of mean epochs (95 % interval)")
            .number_column("p")
            .number_column("p, Holm");
    }
    for row in rows {
        let mut fields = vec![row.cell.label.clone()];
        fields.extend(of_cell(row));
        fields.extend(is_compared.then(|| of_member(row.member)).into_iter().flatten());
        table.push(fields);
    }
    table
}

/// Converged, censored, median and interval.
fn of_cell(row: &Row) -> [String; 4] {
    let Ok(CellConvergence { side, .. }) = &row.found else { return [(); 4].map(|()| NO_VALUE.to_owned()) };
    let median = side.median.map_or_else(|| format!("> {}", side.observed), exact);
    let interval = match side.interval {
        (None, None) => NO_VALUE.to_owned(),
        interval => limits(interval),
    };
    [format!("{}/{}", side.reached, side.n), side.censored().to_string(), median, interval]
}

/// The reference, the ratio of medians, the difference with its interval, and the p-values.
fn of_member(member: Option<&Member>) -> [String; 5] {
    let none = || NO_VALUE.to_owned();
    let Some(member) = member else { return [(); 5].map(|()| none()) };
    let against = member.comparison.b.label.clone();
    let Ok(finding) = &member.comparison.result else { return [against, none(), none(), none(), none()] };
    let adjusted = member.adjusted.map_or_else(none, probability);
    let ratio = ratio(finding).map_or_else(none, significant);
    [against, ratio, difference(finding), probability(finding.test.p), adjusted]
}

fn ratio(finding: &Finding) -> Option<f64> {
    match &finding.details {
        Details::Convergence(details) => details.ratio,
        Details::Metric(_) => None,
    }
}

/// `-12.5 (-20.1 to -4.9)`.
pub(super) fn difference(finding: &Finding) -> String {
    let Some(value) = finding.difference else { return NO_VALUE.to_owned() };
    match finding.interval {
        Some(interval) => format!(
            "{} ({} to {})",
            significant(value),
            significant(interval.limits.low),
            significant(interval.limits.high)
        ),
        None => significant(value),
    }
}

fn data(rows: &[Row]) -> Table {
    let mut table = Table::default();
    for header in [
        "experiment",
        "method",
        "settings",
        "cell",
        "metric",
        "protocol",
        "evaluated_every",
        "runs",
        "reached",
        "censored",
        "diverged",
        "unmeasured",
        "median",
        "median_low",
        "median_high",
        "observed_to",
        "refused",
        "against",
        "median_ratio",
        "difference",
        "low",
        "high",
        "interval",
        "restricted_to",
        "p",
        "p_holm",
    ] {
        table = table.text_column(header);
    }
    let number = |value: Option<f64>| value.map(exact).unwrap_or_default();
    for row in rows {
        let cell = row.cell;
        let mut fields = vec![experiments(cell), cell.method.to_owned(), cell.settings(), cell.id.to_owned()];
        match &row.found {
            Ok(CellConvergence { side, metric, cadence, diverged, unmeasured }) => {
                fields.extend([metric.definition.name.to_owned(), metric.protocol.as_str().to_owned()]);
                fields.push(cadence.map(|epochs| epochs.to_string()).unwrap_or_default());
                let counts = [side.n, side.reached, side.censored(), *diverged, *unmeasured];
                fields.extend(counts.map(|count| count.to_string()));
                fields.extend([side.median, side.interval.0, side.interval.1].map(number));
                fields.extend([side.observed.to_string(), String::new()]);
            }
            Err(refusal) => {
                fields.extend(vec![String::new(); 12]);
                fields.push(refusal.reason());
            }
        }
        let finding = row.member.and_then(|member| member.comparison.result.as_ref().ok());
        fields.push(row.member.map(|member| member.comparison.b.label.clone()).unwrap_or_default());
        fields.extend([finding.and_then(ratio), finding.and_then(|finding| finding.difference)].map(number));
        let interval = finding.and_then(|finding| finding.interval);
        fields.extend([interval.map(|of| of.limits.low), interval.map(|of| of.limits.high)].map(number));
        fields.push(interval.map(|interval| interval.method.as_str().to_owned()).unwrap_or_default());
        fields.push(number(finding.and_then(Finding::restricted_to)));
        fields
            .extend([finding.map(|finding| finding.test.p), row.member.and_then(|member| member.adjusted)].map(number));
        table.push(fields);
    }
    table
}

fn text(analysis: &Analysis, family: &Family, rows: &[Row]) -> String {
    let mut sentences = vec![format!(
        "Epochs of convergence by `{}`: Kaplan-Meier medians, with 95 % intervals by Greenwood's formula on the log-log \
         scale. Runs that did not converge are censored, and a median that was not reached is only bounded.",
        analysis.spec.convergence.metric.name
    )];
    if rows.iter().any(|row| row.member.is_some()) {
        let limits = rows.iter().filter_map(|row| row.member?.comparison.result.as_ref().ok()?.restricted_to());
        let mut limits: Vec<f64> = limits.collect();
        limits.sort_by(f64::total_cmp);
        limits.dedup();
        let limits: Vec<String> = limits.iter().map(|limit| significant(*limit)).collect();
        sentences.push(format!(
            "A ratio is given only if both medians were reached. Differences are those of mean epochs restricted to \
             epoch {}, of pairs with equal seeds; p is that of the paired permutation test, and adjusted by Holm's \
             method over {} tests.",
            if limits.is_empty() { "–".to_owned() } else { limits.join(" or ") },
            family.size()
        ));
    }
    for row in rows {
        match &row.found {
            Err(Refusal::NotMeasured { .. }) | Ok(_) => {}
            Err(refusal) => sentences.push(format!("{}: no median, since {}.", row.cell.label, refusal.reason())),
        }
        if let Some(Err(refusal)) = row.member.map(|member| &member.comparison.result) {
            let against = row.member.map(|member| member.comparison.b.label.as_str()).unwrap_or_default();
            sentences.push(format!("{} and {against} are not compared: {}.", row.cell.label, refusal.reason()));
        }
    }
    sentences.extend(selection(analysis, "convergence"));
    sentences.extend(footnote(analysis));
    sentences.join(" ")
}
