//! The conditions of samples: sentences and their guides.

use crate::data::DataSet;
use crate::prepare::{
    Cache, GuideImage, PrepareError, Selection, TextEncoder, caption_vectors, evaluation_guides, guide_features,
};
use crate::spec::Settings;
use crate::store::RunId;
use crate::train::Sampler;

use super::super::words::vector_of;
use super::{CliError, Interpolation, SampleArgs};

/// The default number of captions.
const DEFAULT_CAPTIONS: usize = 8;

/// A sentence and its guide.
pub struct Condition {
    /// Its text.
    pub text: String,
    /// The vector of the text.
    pub sentence: Vec<f32>,
    /// Its guide.
    pub guide: Guide,
}

/// The guide of a sentence; empty if the run has no guides.
#[derive(Clone, Debug, Default)]
pub struct Guide {
    /// Its features; `None` if guides are zeros.
    pub features: Option<Vec<f32>>,
    /// Its name in the output.
    pub name: Option<String>,
}

/// A condition for each requested text, or for captions of the first evaluation items.
///
/// # Errors
///
/// If this run cannot use a text or the guide.
pub fn conditions(
    sampler: &Sampler,
    args: &SampleArgs,
    run: RunId,
    cache: &Cache,
    quiet: bool,
) -> Result<Vec<Condition>, CliError> {
    let settings = sampler.settings();
    let between_texts = args.interpolate == Some(Interpolation::Text);
    if between_texts && !args.text.is_empty() && args.text.len() != 2 {
        let what = format!("--interpolate text requires two texts, but --text is given {} time(s)", args.text.len());
        return Err(usage(what, "give --text twice, or leave it out for the first two captions"));
    }
    let guide = requested_guide(settings, args, run)?;
    let set = DataSet::open(&settings.data)?;
    if let Some(GuideImage::OfDataSet(image)) = &guide
        && !set.ids().contains(image)
    {
        let what = format!("--guide-image {image}: the data set of run {run} does not have this image");
        return Err(usage(what, format!("it has the images {} to {}", set.ids().start(), set.ids().end())));
    }
    let (sentences, items) = if args.text.is_empty() {
        let items = Selection::new(&set, settings)?.eval;
        let count = if between_texts { 2 } else { args.count.map_or(DEFAULT_CAPTIONS, usize::from) };
        if count > items.len() && (between_texts || args.count.is_some()) {
            let what = format!("run {run} has {} evaluation item(s), but {count} captions are requested", items.len());
            return Err(usage(what, "lower --count, or give your own --text"));
        }
        let count = count.min(items.len());
        (caption_vectors(settings, &items[..count], cache, sampler.device())?, evaluation_guides(settings, &items)?)
    } else {
        (encoded(sampler, &args.text, run, cache, quiet)?, Vec::new())
    };
    let guides = guides(sampler, guide, &items, sentences.len())?;
    let condition = |((text, sentence), guide)| Condition { text, sentence, guide };
    Ok(sentences.into_iter().zip(guides).map(condition).collect())
}

/// The vectors of new texts.
fn encoded(
    sampler: &Sampler,
    texts: &[String],
    run: RunId,
    cache: &Cache,
    quiet: bool,
) -> Result<Vec<(String, Vec<f32>)>, CliError> {
    let settings = sampler.settings();
    if settings.text.encoder == "vectors" {
        let what = format!("run {run} reads the vectors of its captions from a file, and cannot encode a new text");
        return Err(usage(what, "leave out --text: the captions of evaluation items are used"));
    }
    let encoder = TextEncoder::load(settings, cache, sampler.device())?;
    let encoder_name = format!("the text encoder of run {run}");
    let help = "use words of its captions: `jem sample` without --text lists some captions";
    let one = |text: &String| Ok((text.clone(), vector_of(&encoder, text, (&encoder_name, help), quiet)?));
    texts.iter().map(one).collect()
}

/// The guide of the options, after a check that this run can use it.
fn requested_guide(settings: &Settings, args: &SampleArgs, run: RunId) -> Result<Option<GuideImage>, CliError> {
    let guide = &settings.guide;
    let requested: Option<GuideImage> = match (&args.guide, args.guide_image) {
        (Some(path), _) => Some(GuideImage::File { image: path.clone(), mask: args.mask.clone() }),
        (None, Some(image)) => Some(GuideImage::OfDataSet(image)),
        (None, None) => None,
    };
    let without = "leave out --guide, --mask and --guide-image";
    match &requested {
        Some(_) if !guide.is_on() => Err(usage(format!("run {run} has no guide: `guide.network` is none"), without)),
        Some(_) if guide.source == "zero" => {
            Err(usage(format!("the guides of run {run} are zeros: `guide.source` is zero"), without))
        }
        Some(GuideImage::File { mask: None, .. }) if guide.is_segmented() => Err(usage(
            format!("--guide requires --mask: the guides of run {run} are segmented ({})", guide.segmentation),
            "give --mask a grey PNG of the size of the image, 0 outside of flowers; or use --guide-image",
        )),
        Some(GuideImage::File { mask: Some(_), .. }) if !guide.is_segmented() => {
            Err(usage(format!("--mask has no effect: the guides of run {run} are not segmented"), "leave out --mask"))
        }
        None if guide.is_on() && guide.source != "zero" && !args.text.is_empty() => {
            Err(usage(format!("run {run} requires a guide for each text"), "choose one with --guide or --guide-image"))
        }
        _ => Ok(requested),
    }
}

/// The guides of `count` sentences: the requested guide, or those of the evaluation items.
fn guides(
    sampler: &Sampler,
    requested: Option<GuideImage>,
    items: &[Option<u32>],
    count: usize,
) -> Result<Vec<Guide>, PrepareError> {
    let settings = sampler.settings();
    if !settings.guide.is_on() {
        return Ok(vec![Guide::default(); count]);
    }
    let of_items = items.iter().copied().flatten().take(count).map(GuideImage::OfDataSet);
    let from: Vec<GuideImage> = match &requested {
        Some(guide) => vec![guide.clone()],
        None => of_items.collect(),
    };
    if from.is_empty() {
        return Ok(vec![Guide { features: None, name: Some("zeros".to_owned()) }; count]);
    }
    let features = guide_features(settings, &from, sampler.device())?;
    let guide = |(features, from)| Guide { features: Some(features), name: Some(name(from)) };
    let guides: Vec<Guide> = features.into_iter().zip(&from).map(guide).collect();
    Ok(if requested.is_some() { vec![guides[0].clone(); count] } else { guides })
}

fn name(guide: &GuideImage) -> String {
    match guide {
        GuideImage::OfDataSet(image) => format!("image {image}"),
        GuideImage::File { image, .. } => image.display().to_string(),
    }
}

pub fn usage(what: impl Into<String>, help: impl Into<String>) -> CliError {
    CliError::Usage { what: what.into(), help: help.into() }
}
