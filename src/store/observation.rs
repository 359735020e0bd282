//! Whether a lease stands still, by the observer's own clock: wall clocks are set while runs train.

use std::collections::HashMap;
use std::time::{Duration, Instant};

/// Between two observations no more than this counts, or a quarter of the lease if that is longer. An observer that was
/// asleep or had to wait for the database knows nothing of the time between; nor could the worker renew its lease.
const LONGEST_GAP: Duration = Duration::from_secs(2);

/// The leases that a process has observed, by the attempt's number.
#[derive(Debug, Default)]
pub(super) struct Observations(HashMap<i64, Observation>);

#[derive(Debug)]
struct Observation {
    renewals: i64,
    at: Instant,
    stood_still: Duration,
    /// Whether a renewal was seen: the worker lives, and its clock and this one differ.
    was_renewed: bool,
}

/// What the observations of a lease come to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum LeaseState {
    /// It has stood still for its whole length.
    Over,
    /// It was renewed while it was observed.
    Renewed,
    /// It was not observed for long enough.
    Unknown,
}

impl Observations {
    /// Takes account of a lease of `length` that was renewed `renewals` times so far.
    pub(super) fn observe(&mut self, attempt: i64, renewals: i64, length: Duration) -> LeaseState {
        self.observe_at(Instant::now(), attempt, renewals, length)
    }

    fn observe_at(&mut self, now: Instant, attempt: i64, renewals: i64, length: Duration) -> LeaseState {
        let first = Observation { renewals, at: now, stood_still: Duration::ZERO, was_renewed: false };
        let seen = self.0.entry(attempt).or_insert(first);
        if seen.renewals == renewals {
            seen.stood_still += now.duration_since(seen.at).min(LONGEST_GAP.max(length / 4));
        } else {
            (seen.renewals, seen.stood_still, seen.was_renewed) = (renewals, Duration::ZERO, true);
        }
        seen.at = now;
        match (seen.stood_still >= length, seen.was_renewed) {
            (true, _) => LeaseState::Over,
            (false, true) => LeaseState::Renewed,
            (false, false) => LeaseState::Unknown,
        }
    }

    /// Forgets the attempts that are not among those which run now.
    pub(super) fn keep(&mut self, running: impl Fn(i64) -> bool) {
        self.0.retain(|attempt, _| running(*attempt));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LENGTH: Duration = Duration::from_secs(60);

    /// What comes of observations at these seconds, with these counts of renewals.
    fn observed(looks: &[(u64, i64)]) -> LeaseState {
        let (start, mut observations) = (Instant::now(), Observations::default());
        let states = looks.iter().map(|&(seconds, renewals)| {
            observations.observe_at(start + Duration::from_secs(seconds), 7, renewals, LENGTH)
        });
        states.last().unwrap()
    }

    #[test]
    fn a_lease_is_over_when_it_was_seen_to_stand_still_for_its_whole_length() {
        assert_eq!(observed(&[(0, 3)]), LeaseState::Unknown);
        assert_eq!(observed(&[(0, 3), (15, 3), (30, 3), (45, 3)]), LeaseState::Unknown);
        assert_eq!(observed(&[(0, 3), (15, 3), (30, 3), (45, 3), (60, 3)]), LeaseState::Over);
    }

    #[test]
    fn a_renewal_begins_the_count_again() {
        assert_eq!(observed(&[(0, 3), (15, 3), (30, 4), (45, 4), (60, 4)]), LeaseState::Renewed);
        assert_eq!(observed(&[(0, 3), (15, 4), (30, 4), (45, 4), (60, 4), (75, 4)]), LeaseState::Over);
    }

    #[test]
    fn an_observer_that_could_not_look_for_long_does_not_count_that_time() {
        assert_eq!(observed(&[(0, 3), (600, 3)]), LeaseState::Unknown);
        assert_eq!(observed(&[(0, 3), (600, 3), (615, 4)]), LeaseState::Renewed);
    }
}
