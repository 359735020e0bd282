//! The best generator of a run so far.

use crate::measure::{Direction, Epoch, ProtocolId, metric};
use crate::store::{RunId, Store};

use crate::train::TrainError;
use crate::train::session::{EpochReport, Session};

/// The best value so far of the metric `keep.best`.
///
/// Only epochs that are multiples of `eval.every` count: a longer run would not evaluate the last epoch of a shorter
/// one.
pub struct Best {
    metric: Option<(&'static str, ProtocolId)>,
    towards: Direction,
    every: u32,
    value: Option<f64>,
}

impl Best {
    /// The best of the epochs in the database.
    ///
    /// # Errors
    ///
    /// If the database cannot be read.
    pub fn read(store: &Store, run: RunId, session: &Session) -> Result<Self, TrainError> {
        let settings = session.settings();
        let definition = metric(&settings.keep.best);
        let towards = match settings.keep.best_towards.as_str() {
            "lower" => Direction::Lower,
            "higher" => Direction::Higher,
            _ => definition.map_or(Direction::Neutral, |definition| definition.direction),
        };
        let protocol = |name: &str| match session.measures().contains(&name) {
            true => session.protocol(name).id(),
            false => ProtocolId::none(),
        };
        let metric = definition.map(|definition| (definition.name, protocol(definition.name)));
        let mut best = Self { metric, towards, every: settings.eval.every, value: None };
        if let Some((name, protocol)) = best.metric.clone() {
            for series in store.series(run)? {
                if series.metric == name && series.protocol == protocol {
                    series.curve.points().iter().for_each(|&(epoch, value)| {
                        best.update_value(epoch, value);
                    });
                }
            }
        }
        Ok(best)
    }

    /// Updates the best value with that of an epoch, and returns whether the epoch is the new best. An equal value is
    /// not.
    pub fn update(&mut self, report: &EpochReport) -> bool {
        let Some((name, protocol)) = self.metric.clone() else { return false };
        let of_training = report.training.iter().find(|(metric, _)| *metric == name).map(|(_, value)| *value);
        let mut evaluated = report.evaluation.iter();
        let evaluated = evaluated.find(|measurement| measurement.metric == name && measurement.protocol == protocol);
        let of_evaluation = evaluated.map(|measurement| measurement.value);
        let value = if protocol == ProtocolId::none() { of_training } else { of_evaluation };
        value.is_some_and(|value| self.update_value(report.epoch, value))
    }

    fn update_value(&mut self, epoch: Epoch, value: f64) -> bool {
        let counts = epoch > Epoch::ZERO && epoch.0.is_multiple_of(self.every) && value.is_finite();
        let better = match (self.towards, self.value) {
            (_, None) => true,
            (Direction::Lower, Some(best)) => value < best,
            (Direction::Higher, Some(best)) => value > best,
            (Direction::Neutral, Some(_)) => false,
        };
        if counts && better {
            self.value = Some(value);
        }
        counts && better
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn best(towards: Direction) -> Best {
        Best { metric: Some(("ssim", ProtocolId::none())), towards, every: 2, value: None }
    }

    fn best_epochs(towards: Direction, values: &[(u32, f64)]) -> Vec<u32> {
        let mut best = best(towards);
        values
            .iter()
            .filter(|&&(epoch, value)| best.update_value(Epoch(epoch), value))
            .map(|(epoch, _)| *epoch)
            .collect()
    }

    #[test]
    fn the_first_of_equal_values_stays_the_best_in_either_direction() {
        let values = [(0, 9.0), (2, 0.4), (4, 0.4), (6, 0.6), (8, 0.3), (10, f64::NAN)];
        assert_eq!(best_epochs(Direction::Higher, &values), [2, 6]);
        assert_eq!(best_epochs(Direction::Lower, &values), [2, 8]);
    }

    #[test]
    fn an_evaluation_that_a_longer_run_would_not_have_does_not_count() {
        assert_eq!(best_epochs(Direction::Higher, &[(2, 0.1), (3, 0.9), (4, 0.2)]), [2, 4]);
    }
}
