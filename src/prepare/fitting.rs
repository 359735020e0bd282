//! The guide's network, fitted where a cell asks for that: once for every recipe and every set of images.
//!
//! A fit lives in the cache's folder `fits`, by the hash of all that it follows from. It is not cleared away with what was
//! long unused: it takes longer to make than anything else there.

use std::collections::BTreeSet;
use std::path::PathBuf;

use burn::tensor::Device;
use sha2::{Digest as _, Sha256};

use super::maker::Maker;
use super::{Array, Cache, PrepareError, Progress, Stage};
use crate::data::{DataSet, Split, Square, subset};
use crate::fit::{Fitted, Photos, Recipe, fit, parted};
use crate::spec::{Fingerprints, Settings};

/// Settings whose networks all have their weights.
#[derive(Clone, Debug)]
pub struct Resolved {
    /// The settings: `guide.weights` is the file that was fitted, where it was `fit`.
    pub settings: Settings,
    /// The fingerprints, that of this file among them.
    pub prints: Fingerprints,
    /// What was fitted.
    pub fitted: Option<Fitted>,
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
fn folder(cache: &Cache, print: &str) -> PathBuf {
    cache.folder().join("fits").join(hex::encode(&Sha256::digest(print.as_bytes())[..16]))
}

/// Fits the guide's network where that is asked for and was not done before. `found` are the cell's fingerprints.
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
    let (mut settings, mut prints) = (settings.clone(), found.clone());
    let Some(recipe) = Recipe::of_guide(&settings.guide) else {
        return Ok(Resolved { settings, prints, fitted: None });
    };
    let data = found.get("guide.fit").expect("a network that is fitted has a fingerprint of its images");
    let print = recipe.print(data, found.get("guide.fit.from").map(String::as_str));
    let folder = folder(cache, &print);
    let fitted = match Fitted::read(&folder)? {
        Some(fitted) => fitted,
        None => make(&settings, &recipe, (data, &print), found, cache, device, progress)?,
    };
    let path = Fitted::weights(&folder);
    let now = super::weights_print(&path, &cache.digests())?;
    if now != fitted.sha256 {
        let why = "it is not the file that was fitted here".to_owned();
        return Err(crate::fit::FitError::Damaged { path: folder, why }.into());
    }
    settings.guide.weights = path.to_string_lossy().into_owned();
    prints.insert("guide.weights".to_owned(), now);
    Ok(Resolved { settings, prints, fitted: Some(fitted) })
}

/// Fits the guide's network of `settings`, which ask for that, by itself: nothing else of them is read but the data set.
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
    let (set, digests) = (DataSet::open(&settings.data)?, cache.digests());
    let prints = super::selection::prints_of_fit(&set, settings, &digests)?;
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
    let most = recipe.fit.epochs as usize;
    let tell = |epoch: crate::fit::FitEpoch| progress(Stage::Fitting, epoch.epoch as usize, most);
    let fitted = fit(recipe, (&known, print), (&learned, &tried), &folder(cache, print), device, &tell)?;
    if (fitted.epochs as usize) < most {
        progress(Stage::Fitting, most, most);
    }
    Ok(fitted)
}

fn photos(array: &Array, side: usize, classes: Vec<usize>) -> Photos<'_> {
    Photos { side, planes: (0..array.rows()).map(|row| array.row(row)).collect(), classes }
}
