//! The scene of one image: all objects and their positions, independent of the resolution.

use super::Arrangement;
use super::arithmetic::{mix, sin_cos};
use super::canvas::Canvas;
use super::colour::{LinearRgb, blend, linear, scaled};
use super::flower::{Centre, Dot, Flower, Paint};
use super::ground::{Background, Ground};
use super::leaf::{Leaf, Stem};
use super::petal::Petal;
use super::species::{CentreKind, LeafShape, PetalShape, Species, between};
use crate::random::Random;

/// The flowers of an image and everything around them.
#[derive(Clone, Debug)]
pub(super) struct Scene {
    pub(super) ground: Ground,
    /// Unit vector towards the sun: x to the right, y down, z to the viewer.
    sun: [f32; 3],
    stems: Vec<Stem>,
    leaves: Vec<Leaf>,
    /// Back to front.
    pub(super) flowers: Vec<Flower>,
}

impl Scene {
    /// Generates the scene of image `id` of a set with `seed`.
    pub(super) fn generate(seed: u64, id: u32, arrangement: Arrangement, species: &Species) -> Self {
        let mut random = Random::named(seed, &format!("drawn image {id}"));
        let kind = Background::ALL[random.below(Background::ALL.len())];
        let ground = Ground::generate(kind, &mut random);
        let (sin, cos) = sin_cos(between(&mut random, -0.42, -0.08));
        let height = between(&mut random, 0.68, 0.82);
        let flat = (1.0 - height * height).sqrt();
        let sun = [flat * cos, flat * sin, height];
        let positions = match arrangement {
            Arrangement::Varied => positions(&mut random),
            Arrangement::Portrait => vec![portrait(&mut random)],
        };
        let paint = paint(species, &mut random);
        let flowers: Vec<Flower> = positions
            .iter()
            .map(|&(position, radius)| flower(species, &paint, position, radius, &mut random))
            .collect();
        let (mut stems, mut leaves) = (Vec::new(), Vec::new());
        for flower in &flowers {
            match kind {
                Background::Soil => rosette(species, flower, &mut random, &mut leaves),
                _ => stem(species, flower, &mut random, &mut stems, &mut leaves),
            }
        }
        Self { ground, sun, stems, leaves, flowers }
    }

    /// Draws the scene.
    pub(super) fn paint(&self, canvas: &mut Canvas) {
        self.ground.draw(canvas, self.sun);
        // The sky has no shadows.
        let strength = if self.ground.kind == Background::Sky { 0.0 } else { 0.5 };
        for stem in &self.stems {
            stem.draw(canvas, self.sun);
        }
        for leaf in &self.leaves {
            leaf.draw(canvas, self.sun, strength);
        }
        for (label, flower) in (1..).zip(&self.flowers) {
            flower.shadow(canvas, self.sun, strength);
            flower.draw(canvas, label, self.sun);
        }
        self.ground.vignette(canvas);
    }

    /// Whether the scene has leaves.
    pub(super) fn has_leaves(&self) -> bool {
        !self.leaves.is_empty()
    }
}

/// The position and radius of one large flower near the centre of the image.
fn portrait(random: &mut Random) -> ([f32; 2], f32) {
    let position = [between(random, 0.44, 0.56), between(random, 0.42, 0.52)];
    (position, between(random, 0.33, 0.4))
}

/// The positions and radii of one to four flowers, back to front. Flowers may overlap by about a quarter of their
/// radii.
fn positions(random: &mut Random) -> Vec<([f32; 2], f32)> {
    let count = [1, 1, 1, 1, 2, 2, 2, 3, 3, 4][random.below(10)];
    let (small, large) = [(0.24, 0.42), (0.18, 0.27), (0.15, 0.215), (0.125, 0.18)][count - 1];
    let mut positions: Vec<([f32; 2], f32)> = Vec::new();
    // If no free position is found after many attempts, start again with smaller flowers.
    let (mut attempts, mut size) = (0, 1.0f32);
    while positions.len() < count {
        let radius = size * between(random, small, large);
        let margin = radius * between(random, 0.86, 1.08);
        let position =
            [mix(margin, 1.0 - margin, random.uniform() as f32), mix(margin, 1.0 - margin, random.uniform() as f32)];
        let free = positions.iter().all(|(other, size)| {
            let (dx, dy) = (position[0] - other[0], position[1] - other[1]);
            (dx * dx + dy * dy).sqrt() > 0.78 * (radius + size)
        });
        if free {
            positions.push((position, radius));
        }
        attempts += 1;
        if attempts == 60 {
            (attempts, size) = (0, 0.92 * size);
            positions.clear();
        }
    }
    // A flower that is lower in the image is nearer.
    positions.sort_by(|a, b| a.0[1].total_cmp(&b.0[1]));
    positions
}

fn paint(species: &Species, random: &mut Random) -> Paint {
    let main = jittered(species.colour.rgb(), random);
    let second = species.second.map(|(pattern, colour)| (pattern, jittered(colour.rgb(), random)));
    Paint { main, second, dome: species.dome, veins: between(random, 0.1, 0.22) }
}

/// A small random change of a colour.
fn jittered(paint: LinearRgb, random: &mut Random) -> LinearRgb {
    let strength = between(random, 0.9, 1.06);
    paint.map(|value| (value * strength * between(random, 0.9, 1.1)).min(1.0))
}

fn flower(species: &Species, paint: &Paint, position: [f32; 2], radius: f32, random: &mut Random) -> Flower {
    let turn = random.uniform() as f32;
    let (tilt_y, tilt_x) = sin_cos(random.uniform() as f32);
    let squeeze = between(random, 0.86, 1.0);
    let curl = between(random, -0.08, 0.08);
    let whorl = |random: &mut Random, offset: f32, length: f32| -> Vec<Petal> {
        let count = species.petals;
        let irregular = if species.shape == PetalShape::Ray { 0.12 } else { 0.06 };
        (0..count)
            .map(|k| {
                let aside = between(random, -irregular, irregular);
                let (sin, cos) = sin_cos(turn + (f32::from(k) + offset + aside) / f32::from(count));
                Petal {
                    axis: [cos, sin],
                    length: length * between(random, 0.93, 1.04),
                    width: species.width * between(random, 0.92, 1.08),
                    bend: curl * species.width + between(random, -0.02, 0.02),
                    shade: between(random, 0.9, 1.06),
                    phase: random.uniform() as f32,
                    shape: species.shape,
                }
            })
            .collect()
    };
    let petals = whorl(random, 0.0, 1.0);
    let lower = if species.two_whorls { whorl(random, 0.5, lower_length(species)) } else { Vec::new() };
    Flower {
        position,
        radius,
        turn,
        squeeze,
        tilt: [tilt_x, tilt_y],
        petals,
        lower,
        paint: paint.clone(),
        centre: centre(species, random),
        soft: 0.0,
    }
}

/// The length of the petals of the lower whorl. In a daisy it is nearly that of the upper whorl; in other flowers it is
/// shorter, so that the number of petals is visible in the outline.
fn lower_length(species: &Species) -> f32 {
    if species.shape == PetalShape::Ray { 0.94 } else { 0.84 }
}

fn centre(species: &Species, random: &mut Random) -> Centre {
    let paint = jittered(species.centre_colour.rgb(), random);
    let radius = species.centre_size * between(random, 0.92, 1.08);
    // The golden angle in turns, which distributes florets evenly over a disc.
    let golden = 0.381_966;
    let pale = blend(paint, [1.0, 0.98, 0.9], 0.25);
    let (dots, base, hollow) = match species.centre {
        CentreKind::Disc => {
            let count = 46;
            let dots = (0..count).map(|k| {
                let distance = ((k as f32 + 0.5) / count as f32).sqrt();
                let (sin, cos) = sin_cos(golden * k as f32);
                let rim = scaled(paint, mix(1.05, 0.62, distance));
                Dot {
                    at: [0.95 * radius * distance * cos, 0.95 * radius * distance * sin],
                    size: 0.085 * radius,
                    light: rim,
                    filament: None,
                }
            });
            (dots.collect(), scaled(paint, 0.72), false)
        }
        CentreKind::Stamens => {
            let count = 9 + random.below(10);
            let turn = random.uniform() as f32;
            let dots = (0..count).map(|k| {
                let (sin, cos) = sin_cos(turn + golden * k as f32);
                let far = radius * between(random, 1.15, 2.1);
                Dot { at: [far * cos, far * sin], size: 0.036, light: paint, filament: Some(scaled(pale, 0.8)) }
            });
            (dots.collect(), blend(scaled(paint, 0.6), linear([140, 170, 70]), 0.5), false)
        }
        CentreKind::Tube => {
            let count = 3 + random.below(4);
            let dots = (0..count).map(|k| {
                let (sin, cos) = sin_cos((k as f32 + 0.3) / count as f32);
                let far = 0.42 * radius;
                Dot { at: [far * cos, far * sin], size: 0.03, light: scaled(pale, 0.9), filament: None }
            });
            (dots.collect(), paint, true)
        }
    };
    Centre { radius, light: base, hollow, dots }
}

fn green(random: &mut Random) -> LinearRgb {
    let green = blend(linear([74, 122, 44]), linear([112, 148, 62]), random.uniform() as f32);
    scaled(green, between(random, 0.75, 1.1))
}

fn leaf(species: &Species, base: [f32; 2], turn: f32, size: f32, random: &mut Random) -> Leaf {
    let (sin, cos) = sin_cos(turn);
    let (shape, width) = match species.leaf {
        LeafShape::Oval => (PetalShape::Pointed, 0.26),
        LeafShape::Lance => (PetalShape::Pointed, 0.13),
        LeafShape::Round => (PetalShape::Round, 0.36),
    };
    let outline = Petal {
        axis: [cos, sin],
        length: 1.0,
        width: width * between(random, 0.85, 1.15),
        bend: between(random, -0.14, 0.14),
        shade: 1.0,
        phase: random.uniform() as f32,
        shape,
    };
    Leaf { base, size, outline, light: green(random), soft: between(random, 0.0, 0.006) }
}

/// Leaves on the ground around a flower.
fn rosette(species: &Species, flower: &Flower, random: &mut Random, leaves: &mut Vec<Leaf>) {
    let turn = random.uniform() as f32;
    for k in 0..species.leaves {
        let aside = between(random, -0.06, 0.06);
        let size = flower.radius * between(random, 1.35, 1.75);
        leaves.push(leaf(
            species,
            flower.position,
            turn + f32::from(k) / f32::from(species.leaves) + aside,
            size,
            random,
        ));
    }
}

/// A stem to the lower edge of the image, with leaves.
fn stem(species: &Species, flower: &Flower, random: &mut Random, stems: &mut Vec<Stem>, leaves: &mut Vec<Leaf>) {
    let foot = [mix(flower.position[0], 0.5, 0.4) + between(random, -0.16, 0.16), 1.06];
    let stem = Stem {
        head: flower.position,
        foot,
        bow: between(random, -0.05, 0.05),
        half_width: flower.radius * between(random, 0.04, 0.06) + 0.002,
        light: green(random),
        soft: 0.0,
    };
    let height = foot[1] - flower.position[1];
    for k in 0..species.leaves {
        // Leaves start at a part of the stem that is not behind the flower.
        let from = (1.05 * flower.radius / height).min(0.9);
        let base = stem.at(mix(from, 1.0, between(random, 0.05, 0.75)));
        let up = between(random, 0.06, 0.16);
        let turn = if k % 2 == 0 { -up } else { 0.5 + up };
        let size = (flower.radius * between(random, 0.8, 1.3)).max(0.12);
        leaves.push(leaf(species, base, turn, size, random));
    }
    stems.push(stem);
}
