//! Statistics over checked samples: pure functions that know curves and numbers, and nothing of runs or files.

mod convergence;
mod error;
mod pairing;
mod power;
mod rule;
mod smooth;
mod student;
mod summary;
mod survival;

pub use convergence::{Censor, Convergence, band, threshold};
pub use error::StatsError;
pub use pairing::{seeds_needed, smallest_p};
pub use power::Power;
pub use rule::BandRule;
pub use student::t_quantile;
pub use summary::{Band, Interval, Spread, bands, mean, sd};
pub use survival::{Median, Survival, survival};
