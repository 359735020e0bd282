/// An invalid parameter of a statistic.
#[derive(Clone, Copy, Debug, PartialEq, thiserror::Error)]
pub enum StatsError {
    /// The width of the convergence band is out of range.
    #[error("tolerance is {0}, outside (0, 1)")]
    Tolerance(f64),
    /// Too few evaluations to confirm convergence.
    #[error("confirm is {confirm}, below {min}")]
    Confirm {
        /// The number of evaluations.
        confirm: usize,
        /// The least allowed.
        min: usize,
    },
    /// The window of the running median is even or too wide.
    #[error("smooth is {smooth}, not an odd number from 1 to {max}")]
    Smooth {
        /// The window.
        smooth: usize,
        /// The widest allowed.
        max: usize,
    },
    /// The minimum improvement is out of range.
    #[error("min_improvement is {0}, not a finite number of at least 0")]
    MinImprovement(f64),
    /// The threshold is not finite.
    #[error("threshold is {0}, not a finite number")]
    Threshold(f64),
    /// The weight of the moving average is out of range.
    #[error("the weight of the moving average is {0}, outside (0, 1]")]
    Ema(f64),
    /// The least improvement of the plateau rule is out of range.
    #[error("delta is {0}, not a finite number of at least 0")]
    Delta(f64),
    /// The plateau rule needs evaluations without an improvement.
    #[error("patience is 0, below 1")]
    Patience,
    /// A neutral metric has no best value.
    #[error("a neutral metric has no best value, so it cannot converge")]
    Neutral,
}

impl StatsError {
    /// How to correct it.
    pub fn help(&self) -> Option<String> {
        match self {
            StatsError::Tolerance(_) => Some("0.05 requires 95 % of the improvement".into()),
            StatsError::Confirm { .. } => Some("one or two evaluations may be within the band by chance".into()),
            StatsError::Smooth { .. } => Some("1 does not smooth the curve; 3 removes single outliers".into()),
            StatsError::Neutral => Some("choose a metric for which lower or higher is better".into()),
            StatsError::Ema(_) => Some("0.3 gives the newest evaluation three tenths of the weight".into()),
            StatsError::Delta(_) => Some("a value must be better by more than this to be an improvement".into()),
            StatsError::Patience => Some("5 evaluations without an improvement are a plateau".into()),
            StatsError::MinImprovement(_) | StatsError::Threshold(_) => None,
        }
    }
}
