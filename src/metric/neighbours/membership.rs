//! Which rows are inside which balls.

use std::ops::Range;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use rayon::prelude::*;

use super::super::rows::Rows;
use super::centred::{Centred, Frame};
use super::{Thresholds, blocks, columns_above, squared_distances};

/// One of two sets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in super::super) enum Side {
    First,
    Second,
}

/// Balls around the rows of one set.
#[derive(Clone, Copy, Debug)]
pub(in super::super) struct Balls<'a> {
    /// The set of the centres.
    pub(in super::super) around: Side,
    /// The squared radius of the ball around each row.
    pub(in super::super) radii: &'a [f64],
}

/// Which rows of the other set are in which balls.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in super::super) struct Membership {
    /// For each row of the other set, the number of balls that contain it.
    pub(in super::super) balls: Vec<usize>,
    /// For each centre, whether its ball contains a row of the other set.
    pub(in super::super) reached: Vec<bool>,
}

/// For each of several kinds of balls, which rows of the other set are strictly inside. Each distance between the sets,
/// which have the same dimension, is computed once for all kinds.
pub(in super::super) fn memberships<const N: usize>(first: &Rows, second: &Rows, kinds: [Balls; N]) -> [Membership; N] {
    let frame = Frame::new(&[first, second]);
    let [of_first, of_second] = [first, second].map(|rows| Centred::new(rows, &frame));
    let kinds = kinds.map(|balls| Kind::new(balls, frame.squared_scale(), [first.count(), second.count()]));
    let search = Search { first, second, of_first, of_second, squared_scale: frame.squared_scale(), kinds: &kinds };
    let (rows, columns) = (blocks(0..first.count()), blocks(0..second.count()));
    let tasks: Vec<_> = rows.iter().flat_map(|rows| columns.iter().map(move |columns| (rows, columns))).collect();
    tasks.into_par_iter().with_max_len(1).for_each(|(rows, columns)| search.visit(rows, columns));
    kinds.map(Kind::membership)
}

/// Balls, and the rows that were found inside so far.
struct Kind {
    around: Side,
    /// Squared and scaled.
    radii: Vec<f64>,
    balls: Vec<AtomicUsize>,
    reached: Vec<AtomicBool>,
}

impl Kind {
    fn new(balls: Balls, squared_scale: f64, counts: [usize; 2]) -> Self {
        let [centres, others] = match balls.around {
            Side::First => counts,
            Side::Second => [counts[1], counts[0]],
        };
        assert_eq!(balls.radii.len(), centres, "each centre has a radius");
        Self {
            around: balls.around,
            // Exact, since the scale is a power of two.
            radii: balls.radii.iter().map(|radius| radius * squared_scale).collect(),
            balls: (0..others).map(|_| AtomicUsize::new(0)).collect(),
            reached: (0..centres).map(|_| AtomicBool::new(false)).collect(),
        }
    }

    /// The centre and the other row of a pair.
    fn roles(&self, i: usize, j: usize) -> (usize, usize) {
        match self.around {
            Side::First => (i, j),
            Side::Second => (j, i),
        }
    }

    /// Whether the pair is inside for sure (`true`), or outside for sure, or neither.
    fn decide(&self, i: usize, j: usize, (low, high): (f64, f64)) -> Option<bool> {
        let radius = self.radii[self.roles(i, j).0];
        // The bounds are sums, and these have rounding errors.
        let (below, above) = (radius * (1.0 - 8.0 * f64::EPSILON), radius * (1.0 + 8.0 * f64::EPSILON));
        if high < below {
            Some(true)
        } else if low >= above {
            Some(false)
        } else {
            None
        }
    }

    fn is_inside(&self, i: usize, j: usize, distance: f64) -> bool {
        distance < self.radii[self.roles(i, j).0]
    }

    /// Counts a pair that is inside. Sums and flags do not depend on the order.
    fn count(&self, i: usize, j: usize) {
        let (centre, other) = self.roles(i, j);
        self.balls[other].fetch_add(1, Ordering::Relaxed);
        self.reached[centre].store(true, Ordering::Relaxed);
    }

    fn membership(self) -> Membership {
        Membership {
            balls: self.balls.into_iter().map(AtomicUsize::into_inner).collect(),
            reached: self.reached.into_iter().map(AtomicBool::into_inner).collect(),
        }
    }
}

struct Search<'a> {
    first: &'a Rows<'a>,
    second: &'a Rows<'a>,
    of_first: Centred,
    of_second: Centred,
    squared_scale: f64,
    kinds: &'a [Kind],
}

impl Search<'_> {
    /// Compares a block of rows of the first set with a block of rows of the second.
    fn visit(&self, rows: &Range<usize>, columns: &Range<usize>) {
        let products = self.of_first.products(rows, &self.of_second, columns);
        let (low, other_low) = (self.of_first.low(), self.of_second.low());
        let halves: Vec<f64> = other_low[columns.clone()].iter().map(|low| low / 2.0).collect();
        let of_balls: Vec<f64> = columns.clone().map(|j| self.threshold(Side::Second, j, other_low[j])).collect();
        let (mut above, mut unclear, mut distances) = (Vec::new(), Vec::new(), Vec::new());
        for (i, products) in rows.clone().zip(products.chunks(columns.len())) {
            let around_row = Thresholds { row: self.threshold(Side::First, i, low[i]), columns: &halves };
            let around_columns = Thresholds { row: low[i] / 2.0, columns: &of_balls };
            columns_above(products, around_row, around_columns, &mut above);
            unclear.clear();
            for &at in &above {
                let j = columns.start + at;
                let bounds = self.of_first.bounds(i, &self.of_second, j, products[at]);
                if self.kinds.iter().any(|kind| kind.decide(i, j, bounds).is_none()) {
                    unclear.push(j);
                    continue;
                }
                let inside = self.kinds.iter().filter(|kind| kind.decide(i, j, bounds) == Some(true));
                inside.for_each(|kind| kind.count(i, j));
            }
            squared_distances(self.first.row(i), self.second, &unclear, &mut distances);
            for (&j, distance) in unclear.iter().zip(&distances) {
                let distance = distance * self.squared_scale;
                let inside = self.kinds.iter().filter(|kind| kind.is_inside(i, j, distance));
                inside.for_each(|kind| kind.count(i, j));
            }
        }
    }

    /// A row is outside all balls around this row of one side, if the product is not above this plus half of `low` of
    /// the other row.
    fn threshold(&self, side: Side, row: usize, low: f64) -> f64 {
        let balls = self.kinds.iter().filter(|kind| kind.around == side);
        let radius = balls.map(|kind| kind.radii[row]).fold(0.0, f64::max);
        // Nothing is strictly inside a ball without a radius. Slightly raised, for the rounding of the sum.
        if radius > 0.0 { (low - radius * (1.0 + 8.0 * f64::EPSILON)) / 2.0 } else { f64::INFINITY }
    }
}
