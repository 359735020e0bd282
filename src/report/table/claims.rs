//! The claims of the report file with their verdicts.

use super::Table;
use crate::report::comparison::Family;
use crate::report::item::TableItem;
use crate::report::verdict::{POWER, RELEVANT};
use crate::report::{Analysis, Statement};

/// The table; `None` without claims. `statements` are the verdicts, in the order of the claims.
pub fn claims(analysis: &Analysis, family: &Family, statements: &[Statement]) -> Option<TableItem> {
    let has_published = analysis.spec.claims.iter().any(|claim| !claim.published.is_empty());
    let mut shown = Table::default().text_column("Claim");
    if has_published {
        shown = shown.text_column("Published");
    }
    shown = shown.text_column("Verdict").text_column("Found");
    let mut data = ["claim", "published", "expects", "verdict", "found"]
        .into_iter()
        .fold(Table::default(), |table, header| table.text_column(header));
    for (claim, statement) in analysis.spec.claims.iter().zip(statements) {
        let verdict = statement.verdict.as_str().to_owned();
        let mut row = vec![claim.text.clone()];
        row.extend(has_published.then(|| claim.published.clone()));
        row.extend([verdict.clone(), statement.text.clone()]);
        shown.push(row);
        data.push(vec![
            claim.text.clone(),
            claim.published.clone(),
            claim.expects.as_str().to_owned(),
            verdict,
            statement.text.clone(),
        ]);
    }
    let text = format!(
        "Supported: the paired permutation test is significant after Holm over {} tests at {}, in the claimed direction. \
         Not supported: it is significant in the opposite direction, or not significant although a difference of \
         {RELEVANT} standard deviation of the paired differences would have been found with probability {POWER}. Cannot be told: \
         everything else. Equality is judged by the 95 % interval of the difference and the margin of the claim.",
        family.size(),
        family.alpha
    );
    (!statements.is_empty()).then(|| TableItem {
        name: "claims".to_owned(),
        title: "Claims".to_owned(),
        text,
        runs: analysis.runs().map(|run| run.record.id).collect(),
        shown,
        data,
    })
}
