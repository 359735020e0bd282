//! The recipe of a fitted network.

use std::path::PathBuf;

use crate::spec::{GuideFitSettings, GuideSettings};
use crate::vision::{Network, NetworkConfig};

/// Everything that determines fitted weights, except the images.
#[derive(Clone, Debug, PartialEq)]
pub struct Recipe {
    /// The network.
    pub network: Network,
    /// Input size and width of the network.
    pub config: NetworkConfig,
    /// How images are made square.
    pub square: String,
    /// The training settings.
    pub fit: GuideFitSettings,
}

impl Recipe {
    /// The recipe of the guide's network. `None` if its weights are not fitted.
    pub fn from_settings(guide: &GuideSettings) -> Option<Self> {
        let network = guide.network.parse().ok().filter(|_| guide.weights == "fit")?;
        let config = NetworkConfig { input: guide.input, width: guide.width };
        Some(Self { network, config, square: guide.square.clone(), fit: guide.fit.clone() })
    }

    /// The side of training images in pixels. With augmentation it is 9/8 of the network's input, so that random crops
    /// are possible.
    pub fn train_side(&self) -> usize {
        if self.fit.augment { self.config.input * 9 / 8 } else { self.config.input }
    }

    /// The file of initial weights. `None` if the initial weights are random.
    pub fn initial_weights(&self) -> Option<PathBuf> {
        (self.fit.from != PathBuf::new()).then(|| self.fit.from.clone())
    }

    /// A text that identifies the fitted weights. `data` is the fingerprint of images and classes, `start` the hash of
    /// the initial weights.
    pub fn fingerprint(&self, data: &str, start: Option<&str>) -> String {
        let Self { network, config, square, fit } = self;
        let start = start.unwrap_or("drawn");
        // The path of the initial weights is not part of the text: the hash of the file is.
        let GuideFitSettings {
            limit,
            epochs,
            batch,
            rate,
            weight_decay,
            dropout,
            augment,
            held_out,
            patience,
            seed,
            ..
        } = fit;
        format!(
            "fit/1 {network} {} {} {square} {limit} {epochs} {batch} {rate} {weight_decay} {dropout} {augment} {held_out} \
             {patience} {seed} {start} {data}",
            config.input, config.width
        )
    }

    /// The learning rate of an epoch, counted from 1. It decreases from `rate` to nearly 0 with cosine annealing
    /// (Loshchilov & Hutter 2017, arXiv 1608.03983, eq. 5, without restarts).
    pub fn learning_rate(&self, epoch: u32) -> f64 {
        let done = f64::from(epoch - 1) / f64::from(self.fit.epochs);
        self.fit.rate * 0.5 * (1.0 + (std::f64::consts::PI * done).cos())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spec::Settings;

    #[test]
    fn the_fingerprint_depends_on_settings_and_contents_but_not_on_paths() {
        let mut guide = Settings::from_values([]).unwrap().guide;
        assert_eq!(Recipe::from_settings(&guide), None);
        (guide.network, guide.weights) = ("alexnet".into(), "fit".into());
        let recipe = Recipe::from_settings(&guide).unwrap();
        guide.fit.from = "elsewhere.pth".into();
        let moved = Recipe::from_settings(&guide).unwrap();
        assert_eq!(recipe.fingerprint("data", Some("ab")), moved.fingerprint("data", Some("ab")));
        assert_ne!(recipe.fingerprint("data", None), recipe.fingerprint("data", Some("ab")));
        assert_ne!(recipe.fingerprint("data", None), recipe.fingerprint("other", None));
        guide.fit.epochs += 1;
        assert_ne!(recipe.fingerprint("data", None), Recipe::from_settings(&guide).unwrap().fingerprint("data", None));
    }

    #[test]
    fn the_learning_rate_decreases_to_nearly_zero() {
        let mut guide = Settings::from_values([]).unwrap().guide;
        (guide.network, guide.weights) = ("alexnet".into(), "fit".into());
        (guide.fit.epochs, guide.fit.rate) = (4, 1.0);
        let recipe = Recipe::from_settings(&guide).unwrap();
        // ½(1 + cos 0), ½(1 + cos π/4), ½(1 + cos π/2), ½(1 + cos 3π/4).
        let expected = [1.0, 0.853_553_4, 0.5, 0.146_446_6];
        assert!((1..=4).zip(expected).all(|(epoch, rate)| (recipe.learning_rate(epoch) - rate).abs() < 1e-6));
    }
}
