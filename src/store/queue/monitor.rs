//! Whether a lease was renewed in time, by the observer's own clock: wall clocks may be set while runs train.

use std::collections::HashMap;
use std::time::{Duration, Instant};

/// The most time between two observations that is counted, unless a quarter of the lease is longer. An observer that
/// was suspended or waited for the database knows nothing about the time between; the worker may have been suspended
/// too.
const LONGEST_GAP: Duration = Duration::from_secs(2);

/// Observations of the leases of other processes.
#[derive(Debug, Default)]
pub struct LeaseMonitor {
    /// By the attempt's number.
    observations: HashMap<i64, Observation>,
    has_undecided: bool,
}

#[derive(Debug)]
struct Observation {
    renewals: i64,
    at: Instant,
    without_renewal: Duration,
    /// Whether a renewal was observed: the worker is alive, and its clock and this one differ.
    was_renewed: bool,
}

/// The result of observing a lease.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum LeaseState {
    /// It was not renewed for its whole length.
    Expired,
    /// It was renewed during the observation.
    Renewed,
    /// It was not observed for long enough.
    Undecided,
}

impl LeaseMonitor {
    /// Whether a lease has expired by the wall clock but its worker seems to be alive: [`crate::store::Store::reclaim`]
    /// decides when it has observed the lease for its length.
    pub fn has_undecided_leases(&self) -> bool {
        self.has_undecided
    }

    /// Begins a round of observations: forgets the attempts that are not running any more.
    pub(super) fn begin_round(&mut self, is_running: impl Fn(i64) -> bool) {
        self.observations.retain(|attempt, _| is_running(*attempt));
        self.has_undecided = false;
    }

    /// Observes a lease of `length` that was renewed `renewals` times so far, and whose end by the wall clock
    /// `is_past`.
    pub(super) fn observe(&mut self, attempt: i64, renewals: i64, length: Duration, is_past: bool) -> LeaseState {
        let state = self.observe_at(Instant::now(), attempt, renewals, length);
        self.has_undecided |= is_past && state == LeaseState::Undecided;
        state
    }

    fn observe_at(&mut self, now: Instant, attempt: i64, renewals: i64, length: Duration) -> LeaseState {
        let first = Observation { renewals, at: now, without_renewal: Duration::ZERO, was_renewed: false };
        let seen = self.observations.entry(attempt).or_insert(first);
        if seen.renewals == renewals {
            seen.without_renewal += now.duration_since(seen.at).min(LONGEST_GAP.max(length / 4));
        } else {
            (seen.renewals, seen.without_renewal, seen.was_renewed) = (renewals, Duration::ZERO, true);
        }
        seen.at = now;
        match (seen.without_renewal >= length, seen.was_renewed) {
            (true, _) => LeaseState::Expired,
            (false, true) => LeaseState::Renewed,
            (false, false) => LeaseState::Undecided,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LENGTH: Duration = Duration::from_secs(60);

    /// The result of observations at these seconds, with these numbers of renewals.
    fn observed(observations: &[(u64, i64)]) -> LeaseState {
        let (start, mut monitor) = (Instant::now(), LeaseMonitor::default());
        let states = observations
            .iter()
            .map(|&(seconds, renewals)| monitor.observe_at(start + Duration::from_secs(seconds), 7, renewals, LENGTH));
        states.last().unwrap()
    }

    #[test]
    fn a_lease_has_expired_after_its_whole_length_without_a_renewal() {
        assert_eq!(observed(&[(0, 3)]), LeaseState::Undecided);
        assert_eq!(observed(&[(0, 3), (15, 3), (30, 3), (45, 3)]), LeaseState::Undecided);
        assert_eq!(observed(&[(0, 3), (15, 3), (30, 3), (45, 3), (60, 3)]), LeaseState::Expired);
    }

    #[test]
    fn a_renewal_restarts_the_count() {
        assert_eq!(observed(&[(0, 3), (15, 3), (30, 4), (45, 4), (60, 4)]), LeaseState::Renewed);
        assert_eq!(observed(&[(0, 3), (15, 4), (30, 4), (45, 4), (60, 4), (75, 4)]), LeaseState::Expired);
    }

    #[test]
    fn a_long_gap_between_observations_does_not_count() {
        assert_eq!(observed(&[(0, 3), (600, 3)]), LeaseState::Undecided);
        assert_eq!(observed(&[(0, 3), (600, 3), (615, 4)]), LeaseState::Renewed);
    }
}
