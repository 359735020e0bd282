//! How a backbone is fitted.

use std::path::PathBuf;

use crate::spec::{FitSettings, GuideSettings};
use crate::vision::{Network, NetworkConfig};

/// All that fitted weights follow from but the photos.
#[derive(Clone, Debug, PartialEq)]
pub struct Recipe {
    /// The network.
    pub network: Network,
    /// Its size.
    pub config: NetworkConfig,
    /// How photos become square.
    pub square: String,
    /// How it is taught.
    pub fit: FitSettings,
}

impl Recipe {
    /// The recipe of the guide's network; `None` where its weights are not fitted.
    pub fn of_guide(guide: &GuideSettings) -> Option<Self> {
        let network = guide.network.parse().ok().filter(|_| guide.weights == "fit")?;
        let config = NetworkConfig { input: guide.input, width: guide.width };
        Some(Self { network, config, square: guide.square.clone(), fit: guide.fit.clone() })
    }

    /// The side that photos are prepared at for learning: an eighth is left to crop from.
    pub fn learning_side(&self) -> usize {
        if self.fit.augment { self.config.input * 9 / 8 } else { self.config.input }
    }

    /// The file of weights that it starts from, if it does not start from drawn ones.
    pub fn start(&self) -> Option<PathBuf> {
        (self.fit.from != PathBuf::new()).then(|| self.fit.from.clone())
    }

    /// All that the weights follow from, in words: `data` is the fingerprint of photos and classes, `start` the hash of
    /// the file that it starts from.
    pub fn print(&self, data: &str, start: Option<&str>) -> String {
        let Self { network, config, square, fit } = self;
        let start = start.unwrap_or("drawn");
        // The path is left out: what counts is what the file holds.
        let FitSettings {
            limit, epochs, batch, rate, weight_decay, dropout, augment, held_out, patience, seed, ..
        } = fit;
        format!(
            "fit/1 {network} {} {} {square} {limit} {epochs} {batch} {rate} {weight_decay} {dropout} {augment} {held_out} \
             {patience} {seed} {start} {data}",
            config.input, config.width
        )
    }

    /// The learning rate of an epoch, which counts from 1: from `rate` down to nearly 0 along half a cosine (Loshchilov
    /// & Hutter 2017, arXiv 1608.03983, eq. 5, without restarts).
    pub fn rate(&self, epoch: u32) -> f64 {
        let done = f64::from(epoch - 1) / f64::from(self.fit.epochs);
        self.fit.rate * 0.5 * (1.0 + (std::f64::consts::PI * done).cos())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spec::Settings;

    #[test]
    fn a_recipe_counts_by_what_it_says_and_not_by_where_its_file_lies() {
        let mut guide = Settings::from_values([]).unwrap().guide;
        assert_eq!(Recipe::of_guide(&guide), None);
        (guide.network, guide.weights) = ("alexnet".into(), "fit".into());
        let recipe = Recipe::of_guide(&guide).unwrap();
        guide.fit.from = "elsewhere.pth".into();
        let moved = Recipe::of_guide(&guide).unwrap();
        assert_eq!(recipe.print("data", Some("ab")), moved.print("data", Some("ab")));
        assert_ne!(recipe.print("data", None), recipe.print("data", Some("ab")));
        assert_ne!(recipe.print("data", None), recipe.print("other", None));
        guide.fit.epochs += 1;
        assert_ne!(recipe.print("data", None), Recipe::of_guide(&guide).unwrap().print("data", None));
    }

    #[test]
    fn the_rate_falls_from_all_of_it_to_nearly_nothing() {
        let mut guide = Settings::from_values([]).unwrap().guide;
        (guide.network, guide.weights) = ("alexnet".into(), "fit".into());
        (guide.fit.epochs, guide.fit.rate) = (4, 1.0);
        let recipe = Recipe::of_guide(&guide).unwrap();
        // ½(1 + cos 0), ½(1 + cos π/4), ½(1 + cos π/2), ½(1 + cos 3π/4).
        let expected = [1.0, 0.853_553_4, 0.5, 0.146_446_6];
        assert!((1..=4).zip(expected).all(|(epoch, rate)| (recipe.rate(epoch) - rate).abs() < 1e-6));
    }
}
