//! All captions of parts of a data set, with their vectors.

use burn::tensor::Device;

use super::maker::Maker;
use super::selection::{Selection, prints};
use super::sentences::Line;
use super::{Array, Cache, PrepareError, Progress};
use crate::data::{DataSet, Split};
use crate::spec::Settings;

/// A caption of the data set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SetCaption {
    /// Its image.
    pub image: u32,
    /// The class of that, 1 to 102.
    pub class: u16,
    /// Its line in the image's file, from 1.
    pub line: u32,
    /// What it says.
    pub text: String,
}

/// Captions, and their vectors.
pub struct CaptionSet {
    /// The captions, image by image.
    pub captions: Vec<SetCaption>,
    /// `f32 [captions, sentence]`.
    pub vectors: Array,
}

impl CaptionSet {
    /// The captions of a part of the split, `train`, `val` or `test`, or of the whole data set. What is to be fitted must have
    /// been.
    ///
    /// # Errors
    ///
    /// If the data set or the encoder cannot be read, or the cache cannot be written.
    pub fn prepare(
        settings: &Settings,
        part: Option<&str>,
        cache: &Cache,
        device: &Device,
        progress: Progress,
    ) -> Result<Self, PrepareError> {
        let set = DataSet::open(&settings.data)?;
        let ids: Vec<u32> = match part {
            None => set.ids().collect(),
            Some(part) => {
                let split = Split::new(&set, &settings.data)?;
                match part {
                    "train" => split.train,
                    "val" => split.val,
                    _ => split.test,
                }
            }
        };
        let prints = prints(&set, settings, &ids, &cache.digests())?;
        let data = format!("captions {}", prints["data"]);
        let maker = Maker { settings, set: &set, ids: &ids, cache, data: &data, prints: &prints, progress };
        let (found, _) = set.captions(&ids)?;
        let mut captions = Vec::new();
        for &image in &ids {
            let class = set.class(image)?;
            let of = |caption: &crate::data::Caption| SetCaption {
                image,
                class,
                line: caption.line,
                text: caption.text.clone(),
            };
            captions.extend(found[&image].iter().map(of));
        }
        let lines: Vec<Line> =
            captions.iter().map(|caption| (caption.image, caption.line, caption.text.as_str())).collect();
        let vectors = match settings.text.encoder.as_str() {
            "tfidf" => {
                let taught = Selection::new(&set, settings)?.taught(&set)?;
                let training: Vec<&str> = taught.iter().map(String::as_str).collect();
                maker.encoded_lines(&lines.iter().map(|(.., says)| *says).collect::<Vec<_>>(), &training, device)?
            }
            _ => maker.sentences(&lines, 0, device)?,
        };
        Ok(Self { captions, vectors })
    }
}
