//! Networks that are fitted where a cell asks for that: the guide's, once for every recipe and every set of images, and the
//! text encoder.
//!
//! A fit lives in the cache's folder `fits`, by the hash of all that it follows from. It is not cleared away with what was
//! long unused: it takes longer to make than anything else there.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use burn::tensor::Device;
use sha2::{Digest as _, Sha256};

use super::maker::Maker;
use super::text_fitting::trained;
use super::{Array, Cache, News, PrepareError, Progress, Stage};
use crate::data::{DataSet, Split, Square, subset};
use crate::fit::skip_thought::{SkipThoughtRecipe, Trained};
use crate::fit::{FitEpoch, Fitted, Photos, Recipe, fit, parted};
use crate::spec::{Fingerprints, Settings};
use crate::vision::{FeatureNet, Weights};

/// Settings whose networks all have their weights.
#[derive(Clone, Debug)]
pub struct Resolved {
    /// The settings: `guide.weights` and `text.weights` are the files that were fitted, where they were `fit`.
    pub settings: Settings,
    /// The fingerprints, those of these files among them.
    pub prints: Fingerprints,
    /// What was fitted.
    pub fitted: Vec<FittedPart>,
}

impl Resolved {
    /// The guide's network, where it was fitted.
    pub fn guide(&self) -> Option<&Fitted> {
        self.fitted.iter().find_map(|part| if let FittedPart::Guide(fitted) = part { Some(fitted) } else { None })
    }

    /// The text encoder, where it was trained.
    pub fn text(&self) -> Option<&Trained> {
        self.fitted.iter().find_map(|part| if let FittedPart::Text(trained) = part { Some(trained) } else { None })
    }
}

/// One of the networks that can be fitted.
#[derive(Clone, Debug)]
pub enum FittedPart {
    /// The guide's network.
    Guide(Fitted),
    /// The text encoder.
    Text(Trained),
}

impl FittedPart {
    /// The setting that asked for it.
    pub fn setting(&self) -> &'static str {
        match self {
            FittedPart::Guide(_) => "guide.weights",
            FittedPart::Text(_) => "text.weights",
        }
    }

    /// All that it follows from.
    pub fn recipe(&self) -> &str {
        match self {
            FittedPart::Guide(fitted) => &fitted.recipe,
            FittedPart::Text(trained) => &trained.recipe,
        }
    }

    /// SHA-256 of its file.
    pub fn sha256(&self) -> &str {
        match self {
            FittedPart::Guide(fitted) => &fitted.sha256,
            FittedPart::Text(trained) => &trained.sha256,
        }
    }

    /// What came of it, in a sentence.
    pub fn about(&self) -> String {
        match self {
            FittedPart::Guide(fitted) => fitted.about(),
            FittedPart::Text(trained) => trained.about(),
        }
    }

    /// How it came about, as JSON.
    ///
    /// # Errors
    ///
    /// If a number of it is not finite.
    pub fn record(&self) -> serde_json::Result<serde_json::Value> {
        match self {
            FittedPart::Guide(fitted) => serde_json::to_value(fitted),
            FittedPart::Text(trained) => serde_json::to_value(trained),
        }
    }
}

/// The images that the guide's network is fitted on: training images of the split, whatever `data.limit` says.
///
/// # Errors
///
/// If there are fewer than are asked for.
pub(super) fn fitted_images(set: &DataSet, settings: &Settings) -> Result<Vec<u32>, PrepareError> {
    let split = Split::new(set, &settings.data)?;
    Ok(subset(&split.train, settings.guide.fit.limit, settings.data.seed)?)
}

/// Where the weights of a recipe are fitted, and where they then are.
pub(super) fn folder(cache: &Cache, print: &str) -> PathBuf {
    cache.folder().join("fits").join(hex::encode(&Sha256::digest(print.as_bytes())[..16]))
}

/// Fits the guide's network and the text encoder where that is asked for and was not done before. `found` are the cell's fingerprints.
///
/// # Errors
///
/// If it cannot be fitted, the images cannot be read, or the file is not the one that was fitted.
pub fn resolve(
    settings: &Settings,
    found: &Fingerprints,
    cache: &Cache,
    device: &Device,
    progress: Progress,
) -> Result<Resolved, PrepareError> {
    let mut resolved = Resolved { settings: settings.clone(), prints: found.clone(), fitted: Vec::new() };
    if let Some(recipe) = Recipe::of_guide(&settings.guide) {
        let (path, fitted) = guide(settings, &recipe, found, cache, device, progress)?;
        resolved.prints.insert("guide.weights".to_owned(), intact(&path, &fitted.sha256, cache)?);
        resolved.settings.guide.weights = path.to_string_lossy().into_owned();
        resolved.fitted.push(FittedPart::Guide(fitted));
    }
    if let Some(recipe) = SkipThoughtRecipe::of(&settings.text) {
        let (path, trained) = trained(settings, &recipe, found, cache, device, progress)?;
        resolved.prints.insert("text.weights".to_owned(), intact(&path, &trained.sha256, cache)?);
        resolved.settings.text.weights = path.to_string_lossy().into_owned();
        resolved.fitted.push(FittedPart::Text(trained));
    }
    Ok(resolved)
}

/// The hash of a file that was fitted, held to be the one that it was then.
fn intact(path: &Path, sha256: &str, cache: &Cache) -> Result<String, PrepareError> {
    let now = super::weights_print(path, &cache.digests())?;
    if now != sha256 {
        let why = "it is not the file that was fitted here".to_owned();
        let path = path.parent().unwrap_or(path).to_owned();
        return Err(crate::fit::FitError::Damaged { path, why }.into());
    }
    Ok(now)
}

/// The file of the guide's network and its record.
fn guide(
    settings: &Settings,
    recipe: &Recipe,
    found: &Fingerprints,
    cache: &Cache,
    device: &Device,
    progress: Progress,
) -> Result<(PathBuf, Fitted), PrepareError> {
    let data = found.get("guide.fit").expect("a network that is fitted has a fingerprint of its images");
    let print = recipe.print(data, found.get("guide.fit.from").map(String::as_str));
    let folder = folder(cache, &print);
    let fitted = match Fitted::read(&folder)? {
        Some(fitted) => fitted,
        None => make(settings, recipe, (data, &print), found, cache, device, progress)?,
    };
    Ok((Fitted::weights(&folder), fitted))
}

/// Fits what `settings` ask for by itself: nothing else of them is read but the data set or a corpus.
///
/// # Errors
///
/// As [`resolve`].
pub fn fit_alone(
    settings: &Settings,
    cache: &Cache,
    device: &Device,
    progress: Progress,
) -> Result<Resolved, PrepareError> {
    let digests = cache.digests();
    let mut prints = Fingerprints::new();
    if settings.guide.is_fitted() {
        prints.extend(super::selection::prints_of_fit(&DataSet::open(&settings.data)?, settings, &digests)?);
    }
    if settings.text.is_fitted() {
        prints.extend(super::selection::print_of_encoder(settings, &digests)?);
    }
    // What cannot be remembered is read again another time.
    let _ = digests.save();
    resolve(settings, &prints, cache, device, progress)
}

fn make(
    settings: &Settings,
    recipe: &Recipe,
    (data, print): (&str, &str),
    prints: &Fingerprints,
    cache: &Cache,
    device: &Device,
    progress: Progress,
) -> Result<Fitted, PrepareError> {
    let set = DataSet::open(&settings.data)?;
    let ids = fitted_images(&set, settings)?;
    let classes = ids.iter().map(|&id| set.class(id)).collect::<Result<Vec<u16>, _>>()?;
    let known: Vec<u16> = classes.iter().copied().collect::<BTreeSet<u16>>().into_iter().collect();
    let (learn, held_out) = parted(&classes, recipe.fit.held_out, recipe.fit.seed);
    let of = |places: &[usize]| places.iter().map(|&place| ids[place]).collect::<Vec<u32>>();
    let place = |&place: &usize| known.binary_search(&classes[place]).expect("every image's class is among them");
    let array = |ids: &[u32], side: usize, part: &str| {
        let side = u32::try_from(side).expect("a network's input is at most 512");
        let (square, word) = (Square::of(&recipe.square), recipe.square.as_str());
        let maker = Maker { settings, set: &set, ids, cache, data, prints, progress };
        let fit = &recipe.fit;
        let key = format!("pixels/2 {word} {side} {data} {part} {} {}", fit.held_out, fit.seed);
        maker.pictures(Stage::Pixels, key, ids, side, |id| Ok(square.apply(&set.picture(id)?, side)))
    };
    let learned = array(&of(&learn), recipe.learning_side(), "learned from")?;
    let tried = array(&of(&held_out), recipe.config.input, "held out")?;
    let of = |places: &[usize]| places.iter().map(place).collect::<Vec<usize>>();
    let learned = photos(&learned, recipe.learning_side(), of(&learn));
    let tried = photos(&tried, recipe.config.input, of(&held_out));
    if let Some(path) = recipe.start() {
        let end = recipe.network.layer("fc7").into_iter().collect::<Vec<_>>();
        let notes = FeatureNet::notes(recipe.network, recipe.config, &Weights::File { path }, &end)?;
        notes.into_iter().for_each(|note| progress(News::Note(note)));
    }
    let most = recipe.fit.epochs as usize;
    let tell = |FitEpoch { epoch, of, score }: FitEpoch| {
        progress(News::Done { stage: Stage::Fitting, done: epoch as usize, total: most });
        let (top1, top5) = (100.0 * score.top1, 100.0 * score.top5);
        progress(News::Epoch(format!(
            "the guide's network, epoch {epoch} of {of}: held-out images of the right class {top1:.1} %, among the first \
             five {top5:.1} %, loss {:.3}",
            score.loss
        )));
    };
    let fitted = fit(recipe, (&known, print), (&learned, &tried), &folder(cache, print), device, &tell)?;
    let done = fitted.epochs as usize;
    if done < most {
        // It ended early: the rest is not to come.
        progress(News::Done { stage: Stage::Fitting, done, total: done });
    }
    Ok(fitted)
}

fn photos(array: &Array, side: usize, classes: Vec<usize>) -> Photos<'_> {
    Photos { side, planes: (0..array.rows()).map(|row| array.row(row)).collect(), classes }
}
