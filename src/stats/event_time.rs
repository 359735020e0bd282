use super::Convergence;

/// The time to an event, or the time through which it was not observed (right-censored).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct EventTime {
    /// The time in any unit, such as epochs; finite and at least 0.
    pub time: f64,
    /// Whether the event occurred at this time; else it had not occurred through this time.
    pub observed: bool,
}

impl EventTime {
    /// A run that had not converged through this time. A diverged run is censored at its planned horizon: it would not
    /// have converged until then.
    pub fn censored(time: f64) -> Self {
        Self { time, observed: false }
    }

    /// Whether the time is finite and at least 0.
    pub(super) fn is_valid(&self) -> bool {
        self.time.is_finite() && self.time >= 0.0
    }
}

impl From<Convergence> for EventTime {
    /// The epoch of convergence, or the last evaluation of a censored run.
    ///
    /// A reached epoch is only known to be in (after, epoch]; `epoch` is used. The error is less than one evaluation
    /// interval, and equal for all methods with the same interval.
    fn from(convergence: Convergence) -> Self {
        match convergence {
            Convergence::Reached { epoch, .. } => Self { time: f64::from(epoch.0), observed: true },
            Convergence::Censored { at, .. } => Self::censored(f64::from(at.0)),
        }
    }
}

impl From<&Convergence> for EventTime {
    fn from(convergence: &Convergence) -> Self {
        Self::from(*convergence)
    }
}

/// The times of events, ascending, each once.
pub(super) fn event_times<'t>(times: impl IntoIterator<Item = &'t EventTime>) -> Vec<f64> {
    let mut events: Vec<f64> = times.into_iter().filter(|time| time.observed).map(|time| time.time).collect();
    events.sort_by(f64::total_cmp);
    // Zero and minus zero are equal.
    events.dedup_by(|x, y| x == y);
    events
}
