//! Photos of a whole part of the split, against which many samples are held, and all that these are drawn from.

use std::ops::Range;

use burn::tensor::Device;
use safetensors::tensor::Dtype;

use super::array::{ArraySpec, bytes_of};
use super::guide::{Fed, Guide};
use super::maker::Maker;
use super::selection::{Selection, prints};
use super::sentences::Line;
use super::{Array, Cache, Extractor, ExtractorConfig, PrepareError, Progress, Stage};
use crate::data::DataSet;
use crate::spec::Settings;
use crate::vision::Resizer;

/// Photos whose features are taken together.
const TOGETHER: usize = 64;

/// Photos, what the extractor sees of them, and what samples are drawn from.
pub struct ItemSet {
    /// What samples are drawn from.
    pub from: SampleSources,
    /// `f32 [photos, length]`: what the extractor sees of each photo, at the size that samples have.
    pub reference: Array,
    /// Fingerprint of photos, labels and captions.
    pub data: String,
}

/// The photos of a part of the split as pictures, and what samples that are held against them are drawn from.
pub struct PhotoSet {
    /// What samples are drawn from.
    pub from: SampleSources,
    /// `u8 [photos, 3, s, s]`, planes of RGB at the size that samples have.
    pub pixels: Array,
    /// The photos' numbers.
    pub ids: Vec<u32>,
    /// Fingerprint of photos, labels and captions.
    pub data: String,
}

/// What the samples of a set are drawn from.
pub struct SampleSources {
    /// The captions' rows of each photo among the sentences.
    pub captions: Vec<Range<usize>>,
    /// `f32 [captions, sentence]`.
    pub sentences: Array,
    /// The guide that each photo's samples are drawn with, among the features.
    pub guides: Vec<Fed>,
    /// `f32 [photos, 2, features]` of the guides.
    pub features: Option<Array>,
}

impl PhotoSet {
    /// The photos of the part that a run is looked at by, those that its sets of samples are held against, and what these
    /// are drawn from.
    ///
    /// # Errors
    ///
    /// If anything that they are made of cannot be read, or the cache cannot be written.
    pub fn prepare(
        settings: &Settings,
        cache: &Cache,
        device: &Device,
        progress: Progress,
    ) -> Result<Self, PrepareError> {
        let set = DataSet::open(&settings.data)?;
        let selection = Selection::new(&set, settings)?;
        let ids = Selection::whole(&set, settings, &settings.eval.split)?;
        let prints = prints(&set, settings, &ids, &cache.digests())?;
        let data = format!("photos {}", prints["data"]);
        let taught = selection.taught(&set)?;
        let training: Vec<&str> = taught.iter().map(String::as_str).collect();
        let maker = Maker { settings, set: &set, ids: &ids, cache, data: &data, prints: &prints, progress };
        let from = maker.sample_sources(device, &training)?;
        Ok(Self { from, pixels: maker.pixels(maker.side())?, ids, data: prints["data"].clone() })
    }

    /// Photo number `at`, from 0.
    pub fn picture(&self, at: usize) -> image::RgbImage {
        let side = (self.pixels.row_length() / 3).isqrt();
        let side = u32::try_from(side).expect("a resolution is at most 256");
        super::maker::picture(side, self.pixels.row(at))
    }
}

impl ItemSet {
    /// How many photos there are.
    pub fn photos(&self) -> usize {
        self.from.photos()
    }
}

impl SampleSources {
    /// How many photos there are.
    pub fn photos(&self) -> usize {
        self.captions.len()
    }

    /// The photo and the caption's row that sample `number` is drawn from: photos in turn, and at each further turn the
    /// next of their captions.
    pub fn source(&self, number: usize) -> (usize, usize) {
        let (photo, turn) = (number % self.photos(), number / self.photos());
        let captions = &self.captions[photo];
        (photo, captions.start + turn % captions.len())
    }
}

impl Maker<'_> {
    /// The images `ids` as a set. `training` are the captions that teach the encoder.
    pub(super) fn item_set(&self, device: &Device, training: &[&str]) -> Result<ItemSet, PrepareError> {
        let from = self.sample_sources(device, training)?;
        Ok(ItemSet { from, reference: self.reference(device)?, data: self.data.to_owned() })
    }

    fn sample_sources(&self, device: &Device, training: &[&str]) -> Result<SampleSources, PrepareError> {
        let Self { settings, ids, .. } = self;
        let (captions, _) = self.set.captions(ids)?;
        let lines: Vec<Line> = ids
            .iter()
            .flat_map(|id| captions[id].iter().map(|caption| (*id, caption.line, caption.text.as_str())))
            .collect();
        let mut next = 0;
        let ranges = ids.iter().map(|id| {
            let range = next..next + captions[id].len();
            next = range.end;
            range
        });
        let ranges = ranges.collect();
        let sentences = match settings.text.encoder.as_str() {
            "vectors" => self.sentences(&lines, 0, device)?,
            _ => self.encoded_lines(&lines.iter().map(|(.., text)| *text).collect::<Vec<_>>(), training, device)?,
        };
        let (guides, features) = match settings.guide.is_on() {
            false => (vec![Fed::Zero; ids.len()], None),
            true => {
                let guides = Fed::evaluation(settings, 0, ids.len())?;
                (guides, Some(Guide::new(self)?.features(device)?))
            }
        };
        Ok(SampleSources { captions: ranges, sentences, guides, features })
    }

    /// What the extractor of evaluations sees of the images, at the size of samples.
    fn reference(&self, device: &Device) -> Result<Array, PrepareError> {
        let (eval, side) = (&self.settings.eval, self.side());
        let config = ExtractorConfig::of_evaluation(eval)?.expect("a plan refuses sets without an extractor");
        let resizer: Resizer = eval.resizer.parse().expect("the catalogue lists only resizers that there are");
        let of = config.print(self.prints.get("eval.extractor_weights").map(String::as_str));
        let square = &self.settings.image.square;
        let key = format!("reference/1 {of} {resizer} {square} {side} {} on {device:?}", self.data);
        let pixels = self.pixels(side)?;
        let spec = ArraySpec { key, dtype: Dtype::F32, shape: vec![self.ids.len(), config.length()], chunk: TOGETHER };
        let mut extractor: Option<Extractor> = None;
        self.rows(Stage::Reference, spec, |rows| {
            let extractor = match &mut extractor {
                Some(extractor) => extractor,
                none => none.insert(config.load(side as usize, device)?),
            };
            let pictures: Vec<_> = rows.map(|row| super::maker::picture(side, pixels.row(row))).collect();
            Ok(bytes_of(&extractor.features(&pictures, resizer, &[config.layer()]).remove(0)))
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
    fn samples_are_drawn_of_every_photo_in_turn_and_then_of_its_next_caption() {
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
        let (set, ids) = (DataSet::open(&settings.data).unwrap(), [3, 5, 900]);
        let prints = fingerprints(&settings, &cache.digests()).unwrap();
        let maker = Maker {
            settings: &settings,
            set: &set,
            ids: &ids,
            cache: &cache,
            data: "it",
            prints: &prints,
            progress: &|_| {},
        };
        let items = maker.item_set(&Device::flex(), &["a red flower", "a blue one"]).unwrap();
        assert_eq!((items.photos(), items.reference.rows(), items.reference.row_length()), (3, 3, 88));
        let of = |number| items.from.source(number);
        assert_eq!(
            [of(0), of(1), of(2), of(3)],
            [(0, 0), (1, items.from.captions[1].start), (2, items.from.captions[2].start), (0, 1)]
        );
        let turns = items.from.captions[0].len();
        assert_eq!(of(3 * turns), (0, 0));
        assert!(items.from.features.is_none() && items.from.guides.iter().all(|guide| *guide == Fed::Zero));
    }
}
