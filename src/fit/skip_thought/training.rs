//! From drawn weights to an encoder, epoch by epoch.

use std::path::Path;

use burn::module::{Module, Param};
use burn::optim::AdamConfig;
use burn::tensor::{Device, TensorData};

use super::super::error::FitError;
use super::super::folder::{alone, put, write_record};
use super::super::parting::parted;
use super::super::state::{Progress, State, clear};
use super::batch::{Sentences, Triplet, Triplets};
use super::corpus::Corpus;
use super::gradient::{Told, told};
use super::network::SkipThoughtNet;
use super::recipe::SkipThoughtRecipe;
use super::trained::{Perplexity, Trained};
use super::unigram::{log_shares, perplexity};
use super::vocabulary::{END, UNKNOWN, Vocabulary};
use crate::text::TextError;
use crate::text::skip_thought::EncoderFile;

/// Triplets that are tried together.
const TRIED: usize = 64;
/// The setting that a loss without end is too high for.
const RATE: &str = "text.fit.rate";

/// How far training has come.
#[derive(Clone, Debug)]
pub enum Training {
    /// An epoch begins, or a step is done.
    Step {
        /// The epoch, from 1.
        epoch: u32,
        /// The steps done within it; 0 as it begins.
        step: usize,
        /// Of how many.
        of: usize,
    },
    /// An epoch is done, and safe on the disk.
    Epoch {
        /// The epoch, from 1.
        epoch: u32,
        /// Of how many at most.
        of: u32,
        /// How it did.
        score: Perplexity,
        /// What the frequencies of words alone come to on the same held-out words.
        unigram: f64,
    },
}

/// Trains an encoder on `corpus`, of which `tokeniser` names how its sentences were cut into words, and leaves it in
/// `folder` ([`Trained::encoder`]) with its record; `print` is [`SkipThoughtRecipe::print`]. What was finished there
/// before is taken as it is, and what was begun there is gone on with from its last epoch: on the CPU it comes out to the
/// last bit as if it had not been cut off. While another process trains in the folder, this one waits for it.
///
/// A drawn share of the documents is held out, whole; the vocabulary is of the others.
///
/// # Errors
///
/// If there is no triplet to learn from or to try it on, the loss is no number any more, or the folder cannot be written.
pub fn train(
    recipe: &SkipThoughtRecipe,
    (corpus, tokeniser, print): (&Corpus, &str, &str),
    folder: &Path,
    device: &Device,
    tell: &dyn Fn(Training),
) -> Result<Trained, FitError> {
    let _alone = alone(folder)?;
    if let Some(trained) = Trained::read(folder)? {
        return Ok(trained);
    }
    let material = Material::new(corpus, recipe)?;
    let mut state = begin(recipe, &material, device).resumed(folder)?;
    while state.progress.epochs() < recipe.fit.epochs && !state.progress.is_tired(recipe.fit.patience) {
        let learned;
        (state, learned) = epoch(state, recipe, &material.learned, device, tell)?;
        let held_out = tried(&state.net.valid(), recipe, &material, device);
        let score = Perplexity { learned: of(learned), held_out: of(held_out) };
        let epoch = state.progress.epochs() + 1;
        if !score.held_out.is_finite() {
            return Err(FitError::Diverged { epoch, step: material.steps(recipe), rate: RATE });
        }
        if state.progress.note(score) {
            state.best = state.net.valid();
        }
        state.save(folder)?;
        tell(Training::Epoch { epoch, of: recipe.fit.epochs, score, unigram: material.unigram });
    }
    let State { best, progress, .. } = state;
    let encoder = encoder(best, &material.vocabulary, recipe, (tokeniser, print));
    let path = Trained::encoder(folder);
    let (bytes, sha256) = encoder.to_bytes().map_err(|source| TextError::Encoder { path: path.clone(), source })?;
    put(&path, &bytes)?;
    let trained = Trained {
        recipe: print.to_owned(),
        sha256,
        words: material.vocabulary.words.len(),
        unknown: material.unknown(),
        sentences: material.learned.all.len(),
        learned: material.pass.all.len(),
        held_out: material.tried.all.len(),
        left_out: material.pass.left_out + material.tried.left_out,
        epochs: progress.epochs(),
        epoch: progress.best,
        score: progress.best_score().expect("there was an epoch"),
        unigram: material.unigram,
        history: progress.history,
    };
    write_record(folder, &trained)?;
    clear(folder)?;
    Ok(trained)
}

/// The perplexity of what was told.
fn of(told: Told) -> f64 {
    (told.nats / told.words as f64).exp()
}

/// What is learned from, and what it is tried on.
struct Material {
    vocabulary: Vocabulary,
    learned: Sentences,
    held_out: Sentences,
    /// A pass over what is learned from: other epochs draw other rings, of as many triplets.
    pass: Triplets,
    tried: Triplets,
    /// The logarithms of the words' shares in what is told.
    log_shares: Vec<f64>,
    unigram: f64,
}

impl Material {
    fn new(corpus: &Corpus, recipe: &SkipThoughtRecipe) -> Result<Self, FitError> {
        let has_triplets = |place: &usize| {
            let document = &corpus.documents[*place];
            document.sentences.len() >= if document.is_loose { 2 } else { 3 }
        };
        let documents: Vec<usize> = (0..corpus.documents.len()).filter(has_triplets).collect();
        let (learn, hold) = parted(&vec![0; documents.len()], recipe.fit.held_out, recipe.fit.seed);
        let [learn, hold] = [learn, hold].map(|places| places.into_iter().map(|place| documents[place]).collect());
        let (learn, hold): (Vec<usize>, Vec<usize>) = (learn, hold);
        let vocabulary = Vocabulary::new(corpus, &learn, recipe.fit.words, recipe.fit.min_count);
        let sentences = |documents: &[usize]| Sentences::new(corpus, documents, &vocabulary, recipe);
        let (learned, held_out) = (sentences(&learn), sentences(&hold));
        let as_they_are = |_, n| (0..n).collect();
        let (pass, tried) = (learned.triplets(&as_they_are), held_out.triplets(&as_they_are));
        if pass.all.is_empty() || tried.all.is_empty() {
            return Err(FitError::Triplets {
                learned: pass.all.len(),
                held_out: tried.all.len(),
                documents: documents.len(),
                left_out: pass.left_out + tried.left_out,
            });
        }
        let (of, told) = (words_told(&learned, &pass), words_told(&held_out, &tried));
        let log_shares = log_shares(of.iter().map(Vec::as_slice), vocabulary.words.len());
        let unigram = perplexity(&log_shares, told.iter().map(Vec::as_slice));
        Ok(Self { vocabulary, learned, held_out, pass, tried, log_shares, unigram })
    }

    fn steps(&self, recipe: &SkipThoughtRecipe) -> usize {
        self.pass.all.len().div_ceil(recipe.fit.batch)
    }

    fn unknown(&self) -> f64 {
        let words = self.held_out.all.iter().flatten();
        let unknown = words.clone().filter(|&&word| word == UNKNOWN).count();
        unknown as f64 / words.count() as f64
    }
}

/// The words of both neighbours of each triplet, with their ends.
fn words_told(sentences: &Sentences, triplets: &Triplets) -> Vec<Vec<usize>> {
    let told = triplets.all.iter().flat_map(|triplet| [triplet.previous, triplet.next]);
    told.map(|place| sentences.all[place].iter().chain([&END]).map(|&word| word as usize).collect()).collect()
}

/// The networks that have learned nothing yet.
fn begin(recipe: &SkipThoughtRecipe, material: &Material, device: &Device) -> State<SkipThoughtNet, Perplexity> {
    // Gradients come by hand; but Burn's optimizer takes none but parameters that could have them of autodiff.
    let learning = device.clone().autodiff();
    let mut net = SkipThoughtNet::new(recipe, material.vocabulary.words.len(), &learning);
    // Where the frequencies of words have still to be learned, the encoder learns to say them first, whatever it reads: its
    // vectors become one.
    let shares: Vec<f32> = material.log_shares.iter().map(|&share| share as f32).collect();
    net.bias = Param::from_data(TensorData::new(shares, [material.log_shares.len()]), &learning);
    // Kingma & Ba 2015, arXiv 1412.6980, as they have it; Burn's own ε is 1e-5.
    let adam = AdamConfig::new().with_beta_1(0.9).with_beta_2(0.999).with_epsilon(1e-8).init();
    State { best: net.valid(), net, adam, progress: Progress::default() }
}

/// One pass over what is learned from, and how well it was told on the way.
fn epoch(
    state: State<SkipThoughtNet, Perplexity>,
    recipe: &SkipThoughtRecipe,
    sentences: &Sentences,
    device: &Device,
    tell: &dyn Fn(Training),
) -> Result<(State<SkipThoughtNet, Perplexity>, Told), FitError> {
    let State { mut net, best, mut adam, progress } = state;
    let epoch = progress.epochs() + 1;
    let batches = sentences.learned(recipe, epoch);
    let (of, mut all) = (batches.len(), Told::default());
    tell(Training::Step { epoch, step: 0, of });
    for (step, triplets) in batches.iter().enumerate() {
        let (told, gradients) = told(&net.valid(), &sentences.batch(triplets, recipe), true, device);
        let gradients = gradients.filter(|_| told.nats.is_finite());
        let gradients = gradients.ok_or(FitError::Diverged { epoch, step: step + 1, rate: RATE })?;
        net = adam.step(recipe.fit.rate, net, gradients.clipped(recipe.fit.clip));
        all = Told { nats: all.nats + told.nats, words: all.words + told.words };
        tell(Training::Step { epoch, step: step + 1, of });
    }
    Ok((State { net, best, adam, progress }, all))
}

/// How well the neighbours of held-out sentences are told.
fn tried(net: &SkipThoughtNet, recipe: &SkipThoughtRecipe, material: &Material, device: &Device) -> Told {
    let batches: Vec<Vec<Triplet>> = material.held_out.by_length(material.tried.all.clone(), TRIED);
    batches.iter().fold(Told::default(), |all, triplets| {
        let (told, _) = told(net, &material.held_out.batch(triplets, recipe), false, device);
        Told { nats: all.nats + told.nats, words: all.words + told.words }
    })
}

/// The encoder without its decoders.
fn encoder(
    net: SkipThoughtNet,
    vocabulary: &Vocabulary,
    recipe: &SkipThoughtRecipe,
    (tokeniser, print): (&str, &str),
) -> EncoderFile {
    EncoderFile {
        words: vocabulary.words.clone(),
        dimension: recipe.fit.embedding,
        embedding: net.embedding.val().into_data().convert::<f32>().try_to_vec().expect("just converted to f32"),
        forward: net.forward.parts(),
        backward: net.backward.as_ref().map(|gru| gru.parts()),
        tokeniser: tokeniser.to_owned(),
        use_eos: recipe.use_eos,
        about: print.to_owned(),
        sha256: String::new(),
    }
}

#[cfg(test)]
mod tests;
