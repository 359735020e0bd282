//! Help for errors of data sets that have fewer images than the settings require.

use std::collections::BTreeSet;

use crate::data::DataSet;
use crate::spec::{Classes, Kind, Setting, Settings};

/// Images of a species per validation image and per test image, in the official split of drawn flowers.
const PER_HELD_OUT: usize = 10;

/// How to get at least `eval.items` images in the `part` of the split, `val` or `test`. Its images are `held_out`.
pub fn for_items(set: &DataSet, settings: &Settings, part: &str, held_out: &[u32]) -> String {
    let (items, count) = (settings.eval.items, held_out.len());
    let lower = format!("lower eval.items to at most {count}");
    let raise = match set {
        DataSet::Drawn(_) => images_for(set, settings, held_out),
        DataSet::Oxford102(_) => None,
    };
    match (raise, count) {
        (Some((images, of_each)), 0) => raised(images, of_each),
        (Some((images, of_each)), _) => format!("{}, or {lower}", raised(images, of_each)),
        (None, 0) if settings.data.classes.to_string() != "all" => {
            format!("data.classes has no class of the {part} part: add some, or choose another data.split")
        }
        (None, 0) => {
            format!("choose another data.split than \"{}\", which has no {part} part here", settings.data.split)
        }
        (None, _) => format!("{lower}, instead of {items}"),
    }
}

/// How to get at least one batch of training images. The train part has `count` images before `data.limit`.
pub fn for_batch(set: &DataSet, settings: &Settings, count: usize) -> String {
    let batch = settings.train.batch;
    match (set, count) {
        (_, count) if count >= batch => format!("raise data.limit to at least {batch}, or lower train.batch"),
        (DataSet::Drawn(_), _) => format!("raise data.drawn.images, or lower train.batch to at most {count}"),
        (DataSet::Oxford102(_), 0..2) => "choose another data.split, or more of data.classes".to_owned(),
        (DataSet::Oxford102(_), _) => format!("lower train.batch to at most {count}"),
    }
}

/// The number of drawn images in total and of each species that gives the part enough images; `None` if there is none.
fn images_for(set: &DataSet, settings: &Settings, held_out: &[u32]) -> Option<(usize, usize)> {
    let all = usize::from(Classes::COUNT);
    let of_each = if settings.data.split == "official" {
        // Every species has images in every part.
        let species = (1..=Classes::COUNT).filter(|&class| settings.data.classes.contains(class)).count();
        PER_HELD_OUT * settings.eval.items.div_ceil(species.max(1))
    } else {
        // The part consists of all images of some species.
        let species: BTreeSet<u16> = held_out.iter().filter_map(|&id| set.class(id).ok()).collect();
        settings.eval.items.div_ceil((!species.is_empty()).then_some(species.len())?)
    };
    let images = all * of_each;
    let most = match Setting::find("data.drawn.images").map(|setting| &setting.kind) {
        Some(Kind::Integer(_, most)) => usize::try_from(*most).unwrap_or(usize::MAX),
        _ => usize::MAX,
    };
    (images <= most).then_some((images, of_each))
}

fn raised(images: usize, of_each: usize) -> String {
    let of_each = if of_each == PER_HELD_OUT { "ten".to_owned() } else { of_each.to_string() };
    format!("raise data.drawn.images to at least {images} ({of_each} of each species)")
}
