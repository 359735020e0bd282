//! What to change when a data set holds fewer images than settings ask for, in numbers.

use std::collections::BTreeSet;

use crate::data::DataSet;
use crate::spec::{Classes, Kind, Setting, Settings};

/// Of so many images of a species one chooses and one tests, in the split of drawn flowers.
const ROUND: usize = 10;

/// What gives the `part` of the split, `val` or `test`, as many images as `eval.items` asks for; it has `held_out`.
pub fn for_items(set: &DataSet, settings: &Settings, part: &str, held_out: &[u32]) -> String {
    let (items, there) = (settings.eval.items, held_out.len());
    let lower = format!("lower eval.items to at most {there}");
    let raise = match set {
        DataSet::Drawn(_) => images_for(set, settings, held_out),
        DataSet::Oxford102(_) => None,
    };
    match (raise, there) {
        (Some((images, of_each)), 0) => raised(images, of_each),
        (Some((images, of_each)), _) => format!("{}, or {lower}", raised(images, of_each)),
        (None, 0) if settings.data.classes.to_string() != "all" => format!(
            "data.classes leaves no class of the {part} part: name some of them too, or choose another data.split"
        ),
        (None, 0) => {
            format!("choose another data.split than \"{}\", which has no {part} part here", settings.data.split)
        }
        (None, _) => format!("{lower}, instead of {items}"),
    }
}

/// What gives training a whole batch; the train part has `there` images before `data.limit`.
pub fn for_batch(set: &DataSet, settings: &Settings, there: usize) -> String {
    let batch = settings.train.batch;
    match (set, there) {
        (_, there) if there >= batch => format!("raise data.limit to at least {batch}, or lower train.batch"),
        (DataSet::Drawn(_), _) => format!("raise data.drawn.images, or lower train.batch to at most {there}"),
        (DataSet::Oxford102(_), 0..2) => "choose another data.split, or more of data.classes".to_owned(),
        (DataSet::Oxford102(_), _) => format!("lower train.batch to at most {there}"),
    }
}

/// How many drawn images there have to be in all, and of each species, so that the part has enough; nothing where no
/// number would do.
fn images_for(set: &DataSet, settings: &Settings, held_out: &[u32]) -> Option<(usize, usize)> {
    let all = usize::from(Classes::COUNT);
    let of_each = if settings.data.split == "official" {
        // Every species has images in every part.
        let species = (1..=Classes::COUNT).filter(|&class| settings.data.classes.holds(class)).count();
        ROUND * settings.eval.items.div_ceil(species.max(1))
    } else {
        // The part has all images of some species.
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
    let of_each = if of_each == ROUND { "ten".to_owned() } else { of_each.to_string() };
    format!("raise data.drawn.images to at least {images} ({of_each} of each species)")
}
