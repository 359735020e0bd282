use std::sync::Arc;

use super::Epoch;

/// The values of one metric of one run by epoch: epochs are strictly ascending, values may be non-finite. Clones share
/// the points.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Curve {
    points: Arc<[(Epoch, f64)]>,
}

/// The error for two points of a curve that are out of order, or have the same epoch.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("epoch {second} follows epoch {first} in a curve")]
pub struct UnorderedEpochs {
    /// The epoch of the first point.
    pub first: Epoch,
    /// The epoch of the second point.
    pub second: Epoch,
}

impl Curve {
    /// A curve through `points`.
    ///
    /// # Errors
    ///
    /// If the epochs do not strictly ascend.
    pub fn new(points: Vec<(Epoch, f64)>) -> Result<Self, UnorderedEpochs> {
        match points.windows(2).find(|pair| pair[0].0 >= pair[1].0) {
            Some(pair) => Err(UnorderedEpochs { first: pair[0].0, second: pair[1].0 }),
            None => Ok(Self { points: points.into() }),
        }
    }

    /// The points, by ascending epoch.
    pub fn points(&self) -> &[(Epoch, f64)] {
        &self.points
    }

    /// The value at the last epoch.
    pub fn last(&self) -> Option<(Epoch, f64)> {
        self.points.last().copied()
    }

    /// The value at exactly `epoch`.
    pub fn at(&self, epoch: Epoch) -> Option<f64> {
        self.points.binary_search_by_key(&epoch, |point| point.0).ok().map(|i| self.points[i].1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_epochs_of_a_curve_are_strictly_ascending() {
        let curve = Curve::new(vec![(Epoch(0), 1.0), (Epoch(5), 0.5)]).unwrap();
        assert_eq!(curve.last(), Some((Epoch(5), 0.5)));
        assert_eq!(curve.at(Epoch(0)), Some(1.0));
        assert_eq!(curve.at(Epoch(1)), None);
        let repeated = Curve::new(vec![(Epoch(5), 1.0), (Epoch(5), 0.5)]);
        assert_eq!(repeated, Err(UnorderedEpochs { first: Epoch(5), second: Epoch(5) }));
    }
}
