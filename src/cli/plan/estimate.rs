//! How long runs would take, from how fast past runs of this machine went.

use crate::device::DeviceSpec;
use crate::spec::Settings;
use crate::store::{Pace, Worker};

use super::outlook::{Outlook, cost};
use super::{CliError, Global};

/// How long each cell's run would take.
pub struct Estimate {
    /// The device.
    pub device: DeviceSpec,
    /// The past runs that it is made from.
    pub runs: usize,
    /// Seconds of one run of each cell; unknown where its steps are.
    pub seconds: Vec<Option<f64>>,
}

impl Estimate {
    /// Seconds of one run of every cell, one after another; unknown where any is.
    pub fn all(&self) -> Option<f64> {
        self.seconds.iter().copied().sum()
    }
}

/// An estimate from the past runs of this machine's `device` in the database; none without a database or such runs.
///
/// # Errors
///
/// If there is a database that cannot be read.
pub fn estimate(global: &Global, device: DeviceSpec, outlooks: &[Outlook]) -> Result<Option<Estimate>, CliError> {
    if !global.database.exists() {
        return Ok(None);
    }
    let paces = global.open_to_read()?.paces(&Worker::this(&device.to_string()))?;
    let mut speeds: Vec<f64> = paces.iter().filter_map(speed).collect();
    speeds.sort_by(f64::total_cmp);
    let Some(&median) = speeds.get(speeds.len() / 2) else { return Ok(None) };
    let seconds = |outlook: &Outlook| Some(outlook.steps? as f64 * outlook.cost?.step() as f64 / median);
    Ok(Some(Estimate { device, runs: speeds.len(), seconds: outlooks.iter().map(seconds).collect() }))
}

/// Operations a second: what carries over from one size of network to another. Unknown for settings of another jem.
fn speed(pace: &Pace) -> Option<f64> {
    let settings = Settings::from_values(pace.settings.iter().map(|(key, value)| (key.as_str(), value))).ok()?;
    Some(pace.images_per_second / settings.train.batch as f64 * cost(&settings)?.step() as f64)
}
