use super::Convergence;
use crate::measure::{Curve, Epoch};

/// The cost of the training of one run up to each epoch: images seen, and seconds of training. Time for evaluations and
/// checkpoints is not part of it.
#[derive(Clone, Debug, PartialEq)]
pub struct TrainingCost {
    images_per_epoch: f64,
    /// The seconds up to the end of the epochs 1, 2, …, as far as the rate of every epoch is known.
    seconds: Vec<f64>,
}

/// What convergence cost, or what was spent without it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TargetCost {
    /// Whether the run converged. Otherwise the cost is censored: convergence costs more than this.
    pub observed: bool,
    /// Training images seen, with repetition.
    pub images: f64,
    /// Seconds of training on the device of the run; `None` if a rate is missing.
    pub seconds: Option<f64>,
}

impl TrainingCost {
    /// The cost of a run.
    ///
    /// - `steps` steps were made in `epochs` epochs; every epoch has the same number of them. `None` is returned if no
    ///   epoch was completed.
    /// - `batch` images are used in each step.
    /// - `rates` is the curve of the metric `images_per_second`, a value for each epoch.
    pub fn new(steps: u64, epochs: Epoch, batch: u64, rates: Option<&Curve>) -> Option<Self> {
        if epochs == Epoch::ZERO {
            return None;
        }
        let images_per_epoch = (steps * batch) as f64 / f64::from(epochs.0);
        let mut seconds = Vec::new();
        let mut total = 0.0;
        let trained = rates.map_or(&[][..], Curve::points).iter().skip_while(|(epoch, _)| *epoch == Epoch::ZERO);
        for (&(epoch, rate), expected) in trained.zip(1..) {
            if epoch != Epoch(expected) || !rate.is_finite() || rate <= 0.0 {
                break;
            }
            total += images_per_epoch / rate;
            seconds.push(total);
        }
        Some(Self { images_per_epoch, seconds })
    }

    /// Training images seen up to the end of `epoch`.
    pub fn images(&self, epoch: Epoch) -> f64 {
        self.images_per_epoch * f64::from(epoch.0)
    }

    /// Seconds of training up to the end of `epoch`; `None` if the rate of an epoch up to it is missing.
    pub fn seconds(&self, epoch: Epoch) -> Option<f64> {
        match epoch.0.checked_sub(1) {
            None => Some(0.0),
            Some(before) => self.seconds.get(before as usize).copied(),
        }
    }

    /// The cost up to the epoch of convergence, or up to the last evaluation.
    pub fn to_target(&self, outcome: Convergence) -> TargetCost {
        let (epoch, observed) = match outcome {
            Convergence::Reached { epoch, .. } => (epoch, true),
            Convergence::Censored { at, .. } => (at, false),
        };
        TargetCost { observed, images: self.images(epoch), seconds: self.seconds(epoch) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::CensorReason;

    fn rates(values: &[(u32, f64)]) -> Curve {
        Curve::new(values.iter().map(|&(epoch, rate)| (Epoch(epoch), rate)).collect()).unwrap()
    }

    #[test]
    fn images_are_steps_times_batch_and_seconds_are_images_by_rate() {
        // Four epochs of 10 steps with 8 images: 80 images each.
        let rates = rates(&[(1, 40.0), (2, 80.0), (3, 160.0), (4, 160.0)]);
        let cost = TrainingCost::new(40, Epoch(4), 8, Some(&rates)).unwrap();
        assert_eq!((cost.images(Epoch(0)), cost.images(Epoch(3))), (0.0, 240.0));
        assert_eq!([0, 1, 2, 3, 4].map(|epoch| cost.seconds(Epoch(epoch))), [0.0, 2.0, 3.0, 3.5, 4.0].map(Some));
        let reached = cost.to_target(Convergence::Reached { epoch: Epoch(3), after: Epoch(2) });
        assert_eq!(reached, TargetCost { observed: true, images: 240.0, seconds: Some(3.5) });
        let censored = cost.to_target(Convergence::Censored { at: Epoch(9), why: CensorReason::NotReached });
        assert_eq!(censored, TargetCost { observed: false, images: 720.0, seconds: None });
    }

    #[test]
    fn seconds_are_unknown_from_the_first_epoch_without_a_rate() {
        let seconds = |values: &[(u32, f64)], epoch| {
            TrainingCost::new(40, Epoch(4), 8, Some(&rates(values))).unwrap().seconds(Epoch(epoch))
        };
        assert_eq!(seconds(&[(1, 40.0), (3, 40.0)], 1), Some(2.0));
        assert_eq!(seconds(&[(1, 40.0), (3, 40.0)], 3), None);
        assert_eq!(seconds(&[(1, 40.0), (2, 0.0)], 2), None);
        assert_eq!(seconds(&[(1, f64::NAN)], 1), None);
        assert_eq!(TrainingCost::new(40, Epoch(4), 8, None).unwrap().seconds(Epoch(1)), None);
        assert_eq!(TrainingCost::new(0, Epoch(0), 8, None), None);
    }
}
