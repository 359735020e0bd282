//! The interval between evaluations.

use std::collections::BTreeMap;
use std::fmt;

use crate::measure::{Curve, Epoch};

/// How often a run was evaluated.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Cadence {
    /// At every multiple of this number of epochs, up to the last evaluation.
    Every(u32),
    /// Not at multiples of one number.
    Irregular,
}

impl Cadence {
    /// The interval in epochs; `None` if it is irregular.
    pub fn epochs(self) -> Option<u32> {
        match self {
            Cadence::Every(every) => Some(every),
            Cadence::Irregular => None,
        }
    }

    /// The cadence of a curve: its most frequent interval (the least of equals), if the curve has a value at every
    /// multiple of it. Additional evaluations, such as the one after the last epoch, do not count. `None` for fewer than
    /// two values.
    pub fn of(curve: &Curve) -> Option<Self> {
        let points = curve.points();
        let mut counts: BTreeMap<u32, usize> = BTreeMap::new();
        for pair in points.windows(2) {
            *counts.entry(pair[1].0.0 - pair[0].0.0).or_default() += 1;
        }
        let most = counts.values().copied().max()?;
        let every = counts.into_iter().find(|&(_, count)| count == most)?.0;
        let last = points.last()?.0;
        let is_complete = (0..=last.0).step_by(every as usize).all(|epoch| curve.at(Epoch(epoch)).is_some());
        Some(if is_complete { Cadence::Every(every) } else { Cadence::Irregular })
    }
}

impl fmt::Display for Cadence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Cadence::Every(1) => f.write_str("every epoch"),
            Cadence::Every(every) => write!(f, "every {every} epochs"),
            Cadence::Irregular => f.write_str("at irregular epochs"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cadence(epochs: &[u32]) -> Option<Cadence> {
        Cadence::of(&Curve::new(epochs.iter().map(|&epoch| (Epoch(epoch), 0.5)).collect()).unwrap())
    }

    #[test]
    fn the_cadence_is_the_most_frequent_interval_without_gaps() {
        assert_eq!(cadence(&[0, 5, 10, 15]), Some(Cadence::Every(5)));
        // The evaluation after the last epoch of a run, which was later continued.
        assert_eq!(cadence(&[0, 5, 10, 12]), Some(Cadence::Every(5)));
        assert_eq!(cadence(&[0, 5, 10, 12, 15, 20, 25]), Some(Cadence::Every(5)));
        assert_eq!(cadence(&[0, 5, 10, 20, 25]), Some(Cadence::Irregular));
        assert_eq!(cadence(&[0, 7]), Some(Cadence::Every(7)));
        assert_eq!(cadence(&[0]), None);
    }
}
