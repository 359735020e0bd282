//! Held-out images that are looked at, and all that is drawn from for them.

use std::collections::BTreeSet;
use std::sync::Arc;

use burn::tensor::Device;
use sha2::{Digest as _, Sha256};

use super::guide::{Fed, Guide};
use super::maker::Maker;
use super::{Array, ItemSet, PrepareError};
use crate::data::DataSet;
use crate::data::drawn::ColourName;
use crate::random::{Random, Stream};

/// A held-out image that is looked at.
#[derive(Clone, Debug)]
pub struct EvalItem {
    /// Its number in the data set.
    pub image: u32,
    /// Its class.
    pub class: u16,
    /// Its first caption, which is drawn from.
    pub caption: String,
    /// Its row among the pictures.
    pub pixels: usize,
    /// The row of the guide that it is drawn with, among the features.
    pub guide: Fed,
    /// Its caption's row among the sentences.
    pub sentence: usize,
    /// What its picture shows, where that is known.
    pub truth: Option<FlowerTruth>,
}

/// What a drawn picture shows.
#[derive(Clone, Debug, PartialEq)]
pub struct FlowerTruth {
    /// How many flowers.
    pub count: usize,
    /// The colour of their petals.
    pub colour: &'static str,
    /// The mean place of the largest one's pixels, in shares of the side.
    pub centroid: (f64, f64),
    /// The share of the picture that it covers.
    pub area: f64,
}

/// A caption of an item with its colour exchanged for another.
#[derive(Clone, Debug, PartialEq)]
pub struct Recoloured {
    /// The item's place in the list.
    pub item: usize,
    /// The colour that the caption names now.
    pub colour: &'static str,
    /// What it says now.
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
    /// `f32 [images, 2, features]`: as photographed, and mirrored.
    pub features: Option<Arc<Array>>,
    /// `u8 [items, 3, s, s]`: what the guide network saw of the guide of each; none where guides are zero.
    pub guide_pictures: Option<Array>,
    /// `f32 [captions, sentence]`.
    pub sentences: Arc<Array>,
    /// Captions with another colour, and their vectors `f32 [recoloured, sentence]`; none of photos.
    pub recoloured: Option<(Vec<Recoloured>, Array)>,
    /// Fingerprint of images, labels and captions.
    pub data: String,
    /// All photos of the part, where sets are compared.
    pub set: Option<ItemSet>,
}

/// What the pictures of drawn flowers show.
pub(super) fn truth(set: &DataSet, id: u32) -> Option<FlowerTruth> {
    let DataSet::Drawn(flowers) = set else { return None };
    let drawing = flowers.draw(id);
    let seen = drawing.blooms.iter().filter(|bloom| bloom.area > 0.0);
    let largest = seen.clone().max_by(|a, b| a.area.total_cmp(&b.area))?;
    Some(FlowerTruth {
        count: seen.count(),
        colour: largest.colour.name(),
        centroid: (f64::from(largest.centroid.0), f64::from(largest.centroid.1)),
        area: f64::from(largest.area),
    })
}

/// Where a caption of an item names the colour of its petals once and no other colour, the caption with a drawn other
/// colour. Of several such captions the first is taken; an item without one has none.
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

impl Maker<'_> {
    /// Recoloured captions of `items`, of whose captions `of` gives all, and their vectors.
    pub(super) fn recoloured(
        &self,
        items: &[EvalItem],
        of: impl Fn(u32) -> Vec<String>,
        training: &[&str],
        device: &Device,
    ) -> Result<Option<(Vec<Recoloured>, Array)>, PrepareError> {
        let wanted = self.settings.eval.measures.iter().any(|measure| measure == "text_sensitivity")
            || self.settings.keep.best == "text_sensitivity";
        if !wanted {
            return Ok(None);
        }
        let seed = self.settings.data.seed;
        let exchange = |(place, item): (usize, &EvalItem)| {
            let captions = of(item.image);
            let captions: Vec<&str> = captions.iter().map(String::as_str).collect();
            recoloured(seed, place, item.truth.as_ref()?, &captions)
        };
        let list: Vec<Recoloured> = items.iter().enumerate().filter_map(exchange).collect();
        if list.is_empty() {
            return Ok(None);
        }
        let lines: Vec<&str> = list.iter().map(|recoloured| recoloured.caption.as_str()).collect();
        let vectors = self.encoded_lines(&lines, training, device)?;
        Ok(Some((list, vectors)))
    }

    /// The held-out images `ids` by themselves, for a look that no array of the training set holds: `training` are
    /// the captions that teach the encoder.
    pub(super) fn held_out(&self, split: &str, device: &Device, training: &[&str]) -> Result<HeldOut, PrepareError> {
        let ids = self.ids;
        let pixels = Arc::new(self.pixels(self.side())?);
        let fed = self.settings.guide.is_on().then(|| Fed::evaluation(self.settings, 0, ids.len())).transpose()?;
        let (features, guide_pictures) = match &fed {
            None => (None, None),
            Some(fed) => {
                let guide = Guide::new(self)?;
                (Some(Arc::new(guide.features(device)?)), guide.pictures(ids, fed)?)
            }
        };
        let (captions, _) = self.set.captions(ids)?;
        let firsts: Vec<(u32, u32, &str)> =
            ids.iter().map(|id| (*id, captions[id][0].line, captions[id][0].text.as_str())).collect();
        let sentences = match self.settings.text.encoder.as_str() {
            "vectors" => self.sentences(&firsts, 0, device)?,
            _ => self.encoded_lines(&firsts.iter().map(|(.., text)| *text).collect::<Vec<_>>(), training, device)?,
        };
        let item = |(place, &id): (usize, &u32)| {
            Ok(EvalItem {
                image: id,
                class: self.set.class(id)?,
                caption: firsts[place].2.to_owned(),
                pixels: place,
                guide: fed.as_ref().map_or(Fed::Zero, |fed| fed[place]),
                sentence: place,
                truth: truth(self.set, id),
            })
        };
        let items = ids.iter().enumerate().map(item).collect::<Result<Vec<_>, PrepareError>>()?;
        let all = |id: u32| captions[&id].iter().map(|caption| caption.text.clone()).collect();
        let recoloured = self.recoloured(&items, all, training, device)?;
        Ok(HeldOut {
            split: split.to_owned(),
            items,
            pixels,
            features,
            guide_pictures,
            sentences: Arc::new(sentences),
            recoloured,
            data: self.data.to_owned(),
            set: None,
        })
    }
}

/// A hash of lines, for the key of what follows from them.
pub(super) fn digest_of(lines: &[&str]) -> String {
    let mut digest = Sha256::new();
    for line in lines {
        digest.update(line.as_bytes());
        digest.update(b"\n");
    }
    hex::encode(&digest.finalize()[..16])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn truth(colour: &'static str) -> FlowerTruth {
        FlowerTruth { count: 1, colour, centroid: (0.5, 0.5), area: 0.2 }
    }

    #[test]
    fn only_the_colour_of_the_petals_is_exchanged() {
        let captions =
            ["a flower with a yellow center", "this red flower has a yellow center", "red petals all around"];
        let made = recoloured(1, 0, &truth("red"), &captions).unwrap();
        assert_ne!(made.colour, "red");
        assert_eq!(made.caption, format!("{} petals all around", made.colour));
        assert_eq!(recoloured(1, 0, &truth("blue"), &captions), None, "no caption names it");
        assert_eq!(recoloured(1, 0, &truth("red"), &captions[..2]), None, "another colour stands beside it");
    }

    #[test]
    fn the_largest_flower_is_the_truth() {
        let flowers = crate::data::DrawnFlowers::new(102, 64, 1);
        let set = DataSet::Drawn(flowers);
        for id in 1..=20 {
            let truth = super::truth(&set, id).unwrap();
            let drawing = flowers.draw(id);
            assert!((1..=drawing.blooms.len()).contains(&truth.count));
            assert!(drawing.blooms.iter().all(|bloom| f64::from(bloom.area) <= truth.area));
            assert_eq!(truth.colour, flowers.species(flowers.class(id)).colour.name());
        }
    }
}
