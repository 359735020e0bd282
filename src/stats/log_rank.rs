use super::EventTime;
use super::distribution::chi_squared_tail;
use super::event_time::event_times;

/// The log-rank test of two independent groups.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LogRank {
    /// The statistic, with one degree of freedom.
    pub chi_squared: f64,
    /// The two-sided p-value from the chi-squared distribution. It is reliable from about 30 runs per group.
    pub p: f64,
}

/// The log-rank test (Mantel 1966) that the events of two groups have equal hazards. It ignores any pairing.
///
/// `None` if a time is NaN, infinite or negative, and if no event occurs while runs of both groups are observed.
pub fn log_rank(a: &[EventTime], b: &[EventTime]) -> Option<LogRank> {
    if !a.iter().chain(b).all(EventTime::is_valid) {
        return None;
    }
    let (mut excess, mut variance) = (0.0, 0.0);
    for time in event_times(a.iter().chain(b)) {
        let (at_risk_a, events_a) = counts(a, time);
        let (at_risk_b, events_b) = counts(b, time);
        let (at_risk, events) = (at_risk_a + at_risk_b, events_a + events_b);
        let share = at_risk_a / at_risk;
        excess += events_a - events * share;
        if at_risk > 1.0 {
            variance += events * share * (1.0 - share) * (at_risk - events) / (at_risk - 1.0);
        }
    }
    let chi_squared = excess * excess / variance;
    (variance > 0.0).then(|| LogRank { chi_squared, p: chi_squared_tail(chi_squared, 1) })
}

/// The number observed until `time`, and the number of events at it.
fn counts(times: &[EventTime], time: f64) -> (f64, f64) {
    let at_risk = times.iter().filter(|other| other.time >= time).count();
    let events = times.iter().filter(|other| other.observed && other.time == time).count();
    (at_risk as f64, events as f64)
}

#[cfg(test)]
mod tests;
