//! Every comparison of the family with its numbers.

use super::epochs::difference;
use super::footnote::{footnote, is_shown, selection};
use super::{NO_VALUE, Table};
use crate::report::Analysis;
use crate::report::comparison::{Datum, Details, FIELDS, Family, Member, Side, Statistic, probability, title};
use crate::report::format::{exact, significant};
use crate::report::item::TableItem;

/// The table; `None` without a comparison.
pub fn differences(analysis: &Analysis, family: &Family) -> Option<TableItem> {
    let mut shown = Table::default()
        .text_column("First")
        .text_column("Second")
        .text_column("Measure")
        .number_column("First, value")
        .number_column("Second, value")
        .text_column("Difference (95 % interval)")
        .number_column("Pairs")
        .number_column("p")
        .number_column("p, Holm")
        .text_column("Better")
        .number_column("d_z")
        .number_column("P(first better)");
    let mut data = FIELDS.iter().fold(Table::default(), |table, field| table.text_column(*field));
    let mut notes: Vec<String> = Vec::new();
    for member in &family.members {
        if is_shown(analysis, member.comparison.a) {
            shown.push(row(member, family));
        }
        data.push(member.fields(family).into_iter().map(text).collect());
        if let Err(refusal) = &member.comparison.result {
            let (a, b) = (&member.comparison.a.label, &member.comparison.b.label);
            notes.push(format!("{} of {a} and {b}: {}.", title(member.comparison.measure), refusal.reason()));
        }
    }
    let needed = family.seeds_needed();
    let mut sentences = vec![format!(
        "Differences are the first minus the second, of pairs with equal seeds: of the means of the last values, or of \
         mean epochs of convergence restricted to the last epoch through which all were observed. The intervals are BCa \
         bootstrap intervals for ten pairs and more, and Student's t intervals for fewer. If a run counts as the worst, \
         medians are shown and ranks are tested. p is that of the two-sided paired permutation test; Holm's method adjusts \
         it over the {} tests of this table. A cell is better only if the adjusted p is at most {}; with fewer than \
         {needed} pairs it cannot be.",
        family.size(),
        exact(family.alpha)
    )];
    sentences.extend(notes);
    sentences.extend(selection(analysis, "differences"));
    sentences.extend(footnote(analysis));
    (!family.members.is_empty()).then(|| TableItem {
        name: "differences".to_owned(),
        title: "Paired differences".to_owned(),
        text: sentences.join(" "),
        runs: family.runs(),
        shown,
        data,
    })
}

fn row(member: &Member, family: &Family) -> Vec<String> {
    let comparison = &member.comparison;
    let mut row = vec![comparison.a.label.clone(), comparison.b.label.clone(), title(comparison.measure).to_owned()];
    let Ok(finding) = &comparison.result else {
        row.extend([(); 3].map(|()| NO_VALUE.to_owned()));
        row.push(comparison.pairs.complete.to_string());
        row.extend([(); 5].map(|()| NO_VALUE.to_owned()));
        return row;
    };
    let values = match &finding.details {
        Details::Metric(details) if finding.statistic == Statistic::Medians => [details.a.median, details.b.median],
        Details::Metric(details) => [details.a.mean, details.b.mean],
        Details::Convergence(details) => [details.a.restricted_mean, details.b.restricted_mean],
    };
    let number = |value: Option<f64>| value.map_or_else(|| NO_VALUE.to_owned(), significant);
    row.extend(values.map(number));
    row.extend([difference(finding), finding.n.to_string(), probability(finding.test.p)]);
    row.push(member.adjusted.map_or_else(|| NO_VALUE.to_owned(), probability));
    let is_significant = member.is_significant(family.alpha) && finding.favours != Side::Neither;
    row.push(if is_significant { comparison.label(finding.favours) } else { NO_VALUE }.to_owned());
    row.extend([number(finding.d_z), significant(finding.p_a_better)]);
    row
}

fn text(datum: Datum) -> String {
    match datum {
        Datum::None => String::new(),
        Datum::Text(text) => text,
        Datum::Count(count) => count.to_string(),
        Datum::Number(number) => exact(number),
    }
}
