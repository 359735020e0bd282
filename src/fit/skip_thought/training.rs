//! Training of a text encoder, from random initial weights.

use std::path::Path;

use burn::module::{Module, Param};
use burn::tensor::{Device, TensorData};

use super::super::error::FitError;
use super::super::folder::{lock_folder, write_file, write_record};
use super::super::split::split_held_out;
use super::super::state::{Progress, State, remove_states};
use super::batch::{Sentences, Triplet, Triplets};
use super::corpus::Corpus;
use super::gradient::{Loss, loss_and_gradients};
use super::network::SkipThoughtNet;
use super::recipe::SkipThoughtRecipe;
use super::trained::{Perplexity, TrainedEncoder};
use super::unigram::{log_frequencies, perplexity};
use super::vocabulary::{EOS, UNKNOWN, Vocabulary};
use crate::kernel::{Adam, in_thread_pool};
use crate::text::TextError;
use crate::text::skip_thought::EncoderFile;

/// The batch size of evaluation.
const EVALUATION_BATCH: usize = 64;
/// The setting of the learning rate.
const RATE: &str = "text.fit.rate";

/// The progress of training.
#[derive(Clone, Debug)]
pub enum TrainingEvent {
    /// An epoch has started, or a step is complete.
    Step {
        /// The epoch, from 1.
        epoch: u32,
        /// The number of completed steps of the epoch; 0 when the epoch starts.
        step: usize,
        /// The number of steps of an epoch.
        steps: usize,
    },
    /// An epoch is complete, and its state is saved.
    Epoch {
        /// The epoch, from 1.
        epoch: u32,
        /// The largest number of epochs.
        epochs: u32,
        /// The score of the epoch.
        score: Perplexity,
        /// The perplexity of the unigram model on the held-out triplets.
        unigram: f64,
    },
}

/// Trains an encoder on `corpus`, and writes the encoder ([`TrainedEncoder::path`]) and the record to `folder`.
/// `tokeniser` is the name of the tokeniser of the corpus, `fingerprint` is [`SkipThoughtRecipe::fingerprint`].
/// `report` receives every event.
///
/// A random fraction of the documents is held out; the vocabulary is of the other documents.
///
/// If training in `folder` is complete, the record is returned. If it was interrupted, it resumes after the last
/// complete epoch; on the CPU the result is bit-identical to that of uninterrupted training. While another process
/// trains in `folder`, this call waits.
///
/// # Errors
///
/// If there are no training triplets or no held-out triplets, the loss is not finite, or the folder cannot be written.
pub fn train(
    recipe: &SkipThoughtRecipe,
    (corpus, tokeniser, fingerprint): (&Corpus, &str, &str),
    folder: &Path,
    device: &Device,
    report: &dyn Fn(TrainingEvent),
) -> Result<TrainedEncoder, FitError> {
    let _lock = lock_folder(folder)?;
    if let Some(trained) = TrainedEncoder::read(folder)? {
        return Ok(trained);
    }
    let data = TrainingData::new(corpus, recipe)?;
    let mut state = initial_state(recipe, &data, device).resume(folder)?;
    while state.progress.epochs() < recipe.fit.epochs && !state.progress.is_stalled(recipe.fit.patience) {
        let loss;
        (state, loss) = train_epoch(state, recipe, &data.train, device, report)?;
        let held_out = evaluate(&state.net.valid(), recipe, &data, device).perplexity();
        let score = Perplexity { train: loss.perplexity(), held_out };
        let epoch = state.progress.epochs() + 1;
        if !score.held_out.is_finite() {
            return Err(FitError::Diverged { epoch, step: data.steps(recipe), rate: RATE });
        }
        if state.progress.push(score) {
            state.best = state.net.valid();
        }
        state.save(folder)?;
        report(TrainingEvent::Epoch { epoch, epochs: recipe.fit.epochs, score, unigram: data.unigram });
    }
    let State { best, progress, .. } = state;
    let encoder = encoder_file(best, &data.vocabulary, recipe, (tokeniser, fingerprint));
    let path = TrainedEncoder::path(folder);
    let (bytes, sha256) = encoder.to_bytes().map_err(|source| TextError::Encoder { path: path.clone(), source })?;
    write_file(&path, &bytes)?;
    let trained = TrainedEncoder {
        recipe: fingerprint.to_owned(),
        sha256,
        words: data.vocabulary.words.len(),
        unknown: data.unknown(),
        sentences: data.train.all.len(),
        train_triplets: data.train_triplets.all.len(),
        held_out_triplets: data.held_out_triplets.all.len(),
        left_out: data.train_triplets.left_out + data.held_out_triplets.left_out,
        epochs: progress.epochs(),
        epoch: progress.best,
        score: progress.best_score().expect("at least one epoch is complete"),
        unigram: data.unigram,
        history: progress.history,
    };
    write_record(folder, &trained)?;
    remove_states(folder)?;
    Ok(trained)
}

/// Training and held-out sentences.
struct TrainingData {
    vocabulary: Vocabulary,
    train: Sentences,
    held_out: Sentences,
    /// The training triplets with unordered documents in the order of the corpus. Each epoch has as many triplets, in a
    /// random circular order.
    train_triplets: Triplets,
    held_out_triplets: Triplets,
    /// The log frequencies of the words among the training targets.
    log_frequencies: Vec<f64>,
    /// The perplexity of the unigram model on the held-out triplets.
    unigram: f64,
}

impl TrainingData {
    fn new(corpus: &Corpus, recipe: &SkipThoughtRecipe) -> Result<Self, FitError> {
        let has_triplets = |index: &usize| {
            let document = &corpus.documents[*index];
            document.sentences.len() >= if document.is_unordered { 2 } else { 3 }
        };
        let documents: Vec<usize> = (0..corpus.documents.len()).filter(has_triplets).collect();
        let (train, held_out) = split_held_out(&vec![0; documents.len()], recipe.fit.held_out, recipe.fit.seed);
        let documents_at = |indices: Vec<usize>| indices.into_iter().map(|index| documents[index]).collect();
        let (train, held_out): (Vec<usize>, Vec<usize>) = (documents_at(train), documents_at(held_out));
        let vocabulary = Vocabulary::new(corpus, &train, recipe.fit.words, recipe.fit.min_count);
        let sentences = |documents: &[usize]| Sentences::new(corpus, documents, &vocabulary, recipe);
        let (train, held_out) = (sentences(&train), sentences(&held_out));
        let corpus_order = |_, n| (0..n).collect();
        let (train_triplets, held_out_triplets) = (train.triplets(&corpus_order), held_out.triplets(&corpus_order));
        if train_triplets.all.is_empty() || held_out_triplets.all.is_empty() {
            return Err(FitError::Triplets {
                train: train_triplets.all.len(),
                held_out: held_out_triplets.all.len(),
                documents: documents.len(),
                left_out: train_triplets.left_out + held_out_triplets.left_out,
            });
        }
        let train_targets = targets(&train, &train_triplets);
        let held_out_targets = targets(&held_out, &held_out_triplets);
        let log_frequencies = log_frequencies(train_targets.iter().map(Vec::as_slice), vocabulary.words.len());
        let unigram = perplexity(&log_frequencies, held_out_targets.iter().map(Vec::as_slice));
        Ok(Self { vocabulary, train, held_out, train_triplets, held_out_triplets, log_frequencies, unigram })
    }

    /// The number of steps of an epoch.
    fn steps(&self, recipe: &SkipThoughtRecipe) -> usize {
        self.train_triplets.all.len().div_ceil(recipe.fit.batch)
    }

    /// The fraction of unknown words in held-out sentences.
    fn unknown(&self) -> f64 {
        let words = self.held_out.all.iter().flatten();
        let unknown = words.clone().filter(|&&word| word == UNKNOWN).count();
        unknown as f64 / words.count() as f64
    }
}

/// The words of both neighbours of each triplet, with `<eos>`.
fn targets(sentences: &Sentences, triplets: &Triplets) -> Vec<Vec<usize>> {
    let neighbours = triplets.all.iter().flat_map(|triplet| [triplet.previous, triplet.next]);
    neighbours
        .map(|sentence| sentences.all[sentence].iter().chain([&EOS]).map(|&word| word as usize).collect())
        .collect()
}

/// The state before the first epoch.
fn initial_state(
    recipe: &SkipThoughtRecipe,
    data: &TrainingData,
    device: &Device,
) -> State<SkipThoughtNet, Perplexity> {
    // Gradients are computed without autodiff, but Burn's optimizer requires parameters on an autodiff device.
    let autodiff = device.clone().autodiff();
    let mut net = SkipThoughtNet::new(recipe, data.vocabulary.words.len(), &autodiff);
    // With biases of 0 the network learns the word frequencies first, whatever the input, and all vectors become equal.
    let biases: Vec<f32> = data.log_frequencies.iter().map(|&value| value as f32).collect();
    net.bias = Param::from_data(TensorData::new(biases, [data.log_frequencies.len()]), &autodiff);
    // The values of Kingma & Ba 2015, arXiv 1412.6980; the default ε of Burn is 1e-5.
    let adam = Adam::new(0.9, 0.999, 1e-8).into();
    State { best: net.valid(), net, adam, progress: Progress::default() }
}

/// Trains for one epoch. Returns the new state and the loss of all steps.
fn train_epoch(
    state: State<SkipThoughtNet, Perplexity>,
    recipe: &SkipThoughtRecipe,
    sentences: &Sentences,
    device: &Device,
    report: &dyn Fn(TrainingEvent),
) -> Result<(State<SkipThoughtNet, Perplexity>, Loss), FitError> {
    let State { mut net, best, mut adam, progress } = state;
    let epoch = progress.epochs() + 1;
    let batches = sentences.train_batches(recipe, epoch);
    let (steps, mut total) = (batches.len(), Loss::default());
    report(TrainingEvent::Step { epoch, step: 0, steps });
    for (step, triplets) in batches.iter().enumerate() {
        let batch = sentences.batch(triplets, recipe);
        let (loss, gradients) = in_thread_pool(device, || loss_and_gradients(&net.valid(), &batch, true, device));
        let gradients = gradients.filter(|_| loss.nats.is_finite());
        let gradients = gradients.ok_or(FitError::Diverged { epoch, step: step + 1, rate: RATE })?;
        net = adam.step(recipe.fit.rate, net, gradients.clipped(recipe.fit.clip));
        total = total + loss;
        report(TrainingEvent::Step { epoch, step: step + 1, steps });
    }
    Ok((State { net, best, adam, progress }, total))
}

/// The loss on the held-out triplets.
fn evaluate(net: &SkipThoughtNet, recipe: &SkipThoughtRecipe, data: &TrainingData, device: &Device) -> Loss {
    let batches: Vec<Vec<Triplet>> = data.held_out.by_length(data.held_out_triplets.all.clone(), EVALUATION_BATCH);
    batches.iter().fold(Loss::default(), |total, triplets| {
        total + loss_and_gradients(net, &data.held_out.batch(triplets, recipe), false, device).0
    })
}

/// The encoder without the decoders.
fn encoder_file(
    net: SkipThoughtNet,
    vocabulary: &Vocabulary,
    recipe: &SkipThoughtRecipe,
    (tokeniser, fingerprint): (&str, &str),
) -> EncoderFile {
    EncoderFile {
        words: vocabulary.words.clone(),
        dimension: recipe.fit.embedding,
        embedding: net.embedding.val().into_data().convert::<f32>().try_to_vec().expect("just converted to f32"),
        forward: net.forward.parts(),
        backward: net.backward.as_ref().map(|gru| gru.parts()),
        tokeniser: tokeniser.to_owned(),
        use_eos: recipe.use_eos,
        about: fingerprint.to_owned(),
        sha256: String::new(),
    }
}

#[cfg(test)]
mod tests;
