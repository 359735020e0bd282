use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use crate::measure::{Curve, Epoch};

/// How often a run was evaluated.
///
/// An epoch of convergence is known only to this interval, so epochs of runs with different intervals are not
/// comparable: rarer evaluations find later epochs, and confirm them less often.
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

/// The interval that all `curves` have; those with fewer than two evaluations fit any. `None` if no curve has one.
///
/// # Errors
///
/// The different cadences, in ascending order, if they are not all equal and regular.
pub fn common_cadence<'a>(curves: impl IntoIterator<Item = &'a Curve>) -> Result<Option<u32>, Vec<Cadence>> {
    let found: BTreeSet<Cadence> = curves.into_iter().filter_map(Cadence::of).collect();
    let found = Vec::from_iter(found);
    match found[..] {
        [] => Ok(None),
        [Cadence::Every(epochs)] => Ok(Some(epochs)),
        _ => Err(found),
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
    #[test]
    fn curves_with_different_intervals_have_none_in_common() {
        let curve = |epochs: &[u32]| Curve::new(epochs.iter().map(|&epoch| (Epoch(epoch), 0.0)).collect()).unwrap();
        let (five, ten, irregular) = (curve(&[0, 5, 10]), curve(&[0, 10, 20]), curve(&[0, 1, 4]));
        assert_eq!(common_cadence([&five, &five, &curve(&[0])]), Ok(Some(5)));
        assert_eq!(common_cadence([&five, &ten]), Err(vec![Cadence::Every(5), Cadence::Every(10)]));
        assert_eq!(common_cadence([&irregular]), Err(vec![Cadence::Irregular]));
        assert_eq!(common_cadence([]), Ok(None));
        assert_eq!(Cadence::Every(5).to_string(), "every 5 epochs");
    }
}
