//! Everything that one run reads, from the cache or made now.

use std::ops::Range;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};

use burn::tensor::Device;
use image::RgbImage;
use rayon::prelude::*;
use safetensors::tensor::Dtype;

use crate::data::{Oxford102, decode, squash};
use crate::segment::{Composition, Mask, Official, Segmenter};
use crate::spec::{Fingerprints, Settings};
use crate::text::SentenceEncoder;
use crate::vision::{FeatureNet, Network, NetworkConfig, Weights, features};

use super::array::bytes_of;
use super::selection::open;
use super::{Array, PrepareError, Progress, Selection, Stage};

/// Pictures that are held decoded at once while features are made.
const CHUNK: usize = 32;

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
    /// Caption lines that were blank, by file and line.
    pub warnings: Vec<String>,
}

impl Inputs {
    /// The inputs that `settings` ask for, from the cache in `folder` where they are there.
    ///
    /// # Errors
    ///
    /// If anything that they are made of cannot be read, or the cache cannot be written.
    pub fn prepare(
        settings: &Settings,
        prints: &Fingerprints,
        folder: &Path,
        device: &Device,
        progress: Progress,
    ) -> Result<Self, PrepareError> {
        let set = open(settings)?;
        let selection = Selection::new(&set, settings)?;
        let ids = selection.all();
        let data = prints.get("data").cloned().expect("every fingerprint begins with the data");
        let maker = Maker { settings, set: &set, ids: &ids, folder, data: &data, prints, progress };
        let (captions, warnings) = set.captions(&ids)?;
        let lines: Vec<&str> = ids.iter().flat_map(|id| captions[id].iter().map(String::as_str)).collect();

        let pixels = maker.pixels()?;
        let features = if settings.guide.is_on() { Some(maker.features(device)?) } else { None };
        let guide_pictures = if settings.guide.is_on() { Some(maker.guide_pictures(&selection.eval)?) } else { None };
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
            let caption = captions[&id][0].clone();
            eval.push(EvalItem { image: id, class: set.class(id)?, caption, row, sentence: next });
            next += captions[&id].len();
        }
        if settings.objective.kind.has_wrong_pairs() && train.iter().all(|item| item.class == train[0].class) {
            return Err(PrepareError::OneClass);
        }
        let warnings = warnings.iter().map(ToString::to_string).collect();
        Ok(Self { train, eval, pixels, features, guide_pictures, sentences, data, warnings })
    }
}

/// What every array is made from.
struct Maker<'a> {
    settings: &'a Settings,
    set: &'a Oxford102,
    ids: &'a [u32],
    folder: &'a Path,
    data: &'a str,
    prints: &'a Fingerprints,
    progress: Progress<'a>,
}

impl Maker<'_> {
    fn side(&self) -> u32 {
        u32::try_from(self.settings.image.resolution).expect("a resolution is at most 256")
    }

    fn pixels(&self) -> Result<Array, PrepareError> {
        let side = self.side();
        let key = format!("pixels/1 squash {side} {}", self.data);
        Array::cached(self.folder, &key, Dtype::U8, || {
            let pictures =
                self.each(Stage::Pixels, self.ids, |id| Ok(squash(&decode(&self.set.photo_path(id))?, side)))?;
            Ok((shape(pictures.len(), side), planes(&pictures)))
        })
    }

    /// What makes the guide's picture of a photo: everything but the network.
    fn composition_key(&self) -> String {
        let segmentation = self.prints.get("segmentation").map_or("none", String::as_str);
        format!("{} {segmentation} {}", self.settings.guide.segmentation, self.data)
    }

    fn guide_pictures(&self, eval: &[u32]) -> Result<Array, PrepareError> {
        let side = self.side();
        let key = format!("guide-pictures/1 squash {side} {} {eval:?}", self.composition_key());
        Array::cached(self.folder, &key, Dtype::U8, || {
            let pictures = self.each(Stage::GuidePictures, eval, |id| Ok(squash(&self.composed(id)?, side)))?;
            Ok((shape(pictures.len(), side), planes(&pictures)))
        })
    }

    fn composed(&self, id: u32) -> Result<RgbImage, PrepareError> {
        let photo = decode(&self.set.photo_path(id))?;
        let word = self.settings.guide.segmentation.as_str();
        match word.parse().expect("the catalogue lists only compositions that there are") {
            Composition::None => Ok(photo),
            composition => {
                let mask: Mask = Official::new(self.set)?.mask(id, &photo)?;
                Ok(composition.compose(&photo, &mask)?)
            }
        }
    }

    fn features(&self, device: &Device) -> Result<Array, PrepareError> {
        let guide = &self.settings.guide;
        let weights = Weights::parse(&guide.weights)?;
        let named = self.prints.get("guide.weights").cloned().unwrap_or_else(|| weights.to_string());
        let key = format!(
            "features/1 {} {named} {} {} {} on {device:?}",
            guide.network,
            guide.input,
            guide.width,
            self.composition_key()
        );
        let network: Network = guide.network.parse().expect("a guide that is on names a network of the catalogue");
        Array::cached(self.folder, &key, Dtype::F32, || {
            let config = NetworkConfig { input: guide.input, width: guide.width };
            let net = FeatureNet::load(network, config, &weights, device)?;
            let side = u32::try_from(guide.input).expect("a guide's side is at most 512");
            let mut rows: Vec<Vec<f32>> = Vec::with_capacity(self.ids.len());
            for chunk in self.ids.chunks(CHUNK) {
                let upright = chunk.par_iter().map(|&id| Ok(squash(&self.composed(id)?, side)));
                let upright = upright.collect::<Result<Vec<_>, PrepareError>>()?;
                let mirrored: Vec<RgbImage> = upright.iter().map(image::imageops::flip_horizontal).collect();
                let upright = features(&net, &upright, device)?;
                let mirrored = features(&net, &mirrored, device)?;
                rows.extend(upright.into_iter().zip(mirrored).map(|(one, other)| [one, other].concat()));
                (self.progress)(Stage::Features, rows.len(), self.ids.len());
            }
            Ok((vec![rows.len(), 2, net.dimension()], bytes_of(&rows)))
        })
    }

    /// Vectors of `lines`, of which the first `fitted` are training captions and teach the encoder its words.
    fn sentences(&self, lines: &[&str], fitted: usize) -> Result<Array, PrepareError> {
        let text = &self.settings.text;
        let key = format!("sentences/1 {} {} {} {fitted} {}", text.encoder, text.dimension, text.seed, self.data);
        Array::cached(self.folder, &key, Dtype::F32, || {
            (self.progress)(Stage::Sentences, 0, lines.len());
            let encoder = SentenceEncoder::fit(lines[..fitted].iter().copied(), text.dimension, text.seed)?;
            let encoded = encoder.encode_all(lines);
            (self.progress)(Stage::Sentences, lines.len(), lines.len());
            Ok((vec![lines.len(), text.dimension], bytes_of(&encoded.vectors)))
        })
    }

    fn each<T: Send>(
        &self,
        stage: Stage,
        ids: &[u32],
        make: impl Fn(u32) -> Result<T, PrepareError> + Sync,
    ) -> Result<Vec<T>, PrepareError> {
        let done = AtomicUsize::new(0);
        let made = ids.par_iter().map(|&id| {
            let result = make(id)?;
            (self.progress)(stage, done.fetch_add(1, Ordering::Relaxed) + 1, ids.len());
            Ok(result)
        });
        made.collect()
    }
}

fn shape(pictures: usize, side: u32) -> Vec<usize> {
    vec![pictures, 3, side as usize, side as usize]
}

/// Interleaved RGB to planes.
fn planes(pictures: &[RgbImage]) -> Vec<u8> {
    let mut bytes = Vec::new();
    for picture in pictures {
        for channel in 0..3 {
            bytes.extend(picture.pixels().map(|pixel| pixel.0[channel]));
        }
    }
    bytes
}
