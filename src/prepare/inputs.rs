//! Everything that one run reads, from the cache or made now.

use std::ops::Range;
use std::path::Path;
use std::sync::Arc;

use burn::tensor::Device;

use super::guide::{Fed, Guide};
use super::held_out::{EvalItem, HeldOut, truth};
use super::maker::Maker;
use super::selection::prints;
use super::{Array, Cache, ExtractorConfig, PrepareError, Progress, Selection, weights_print};
use crate::data::DataSet;
use crate::spec::{Fingerprints, Settings};
use crate::vision::Network;

/// A training image: its row in the arrays is its place in the list.
#[derive(Clone, Debug)]
pub struct TrainItem {
    /// Its class, 1 to 102.
    pub class: u16,
    /// Its captions' rows among the sentences.
    pub captions: Range<usize>,
    /// The row of the guide that the networks are given for it, among the features.
    pub guide: Fed,
}

/// The inputs of a run.
pub struct Inputs {
    /// The training images.
    pub train: Vec<TrainItem>,
    /// The evaluation items.
    pub eval: HeldOut,
    /// The items of the test split, where that is looked at when the run ends.
    pub test: Option<HeldOut>,
    /// `u8 [images, 3, s, s]`, planes of RGB, of the side that training crops from.
    pub pixels: Arc<Array>,
    /// `f32 [images, 2, features]`: as photographed, and mirrored.
    pub features: Option<Arc<Array>>,
    /// `f32 [captions, sentence]`.
    pub sentences: Arc<Array>,
    /// What a reader should know: caption lines that were skipped, by file and line; segmentations that failed; where in their
    /// files the weights of networks lie, and which of them are not there.
    pub warnings: Vec<String>,
}

impl Inputs {
    /// The inputs that `settings` ask for, from the cache where they are there.
    ///
    /// # Errors
    ///
    /// If anything that they are made of cannot be read, or the cache cannot be written or is full.
    pub fn prepare(
        settings: &Settings,
        found: &Fingerprints,
        cache: &Cache,
        device: &Device,
        progress: Progress,
    ) -> Result<Self, PrepareError> {
        let set = DataSet::open(&settings.data)?;
        let selection = Selection::to_train(&set, settings)?;
        let ids = selection.all();
        let data = found.get("data").cloned().expect("every fingerprint begins with the data");
        let maker = Maker { settings, set: &set, ids: &ids, cache, data: &data, prints: found, progress };
        let (captions, blank) = set.captions(&ids)?;
        let mut lines = Vec::new();
        for &id in &ids {
            lines.extend(captions[&id].iter().map(|caption| (id, caption.line, caption.text.as_str())));
        }
        let mut warnings: Vec<String> = blank.iter().map(ToString::to_string).collect();
        warnings.extend(selection.unused());

        let side = maker.side();
        let crop = u32::try_from(settings.image.crop_from).expect("a side is at most 512");
        let pixels = Arc::new(maker.pixels(side.max(crop))?);
        let trained = selection.train.len();
        let fed = Fed::training(settings, trained)?;
        let eval_fed = Fed::evaluation(settings, trained, selection.eval.len())?;
        let (mut features, mut guide_pictures) = (None, None);
        if settings.guide.is_on() {
            let guide = Guide::new(&maker)?;
            warnings.extend(guide.failures()?);
            features = Some(Arc::new(guide.features(device)?));
            guide_pictures = guide.pictures(&ids, &eval_fed)?;
        }
        let fitted = selection.train.iter().map(|id| captions[id].len()).sum();
        let sentences = Arc::new(maker.sentences(&lines, fitted, device)?);

        let mut next = 0;
        let mut train = Vec::with_capacity(trained);
        for (&id, &guide) in selection.train.iter().zip(&fed) {
            let captions = next..next + captions[&id].len();
            next = captions.end;
            train.push(TrainItem { class: set.class(id)?, captions, guide });
        }
        // Held-out images are looked at whole, whatever training cuts out of its own.
        let held_out = format!("{data} held out");
        let (eval_pixels, first) = match crop > side {
            true => (Arc::new(Maker { ids: &selection.eval, data: &held_out, ..maker }.pixels(side)?), 0),
            false => (pixels.clone(), trained),
        };
        let mut items = Vec::with_capacity(selection.eval.len());
        for (place, (&id, &guide)) in selection.eval.iter().zip(&eval_fed).enumerate() {
            let caption = captions[&id][0].text.clone();
            let (class, truth) = (set.class(id)?, truth(&set, id));
            items.push(EvalItem { image: id, class, caption, pixels: first + place, guide, sentence: next, truth });
            next += captions[&id].len();
        }
        let training: Vec<&str> = lines[..fitted].iter().map(|(.., text)| *text).collect();
        let texts = |id: u32| captions[&id].iter().map(|caption| caption.text.clone()).collect();
        let eval = HeldOut {
            split: settings.eval.split.clone(),
            recoloured: maker.recoloured(&items, texts, &training, device)?,
            items,
            pixels: eval_pixels,
            features: features.clone(),
            guide_pictures,
            sentences: sentences.clone(),
            data: data.clone(),
            set: None,
        };
        let of_set = |ids: &[u32]| match ids {
            [] => Ok(None),
            ids => {
                let mut found = prints(&set, settings, ids, &cache.digests())?;
                let data = format!("{data} set {}", found["data"]);
                if let Some(path) =
                    ExtractorConfig::of_evaluation(&settings.eval)?.as_ref().and_then(ExtractorConfig::file)
                {
                    let print = weights_print(path, &cache.digests())?;
                    published(settings, path, &print)?;
                    found.insert("eval.extractor_weights".to_owned(), print);
                }
                let maker = Maker { settings, set: &set, ids, cache, data: &data, prints: &found, progress };
                maker.item_set(device, &training).map(Some)
            }
        };
        let eval = HeldOut { set: of_set(&selection.sets[0])?, ..eval };
        let test = match settings.eval.test.as_str() {
            "none" => None,
            _ => {
                let ids = &selection.test;
                let found = prints(&set, settings, ids, &cache.digests())?;
                let data = format!("{data} {}", found["data"]);
                let maker = Maker { settings, set: &set, ids, cache, data: &data, prints: &found, progress };
                Some(HeldOut { set: of_set(&selection.sets[1])?, ..maker.held_out("test", device, &training)? })
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

/// Refuses weights that are not the published ones where a measure is named after these.
fn published(settings: &Settings, path: &Path, print: &str) -> Result<(), PrepareError> {
    let asked = settings.eval.needs_published(&settings.keep.best);
    if asked && !Network::InceptionFid.is_published(print) {
        return Err(PrepareError::NotPublished { path: path.to_owned(), found: print.to_owned() });
    }
    Ok(())
}
