//! Statistics: pure functions of curves and numbers, independent of runs and files.

mod convergence;
mod error;
mod pairing;
mod power;
mod rule;
mod smooth;
mod student;
mod summary;
mod survival;

pub use convergence::{
    Cadence, CensorReason, Convergence, TargetCost, TrainingCost, area, band, common_cadence, plateau, threshold,
};
pub use error::StatsError;
pub use pairing::{seeds_needed, smallest_p};
pub use power::Power;
pub use rule::{AreaRule, BandRule, PlateauRule, Rule, RuleTextError, StoredRule, ThresholdRule};
pub use smooth::{Smoothing, SmoothingError};
pub use student::t_quantile;
pub use summary::{Band, Interval, Spread, bands, mean, sd};
pub use survival::{Median, Survival, survival};
