//! The settings of a training step.

use burn::tensor::Tensor;

use crate::spec::{ObjectiveSettings, OptimizerSettings, Settings};

/// Extracts features `[n, features]` from images `[n, 3, s, s]` in [−1, 1] with a frozen network. It is differentiable.
pub type FeatureFn = Box<dyn Fn(Tensor<4>) -> Tensor<2> + Sync>;

/// The settings of a run's training steps.
pub struct Recipe {
    /// The terms of the losses and their weights.
    pub objective: ObjectiveSettings,
    /// The settings of Adam.
    pub optimizer: OptimizerSettings,
    /// Updates of the generator per update of the discriminator.
    pub generator_steps: usize,
    /// The weights of the inputs that the discriminator must reject.
    pub negatives: NegativeWeights,
    /// Decay of the moving average of the generator's weights; 0 disables it.
    pub ema: f64,
    /// The guide network, if `objective.guide_match` is above 0.
    pub features: Option<FeatureFn>,
}

/// The weights of the inputs that the discriminator must reject. Real images with their own text have weight 1.
///
/// In algorithm 1 of Reed et al. 2016, mismatched texts and generated images both have weight 1/2. In their code,
/// generated images have weight f and mismatched texts 1 − f. With mismatched guides all weights are equal.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct NegativeWeights {
    /// A real image with a mismatched text.
    pub text: Option<f64>,
    /// A real image with its text and the guide of another image.
    pub guide: Option<f64>,
    /// A generated image.
    pub fake: f64,
}

impl NegativeWeights {
    /// The weights for `settings`.
    pub fn new(settings: &Settings) -> Self {
        let fake = settings.objective.fake_share;
        match (settings.objective.kind.has_mismatched_pairs(), settings.guide.has_mismatched_guides()) {
            (false, false) => Self { text: None, guide: None, fake: 1.0 },
            (true, false) => Self { text: Some(1.0 - fake), guide: None, fake },
            (false, true) => Self { text: None, guide: Some(0.5), fake: 0.5 },
            (true, true) => Self { text: Some(1.0 / 3.0), guide: Some(1.0 / 3.0), fake: 1.0 / 3.0 },
        }
    }
}

impl Recipe {
    /// The recipe of `settings`. `features` is the guide network, for `objective.guide_match`.
    ///
    /// # Panics
    ///
    /// If `objective.guide_match` requires `features` and they are missing.
    pub fn new(settings: &Settings, features: Option<FeatureFn>) -> Self {
        let matches = settings.guide.is_on() && settings.objective.guide_match > 0.0;
        assert!(features.is_some() || !matches, "objective.guide_match requires the guide network");
        Self {
            objective: settings.objective.clone(),
            optimizer: settings.optimizer.clone(),
            generator_steps: settings.train.generator_steps,
            negatives: NegativeWeights::new(settings),
            ema: settings.generator.ema,
            features: features.filter(|_| matches),
        }
    }

    /// The factor on the learning rates in `epoch`, from 1. Reed's code halves them at the start of the epochs 100,
    /// 200, …
    pub fn decay(&self, epoch: u32) -> f64 {
        match self.optimizer.decay_every {
            0 => 1.0,
            every => self.optimizer.decay.powi((epoch / every) as i32),
        }
    }

    /// Whether the discriminator's update and the generator's first update use the same generated images.
    pub fn shares_fakes(&self) -> bool {
        self.objective.fake == "shared"
    }
}

/// The rows of noise of each forward pass of the generator in a step on `batch` images.
pub fn noise_rows(settings: &Settings, batch: usize) -> Vec<usize> {
    let update = batch + interpolated_texts(settings, batch);
    let mut rows = vec![update; settings.train.generator_steps];
    if settings.objective.fake == "fresh" {
        rows.insert(0, batch);
    }
    rows
}

/// The number of interpolated texts in a step on `batch` images.
pub fn interpolated_texts(settings: &Settings, batch: usize) -> usize {
    match (settings.objective.kind.interpolates(), settings.objective.int_pairs.as_str()) {
        (false, _) => 0,
        (true, "half") => batch / 2,
        (true, _) => batch,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spec::Value;

    fn settings(pairs: &[(&str, Value)]) -> Settings {
        Settings::from_values(pairs.iter().map(|(key, value)| (*key, value))).unwrap()
    }

    fn text(word: &str) -> Value {
        Value::Text(word.to_owned())
    }

    #[test]
    fn the_weights_of_rejected_inputs_sum_to_one() {
        for kind in ["gan", "gan-cls", "gan-int", "gan-cls-int"] {
            for (discriminator, source) in [("none", "own"), ("joined", "own"), ("joined", "zero")] {
                let settings = settings(&[
                    ("objective.kind", text(kind)),
                    ("guide.network", text("alexnet")),
                    ("guide.discriminator", text(discriminator)),
                    ("guide.source", text(source)),
                ]);
                let weights = NegativeWeights::new(&settings);
                let sum = weights.text.unwrap_or(0.0) + weights.guide.unwrap_or(0.0) + weights.fake;
                assert!((sum - 1.0).abs() < 1e-12, "{weights:?}");
                assert_eq!(weights.guide.is_some(), discriminator == "joined" && source == "own");
            }
        }
        let unequal = settings(&[("objective.fake_share", Value::Number(0.3))]);
        assert_eq!(NegativeWeights::new(&unequal), NegativeWeights { text: Some(0.7), guide: None, fake: 0.3 });
    }

    #[test]
    fn rates_are_halved_at_the_start_of_epoch_100() {
        let decaying = settings(&[("optimizer.decay_every", Value::Integer(100))]);
        let recipe = Recipe::new(&decaying, None);
        assert_eq!(
            [1, 99, 100, 199, 200, 600].map(|epoch| recipe.decay(epoch)),
            [1.0, 1.0, 0.5, 0.5, 0.25, 1.0 / 64.0]
        );
        assert_eq!(Recipe::new(&settings(&[]), None).decay(600), 1.0);
    }

    #[test]
    fn noise_rows_depend_on_interpolation_and_fresh_images() {
        let of = |pairs: &[(&str, Value)]| noise_rows(&settings(pairs), 8);
        let interpolating = ("objective.kind", text("gan-int"));
        assert_eq!(of(&[]), [8]);
        assert_eq!(of(std::slice::from_ref(&interpolating)), [16]);
        assert_eq!(of(&[interpolating.clone(), ("objective.int_pairs", text("half"))]), [12]);
        let fresh = ("objective.fake", text("fresh"));
        assert_eq!(of(&[interpolating, fresh, ("train.generator_steps", Value::Integer(2))]), [8, 16, 16]);
    }
}
