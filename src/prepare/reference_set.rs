//! Reference images, whose feature distribution is compared with that of many samples, and the inputs of the samples.

use std::ops::Range;

use burn::tensor::Device;
use safetensors::tensor::Dtype;

use super::array::{ArraySpec, bytes_of};
use super::builder::{ArrayBuilder, Context, image_from_planes};
use super::captions::caption_lines;
use super::guide::{GuideBuilder, GuideInput};
use super::selection::Selection;
use super::{Array, Cache, Extractor, ExtractorConfig, OnEvent, PrepareError, Stage};
use crate::data::DataSet;
use crate::spec::Settings;
use crate::vision::Resizer;

/// Images of a chunk.
const CHUNK: usize = 64;

/// The features of reference images, and the inputs of the samples that are compared with them.
pub struct ReferenceSet {
    /// The inputs of the samples.
    pub sources: SampleSources,
    /// `f32 [images, length]`: the features of each image, at the size of samples.
    pub features: Array,
    /// Fingerprint of images, labels and captions.
    pub data: String,
}

/// Reference images as pixels, and the inputs of the samples that are compared with them.
pub struct ReferenceImages {
    /// The inputs of the samples.
    pub sources: SampleSources,
    /// `u8 [images, 3, s, s]`, planes of RGB at the size of samples.
    pub pixels: Array,
    /// The images' numbers.
    pub ids: Vec<u32>,
    /// Fingerprint of images, labels and captions.
    pub data: String,
}

/// The inputs of the samples of a set: captions and guides of its images.
pub struct SampleSources {
    /// The rows of each image's captions among the sentences.
    pub captions: Vec<Range<usize>>,
    /// `f32 [captions, sentence]`.
    pub sentences: Array,
    /// The guide of each image's samples.
    pub guides: Vec<GuideInput>,
    /// `f32 [images, 2, features]` of the guides.
    pub features: Option<Array>,
}

impl ReferenceImages {
    /// The reference images of the split part `eval.split`.
    ///
    /// # Errors
    ///
    /// If the data or weights cannot be read, or the cache cannot be written.
    pub fn prepare(
        settings: &Settings,
        cache: &Cache,
        device: &Device,
        on_event: OnEvent,
    ) -> Result<Self, PrepareError> {
        let set = DataSet::open(&settings.data)?;
        let selection = Selection::new(&set, settings)?;
        let ids = Selection::reference_images(&set, settings, &settings.eval.split)?;
        let training = selection.training_captions(&set)?;
        let training: Vec<&str> = training.iter().map(String::as_str).collect();
        let context = Context { settings, set: &set, cache, device, on_event };
        let builder = context.builder(&ids, |data| format!("photos {data}"))?;
        let sources = builder.sample_sources(&training)?;
        let (pixels, data) = (builder.pixels(builder.side())?, builder.prints["data"].clone());
        Ok(Self { sources, pixels, ids, data })
    }

    /// The image at `index`, from 0.
    pub fn image(&self, index: usize) -> image::RgbImage {
        let side = (self.pixels.row_length() / 3).isqrt();
        let side = u32::try_from(side).expect("a resolution is at most 256");
        image_from_planes(side, self.pixels.row(index))
    }
}

impl ReferenceSet {
    /// How many images there are.
    pub fn images(&self) -> usize {
        self.sources.images()
    }
}

impl SampleSources {
    /// How many images there are.
    pub fn images(&self) -> usize {
        self.captions.len()
    }

    /// The image and the caption row of sample `number`, from 0. Samples use the images in turn, and in each further
    /// round the next caption of each image.
    pub fn source(&self, number: usize) -> (usize, usize) {
        let (image, round) = (number % self.images(), number / self.images());
        let captions = &self.captions[image];
        (image, captions.start + round % captions.len())
    }
}

impl ArrayBuilder<'_> {
    /// The builder's images as a reference set. `training` are the captions that fit a bag-of-words encoder.
    pub(super) fn reference_set(&self, training: &[&str]) -> Result<ReferenceSet, PrepareError> {
        let sources = self.sample_sources(training)?;
        Ok(ReferenceSet { sources, features: self.reference_features()?, data: self.data.clone() })
    }

    fn sample_sources(&self, training: &[&str]) -> Result<SampleSources, PrepareError> {
        let (Context { settings, set, .. }, images) = (self.context, self.images);
        let (captions, _) = set.captions(images)?;
        let mut next = 0;
        let ranges = images.iter().map(|id| {
            let range = next..next + captions[id].len();
            next = range.end;
            range
        });
        let ranges = ranges.collect();
        let sentences = self.sentences(&caption_lines(&captions, images), training)?;
        let (guides, features) = match settings.guide.is_on() {
            false => (vec![GuideInput::Zero; images.len()], None),
            true => {
                let guides = GuideInput::evaluation(settings, 0, images.len())?;
                (guides, Some(GuideBuilder::new(self)?.features()?))
            }
        };
        Ok(SampleSources { captions: ranges, sentences, guides, features })
    }

    /// The features of the images by the extractor of evaluations, at the size of samples.
    fn reference_features(&self) -> Result<Array, PrepareError> {
        let (Context { settings, device, .. }, side) = (self.context, self.side());
        let eval = &settings.eval;
        let config = ExtractorConfig::of_evaluation(eval)?.expect("a plan with set measures has an extractor");
        let resizer: Resizer = eval.resizer.parse().expect("the catalogue lists only existing resizers");
        let of = config.identifier(self.prints.get("eval.extractor_weights").map(String::as_str));
        let square = &settings.image.square;
        let key = format!("reference/1 {of} {resizer} {square} {side} {} on {device:?}", self.data);
        let pixels = self.pixels(side)?;
        let shape = vec![self.images.len(), config.length()];
        let spec = ArraySpec { key, dtype: Dtype::F32, shape, chunk: CHUNK };
        let mut extractor: Option<Extractor> = None;
        self.context.array(Stage::ReferenceFeatures, spec, |rows| {
            let extractor = match &mut extractor {
                Some(extractor) => extractor,
                none => none.insert(config.load(side as usize, device)?),
            };
            let images: Vec<_> = rows.map(|row| image_from_planes(side, pixels.row(row))).collect();
            Ok(bytes_of(&extractor.features(&images, resizer, &[config.layer()]).remove(0)))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::DataSet;
    use crate::prepare::{Cache, fingerprints};
    use crate::spec::{Settings, Value};

    #[test]
    fn samples_use_every_image_in_turn_and_then_its_next_caption() {
        let text = |word: &str| Value::Text(word.to_owned());
        let values = [
            ("data.source", text("drawn")),
            ("data.split", text("official")),
            ("data.drawn.images", Value::Integer(1020)),
            ("image.resolution", Value::Integer(32)),
            ("text.dimension", Value::Integer(8)),
            ("eval.extractor", text("alexnet")),
            ("eval.extractor_input", Value::Integer(64)),
            ("eval.extractor_width", Value::Number(0.02)),
        ];
        let settings = Settings::from_values(values.iter().map(|(key, value)| (*key, value))).unwrap();
        let folder = tempfile::tempdir().unwrap();
        let cache = Cache::new(folder.path().to_owned(), 1 << 30);
        let (set, images) = (DataSet::open(&settings.data).unwrap(), [3, 5, 900]);
        let prints = fingerprints(&settings, &cache.digests()).unwrap();
        let (settings, set, cache, device) = (&settings, &set, &cache, &Device::flex());
        let context = Context { settings, set, cache, device, on_event: &|_| {} };
        let builder = ArrayBuilder { context, images: &images, data: "it".to_owned(), prints };
        let set = builder.reference_set(&["a red flower", "a blue one"]).unwrap();
        assert_eq!((set.images(), set.features.rows(), set.features.row_length()), (3, 3, 88));
        let of = |number| set.sources.source(number);
        assert_eq!(
            [of(0), of(1), of(2), of(3)],
            [(0, 0), (1, set.sources.captions[1].start), (2, set.sources.captions[2].start), (0, 1)]
        );
        let rounds = set.sources.captions[0].len();
        assert_eq!(of(3 * rounds), (0, 0));
        assert!(set.sources.features.is_none() && set.sources.guides.iter().all(|guide| *guide == GuideInput::Zero));
    }
}
