use serde::{Deserialize, Serialize};

use crate::measure::Epoch;
use crate::stats::smooth::Smoothing;

/// The parameters of [`area`](crate::stats::area): a number for a whole curve, not an epoch.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AreaRule {
    until: Option<Epoch>,
    smooth: Smoothing,
}

impl AreaRule {
    /// The area up to the epoch `until`; `None` for the last evaluation. Areas of runs of different lengths are
    /// comparable only up to a common epoch.
    pub fn new(until: Option<Epoch>, smoothing: Smoothing) -> Self {
        Self { until, smooth: smoothing }
    }

    /// The epoch at which the area ends; `None` for the last evaluation.
    pub fn until(&self) -> Option<Epoch> {
        self.until
    }

    /// How the curve is smoothed first.
    pub fn smoothing(&self) -> Smoothing {
        self.smooth
    }
}
