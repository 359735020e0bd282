//! The tables of statistics: claims, convergence, results and paired differences.

mod claims;
mod convergence;
mod differences;
mod footnote;
mod results;
#[cfg(test)]
mod tests;

use super::comparison::Family;
use super::{Analysis, TableItem, TableName, verdict};

/// The tables that the report file names and that have data, in its order.
pub fn all(analysis: &Analysis) -> Vec<TableItem> {
    let family = Family::new(analysis);
    let table = |name: &TableName| match name {
        TableName::Claims => claims::claims(analysis, &family, &verdict::statements_in(analysis, &family)),
        TableName::Convergence => convergence::convergence(analysis, &family),
        TableName::Results => results::results(analysis, &family),
        TableName::Differences => differences::differences(analysis, &family),
        TableName::Summary | TableName::Runs | TableName::Deviations => None,
    };
    analysis.spec.tables.iter().filter_map(table).collect()
}
