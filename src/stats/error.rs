/// What a statistic refuses to be computed from.
#[derive(Clone, Copy, Debug, PartialEq, thiserror::Error)]
pub enum StatsError {
    /// The share of the improvement that counts as arrived.
    #[error("tolerance is {0}, outside (0, 1)")]
    Tolerance(f64),
    /// Too few evaluations to call anything confirmed.
    #[error("confirm is {0}, below {min}", min = super::BandRule::MIN_CONFIRM)]
    Confirm(usize),
    /// A window without a middle, or one that flattens everything.
    #[error("smooth is {0}, not an odd number from 1 to {max}", max = super::BandRule::MAX_SMOOTH)]
    Smooth(usize),
    /// The improvement that counts as one.
    #[error("min_improvement is {0}, not a finite number of at least 0")]
    MinImprovement(f64),
    /// The value to reach.
    #[error("threshold is {0}, not a finite number")]
    Threshold(f64),
    /// A metric without a better end has no best.
    #[error("a neutral metric has no better end, and so cannot converge")]
    Neutral,
}

impl StatsError {
    /// What to do about it.
    pub fn help(&self) -> Option<String> {
        match self {
            StatsError::Tolerance(_) => Some("0.05 asks for 95 % of the improvement".into()),
            StatsError::Confirm(_) => Some("one or two evaluations cannot tell arrival from a lucky draw".into()),
            StatsError::Smooth(_) => Some("1 leaves the curve as it is; 3 removes single outliers".into()),
            StatsError::Neutral => Some("choose a metric that is better lower or better higher".into()),
            StatsError::MinImprovement(_) | StatsError::Threshold(_) => None,
        }
    }
}
