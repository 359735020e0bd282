//! Convolutions, by the algorithm that is fastest for their sizes.

use super::columns::Columns;
use super::geometry::{Geometry, Operands, Results, Wanted};
use super::winograd::Winograd;

/// Computes what is wanted of `small = large ∗ weight` from the other operands, which must be given.
pub(super) fn run(geometry: Geometry, operands: Operands<'_>, wanted: Wanted) -> Results {
    match Winograd::new(geometry) {
        Some(winograd) => winograd.run(operands, wanted),
        None => Columns::new(geometry).run(operands, wanted),
    }
}
