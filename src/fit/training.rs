//! From drawn or given weights to fitted ones, epoch by epoch.

use std::path::Path;

use burn::module::Module;
use burn::optim::{AdamWConfig, GradientsParams};
use burn::tensor::Device;
use burn::tensor::activation::log_softmax;

use super::batch::Photos;
use super::classifier::{Classifier, cross_entropy, dropped};
use super::error::FitError;
use super::fitted::{Fitted, Score, write_weights};
use super::folder::{alone, write_record};
use super::recipe::Recipe;
use super::state::{Progress, State, clear};
use crate::random::Random;
use crate::vision::{FeatureNet, Weights};

/// Held-out images that are looked at together.
const LOOKED_AT: usize = 32;

/// The setting that a loss without end is too high for.
const RATE: &str = "guide.fit.rate";

/// How far a fit has come.
#[derive(Clone, Debug)]
pub struct FitEpoch {
    /// The epoch, from 1.
    pub epoch: u32,
    /// Of how many at most.
    pub of: u32,
    /// How held-out images were told apart after it.
    pub score: Score,
}

/// Fits the network of `recipe` to tell apart `classes`, of which photos hold the places, and leaves it in `folder` with
/// its record; `print` is [`Recipe::print`]. What was finished there before is taken as it is, and what was begun there is
/// gone on with: on the CPU it comes out to the last bit as if it had not been cut off. While another process fits in the
/// folder, this one waits for it.
///
/// Photos to learn from have [`Recipe::learning_side`], those held out the side of the network's input.
///
/// # Errors
///
/// If there is nothing to tell apart or to try it on, the loss is no number any more, the weights that it starts from are
/// not this network's, or the folder cannot be written.
pub fn fit(
    recipe: &Recipe,
    (classes, print): (&[u16], &str),
    (learned, held_out): (&Photos, &Photos),
    folder: &Path,
    device: &Device,
    tell: &dyn Fn(FitEpoch),
) -> Result<Fitted, FitError> {
    let _alone = alone(folder)?;
    if let Some(fitted) = Fitted::read(folder)? {
        return Ok(fitted);
    }
    if classes.len() < 2 {
        return Err(FitError::Classes { classes: classes.len(), images: learned.planes.len() });
    }
    if held_out.planes.is_empty() {
        return Err(FitError::NoneHeldOut);
    }
    let mut state = begin(recipe, classes.len(), device)?.resumed(folder)?;
    let (epochs, patience) = (recipe.fit.epochs, recipe.fit.patience);
    while state.progress.epochs() < epochs && !state.progress.is_tired(patience) {
        state = epoch(state, recipe, learned, device)?;
        let score = score(&state.net.valid(), recipe, held_out, &device.clone().without_autodiff());
        if !score.loss.is_finite() {
            return Err(FitError::Diverged {
                epoch: state.progress.epochs() + 1,
                step: learned.planes.len(),
                rate: RATE,
            });
        }
        if state.progress.note(score) {
            state.best = state.net.valid();
        }
        state.save(folder)?;
        tell(FitEpoch { epoch: state.progress.epochs(), of: epochs, score });
    }
    let State { best, progress, .. } = state;
    let score = progress.best_score().expect("there was an epoch");
    // One entry: a file of several has them in an order of chance, and would have another hash each time.
    let about = serde_json::json!({ "recipe": print, "classes": classes }).to_string();
    let layer = recipe.network.classes_layer();
    let fitted = Fitted {
        recipe: print.to_owned(),
        sha256: write_weights(folder, best.state(layer), &about)?,
        classes: classes.to_vec(),
        learned: learned.planes.len(),
        held_out: held_out.planes.len(),
        epochs: progress.epochs(),
        epoch: progress.best,
        score,
        history: progress.history,
    };
    write_record(folder, &fitted)?;
    clear(folder)?;
    Ok(fitted)
}

/// The network that has learned nothing here yet.
fn begin(recipe: &Recipe, classes: usize, device: &Device) -> Result<State<Classifier, Score>, FitError> {
    if !recipe.network.is_plain() {
        return Err(FitError::Network { network: recipe.network.to_string() });
    }
    let weights = match recipe.start() {
        Some(path) => Weights::File { path },
        None => Weights::Random { seed: recipe.fit.seed },
    };
    let features = recipe.network.layer("fc7").expect("plain networks end in fc7").length(recipe.config);
    let learning = device.clone().autodiff();
    let net = FeatureNet::load(recipe.network, recipe.config, &weights, &learning)?;
    let net = Classifier::new(net, recipe, features, classes, &learning);
    let adam = AdamWConfig::new().with_weight_decay(recipe.fit.weight_decay as f32).with_epsilon(1e-8).init();
    Ok(State { best: net.valid(), net, adam, progress: Progress::default() })
}

/// One pass over the photos to learn from, in a drawn order; what does not fill a batch is left for another epoch.
fn epoch(
    state: State<Classifier, Score>,
    recipe: &Recipe,
    photos: &Photos,
    device: &Device,
) -> Result<State<Classifier, Score>, FitError> {
    let State { mut net, best, mut adam, progress } = state;
    let (epoch, seed, learning) = (progress.epochs() + 1, recipe.fit.seed, device.clone().autodiff());
    let drawn = |what: &str, step: usize| Random::named(seed, &format!("fit/{what}/{epoch}/{step}"));
    let order = drawn("order", 0).permutation(photos.planes.len());
    let batch = recipe.fit.batch.min(order.len());
    let rate = recipe.rate(epoch);
    for (step, places) in order.chunks_exact(batch).enumerate() {
        let images = photos.learned(places, recipe, &mut drawn("cut", step), &learning);
        let classes: Vec<usize> = places.iter().map(|&place| photos.classes[place]).collect();
        let mut chance = drawn("dropout", step);
        let logits = net.forward(images, &mut |vector| dropped(vector, recipe.fit.dropout, &mut chance));
        let loss = cross_entropy(logits, &classes);
        if !loss.clone().into_scalar::<f32>().is_finite() {
            return Err(FitError::Diverged { epoch, step: step + 1, rate: RATE });
        }
        let gradients = GradientsParams::from_grads(loss.backward(), &net);
        net = adam.step(rate, net, gradients);
    }
    Ok(State { net, best, adam, progress })
}

/// How well held-out photos are told apart, without dropout.
fn score(net: &Classifier, recipe: &Recipe, photos: &Photos, device: &Device) -> Score {
    let all: Vec<usize> = (0..photos.planes.len()).collect();
    let (mut loss, mut top1, mut top5) = (0.0, 0usize, 0usize);
    for places in all.chunks(LOOKED_AT) {
        let logits = net.forward(photos.whole(places, recipe, device), &mut |vector| vector);
        let outputs = logits.dims()[1];
        let data = log_softmax(logits, 1).into_data().convert::<f32>();
        let values = data.as_slice::<f32>().expect("just converted to f32");
        for (&place, row) in places.iter().zip(values.chunks_exact(outputs)) {
            let own = row[photos.classes[place]];
            // Its own class comes after whatever is as likely: a network that says nothing gets nothing.
            let before = row.iter().filter(|&&other| other >= own).count().saturating_sub(1);
            loss -= f64::from(own);
            top1 += usize::from(before == 0);
            top5 += usize::from(before < 5);
        }
    }
    let share = |count: usize| count as f64 / all.len() as f64;
    Score { loss: loss / all.len() as f64, top1: share(top1), top5: share(top5) }
}

#[cfg(test)]
mod tests;
