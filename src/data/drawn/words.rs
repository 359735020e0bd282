//! The vocabulary of captions: one of several words for what is seen.

use super::colour::ColourName;
use super::ground::Background;
use super::species::{CentreColour, CentreKind, LeafShape, PetalShape};
use crate::random::Random;

/// One of the words.
pub(super) fn any(random: &mut Random, words: &[&'static str]) -> &'static str {
    words[random.below(words.len())]
}

/// A colour: mostly its name, sometimes with a word of degree, sometimes another word for it.
pub(super) fn colour(random: &mut Random, colour: ColourName) -> String {
    let (degrees, others): (&[&str], &[&str]) = match colour {
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
        0 => any(random, others).to_owned(),
        1 | 2 => format!("{} {}", any(random, degrees), colour.name()),
        _ => colour.name().to_owned(),
    }
}

/// A count of petals: a word, digits, or that there are many.
pub(super) fn count(random: &mut Random, petals: u8) -> String {
    const NUMBERS: [&str; 13] =
        ["no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"];
    match NUMBERS.get(usize::from(petals)) {
        Some(_) if petals >= 8 && random.below(2) == 0 => any(random, &["many", "several", "numerous"]).to_owned(),
        Some(_) if random.below(6) == 0 => petals.to_string(),
        Some(word) => (*word).to_owned(),
        None => any(random, &["many", "numerous", "a lot of", "lots of"]).to_owned(),
    }
}

/// What petals look like.
pub(super) fn petal(random: &mut Random, shape: PetalShape) -> &'static str {
    let words: &[&str] = match shape {
        PetalShape::Round => &["round", "rounded", "wide", "broad", "smooth", "large round"],
        PetalShape::Pointed => &["pointed", "pointy", "star shaped", "sharply pointed", "tapered"],
        PetalShape::Notched => &["heart shaped", "notched", "heart like", "cleft"],
        PetalShape::Narrow => &["narrow", "long", "thin", "slender", "oblong"],
        PetalShape::Ruffled => &["ruffled", "wavy", "frilly", "crinkled", "rippled"],
        PetalShape::Ray => &["long thin", "narrow", "thin", "elongated", "daisy like"],
    };
    any(random, words)
}

/// The colour of the middle.
pub(super) fn middle_colour(random: &mut Random, colour: CentreColour) -> &'static str {
    let words: &[&str] = match colour {
        CentreColour::Yellow => &["yellow", "yellow", "bright yellow"],
        CentreColour::Orange => &["orange", "orange", "dark yellow"],
        CentreColour::Brown => &["brown", "brown", "dark brown"],
        CentreColour::Green => &["green", "light green", "pale green"],
        CentreColour::White => &["white", "white", "cream colored"],
        CentreColour::Dark => &["dark", "black", "dark purple"],
    };
    any(random, words)
}

/// What the middle is, after its colour, and whether that is one thing.
pub(super) fn middle(random: &mut Random, kind: CentreKind) -> (&'static str, bool) {
    let words: &[(&str, bool)] = match kind {
        CentreKind::Disc => &[("center", true), ("round center", true), ("disc", true), ("pistil in the center", true)],
        CentreKind::Stamens => {
            &[("stamen", true), ("stamens", false), ("anthers", false), ("center with long stamens", true)]
        }
        CentreKind::Tube => {
            &[("center", true), ("throat", true), ("tube shaped center", true), ("hollow center", true)]
        }
    };
    words[random.below(words.len())]
}

/// Leaves by shape.
pub(super) fn leaves(random: &mut Random, shape: LeafShape) -> &'static str {
    let words: &[&str] = match shape {
        LeafShape::Oval => &["green leaves", "pointed green leaves", "broad green leaves"],
        LeafShape::Lance => &["green leaves", "narrow green leaves", "long thin green leaves"],
        LeafShape::Round => &["green leaves", "round green leaves", "large rounded leaves"],
    };
    any(random, words)
}

/// Where it grows, after a noun.
pub(super) fn place(random: &mut Random, background: Background) -> &'static str {
    let words: &[&str] = match background {
        Background::Sky => &["against a blue sky", "under the open sky", "in front of a cloudy sky"],
        Background::Grass => &["in the grass", "growing in green grass", "surrounded by grass"],
        Background::Soil => &["growing out of brown soil", "on the ground", "above the bare earth"],
        Background::Blur => &["with a blurry green background", "in front of blurred greenery", "in a garden"],
    };
    any(random, words)
}

/// How many flowers there are, as a subject.
pub(super) fn flowers(random: &mut Random, count: usize) -> &'static str {
    let words: &[&str] = match count {
        1 => &["a single", "one", "a"],
        2 => &["two", "a pair of", "two"],
        3 => &["three", "a group of three", "three"],
        _ => &["four", "a cluster of four", "several"],
    };
    any(random, words)
}
