//! The vocabulary of captions.

use super::colour::ColourName;
use super::ground::Background;
use super::species::{CentreColour, CentreKind, LeafShape, PetalShape};
use crate::random::Random;

/// One of the items, chosen at random.
pub(super) fn choose<T: Copy>(random: &mut Random, items: &[T]) -> T {
    items[random.below(items.len())]
}

/// A colour: in most cases its name, sometimes with an adjective, sometimes a synonym.
pub(super) fn colour(random: &mut Random, colour: ColourName) -> String {
    let (adjectives, synonyms): (&[&str], &[&str]) = match colour {
        ColourName::Red => (&["bright", "deep", "dark"], &["crimson", "scarlet"]),
        ColourName::Orange => (&["bright", "vivid"], &["tangerine", "orangish"]),
        ColourName::Yellow => (&["bright", "golden", "sunny"], &["golden", "lemon colored"]),
        ColourName::Pink => (&["light", "pale", "soft"], &["rosy", "pinkish"]),
        ColourName::Magenta => (&["bright", "dark"], &["fuchsia", "hot pink"]),
        ColourName::Purple => (&["dark", "deep", "rich"], &["violet", "purplish"]),
        ColourName::Lavender => (&["pale", "soft", "light"], &["lilac", "light purple"]),
        ColourName::Blue => (&["bright", "deep", "royal"], &["cobalt", "bluish"]),
        ColourName::White => (&["pure", "bright", "creamy"], &["snowy", "whitish"]),
    };
    match random.below(10) {
        0 => choose(random, synonyms).to_owned(),
        1 | 2 => format!("{} {}", choose(random, adjectives), colour.name()),
        _ => colour.name().to_owned(),
    }
}

/// A number of petals: a word, digits or a phrase for many.
pub(super) fn count(random: &mut Random, petals: u8) -> String {
    const NUMBERS: [&str; 13] =
        ["no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"];
    match NUMBERS.get(usize::from(petals)) {
        Some(_) if petals >= 8 && random.below(2) == 0 => choose(random, &["many", "several", "numerous"]).to_owned(),
        Some(_) if random.below(6) == 0 => petals.to_string(),
        Some(word) => (*word).to_owned(),
        None => choose(random, &["many", "numerous", "a lot of", "lots of"]).to_owned(),
    }
}

/// Adjectives for the shape of petals.
pub(super) fn petal(shape: PetalShape) -> &'static [&'static str] {
    match shape {
        PetalShape::Round => &["round", "rounded", "wide", "broad", "smooth", "large round"],
        PetalShape::Pointed => &["pointed", "pointy", "star shaped", "sharply pointed", "tapered"],
        PetalShape::Notched => &["heart shaped", "notched", "heart like", "cleft"],
        PetalShape::Narrow => &["narrow", "long", "thin", "slender", "oblong"],
        PetalShape::Ruffled => &["ruffled", "wavy", "frilly", "crinkled", "rippled"],
        PetalShape::Ray => &["long thin", "narrow", "thin", "elongated", "daisy like"],
    }
}

/// The colour of the centre.
pub(super) fn centre_colour(colour: CentreColour) -> &'static [&'static str] {
    match colour {
        CentreColour::Yellow => &["yellow", "yellow", "bright yellow"],
        CentreColour::Orange => &["orange", "orange", "dark yellow"],
        CentreColour::Brown => &["brown", "brown", "dark brown"],
        CentreColour::Green => &["green", "light green", "pale green"],
        CentreColour::White => &["white", "white", "cream colored"],
        CentreColour::Dark => &["dark", "black", "dark purple"],
    }
}

/// Nouns for the centre, and whether the noun is singular.
pub(super) fn centre(kind: CentreKind) -> &'static [(&'static str, bool)] {
    match kind {
        CentreKind::Disc => &[("center", true), ("round center", true), ("disc", true), ("pistil in the center", true)],
        CentreKind::Stamens => {
            &[("stamen", true), ("stamens", false), ("anthers", false), ("center with long stamens", true)]
        }
        CentreKind::Tube => {
            &[("center", true), ("throat", true), ("tube shaped center", true), ("hollow center", true)]
        }
    }
}

/// Phrases for leaves.
pub(super) fn leaves(shape: LeafShape) -> &'static [&'static str] {
    match shape {
        LeafShape::Oval => &["green leaves", "pointed green leaves", "broad green leaves"],
        LeafShape::Lance => &["green leaves", "narrow green leaves", "long thin green leaves"],
        LeafShape::Round => &["green leaves", "round green leaves", "large rounded leaves"],
    }
}

/// Phrases for the background, which follow a noun.
pub(super) fn background(background: Background) -> &'static [&'static str] {
    match background {
        Background::Sky => &["against a blue sky", "under the open sky", "in front of a cloudy sky"],
        Background::Grass => &["in the grass", "growing in green grass", "surrounded by grass"],
        Background::Soil => &["growing out of brown soil", "on the ground", "above the bare earth"],
        Background::Blur => &["with a blurry green background", "in front of blurred greenery", "in a garden"],
    }
}

/// The number of flowers, as the start of a sentence.
pub(super) fn flowers(count: usize) -> &'static [&'static str] {
    match count {
        1 => &["a single", "one", "a"],
        2 => &["two", "a pair of", "two"],
        3 => &["three", "a group of three", "three"],
        _ => &["four", "a cluster of four", "several"],
    }
}
