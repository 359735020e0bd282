//! Fitting of the guide network.

use std::collections::BTreeSet;
use std::path::PathBuf;

use burn::tensor::Device;

use crate::data::{DataSet, SquareMethod};
use crate::fit::{FitEpoch, FittedWeights, LabelledImages, Recipe, fit, split_held_out};
use crate::prepare::builder::Context;
use crate::prepare::selection::guide_fit_images;
use crate::prepare::{Array, Cache, Event, OnEvent, PrepareError, Stage};
use crate::spec::{Fingerprints, Settings};
use crate::vision::{FeatureNet, Weights};

/// The file of the guide network and its record, from the cache or fitted now. `found` are the cell's fingerprints.
///
/// # Errors
///
/// If it cannot be fitted, or the images cannot be read.
pub(super) fn fit_guide(
    settings: &Settings,
    recipe: &Recipe,
    found: &Fingerprints,
    cache: &Cache,
    device: &Device,
    on_event: OnEvent,
) -> Result<(PathBuf, FittedWeights), PrepareError> {
    let data = found.get("guide.fit").expect("a network that is fitted has a fingerprint of its images");
    let print = recipe.fingerprint(data, found.get("guide.fit.from").map(String::as_str));
    let folder = cache.fit_folder(&print);
    if let Some(fitted) = FittedWeights::read(&folder)? {
        return Ok((FittedWeights::path(&folder), fitted));
    }
    let set = DataSet::open(&settings.data)?;
    let context = Context { settings, set: &set, cache, device, on_event };
    let images = guide_fit_images(&set, settings)?;
    let labels = images.iter().map(|&id| set.class(id)).collect::<Result<Vec<u16>, _>>()?;
    let classes: Vec<u16> = labels.iter().copied().collect::<BTreeSet<u16>>().into_iter().collect();
    let (training, validation) = split_held_out(&labels, recipe.fit.held_out, recipe.fit.seed);
    let ids = |places: &[usize]| places.iter().map(|&place| images[place]).collect::<Vec<u32>>();
    let array = |images: &[u32], side: usize, part: &str| {
        let side = u32::try_from(side).expect("a network's input is at most 512");
        let (square, word) = (SquareMethod::from_setting(&recipe.square), recipe.square.as_str());
        let fit = &recipe.fit;
        let key = format!("pixels/2 {word} {side} {data} {part} {} {}", fit.held_out, fit.seed);
        context.image_array(Stage::Images, key, images, side, |id| Ok(square.apply(&set.image(id)?, side)))
    };
    let training_pixels = array(&ids(&training), recipe.train_side(), "learned from")?;
    let validation_pixels = array(&ids(&validation), recipe.config.input, "held out")?;
    let label = |&place: &usize| classes.binary_search(&labels[place]).expect("every image's class is among them");
    let labelled = |places: &[usize]| places.iter().map(label).collect::<Vec<usize>>();
    let training = photos(&training_pixels, recipe.train_side(), labelled(&training));
    let validation = photos(&validation_pixels, recipe.config.input, labelled(&validation));
    if let Some(path) = recipe.initial_weights() {
        let last = recipe.network.layer("fc7").into_iter().collect::<Vec<_>>();
        let notes = FeatureNet::notes(recipe.network, recipe.config, &Weights::File { path }, &last)?;
        notes.into_iter().for_each(|note| on_event(Event::Note(note)));
    }
    let (stage, epochs) = (Stage::GuideFit(recipe.network), recipe.fit.epochs as usize);
    let report = |FitEpoch { epoch, epochs: of, score }: FitEpoch| {
        on_event(Event::Progress { stage, done: epoch as usize, total: epochs });
        let (top1, top5) = (100.0 * score.top1, 100.0 * score.top5);
        let scores = format!("top-1 {top1:.1} %, top-5 {top5:.1} %, validation loss {:.3}", score.loss);
        on_event(Event::Epoch { stage, epoch, epochs: of, scores });
    };
    let fitted = fit(recipe, (&classes, &print), (&training, &validation), &folder, device, &report)?;
    let done = fitted.epochs as usize;
    if done < epochs {
        // Early stopping: the remaining epochs are not run.
        on_event(Event::Progress { stage, done, total: done });
    }
    Ok((FittedWeights::path(&folder), fitted))
}

fn photos(array: &Array, side: usize, classes: Vec<usize>) -> LabelledImages<'_> {
    LabelledImages { side, planes: (0..array.rows()).map(|row| array.row(row)).collect(), classes }
}
