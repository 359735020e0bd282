//! Which images a cell reads, and the fingerprints of what they hold.

use std::collections::BTreeSet;
use std::path::Path;

use crate::data::{DataError, DataSet, Digests, Split, subset};
use crate::fit::Recipe;
use crate::random::{Random, Stream};
use crate::segment::segmenter;
use crate::spec::{Fingerprints, Settings};
use crate::text::{TextError, VectorsError};
use crate::vision::{VisionError, Weights};

use super::PrepareError;
use super::encoder::encoder_print;
use super::fitting::fitted_images;
use super::remedy;
use super::text_fitting::print_of_corpus;

/// The images of a cell: a seeded draw, the same for every run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Selection {
    /// Training images, ascending.
    pub train: Vec<u32>,
    /// Held-out images that are looked at, ascending.
    pub eval: Vec<u32>,
    /// Those of the test split that are looked at once, ascending; none unless `eval.test` asks for it.
    pub test: Vec<u32>,
    /// Photos of the held-out part and of the test split that samples are held against as sets, ascending; none unless a
    /// measure asks for it.
    pub sets: [Vec<u32>; 2],
    /// Classes that a draw of classes left out, ascending.
    unused: Vec<u16>,
}

impl Selection {
    /// The images that `settings` choose from `set`.
    ///
    /// # Errors
    ///
    /// If the data set has fewer than are asked for.
    pub fn new(set: &DataSet, settings: &Settings) -> Result<Self, PrepareError> {
        let split = Split::new(set, &settings.data)?;
        let train = subset(&split.train, settings.data.limit, settings.data.seed)?;
        if train.len() < settings.train.batch {
            let help = remedy::for_batch(set, settings, split.train.len());
            return Err(PrepareError::TooFew { images: train.len(), batch: settings.train.batch, help });
        }
        let looked_at = |part: &str| {
            let held_out = if part == "test" { &split.test } else { &split.val };
            if held_out.len() < settings.eval.items {
                let help = remedy::for_items(set, settings, part, held_out);
                let (items, split) = (settings.eval.items, part.to_owned());
                return Err(PrepareError::TooFewItems { items, split, images: held_out.len(), help });
            }
            let order = Random::keyed(settings.data.seed, Stream::Evaluation, 0, 0).permutation(held_out.len());
            let mut drawn: Vec<u32> = order[..settings.eval.items].iter().map(|&i| held_out[i]).collect();
            drawn.sort_unstable();
            Ok(drawn)
        };
        let sets = settings.eval.compares_sets(&settings.keep.best);
        let whole = |part: &str| if sets { photos(&split, settings, part) } else { Ok(Vec::new()) };
        let of_test = if settings.eval.test == "none" { Vec::new() } else { whole("test")? };
        let sets = [whole(&settings.eval.split)?, of_test];
        let eval = looked_at(&settings.eval.split)?;
        let test = if settings.eval.test == "none" { Vec::new() } else { looked_at("test")? };
        Ok(Self { train, eval, test, sets, unused: split.unused })
    }

    /// The same, checked to be enough to train on.
    ///
    /// # Errors
    ///
    /// If the data set has fewer than are asked for, or all are of one class and texts of another are needed.
    pub fn to_train(set: &DataSet, settings: &Settings) -> Result<Self, PrepareError> {
        let selection = Self::new(set, settings)?;
        let classes: BTreeSet<u16> = selection.train.iter().filter_map(|&id| set.class(id).ok()).collect();
        let needs_others = settings.objective.kind.has_wrong_pairs() && settings.objective.mismatch == "class";
        if needs_others && classes.len() == 1 { Err(PrepareError::OneClass) } else { Ok(selection) }
    }

    /// The photos of a part of the split, `val` or `test`, that sets of samples are held against, ascending.
    ///
    /// # Errors
    ///
    /// If the part has fewer than are asked for.
    pub(super) fn whole(set: &DataSet, settings: &Settings, part: &str) -> Result<Vec<u32>, PrepareError> {
        Ok(photos(&Split::new(set, &settings.data)?, settings, part)?)
    }

    /// Training images, then evaluation items: the order of every array that training reads.
    pub fn all(&self) -> Vec<u32> {
        self.train.iter().chain(&self.eval).copied().collect()
    }

    /// The captions of the training images, image by image: what teaches bags of words.
    ///
    /// # Errors
    ///
    /// If they cannot be read.
    pub(super) fn taught(&self, set: &DataSet) -> Result<Vec<String>, PrepareError> {
        let (captions, _) = set.captions(&self.train)?;
        Ok(captions.into_values().flatten().map(|caption| caption.text).collect())
    }

    /// The classes that belong to no part of the split, where there are any.
    pub fn unused(&self) -> Option<String> {
        let listed: Vec<String> = self.unused.iter().map(u16::to_string).collect();
        (!listed.is_empty()).then(|| format!("the draw of classes leaves out {}", listed.join(" and ")))
    }
}

fn photos(split: &Split, settings: &Settings, part: &str) -> Result<Vec<u32>, DataError> {
    let part = if part == "test" { &split.test } else { &split.val };
    subset(part, settings.eval.photos, settings.data.seed)
}

/// Content hashes of everything that a cell reads: images with their captions and labels, segmentations where a
/// guide needs them, and weights and vectors that are a file.
///
/// # Errors
///
/// If any of it cannot be read.
pub fn fingerprints(settings: &Settings, digests: &Digests) -> Result<Fingerprints, PrepareError> {
    let set = DataSet::open(&settings.data)?;
    let ids = Selection::to_train(&set, settings)?.all();
    prints(&set, settings, &ids, digests)
}

/// The same of these images.
pub(super) fn prints(
    set: &DataSet,
    settings: &Settings,
    ids: &[u32],
    digests: &Digests,
) -> Result<Fingerprints, PrepareError> {
    let mut prints = Fingerprints::new();
    prints.insert("data".to_owned(), set.fingerprint(ids, digests)?);
    if settings.guide.is_segmented() {
        prints.insert("segmentation".to_owned(), segmenter(set, &settings.segment)?.fingerprint(ids, digests)?);
    }
    if settings.guide.is_fitted() {
        prints.extend(prints_of_fit(set, settings, digests)?);
    } else if settings.guide.is_on()
        && let Weights::File { path } = Weights::parse(&settings.guide.weights)?
    {
        prints.insert("guide.weights".to_owned(), weights_print(&path, digests)?);
    }
    prints.extend(print_of_encoder(settings, digests)?);
    if settings.text.encoder == "vectors" {
        let digest = digests.of(&settings.text.vectors).map_err(|error| match error {
            DataError::Read { path, source } => TextError::Vectors { path, source: VectorsError::Read(source) }.into(),
            other => PrepareError::from(other),
        })?;
        prints.insert("text.vectors".to_owned(), hex::encode(digest));
    }
    Ok(prints)
}

/// Content hashes of what the guide's network is fitted on, and of the weights that it starts from where they are a file.
///
/// # Errors
///
/// If any of it cannot be read.
pub(super) fn prints_of_fit(
    set: &DataSet,
    settings: &Settings,
    digests: &Digests,
) -> Result<Fingerprints, PrepareError> {
    let images = fitted_images(set, settings)?;
    let mut prints = Fingerprints::from([("guide.fit".to_owned(), set.fingerprint(&images, digests)?)]);
    if let Some(path) = Recipe::of_guide(&settings.guide).and_then(|recipe| recipe.start()) {
        prints.insert("guide.fit.from".to_owned(), weights_print(&path, digests)?);
    }
    Ok(prints)
}

/// The content hash of a skip-thought encoder, or of what it is trained on; none where another encoder is asked for.
///
/// # Errors
///
/// If a file of it cannot be read.
pub fn print_of_encoder(settings: &Settings, digests: &Digests) -> Result<Fingerprints, PrepareError> {
    let text = &settings.text;
    Ok(match text.is_skip_thought() {
        false => Fingerprints::new(),
        true if text.is_fitted() => Fingerprints::from([("text.fit".to_owned(), print_of_corpus(settings, digests)?)]),
        true => Fingerprints::from([("text.weights".to_owned(), encoder_print(text, digests)?)]),
    })
}

/// The hash of a file of weights.
///
/// # Errors
///
/// If it cannot be read.
pub fn weights_print(path: &Path, digests: &Digests) -> Result<String, PrepareError> {
    let digest = digests.of(path).map_err(|error| match error {
        DataError::Read { path, source } => VisionError::Read { path, source }.into(),
        other => PrepareError::from(other),
    })?;
    Ok(hex::encode(digest))
}
