//! The tables of statistics: claims, convergence, results and paired differences.

use super::claims::claims;
use super::differences::differences;
use super::epochs::epochs;
use super::results::results;
use crate::report::comparison::Family;
use crate::report::item::TableItem;
use crate::report::{Analysis, TableName, verdict};

/// The table of this name; `None` if it has no data, or is not one of statistics.
pub fn statistics<'s>(analysis: &'s Analysis<'s>, family: &'s Family<'s>, name: TableName) -> Option<TableItem> {
    match name {
        TableName::Claims => claims(analysis, family, &verdict::statements_in(analysis, family)),
        TableName::Convergence => epochs(analysis, family),
        TableName::Results => results(analysis, family),
        TableName::Differences => differences(analysis, family),
        TableName::Summary | TableName::Runs | TableName::Deviations => None,
    }
}
