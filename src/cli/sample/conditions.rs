//! What is drawn from: sentences, and the guide that stands beside each.

use crate::data::DataSet;
use crate::prepare::{
    Cache, GuideFrom, PrepareError, Selection, TextEncoder, caption_vectors, evaluation_guides, guide_features,
};
use crate::spec::Settings;
use crate::store::RunId;
use crate::train::Sampler;

use super::super::words::vector_of;
use super::{Between, CliError, SampleArgs};

/// Captions that are drawn where no number is given.
const CAPTIONS: usize = 8;

/// A sentence and its guide.
pub struct Condition {
    /// What it says.
    pub text: String,
    /// Its vector.
    pub sentence: Vec<f32>,
    /// Its guide.
    pub guide: Guide,
}

/// What stands beside a sentence; nothing where a run has no guide.
#[derive(Clone, Debug, Default)]
pub struct Guide {
    /// Its features; none where guides are zeros.
    pub features: Option<Vec<f32>>,
    /// What it is, in words.
    pub name: Option<String>,
}

/// One for each text that is asked for, or for each caption of the first evaluation items.
///
/// # Errors
///
/// If a text or guide cannot be given to this run.
pub fn conditions(
    sampler: &Sampler,
    args: &SampleArgs,
    run: RunId,
    cache: &Cache,
    quiet: bool,
) -> Result<Vec<Condition>, CliError> {
    let settings = sampler.settings();
    let between_texts = args.interpolate == Some(Between::Text);
    if between_texts && !args.text.is_empty() && args.text.len() != 2 {
        let what =
            format!("--interpolate text goes between two texts, and --text was given {} time(s)", args.text.len());
        return Err(usage(what, "give --text twice, or not at all for the first two captions"));
    }
    let guide = asked_guide(settings, args, run)?;
    let set = DataSet::open(&settings.data)?;
    if let Some(GuideFrom::Image(image)) = &guide
        && !set.ids().contains(image)
    {
        let what = format!("--guide-image {image}: the data set of run {run} has no such image");
        return Err(usage(what, format!("its images are {} to {}", set.ids().start(), set.ids().end())));
    }
    let (sentences, items) = if args.text.is_empty() {
        let items = Selection::new(&set, settings)?.eval;
        let count = if between_texts { 2 } else { args.count.map_or(CAPTIONS, usize::from) };
        if count > items.len() && (between_texts || args.count.is_some()) {
            let what = format!("run {run} has {} evaluation item(s), and {count} captions were asked for", items.len());
            return Err(usage(what, "ask for fewer by --count, or give a --text of your own"));
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
        let what = format!("run {run} reads the vectors of its captions from a file, so it has none for a new text");
        return Err(usage(what, "sample without --text: that draws captions of its evaluation items"));
    }
    let encoder = TextEncoder::of(settings, cache, sampler.device())?;
    let whose = format!("the text encoder of run {run}");
    let help = "use words of its captions: `jem sample` without --text shows some";
    let one = |text: &String| Ok((text.clone(), vector_of(&encoder, text, (&whose, help), quiet)?));
    texts.iter().map(one).collect()
}

/// The guide that the options name, checked to be one that this run can be given.
fn asked_guide(settings: &Settings, args: &SampleArgs, run: RunId) -> Result<Option<GuideFrom>, CliError> {
    let guide = &settings.guide;
    let asked: Option<GuideFrom> = match (&args.guide, args.guide_image) {
        (Some(photo), _) => Some(GuideFrom::Photo { photo: photo.clone(), mask: args.mask.clone() }),
        (None, Some(image)) => Some(GuideFrom::Image(image)),
        (None, None) => None,
    };
    let without = "leave out --guide, --mask and --guide-image";
    match &asked {
        Some(_) if !guide.is_on() => {
            Err(usage(format!("run {run} has no guide: its `guide.network` is none"), without))
        }
        Some(_) if guide.source == "zero" => {
            Err(usage(format!("the guides of run {run} are zeros: its `guide.source` is zero"), without))
        }
        Some(GuideFrom::Photo { mask: None, .. }) if guide.is_segmented() => Err(usage(
            format!("--guide needs a --mask: the guides of run {run} are segmented ({})", guide.segmentation),
            "--mask names a grey PNG of the photo's size, 0 where there is no flower; or take --guide-image",
        )),
        Some(GuideFrom::Photo { mask: Some(_), .. }) if !guide.is_segmented() => {
            Err(usage(format!("a --mask has no effect: the guides of run {run} are not segmented"), "leave out --mask"))
        }
        None if guide.is_on() && guide.source != "zero" && !args.text.is_empty() => Err(usage(
            format!("run {run} draws with a guide, and a text of your own has none"),
            "name one by --guide or --guide-image",
        )),
        _ => Ok(asked),
    }
}

/// The guide of each of `count` sentences: the one that was asked for, or that of its evaluation item.
fn guides(
    sampler: &Sampler,
    asked: Option<GuideFrom>,
    items: &[Option<u32>],
    count: usize,
) -> Result<Vec<Guide>, PrepareError> {
    let settings = sampler.settings();
    if !settings.guide.is_on() {
        return Ok(vec![Guide::default(); count]);
    }
    let of_items = items.iter().copied().flatten().take(count).map(GuideFrom::Image);
    let from: Vec<GuideFrom> = match &asked {
        Some(asked) => vec![asked.clone()],
        None => of_items.collect(),
    };
    if from.is_empty() {
        return Ok(vec![Guide { features: None, name: Some("zeros".to_owned()) }; count]);
    }
    let features = guide_features(settings, &from, sampler.device())?;
    let guide = |(features, from)| Guide { features: Some(features), name: Some(name(from)) };
    let guides: Vec<Guide> = features.into_iter().zip(&from).map(guide).collect();
    Ok(if asked.is_some() { vec![guides[0].clone(); count] } else { guides })
}

fn name(guide: &GuideFrom) -> String {
    match guide {
        GuideFrom::Image(image) => format!("image {image}"),
        GuideFrom::Photo { photo, .. } => photo.display().to_string(),
    }
}

pub fn usage(what: impl Into<String>, help: impl Into<String>) -> CliError {
    CliError::Usage { what: what.into(), help: help.into() }
}
