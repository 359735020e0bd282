//! All captions of a part of a data set, with their vectors.

use burn::tensor::Device;

use super::builder::Context;
use super::captions::CaptionLine;
use super::selection::Selection;
use super::{Array, Cache, OnEvent, PrepareError};
use crate::data::DataSet;
use crate::spec::Settings;

/// A caption of the data set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SetCaption {
    /// Its image.
    pub image: u32,
    /// The class of the image, 1 to 102.
    pub class: u16,
    /// Its line in the image's file, from 1.
    pub line: u32,
    /// Its text.
    pub text: String,
}

/// Captions and their vectors.
pub struct CaptionSet {
    /// The captions, image by image.
    pub captions: Vec<SetCaption>,
    /// `f32 [captions, sentence]`.
    pub vectors: Array,
}

impl CaptionSet {
    /// The captions of a part of the split, `train`, `val` or `test`, or of the whole data set. The text encoder must
    /// have been fitted ([`fit_networks`](super::fit_networks)).
    ///
    /// # Errors
    ///
    /// If the data set or the encoder cannot be read, or the cache cannot be written.
    pub fn prepare(
        settings: &Settings,
        part: Option<&str>,
        cache: &Cache,
        device: &Device,
        on_event: OnEvent,
    ) -> Result<Self, PrepareError> {
        let set = DataSet::open(&settings.data)?;
        let images: Vec<u32> = match part {
            None => set.ids().collect(),
            Some(part) => {
                let split = set.split(&settings.data)?;
                match part {
                    "train" => split.train,
                    "val" => split.val,
                    _ => split.test,
                }
            }
        };
        let context = Context { settings, set: &set, cache, device, on_event };
        let builder = context.builder(&images, |data| format!("captions {data}"))?;
        let (found, _) = set.captions(&images)?;
        let mut captions = Vec::new();
        for &image in &images {
            let class = set.class(image)?;
            let of = |caption: &crate::data::Caption| SetCaption {
                image,
                class,
                line: caption.line,
                text: caption.text.clone(),
            };
            captions.extend(found[&image].iter().map(of));
        }
        let lines: Vec<CaptionLine> =
            captions.iter().map(|caption| (caption.image, caption.line, caption.text.as_str())).collect();
        let training = match settings.text.encoder.as_str() {
            "tfidf" => Selection::new(&set, settings)?.training_captions(&set)?,
            _ => Vec::new(),
        };
        let training: Vec<&str> = training.iter().map(String::as_str).collect();
        let vectors = builder.sentences(&lines, &training)?;
        Ok(Self { captions, vectors })
    }
}
