//! Everything that a run reads, from the cache or computed now.

use std::ops::Range;
use std::path::Path;
use std::sync::Arc;

use burn::tensor::Device;

use super::builder::{ArrayBuilder, Context};
use super::captions::caption_lines;
use super::guide::{GuideBuilder, GuideInput};
use super::held_out::{EvalItem, HeldOut, flower_truth};
use super::{Array, Cache, ExtractorConfig, OnEvent, PrepareError, Selection, weights_fingerprint};
use crate::data::DataSet;
use crate::spec::{Fingerprints, Settings};
use crate::vision::Network;

/// A training image. Its index in the list is its row in the arrays.
#[derive(Clone, Debug)]
pub struct TrainItem {
    /// Its class, 1 to 102.
    pub class: u16,
    /// The rows of its captions among the sentences.
    pub captions: Range<usize>,
    /// The guide that the networks receive with it.
    pub guide: GuideInput,
}

/// The inputs of a run.
pub struct Inputs {
    /// The training images.
    pub train: Vec<TrainItem>,
    /// The evaluation items.
    pub eval: HeldOut,
    /// The items of the test split, if they are evaluated when the run ends.
    pub test: Option<HeldOut>,
    /// `u8 [images, 3, s, s]`, planes of RGB, of the side that training crops from.
    pub pixels: Arc<Array>,
    /// `f32 [images, 2, features]`: of the original image, and mirrored.
    pub features: Option<Arc<Array>>,
    /// `f32 [captions, sentence]`.
    pub sentences: Arc<Array>,
    /// Warnings for the user: caption lines that were skipped, by file and line; segmentations that failed; where files
    /// of weights hold the networks' layers, and which layers are missing.
    pub warnings: Vec<String>,
}

impl Inputs {
    /// The inputs that `settings` require, from the cache if they are there. `found` are the cell's fingerprints, with
    /// those of fitted files.
    ///
    /// # Errors
    ///
    /// If the data or weights cannot be read, or the cache cannot be written or is full.
    pub fn prepare(
        settings: &Settings,
        found: &Fingerprints,
        cache: &Cache,
        device: &Device,
        on_event: OnEvent,
    ) -> Result<Self, PrepareError> {
        let set = DataSet::open(&settings.data)?;
        let selection = Selection::for_training(&set, settings)?;
        let images = selection.all();
        let data = found.get("data").cloned().expect("the fingerprints of a cell include its data");
        let context = Context { settings, set: &set, cache, device, on_event };
        let builder = ArrayBuilder { context, images: &images, data: data.clone(), prints: found.clone() };
        let (captions, blank) = set.captions(&images)?;
        let lines = caption_lines(&captions, &images);
        let mut warnings: Vec<String> = blank.iter().map(ToString::to_string).collect();
        warnings.extend(selection.unused());

        let side = builder.side();
        let crop = u32::try_from(settings.image.crop_from).expect("a side is at most 512");
        let pixels = Arc::new(builder.pixels(side.max(crop))?);
        let trained = selection.train.len();
        let train_guides = GuideInput::training(settings, trained)?;
        let eval_guides = GuideInput::evaluation(settings, trained, selection.eval.len())?;
        let (mut features, mut guide_images) = (None, None);
        if settings.guide.is_on() {
            let guide = GuideBuilder::new(&builder)?;
            warnings.extend(guide.failures()?);
            features = Some(Arc::new(guide.features()?));
            guide_images = guide.images(&images, &eval_guides)?;
        }
        let training_lines = selection.train.iter().map(|id| captions[id].len()).sum();
        let sentences = Arc::new(builder.image_sentences(&lines, training_lines)?);

        let mut next = 0;
        let mut train = Vec::with_capacity(trained);
        for (&id, &guide) in selection.train.iter().zip(&train_guides) {
            let captions = next..next + captions[&id].len();
            next = captions.end;
            train.push(TrainItem { class: set.class(id)?, captions, guide });
        }
        // Held-out images are not cropped, even if training images are.
        let (eval_pixels, first) = match crop > side {
            true => {
                let (images, data) = (&selection.eval, format!("{data} held out"));
                let uncropped = ArrayBuilder { context, images, data, prints: found.clone() };
                (Arc::new(uncropped.pixels(side)?), 0)
            }
            false => (pixels.clone(), trained),
        };
        let mut items = Vec::with_capacity(selection.eval.len());
        for (place, (&id, &guide)) in selection.eval.iter().zip(&eval_guides).enumerate() {
            let caption = captions[&id][0].text.clone();
            let (class, truth) = (set.class(id)?, flower_truth(&set, id));
            items.push(EvalItem { image: id, class, caption, pixels: first + place, guide, sentence: next, truth });
            next += captions[&id].len();
        }
        let training: Vec<&str> = lines[..training_lines].iter().map(|(.., text)| *text).collect();
        let texts = |id: u32| captions[&id].iter().map(|caption| caption.text.clone()).collect();
        let recoloured = builder.recoloured(&items, texts, &training)?;
        let reference_set = |images: &[u32]| match images {
            [] => Ok(None),
            images => {
                let mut builder = context.builder(images, |own| format!("{data} set {own}"))?;
                if let Some(path) =
                    ExtractorConfig::of_evaluation(&settings.eval)?.as_ref().and_then(ExtractorConfig::file)
                {
                    let print = weights_fingerprint(path, &cache.digests())?;
                    require_published(settings, path, &print)?;
                    builder.prints.insert("eval.extractor_weights".to_owned(), print);
                }
                builder.reference_set(&training).map(Some)
            }
        };
        let eval = HeldOut {
            split: settings.eval.split.clone(),
            items,
            pixels: eval_pixels,
            features: features.clone(),
            guide_images,
            sentences: sentences.clone(),
            recoloured,
            data: data.clone(),
            reference: reference_set(&selection.sets[0])?,
        };
        let test = match settings.eval.test.as_str() {
            "none" => None,
            _ => {
                let builder = context.builder(&selection.test, |own| format!("{data} {own}"))?;
                let reference = reference_set(&selection.sets[1])?;
                Some(HeldOut { reference, ..builder.held_out("test", &training)? })
            }
        };
        if settings.guide.is_on()
            && let Some(extractor) = ExtractorConfig::of_guide(&settings.guide)?
        {
            warnings.extend(extractor.notes()?);
        }
        if settings.eval.uses_extractor(&settings.keep.best)
            && let Some(extractor) = ExtractorConfig::of_evaluation(&settings.eval)?
        {
            warnings.extend(extractor.notes()?);
        }
        Ok(Self { train, eval, test, pixels, features, sentences, warnings })
    }
}

/// Rejects weights that are not the published ones if a measure requires the published Inception network.
fn require_published(settings: &Settings, path: &Path, print: &str) -> Result<(), PrepareError> {
    let is_required = settings.eval.needs_inception(&settings.keep.best);
    if is_required && !Network::InceptionFid.is_published(print) {
        return Err(PrepareError::NotPublished { path: path.to_owned(), found: print.to_owned() });
    }
    Ok(())
}
