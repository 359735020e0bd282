//! Held-out images that are evaluated, and the inputs of their samples.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::builder::{ArrayBuilder, Context};
use super::captions::CaptionLine;
use super::guide::{GuideBuilder, GuideInput};
use super::{Array, PrepareError, ReferenceSet};
use crate::data::DataSet;
use crate::data::drawn::ColourName;
use crate::random::{Random, Stream};

/// A held-out image that is evaluated.
#[derive(Clone, Debug)]
pub struct EvalItem {
    /// Its number in the data set.
    pub image: u32,
    /// Its class.
    pub class: u16,
    /// Its first caption, from which its sample is generated.
    pub caption: String,
    /// Its row among the pixels.
    pub pixels: usize,
    /// The guide of its sample.
    pub guide: GuideInput,
    /// The row of its caption among the sentences.
    pub sentence: usize,
    /// The content of its image, if it is a drawn flower.
    pub truth: Option<FlowerTruth>,
}

/// The content of an image of drawn flowers.
#[derive(Clone, Debug, PartialEq)]
pub struct FlowerTruth {
    /// The number of visible flowers.
    pub count: usize,
    /// The colour of their petals.
    pub colour: &'static str,
    /// The mean position (x, y) of the pixels of the largest flower, as fractions of the side.
    pub centroid: (f64, f64),
    /// The fraction of the image that the largest flower covers.
    pub area: f64,
}

/// A caption of an item with its colour replaced by another.
#[derive(Clone, Debug, PartialEq)]
pub struct Recoloured {
    /// The index of the item.
    pub item: usize,
    /// The new colour.
    pub colour: &'static str,
    /// The new caption.
    pub caption: String,
}

/// Held-out items of one split.
pub struct HeldOut {
    /// `val` or `test`.
    pub split: String,
    /// The items, in the order of the sample grid.
    pub items: Vec<EvalItem>,
    /// `u8 [images, 3, s, s]`, planes of RGB, uncropped.
    pub pixels: Arc<Array>,
    /// `f32 [images, 2, features]`: of the original image, and mirrored.
    pub features: Option<Arc<Array>>,
    /// `u8 [items, 3, s, s]`: the input of the guide network for each item's guide; `None` if guides are zero.
    pub guide_images: Option<Array>,
    /// `f32 [captions, sentence]`.
    pub sentences: Arc<Array>,
    /// Recoloured captions, and their vectors `f32 [recoloured, sentence]`; `None` for photographs.
    pub recoloured: Option<(Vec<Recoloured>, Array)>,
    /// Fingerprint of images, labels and captions.
    pub data: String,
    /// The reference images of the split, if sets are compared.
    pub reference: Option<ReferenceSet>,
}

/// The content of an image, if it is of drawn flowers.
pub(super) fn flower_truth(set: &DataSet, id: u32) -> Option<FlowerTruth> {
    let DataSet::Drawn(flowers) = set else { return None };
    let drawing = flowers.draw(id);
    let visible = drawing.blooms.iter().filter(|bloom| bloom.area > 0.0);
    let largest = visible.clone().max_by(|a, b| a.area.total_cmp(&b.area))?;
    Some(FlowerTruth {
        count: visible.count(),
        colour: largest.colour.name(),
        centroid: (f64::from(largest.centroid.0), f64::from(largest.centroid.1)),
        area: f64::from(largest.area),
    })
}

/// The first caption of an item that names its petal colour once and no other colour, with that colour replaced by a
/// random other one. `None` if there is no such caption.
pub(super) fn recoloured(seed: u64, item: usize, truth: &FlowerTruth, captions: &[&str]) -> Option<Recoloured> {
    let names: BTreeSet<&str> = ColourName::ALL.iter().map(|colour| colour.name()).collect();
    let caption = captions.iter().find(|caption| {
        let named: Vec<&str> = caption.split(' ').filter(|word| names.contains(word)).collect();
        named == [truth.colour]
    })?;
    let others: Vec<&str> = names.into_iter().filter(|name| *name != truth.colour).collect();
    let mut random = Random::keyed(seed, Stream::Recolour, item as u64, 0);
    let colour = others[random.below(others.len())];
    let words: Vec<&str> = caption.split(' ').map(|word| if word == truth.colour { colour } else { word }).collect();
    Some(Recoloured { item, colour, caption: words.join(" ") })
}

impl ArrayBuilder<'_> {
    /// Recoloured captions of `items`, and their vectors. `captions` gives all captions of an image.
    pub(super) fn recoloured(
        &self,
        items: &[EvalItem],
        captions: impl Fn(u32) -> Vec<String>,
        training: &[&str],
    ) -> Result<Option<(Vec<Recoloured>, Array)>, PrepareError> {
        let settings = self.context.settings;
        let is_required = settings.eval.measures.iter().any(|measure| measure == "text_sensitivity")
            || settings.keep.best == "text_sensitivity";
        if !is_required {
            return Ok(None);
        }
        let recolour = |(place, item): (usize, &EvalItem)| {
            let captions = captions(item.image);
            let captions: Vec<&str> = captions.iter().map(String::as_str).collect();
            recoloured(settings.data.seed, place, item.truth.as_ref()?, &captions)
        };
        let list: Vec<Recoloured> = items.iter().enumerate().filter_map(recolour).collect();
        if list.is_empty() {
            return Ok(None);
        }
        let lines: Vec<&str> = list.iter().map(|recoloured| recoloured.caption.as_str()).collect();
        let vectors = self.text_sentences(&lines, training)?;
        Ok(Some((list, vectors)))
    }

    /// The builder's images as held-out items, with arrays of their own. `training` are the captions that fit a
    /// bag-of-words encoder.
    pub(super) fn held_out(&self, split: &str, training: &[&str]) -> Result<HeldOut, PrepareError> {
        let (Context { settings, set, .. }, images) = (self.context, self.images);
        let pixels = Arc::new(self.pixels(self.side())?);
        let guides = settings.guide.is_on().then(|| GuideInput::evaluation(settings, 0, images.len())).transpose()?;
        let (features, guide_images) = match &guides {
            None => (None, None),
            Some(guides) => {
                let guide = GuideBuilder::new(self)?;
                (Some(Arc::new(guide.features()?)), guide.images(images, guides)?)
            }
        };
        let (captions, _) = set.captions(images)?;
        let firsts: Vec<CaptionLine> =
            images.iter().map(|id| (*id, captions[id][0].line, captions[id][0].text.as_str())).collect();
        let sentences = Arc::new(self.sentences(&firsts, training)?);
        let item = |(place, &id): (usize, &u32)| {
            Ok(EvalItem {
                image: id,
                class: set.class(id)?,
                caption: firsts[place].2.to_owned(),
                pixels: place,
                guide: guides.as_ref().map_or(GuideInput::Zero, |guides| guides[place]),
                sentence: place,
                truth: flower_truth(set, id),
            })
        };
        let items = images.iter().enumerate().map(item).collect::<Result<Vec<_>, PrepareError>>()?;
        let all = |id: u32| captions[&id].iter().map(|caption| caption.text.clone()).collect();
        let recoloured = self.recoloured(&items, all, training)?;
        let (split, data) = (split.to_owned(), self.data.clone());
        let reference = None;
        Ok(HeldOut { split, items, pixels, features, guide_images, sentences, recoloured, data, reference })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn truth(colour: &'static str) -> FlowerTruth {
        FlowerTruth { count: 1, colour, centroid: (0.5, 0.5), area: 0.2 }
    }

    #[test]
    fn only_the_petal_colour_is_replaced() {
        let captions =
            ["a flower with a yellow center", "this red flower has a yellow center", "red petals all around"];
        let found = recoloured(1, 0, &truth("red"), &captions).unwrap();
        assert_ne!(found.colour, "red");
        assert_eq!(found.caption, format!("{} petals all around", found.colour));
        assert_eq!(recoloured(1, 0, &truth("blue"), &captions), None, "no caption names it");
        assert_eq!(recoloured(1, 0, &truth("red"), &captions[..2]), None, "the caption names another colour too");
    }

    #[test]
    fn the_truth_describes_the_largest_flower() {
        let flowers = crate::data::DrawnFlowers::new(102, 64, 1);
        let set = DataSet::Drawn(flowers);
        for id in 1..=20 {
            let truth = flower_truth(&set, id).unwrap();
            let drawing = flowers.draw(id);
            assert!((1..=drawing.blooms.len()).contains(&truth.count));
            assert!(drawing.blooms.iter().all(|bloom| f64::from(bloom.area) <= truth.area));
            assert_eq!(truth.colour, flowers.species(flowers.class(id)).colour.name());
        }
    }
}
