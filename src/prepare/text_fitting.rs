//! The text encoder, trained where a cell asks for that: once for every recipe and every corpus.

use std::cell::Cell;
use std::path::PathBuf;

use burn::tensor::Device;

use super::fitting::folder;
use super::held_out::digest_of;
use super::{Cache, News, PrepareError, Progress, Stage};
use crate::data::{DataError, DataSet, Digests, Split};
use crate::fit::FitError;
use crate::fit::skip_thought::{Corpus, SkipThoughtRecipe, Trained, Training, train};
use crate::spec::{Fingerprints, Settings};
use crate::text::skip_thought::Tokeniser;

/// How sentences are cut into words: as the published encoder has them.
const TOKENISER: Tokeniser = Tokeniser::Nltk;

/// The captions of the split's training images, image by image.
fn captions(settings: &Settings) -> Result<Vec<Vec<String>>, PrepareError> {
    let set = DataSet::open(&settings.data)?;
    let train = Split::new(&set, &settings.data)?.train;
    let (captions, _) = set.captions(&train)?;
    let of = |id: &u32| captions[id].iter().map(|caption| caption.text.clone()).collect();
    Ok(train.iter().map(of).collect())
}

/// A hash of all that the encoder is trained on.
///
/// # Errors
///
/// If it cannot be read.
pub(super) fn print_of_corpus(settings: &Settings, digests: &Digests) -> Result<String, PrepareError> {
    let corpus = &settings.text.fit.corpus;
    if !corpus.as_os_str().is_empty() {
        let digest = digests.of(corpus).map_err(|error| match error {
            DataError::Read { path, source } => FitError::File { path, source }.into(),
            other => PrepareError::from(other),
        })?;
        return Ok(hex::encode(digest));
    }
    // Captions have no blank lines: one ends an image's.
    let groups: Vec<String> = captions(settings)?.into_iter().map(|group| group.join("\n") + "\n").collect();
    Ok(format!("captions {}", digest_of(&groups.iter().map(String::as_str).collect::<Vec<_>>())))
}

/// The encoder's file and record, trained where that was not done before. `found` are the cell's fingerprints.
///
/// # Errors
///
/// If it cannot be trained, or the corpus cannot be read.
pub(super) fn trained(
    settings: &Settings,
    recipe: &SkipThoughtRecipe,
    found: &Fingerprints,
    cache: &Cache,
    device: &Device,
    progress: Progress,
) -> Result<(PathBuf, Trained), PrepareError> {
    let data = found.get("text.fit").expect("an encoder that is trained has a fingerprint of its corpus");
    let print = recipe.print(data, TOKENISER.as_str());
    let folder = folder(cache, &print);
    if let Some(trained) = Trained::read(&folder)? {
        return Ok((Trained::encoder(&folder), trained));
    }
    let split = |sentence: &str| TOKENISER.split(sentence);
    let path = &settings.text.fit.corpus;
    let corpus = if path.as_os_str().is_empty() {
        Corpus::of_groups(captions(settings)?, &split)
    } else {
        Corpus::read(path, &split)?
    };
    let most = recipe.fit.epochs as usize;
    let steps = Cell::new(0);
    let tell = |training: Training| match training {
        Training::Step { epoch, step, of } => {
            let (done, total) = ((epoch as usize - 1) * of + step, most * of);
            steps.set(done);
            progress(News::Done { stage: Stage::Reading, done, total });
        }
        Training::Epoch { epoch, of, score, unigram } => progress(News::Epoch(format!(
            "the text encoder, epoch {epoch} of {of}: held-out perplexity {:.2} a word, {:.2} in learning; of the \
             frequencies of words alone {unigram:.2}",
            score.held_out, score.learned
        ))),
    };
    let trained = train(recipe, (&corpus, TOKENISER.as_str(), &print), &folder, device, &tell)?;
    if trained.epochs < recipe.fit.epochs {
        // It ended early: the rest is not to come.
        progress(News::Done { stage: Stage::Reading, done: steps.get(), total: steps.get() });
    }
    Ok((Trained::encoder(&folder), trained))
}
