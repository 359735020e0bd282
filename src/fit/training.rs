//! Fitting of a network, from random or given initial weights.

use std::path::Path;

use burn::module::Module;
use burn::optim::GradientsParams;
use burn::tensor::Device;
use burn::tensor::activation::log_softmax;

use super::batch::LabelledImages;
use super::classifier::{Classifier, cross_entropy, dropout};
use super::error::FitError;
use super::fitted::{FittedWeights, ValidationScore, write_weights};
use super::folder::{lock_folder, write_record};
use super::recipe::Recipe;
use super::state::{Progress, State, remove_states};
use crate::kernel::{AdamW, in_thread_pool};
use crate::random::Random;
use crate::vision::{FeatureNet, Weights};

/// The batch size of evaluation.
const EVALUATION_BATCH: usize = 32;

/// The setting of the learning rate.
const RATE: &str = "guide.fit.rate";

/// The result of an epoch.
#[derive(Clone, Debug)]
pub struct FitEpoch {
    /// The epoch, from 1.
    pub epoch: u32,
    /// The largest number of epochs.
    pub epochs: u32,
    /// The score on the held-out images.
    pub score: ValidationScore,
}

/// Fits the network of `recipe` to classify images into `classes`, and writes the weights and the record to `folder`.
/// `fingerprint` is [`Recipe::fingerprint`]. The classes of the images are indices into `classes`. `report` receives
/// the result of each epoch.
///
/// If the fit in `folder` is complete, the record is returned. If it was interrupted, it resumes; on the CPU the result
/// is bit-identical to that of an uninterrupted fit. While another process fits in `folder`, this call waits.
///
/// The side of training images is [`Recipe::train_side`], that of held-out images is the network's input.
///
/// # Errors
///
/// If there are fewer than two classes or no held-out images, the loss is not finite, the initial weights are not of
/// this network, or the folder cannot be written.
pub fn fit(
    recipe: &Recipe,
    (classes, fingerprint): (&[u16], &str),
    (train, held_out): (&LabelledImages, &LabelledImages),
    folder: &Path,
    device: &Device,
    report: &dyn Fn(FitEpoch),
) -> Result<FittedWeights, FitError> {
    let _lock = lock_folder(folder)?;
    if let Some(fitted) = FittedWeights::read(folder)? {
        return Ok(fitted);
    }
    if classes.len() < 2 {
        return Err(FitError::Classes { classes: classes.len(), images: train.planes.len() });
    }
    if held_out.planes.is_empty() {
        return Err(FitError::NoHeldOut);
    }
    let mut state = initial_state(recipe, classes.len(), device)?.resume(folder)?;
    let (epochs, patience) = (recipe.fit.epochs, recipe.fit.patience);
    while state.progress.epochs() < epochs && !state.progress.is_stalled(patience) {
        state = in_thread_pool(device, || train_epoch(state, recipe, train, device))?;
        let score = evaluate(&state.net.valid(), recipe, held_out, &device.clone().without_autodiff());
        if !score.loss.is_finite() {
            return Err(FitError::Diverged {
                epoch: state.progress.epochs() + 1,
                step: train.planes.len(),
                rate: RATE,
            });
        }
        if state.progress.push(score) {
            state.best = state.net.valid();
        }
        state.save(folder)?;
        report(FitEpoch { epoch: state.progress.epochs(), epochs, score });
    }
    let State { best, progress, .. } = state;
    let score = progress.best_score().expect("at least one epoch is complete");
    // One metadata entry only: the order of several entries is random, and the hash of the file would vary.
    let about = serde_json::json!({ "recipe": fingerprint, "classes": classes }).to_string();
    let layer = recipe.network.classes_layer();
    let fitted = FittedWeights {
        recipe: fingerprint.to_owned(),
        sha256: write_weights(folder, best.state(layer), &about)?,
        classes: classes.to_vec(),
        train_images: train.planes.len(),
        held_out_images: held_out.planes.len(),
        epochs: progress.epochs(),
        epoch: progress.best,
        score,
        history: progress.history,
    };
    write_record(folder, &fitted)?;
    remove_states(folder)?;
    Ok(fitted)
}

/// The state before the first epoch.
fn initial_state(
    recipe: &Recipe,
    classes: usize,
    device: &Device,
) -> Result<State<Classifier, ValidationScore>, FitError> {
    if !recipe.network.is_plain() {
        return Err(FitError::Network { network: recipe.network.to_string() });
    }
    let weights = match recipe.initial_weights() {
        Some(path) => Weights::File { path },
        None => Weights::Random { seed: recipe.fit.seed },
    };
    let features = recipe.network.layer("fc7").expect("plain networks have a layer fc7").length(recipe.config);
    let autodiff = device.clone().autodiff();
    let net = FeatureNet::load(recipe.network, recipe.config, &weights, &autodiff)?;
    let net = Classifier::new(net, recipe, features, classes, &autodiff);
    let adam = AdamW::new(recipe.fit.weight_decay as f32).into();
    Ok(State { best: net.valid(), net, adam, progress: Progress::default() })
}

/// Trains for one epoch, in random order. Images that do not fill a batch are skipped.
fn train_epoch(
    state: State<Classifier, ValidationScore>,
    recipe: &Recipe,
    images: &LabelledImages,
    device: &Device,
) -> Result<State<Classifier, ValidationScore>, FitError> {
    let State { mut net, best, mut adam, progress } = state;
    let (epoch, seed, autodiff) = (progress.epochs() + 1, recipe.fit.seed, device.clone().autodiff());
    let random = |what: &str, step: usize| Random::named(seed, &format!("fit/{what}/{epoch}/{step}"));
    let order = random("order", 0).permutation(images.planes.len());
    let batch = recipe.fit.batch.min(order.len());
    let rate = recipe.learning_rate(epoch);
    for (step, indices) in order.chunks_exact(batch).enumerate() {
        let inputs = images.train_batch(indices, recipe, &mut random("cut", step), &autodiff);
        let classes: Vec<usize> = indices.iter().map(|&index| images.classes[index]).collect();
        let mut dropout_random = random("dropout", step);
        let logits = net.forward(inputs, &mut |vector| dropout(vector, recipe.fit.dropout, &mut dropout_random));
        let loss = cross_entropy(logits, &classes);
        if !loss.clone().into_scalar::<f32>().is_finite() {
            return Err(FitError::Diverged { epoch, step: step + 1, rate: RATE });
        }
        let gradients = GradientsParams::from_grads(loss.backward(), &net);
        net = adam.step(rate, net, gradients);
    }
    Ok(State { net, best, adam, progress })
}

/// Evaluates the network on held-out images, without dropout.
fn evaluate(net: &Classifier, recipe: &Recipe, images: &LabelledImages, device: &Device) -> ValidationScore {
    let all: Vec<usize> = (0..images.planes.len()).collect();
    let (mut loss, mut top1, mut top5) = (0.0, 0usize, 0usize);
    for indices in all.chunks(EVALUATION_BATCH) {
        let logits = net.forward(images.evaluation_batch(indices, recipe, device), &mut |vector| vector);
        let outputs = logits.dims()[1];
        let data = log_softmax(logits, 1).into_data().convert::<f32>();
        let values = data.as_slice::<f32>().expect("just converted to f32");
        for (&index, row) in indices.iter().zip(values.chunks_exact(outputs)) {
            let own = row[images.classes[index]];
            // Equally likely classes rank before the right class: a network with constant outputs has accuracy 0.
            let before = row.iter().filter(|&&other| other >= own).count().saturating_sub(1);
            loss -= f64::from(own);
            top1 += usize::from(before == 0);
            top5 += usize::from(before < 5);
        }
    }
    let fraction = |count: usize| count as f64 / all.len() as f64;
    ValidationScore { loss: loss / all.len() as f64, top1: fraction(top1), top5: fraction(top5) }
}

#[cfg(test)]
mod tests;
