//! Species: randomly generated traits.

use super::colour::{ColourName, LinearRgb, linear};
use crate::random::Random;
use serde::Serialize;

/// The number of species, as in Oxford-102.
pub const SPECIES: u16 = 102;

/// The outline of a petal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum PetalShape {
    /// Broad, with a round tip.
    Round,
    /// Pointed at its tip.
    Pointed,
    /// Broad, with a notch in its tip, like a heart.
    Notched,
    /// Narrow, with nearly parallel sides.
    Narrow,
    /// Broad, with a wavy edge.
    Ruffled,
    /// Many narrow rays around a large disc, like a daisy.
    Ray,
}

/// The position of the second colour on a petal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Pattern {
    /// At the base.
    Base,
    /// At the tip.
    Tip,
    /// A stripe along the axis.
    Stripe,
    /// Along the edge.
    Edge,
    /// In fine lines.
    Veins,
}

/// The kind of the centre of a flower.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum CentreKind {
    /// A domed disc of small florets.
    Disc,
    /// A group of stamens with dots at their ends.
    Stamens,
    /// A deep tube with a bright rim.
    Tube,
}

/// The colour of the centre.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum CentreColour {
    /// Yellow.
    Yellow,
    /// Orange.
    Orange,
    /// Brown.
    Brown,
    /// Pale green.
    Green,
    /// White.
    White,
    /// Dark purple, nearly black.
    Dark,
}

impl CentreColour {
    /// The colour before shading.
    pub(super) fn rgb(self) -> LinearRgb {
        linear(match self {
            CentreColour::Yellow => [250, 204, 36],
            CentreColour::Orange => [240, 138, 20],
            CentreColour::Brown => [104, 62, 28],
            CentreColour::Green => [168, 190, 82],
            CentreColour::White => [246, 242, 226],
            CentreColour::Dark => [58, 26, 50],
        })
    }
}

/// The shape of the leaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum LeafShape {
    /// Broad and pointed.
    Oval,
    /// Long and narrow.
    Lance,
    /// Round.
    Round,
}

/// The traits that all flowers of a species have in common.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Species {
    /// The main colour of the petals.
    pub colour: ColourName,
    /// The position and name of the second colour of the petals.
    pub second: Option<(Pattern, ColourName)>,
    /// The number of petals of a whorl, 3 to 21.
    pub petals: u8,
    /// The outline of the petals.
    pub shape: PetalShape,
    /// Whether a second whorl is visible between the petals of the first.
    pub two_whorls: bool,
    /// Half the width of a petal, divided by its length.
    pub width: f32,
    /// The curvature of petals across their axis (0 is flat).
    pub dome: f32,
    /// The kind of the centre.
    pub centre: CentreKind,
    /// The colour of the centre.
    pub centre_colour: CentreColour,
    /// The radius of the centre, divided by the radius of the flower.
    pub centre_size: f32,
    /// The shape of the leaves.
    pub leaf: LeafShape,
    /// The number of leaves of a flower, 0 to 4.
    pub leaves: u8,
}

impl Species {
    /// Generates the traits of `class` (from 1) for `seed`. The classes have all combinations of colour and outline in
    /// turn; consecutive classes differ in both.
    pub(super) fn generate(seed: u64, class: u16) -> Self {
        use PetalShape::{Narrow, Notched, Pointed, Ray, Round, Ruffled};
        let index = usize::from(class) - 1;
        let mut random = Random::named(seed, &format!("drawn species {class}"));
        let colour = ColourName::ALL[index % 9];
        let round = index / 9;
        let shape = [Round, Ray, Pointed, Ruffled, Narrow, Notched][(round + index % 9) % 6];
        let counts: &[u8] = match shape {
            Round => &[5, 6, 4, 8],
            Pointed => &[6, 5, 8, 3],
            Notched => &[5, 4],
            Narrow => &[8, 10, 12, 7],
            Ruffled => &[5, 6, 4, 3],
            Ray => &[13, 16, 21, 18],
        };
        // If a combination of colour and outline occurs again, the number of petals is different.
        let petals = counts[(round / 6 + random.below(counts.len() / 2) * 2) % counts.len()];
        let centre = match shape {
            Ray => CentreKind::Disc,
            _ => [CentreKind::Stamens, CentreKind::Disc, CentreKind::Tube][random.below(3)],
        };
        let two_whorls = match shape {
            Round | Ruffled => petals <= 6 && random.below(4) == 0,
            Ray => random.below(2) == 0,
            Pointed | Narrow => random.below(3) == 0,
            Notched => false,
        };
        Self {
            colour,
            second: second(colour, shape, &mut random),
            petals,
            shape,
            two_whorls,
            width: width(shape, petals, &mut random),
            dome: between(&mut random, 0.25, 0.75),
            centre,
            centre_colour: centre_colour(colour, centre, &mut random),
            centre_size: match (shape, centre) {
                (Ray, _) => between(&mut random, 0.26, 0.38),
                (_, CentreKind::Disc) => between(&mut random, 0.18, 0.28),
                (_, CentreKind::Tube) => between(&mut random, 0.16, 0.24),
                (_, CentreKind::Stamens) => between(&mut random, 0.12, 0.17),
            },
            leaf: [LeafShape::Oval, LeafShape::Lance, LeafShape::Round][random.below(3)],
            leaves: [0, 2, 2, 3, 4][random.below(5)],
        }
    }
}

/// A uniform random value in `[from, to)`.
pub(super) fn between(random: &mut Random, from: f32, to: f32) -> f32 {
    from + (to - from) * random.uniform() as f32
}

fn second(colour: ColourName, shape: PetalShape, random: &mut Random) -> Option<(Pattern, ColourName)> {
    use ColourName::{Lavender, Magenta, Orange, Pink, Purple, Red, White, Yellow};
    if random.below(5) < 2 {
        return None;
    }
    let patterns: &[Pattern] = match shape {
        PetalShape::Ray | PetalShape::Narrow => &[Pattern::Base, Pattern::Tip, Pattern::Stripe],
        _ => &[Pattern::Base, Pattern::Tip, Pattern::Stripe, Pattern::Edge, Pattern::Veins],
    };
    let pattern = patterns[random.below(patterns.len())];
    let others: &[ColourName] = match colour {
        Red => &[Yellow, White, Orange],
        Orange => &[Yellow, Red],
        Yellow => &[Orange, Red, White],
        Pink => &[White, Magenta],
        Magenta => &[White, Pink],
        Purple => &[White, Lavender, Yellow],
        Lavender => &[Purple, White],
        ColourName::Blue => &[White, Lavender],
        White => &[Pink, Yellow, Purple],
    };
    Some((pattern, others[random.below(others.len())]))
}

/// Half the width of a petal, divided by its length. Petals with a factor of 1 touch at two thirds of their length.
fn width(shape: PetalShape, petals: u8, random: &mut Random) -> f32 {
    let spacing = super::arithmetic::sin_cos(0.5 / f32::from(petals));
    let touching = 0.64 * spacing.0 / spacing.1.max(0.2);
    let (low, high, max) = match shape {
        PetalShape::Round => (0.95, 1.25, 0.56),
        PetalShape::Pointed => (0.72, 1.02, 0.40),
        PetalShape::Notched => (0.98, 1.2, 0.56),
        PetalShape::Narrow => (0.55, 0.75, 0.22),
        PetalShape::Ruffled => (1.05, 1.3, 0.62),
        PetalShape::Ray => (0.8, 1.05, 0.22),
    };
    (touching * between(random, low, high)).min(max)
}

fn centre_colour(petals: ColourName, kind: CentreKind, random: &mut Random) -> CentreColour {
    use CentreColour::{Brown, Dark, Green, Orange, White, Yellow};
    let choice: &[CentreColour] = match (petals, kind) {
        (ColourName::Yellow, CentreKind::Disc) => &[Brown, Orange, Dark],
        (ColourName::Yellow | ColourName::Orange, _) => &[Brown, Dark, Green],
        (ColourName::White, CentreKind::Tube) => &[Yellow, Orange, Dark],
        (ColourName::White, _) => &[Yellow, Orange, Green],
        (_, CentreKind::Tube) => &[Yellow, White, Dark],
        (_, _) => &[Yellow, White, Orange, Yellow, Green],
    };
    choice[random.below(choice.len())]
}
