use std::fmt;

use crate::measure::Curve;

/// The interval between the evaluations of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Cadence {
    /// An evaluation every so many epochs; the last interval may be shorter.
    Every(u32),
    /// The intervals differ.
    Irregular,
}

impl fmt::Display for Cadence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Cadence::Every(1) => f.write_str("every epoch"),
            Cadence::Every(epochs) => write!(f, "every {epochs} epochs"),
            Cadence::Irregular => f.write_str("at irregular epochs"),
        }
    }
}

/// The interval between the evaluations of a curve; `None` with fewer than two.
///
/// An epoch of convergence is known only to this interval, so epochs of runs with different intervals are not
/// comparable: rarer evaluations find later epochs, and confirm them less often.
pub fn cadence(curve: &Curve) -> Option<Cadence> {
    let mut intervals = curve.points().windows(2).map(|pair| pair[1].0.0 - pair[0].0.0).peekable();
    let first = intervals.next()?;
    while let Some(interval) = intervals.next() {
        let is_last = intervals.peek().is_none();
        if interval != first && !(is_last && interval < first) {
            return Some(Cadence::Irregular);
        }
    }
    Some(Cadence::Every(first))
}

/// The interval that all `curves` have; those with fewer than two evaluations fit any. `None` if no curve has one.
///
/// # Errors
///
/// The different intervals, in ascending order, if they are not all equal and regular.
pub fn common_cadence<'a>(curves: impl IntoIterator<Item = &'a Curve>) -> Result<Option<u32>, Vec<Cadence>> {
    let mut found: Vec<Cadence> = curves.into_iter().filter_map(cadence).collect();
    found.sort_unstable();
    found.dedup();
    match found[..] {
        [] => Ok(None),
        [Cadence::Every(epochs)] => Ok(Some(epochs)),
        _ => Err(found),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::measure::Epoch;

    fn curve(epochs: &[u32]) -> Curve {
        Curve::new(epochs.iter().map(|&epoch| (Epoch(epoch), 0.0)).collect()).unwrap()
    }

    #[test]
    fn the_last_interval_may_be_shorter_and_no_other() {
        assert_eq!(cadence(&curve(&[0, 5, 10, 12])), Some(Cadence::Every(5)));
        assert_eq!(cadence(&curve(&[0, 5, 10, 20])), Some(Cadence::Irregular));
        assert_eq!(cadence(&curve(&[0, 5, 8, 13])), Some(Cadence::Irregular));
        assert_eq!(cadence(&curve(&[0, 5])), Some(Cadence::Every(5)));
        assert_eq!(cadence(&curve(&[0])), None);
        assert_eq!(cadence(&curve(&[])), None);
    }

    #[test]
    fn curves_with_different_intervals_have_none_in_common() {
        let (five, ten, irregular) = (curve(&[0, 5, 10]), curve(&[0, 10, 20]), curve(&[0, 1, 3]));
        assert_eq!(common_cadence([&five, &five, &curve(&[0])]), Ok(Some(5)));
        assert_eq!(common_cadence([&five, &ten]), Err(vec![Cadence::Every(5), Cadence::Every(10)]));
        assert_eq!(common_cadence([&irregular]), Err(vec![Cadence::Irregular]));
        assert_eq!(common_cadence([]), Ok(None));
        assert_eq!(Cadence::Every(5).to_string(), "every 5 epochs");
    }
}
