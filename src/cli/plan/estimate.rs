//! The expected time of runs, from the speed of past runs on this machine.

use crate::device::DeviceSpec;
use crate::spec::Settings;
use crate::store::{TrainingSpeed, Worker};

use super::forecast::{Forecast, cost};
use super::{CliError, Global};

/// The expected time of runs.
pub struct Estimate {
    /// The device.
    pub device: DeviceSpec,
    /// The number of past runs that it is based on.
    pub runs: usize,
    /// Seconds of one run of each cell; `None` if its number of steps is unknown.
    pub seconds: Vec<Option<f64>>,
}

impl Estimate {
    /// Seconds of one run of every cell, one after another; `None` if one is unknown.
    pub fn total(&self) -> Option<f64> {
        self.seconds.iter().copied().sum()
    }
}

/// An estimate from past runs on the `device` of this machine; `None` if there is no database or no such run.
///
/// # Errors
///
/// If the database exists and cannot be read.
pub fn estimate(global: &Global, device: DeviceSpec, forecasts: &[Forecast]) -> Result<Option<Estimate>, CliError> {
    if !global.database.exists() {
        return Ok(None);
    }
    let past_runs = global.open_to_read()?.training_speeds(&Worker::this(&device.to_string()))?;
    let mut speeds: Vec<f64> = past_runs.iter().filter_map(speed).collect();
    speeds.sort_by(f64::total_cmp);
    let Some(&median) = speeds.get(speeds.len() / 2) else { return Ok(None) };
    let seconds = |forecast: &Forecast| Some(forecast.steps? as f64 * forecast.cost?.step() as f64 / median);
    Ok(Some(Estimate { device, runs: speeds.len(), seconds: forecasts.iter().map(seconds).collect() }))
}

/// Floating-point operations per second, which apply to networks of other sizes too. `None` if this version of jem
/// cannot read the settings.
fn speed(past_run: &TrainingSpeed) -> Option<f64> {
    let settings = Settings::from_values(past_run.settings.iter().map(|(key, value)| (key.as_str(), value))).ok()?;
    Some(past_run.images_per_second / settings.train.batch as f64 * cost(&settings)?.step() as f64)
}
