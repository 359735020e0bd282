use std::fmt;

use serde::{Deserialize, Serialize};

/// The number of completed passes over the training images. Epoch 0 is the state before the first step.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Epoch(pub u32);

impl Epoch {
    /// Before training.
    pub const ZERO: Epoch = Epoch(0);

    /// The epoch after this one.
    pub fn next(self) -> Epoch {
        Epoch(self.0 + 1)
    }

    /// Whether this epoch is evaluated: epoch 0, every multiple of `every`, and the last one.
    pub fn is_evaluated(self, every: u32, horizon: Epoch) -> bool {
        self.0.is_multiple_of(every) || self == horizon
    }
}

impl fmt::Display for Epoch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn epoch_zero_multiples_and_the_last_epoch_are_evaluated() {
        let evaluated: Vec<u32> = (0..=7).filter(|&e| Epoch(e).is_evaluated(3, Epoch(7))).collect();
        assert_eq!(evaluated, [0, 3, 6, 7]);
    }
}
