use super::Epoch;

/// One metric of one run over epochs: strictly ascending epochs, values that may be non-finite.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Curve {
    points: Vec<(Epoch, f64)>,
}

/// Two points of a curve are out of order, or share an epoch.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("epoch {second} follows epoch {first} in a curve")]
pub struct Disordered {
    /// The earlier point's epoch.
    pub first: Epoch,
    /// The later point's epoch.
    pub second: Epoch,
}

impl Curve {
    /// A curve through `points`.
    ///
    /// # Errors
    ///
    /// If the epochs do not strictly ascend.
    pub fn new(points: Vec<(Epoch, f64)>) -> Result<Self, Disordered> {
        match points.windows(2).find(|pair| pair[0].0 >= pair[1].0) {
            Some(pair) => Err(Disordered { first: pair[0].0, second: pair[1].0 }),
            None => Ok(Self { points }),
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
    fn a_curve_keeps_strictly_ascending_epochs() {
        let curve = Curve::new(vec![(Epoch(0), 1.0), (Epoch(5), 0.5)]).unwrap();
        assert_eq!(curve.last(), Some((Epoch(5), 0.5)));
        assert_eq!(curve.at(Epoch(0)), Some(1.0));
        assert_eq!(curve.at(Epoch(1)), None);
        let repeated = Curve::new(vec![(Epoch(5), 1.0), (Epoch(5), 0.5)]);
        assert_eq!(repeated, Err(Disordered { first: Epoch(5), second: Epoch(5) }));
    }
}
