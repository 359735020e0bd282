//! Statistics: pure functions of curves and numbers, independent of runs and files.
//!
//! Invalid input gives `None` or an error, never a number. How runs that diverged or failed enter each statistic is said in
//! `docs/statistics.md`. Tests compare with SciPy, lifelines, statsmodels and rliable (`tests/reference/stats.py`), and
//! with simulations whose answer is known.

mod bootstrap;
mod convergence;
mod cox;
mod distribution;
mod effect;
mod error;
mod event_time;
mod holm;
mod interval;
mod kaplan_meier;
#[cfg(test)]
mod known_answers;
mod location;
mod log_rank;
mod mann_whitney;
mod pairing;
mod permutation;
mod power;
#[cfg(test)]
mod reference;
mod restricted_mean;
mod rule;
mod sample_size;
mod smooth;
mod summary;
mod survival;

pub use bootstrap::Bootstrap;
pub use convergence::{
    Cadence, CensorReason, Convergence, TargetCost, TrainingCost, area, band, common_cadence, plateau, threshold,
};
pub use cox::{Cox, CoxCoefficient, CoxError, HazardRatio, cox, hazard_ratio};
pub use distribution::t_quantile;
pub use effect::{cliffs_delta, cohen_d_paired, hedges_g};
pub use error::StatsError;
pub use event_time::EventTime;
pub use holm::holm;
pub use interval::Interval;
pub use kaplan_meier::{KaplanMeier, SurvivalStep};
pub use location::{iqm, mean, median, sd};
pub use log_rank::{LogRank, log_rank};
pub use mann_whitney::{MannWhitney, mann_whitney};
pub use pairing::{seeds_needed, smallest_p};
pub use permutation::{PermutationTest, sign_flip, swap_permutation};
pub use power::Power;
pub use restricted_mean::{RestrictedMeanDifference, restricted_mean_difference};
pub use rule::{AreaRule, BandRule, PlateauRule, Rule, RuleTextError, StoredRule, ThresholdRule};
pub use sample_size::{paired_power, seeds_for_power};
pub use smooth::{Smoothing, SmoothingError};
pub use summary::{Band, Spread, bands};
pub use survival::{Median, Survival, survival};
