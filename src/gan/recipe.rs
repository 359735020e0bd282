use burn::tensor::Tensor;

use crate::spec::{ObjectiveSettings, OptimizerSettings, Settings};

/// What a frozen network sees of images `[n, 3, s, s]` in [−1, 1]: features `[n, features]`, with gradients.
pub type Look = Box<dyn Fn(Tensor<4>) -> Tensor<2>>;

/// What the objective and the optimizers are told, once a run.
pub struct Recipe {
    /// Which situations count, and how much.
    pub objective: ObjectiveSettings,
    /// Rates and moments.
    pub optimizer: OptimizerSettings,
    /// Updates of the generator for each of the discriminator.
    pub generator_steps: usize,
    /// What the discriminator is to reject.
    pub negatives: Negatives,
    /// The decay of the mean of the generator's weights; 0 keeps none.
    pub ema: f64,
    /// What fakes are held to their guides by, where `objective.guide_match` is above 0.
    pub look: Option<Look>,
}

/// What each situation that the discriminator is to reject weighs, beside 1 for real images with their own text.
///
/// Reed et al. 2016, algorithm 1, halve the mismatched texts and the fakes; their code lets f of the weight be the
/// fakes' and 1 − f the texts'. With mismatched guides all weigh the same.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Negatives {
    /// A real image with another text.
    pub text: Option<f64>,
    /// A real image with its text and another guide.
    pub guide: Option<f64>,
    /// A generated image.
    pub fake: f64,
}

impl Negatives {
    /// The situations that `settings` ask for.
    pub fn new(settings: &Settings) -> Self {
        let share = settings.objective.fake_share;
        match (settings.objective.kind.has_wrong_pairs(), settings.guide.has_wrong_guides()) {
            (false, false) => Self { text: None, guide: None, fake: 1.0 },
            (true, false) => Self { text: Some(1.0 - share), guide: None, fake: share },
            (false, true) => Self { text: None, guide: Some(0.5), fake: 0.5 },
            (true, true) => Self { text: Some(1.0 / 3.0), guide: Some(1.0 / 3.0), fake: 1.0 / 3.0 },
        }
    }
}

impl Recipe {
    /// The recipe of `settings`, of which `look` is what `objective.guide_match` compares by.
    ///
    /// # Panics
    ///
    /// If fakes are to be held to their guides and there is nothing to compare them by.
    pub fn new(settings: &Settings, look: Option<Look>) -> Self {
        let matches = settings.guide.is_on() && settings.objective.guide_match > 0.0;
        assert!(look.is_some() || !matches, "matching a guide needs its network");
        Self {
            objective: settings.objective.clone(),
            optimizer: settings.optimizer.clone(),
            generator_steps: settings.train.generator_steps,
            negatives: Negatives::new(settings),
            ema: settings.generator.ema,
            look: look.filter(|_| matches),
        }
    }

    /// What rates are multiplied by in `epoch`, from 1: Reed's code halves them as the epochs 100, 200, … begin.
    pub fn decay(&self, epoch: u32) -> f64 {
        match self.optimizer.decay_every {
            0 => 1.0,
            every => self.optimizer.decay.powi((epoch / every) as i32),
        }
    }

    /// Whether one pass of the generator serves the discriminator's update and the generator's first.
    pub fn shares_fakes(&self) -> bool {
        self.objective.fake == "shared"
    }
}

/// How many rows of noise each pass of the generator takes in a step on `batch` images.
pub fn passes(settings: &Settings, batch: usize) -> Vec<usize> {
    let drawn = batch + mixed(settings, batch);
    let mut rows = vec![drawn; settings.train.generator_steps];
    if settings.objective.fake == "fresh" {
        rows.insert(0, batch);
    }
    rows
}

/// How many texts of a step on `batch` images are interpolated.
pub fn mixed(settings: &Settings, batch: usize) -> usize {
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
    fn what_is_rejected_weighs_one_in_all() {
        for kind in ["gan", "gan-cls", "gan-int", "gan-cls-int"] {
            for (discriminator, source) in [("none", "own"), ("joined", "own"), ("joined", "zero")] {
                let settings = settings(&[
                    ("objective.kind", text(kind)),
                    ("guide.network", text("alexnet")),
                    ("guide.discriminator", text(discriminator)),
                    ("guide.source", text(source)),
                ]);
                let negatives = Negatives::new(&settings);
                let all = negatives.text.unwrap_or(0.0) + negatives.guide.unwrap_or(0.0) + negatives.fake;
                assert!((all - 1.0).abs() < 1e-12, "{negatives:?}");
                assert_eq!(negatives.guide.is_some(), discriminator == "joined" && source == "own");
            }
        }
        let shared = settings(&[("objective.fake_share", Value::Number(0.3))]);
        assert_eq!(Negatives::new(&shared), Negatives { text: Some(0.7), guide: None, fake: 0.3 });
    }

    #[test]
    fn rates_are_halved_as_the_hundredth_epoch_begins() {
        let decaying = settings(&[("optimizer.decay_every", Value::Integer(100))]);
        let recipe = Recipe::new(&decaying, None);
        assert_eq!(
            [1, 99, 100, 199, 200, 600].map(|epoch| recipe.decay(epoch)),
            [1.0, 1.0, 0.5, 0.5, 0.25, 1.0 / 64.0]
        );
        assert_eq!(Recipe::new(&settings(&[]), None).decay(600), 1.0);
    }

    #[test]
    fn a_pass_draws_what_its_update_needs() {
        let of = |pairs: &[(&str, Value)]| passes(&settings(pairs), 8);
        let mixing = ("objective.kind", text("gan-int"));
        assert_eq!(of(&[]), [8]);
        assert_eq!(of(std::slice::from_ref(&mixing)), [16]);
        assert_eq!(of(&[mixing.clone(), ("objective.int_pairs", text("half"))]), [12]);
        let fresh = ("objective.fake", text("fresh"));
        assert_eq!(of(&[mixing, fresh, ("train.generator_steps", Value::Integer(2))]), [8, 16, 16]);
    }
}
