//! Everything that one run reads, from the cache or made now.

use std::ops::Range;

use burn::tensor::Device;

use super::guide::Guide;
use super::maker::Maker;
use super::{Array, Cache, PrepareError, Progress, Selection};
use crate::data::DataSet;
use crate::spec::{Fingerprints, Settings};

/// A training image: its row in the arrays is its place in the list.
#[derive(Clone, Debug)]
pub struct TrainItem {
    /// Its class, 1 to 102.
    pub class: u16,
    /// Its captions' rows among the sentences.
    pub captions: Range<usize>,
}

/// A held-out image that is looked at.
#[derive(Clone, Debug)]
pub struct EvalItem {
    /// Its number in the data set.
    pub image: u32,
    /// Its class.
    pub class: u16,
    /// Its first caption, which is drawn from.
    pub caption: String,
    /// Its row among pictures and features.
    pub row: usize,
    /// Its caption's row among the sentences.
    pub sentence: usize,
}

/// The inputs of a run.
pub struct Inputs {
    /// The training images.
    pub train: Vec<TrainItem>,
    /// The evaluation items.
    pub eval: Vec<EvalItem>,
    /// `u8 [images, 3, s, s]`, planes of RGB.
    pub pixels: Array,
    /// `f32 [images, 2, features]`: as photographed, and mirrored.
    pub features: Option<Array>,
    /// `u8 [eval items, 3, s, s]`: what the guide network sees.
    pub guide_pictures: Option<Array>,
    /// `f32 [captions, sentence]`.
    pub sentences: Array,
    /// Fingerprint of images, labels and captions.
    pub data: String,
    /// What a reader should know: caption lines that were blank, by file and line; segmentations that failed.
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
        prints: &Fingerprints,
        cache: &Cache,
        device: &Device,
        progress: Progress,
    ) -> Result<Self, PrepareError> {
        let set = DataSet::open(&settings.data)?;
        let selection = Selection::new(&set, settings)?;
        let ids = selection.all();
        let data = prints.get("data").cloned().expect("every fingerprint begins with the data");
        let maker = Maker { settings, set: &set, ids: &ids, cache, data: &data, prints, progress };
        let (captions, blank) = set.captions(&ids)?;
        let mut lines = Vec::new();
        for &id in &ids {
            lines.extend(captions[&id].iter().map(|caption| (id, caption.line, caption.text.as_str())));
        }
        let mut warnings: Vec<String> = blank.iter().map(ToString::to_string).collect();
        warnings.extend(selection.unused());

        let pixels = maker.pixels()?;
        let (mut features, mut guide_pictures) = (None, None);
        if settings.guide.is_on() {
            let guide = Guide::new(&maker)?;
            warnings.extend(guide.failures()?);
            features = Some(guide.features(device)?);
            guide_pictures = Some(guide.pictures(&selection.eval)?);
        }
        let fitted = selection.train.iter().map(|id| captions[id].len()).sum();
        let sentences = maker.sentences(&lines, fitted)?;

        let mut next = 0;
        let mut train = Vec::with_capacity(selection.train.len());
        for &id in &selection.train {
            let captions = next..next + captions[&id].len();
            next = captions.end;
            train.push(TrainItem { class: set.class(id)?, captions });
        }
        let mut eval = Vec::with_capacity(selection.eval.len());
        for (offset, &id) in selection.eval.iter().enumerate() {
            let row = train.len() + offset;
            let caption = captions[&id][0].text.clone();
            eval.push(EvalItem { image: id, class: set.class(id)?, caption, row, sentence: next });
            next += captions[&id].len();
        }
        if settings.objective.kind.has_wrong_pairs() && train.iter().all(|item| item.class == train[0].class) {
            return Err(PrepareError::OneClass);
        }
        Ok(Self { train, eval, pixels, features, guide_pictures, sentences, data, warnings })
    }
}
