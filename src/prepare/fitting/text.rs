//! Training of the text encoder.

use std::cell::Cell;
use std::path::PathBuf;

use burn::tensor::Device;

use crate::data::DataSet;
use crate::fit::skip_thought::{Corpus, SkipThoughtRecipe, TrainedEncoder, TrainingEvent, train};
use crate::prepare::captions::grouped_captions;
use crate::prepare::{Cache, Event, OnEvent, PrepareError, Stage};
use crate::spec::{Fingerprints, Settings};
use crate::text::skip_thought::Tokeniser;

/// The tokeniser of the published encoder.
const TOKENISER: Tokeniser = Tokeniser::Nltk;

/// The file of the text encoder and its record, from the cache or trained now. `found` are the cell's fingerprints.
///
/// # Errors
///
/// If it cannot be trained, or the corpus cannot be read.
pub(super) fn train_encoder(
    settings: &Settings,
    recipe: &SkipThoughtRecipe,
    found: &Fingerprints,
    cache: &Cache,
    device: &Device,
    on_event: OnEvent,
) -> Result<(PathBuf, TrainedEncoder), PrepareError> {
    let data = found.get("text.fit").expect("an encoder that is trained has a fingerprint of its corpus");
    let print = recipe.fingerprint(data, TOKENISER.as_str());
    let folder = cache.fit_folder(&print);
    if let Some(trained) = TrainedEncoder::read(&folder)? {
        return Ok((TrainedEncoder::path(&folder), trained));
    }
    let split = |sentence: &str| TOKENISER.split(sentence);
    let path = &settings.text.fit.corpus;
    let corpus = if path.as_os_str().is_empty() {
        let set = DataSet::open(&settings.data)?;
        let images = set.split(&settings.data)?.train;
        Corpus::of_groups(grouped_captions(&set, &images)?, &split)
    } else {
        Corpus::read(path, &split)?
    };
    let epochs = recipe.fit.epochs as usize;
    let steps = Cell::new(0);
    let report = |training: TrainingEvent| match training {
        TrainingEvent::Step { epoch, step, steps: of } => {
            let (done, total) = ((epoch as usize - 1) * of + step, epochs * of);
            steps.set(done);
            on_event(Event::Progress { stage: Stage::TextFit, done, total });
        }
        TrainingEvent::Epoch { epoch, epochs: of, score, unigram } => {
            let scores = format!(
                "validation perplexity {:.2}, training perplexity {:.2}, unigram perplexity {unigram:.2}",
                score.held_out, score.train
            );
            on_event(Event::Epoch { stage: Stage::TextFit, epoch, epochs: of, scores });
        }
    };
    let trained = train(recipe, (&corpus, TOKENISER.as_str(), &print), &folder, device, &report)?;
    if trained.epochs < recipe.fit.epochs {
        // Early stopping: the remaining steps are not run.
        on_event(Event::Progress { stage: Stage::TextFit, done: steps.get(), total: steps.get() });
    }
    Ok((TrainedEncoder::path(&folder), trained))
}
