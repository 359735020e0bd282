//! Drawn flowers: pictures with captions, masks and truth, made by arithmetic from four numbers.

mod arithmetic;
mod canvas;
mod caption;
mod colour;
mod flower;
mod ground;
mod leaf;
mod official;
mod order;
mod petal;
mod scene;
mod species;
mod words;

pub use colour::ColourName;
pub use ground::Background;
pub use order::Use;
pub use species::{CentreColour, CentreKind, LeafShape, Pattern, PetalShape, SPECIES, Species};

use canvas::Canvas;
use image::RgbImage;
use scene::Scene;
use serde::Serialize;
use std::ops::RangeInclusive;

/// The version of the drawing: it goes up with every change of a pixel, a mask or a caption.
pub const VERSION: u32 = 1;

/// A data set that is a function of [`VERSION`], a seed, the count of images and their side.
///
/// Image `id` of a seed is the same scene whatever the count and the side: a side only says how finely it is sampled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DrawnFlowers {
    images: u32,
    side: u32,
    seed: u64,
    arrangement: Arrangement,
}

/// Where the flowers of an image stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Arrangement {
    /// One to four, anywhere, some behind others.
    Varied,
    /// One, large and near the middle.
    Portrait,
}

impl Arrangement {
    /// The word for it in settings.
    pub fn as_str(self) -> &'static str {
        match self {
            Arrangement::Varied => "varied",
            Arrangement::Portrait => "portrait",
        }
    }

    /// The arrangement that a setting names.
    pub fn of(word: &str) -> Self {
        if word == "portrait" { Arrangement::Portrait } else { Arrangement::Varied }
    }
}

/// One image with its truth.
#[derive(Clone, Debug, PartialEq)]
pub struct Drawing {
    /// The picture, `side`².
    pub picture: RgbImage,
    /// For every pixel, row by row: 0 for the background, k for the k-th bloom where it is seen.
    pub labels: Vec<u8>,
    /// The flowers, back to front.
    pub blooms: Vec<Bloom>,
    /// What is behind them.
    pub background: Background,
    /// Ten captions.
    pub captions: Vec<String>,
}

/// The truth about one flower of an image.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Bloom {
    /// The middle of the flower in shares of the side: x to the right, y down.
    pub centre: (f32, f32),
    /// The mean place of its visible pixels, in the same units; the middle where none is visible.
    pub centroid: (f32, f32),
    /// Its visible share of the picture.
    pub area: f32,
    /// From its middle to the tips of its petals, in shares of the side.
    pub radius: f32,
    /// Direction of a petal's axis, in radians from +x (right) towards +y (down), in `[0, 2π/petals)`.
    pub orientation: f32,
    /// Petals of its upper whorl.
    pub petals: u8,
    /// The main colour of its petals.
    pub colour: ColourName,
}

impl DrawnFlowers {
    /// `images` pictures of `side`² pixels.
    ///
    /// # Panics
    ///
    /// If `side` is outside `32..=256`.
    pub fn new(images: u32, side: u32, seed: u64) -> Self {
        assert!((32..=256).contains(&side), "a side of {side} pixels, outside 32..=256");
        Self { images, side, seed, arrangement: Arrangement::Varied }
    }

    /// The same set with its flowers arranged otherwise.
    pub fn arranged(self, arrangement: Arrangement) -> Self {
        Self { arrangement, ..self }
    }

    /// Where the flowers of an image stand.
    pub fn arrangement(&self) -> Arrangement {
        self.arrangement
    }

    /// Every image's number, ascending from 1.
    pub fn ids(&self) -> RangeInclusive<u32> {
        1..=self.images
    }

    /// Width and height of a picture in pixels.
    pub fn side(&self) -> u32 {
        self.side
    }

    /// The seed of the set.
    pub fn seed(&self) -> u64 {
        self.seed
    }

    /// The traits of a class, in `1..=102`.
    pub fn species(&self, class: u16) -> Species {
        Species::draw(self.seed, class)
    }

    /// An image with its truth.
    pub fn draw(&self, id: u32) -> Drawing {
        let species = self.species(self.class(id));
        let scene = self.scene(id, &species);
        let (picture, labels) = self.rasterised(&scene);
        let blooms = self.blooms(&species, &scene, &labels);
        let captions = caption::captions(self.seed, id, &species, &scene);
        Drawing { picture, labels, blooms, background: scene.ground.kind, captions }
    }

    /// The picture of an image alone.
    pub fn picture(&self, id: u32) -> RgbImage {
        let species = self.species(self.class(id));
        self.rasterised(&self.scene(id, &species)).0
    }

    /// The ten captions of an image; no pixel is drawn for them.
    pub fn captions(&self, id: u32) -> Vec<String> {
        let species = self.species(self.class(id));
        caption::captions(self.seed, id, &species, &self.scene(id, &species))
    }

    fn scene(&self, id: u32, species: &Species) -> Scene {
        Scene::draw_plan(self.seed, id, self.arrangement, species)
    }

    fn rasterised(&self, scene: &Scene) -> (RgbImage, Vec<u8>) {
        let mut canvas = Canvas::new(self.side);
        scene.paint(&mut canvas);
        canvas.finish()
    }

    fn blooms(&self, species: &Species, scene: &Scene, labels: &[u8]) -> Vec<Bloom> {
        let side = self.side as usize;
        let bloom = |(label, flower): (u8, &flower::Flower)| {
            let (mut count, mut x, mut y) = (0u32, 0.0, 0.0);
            for (at, _) in labels.iter().enumerate().filter(|(_, seen)| **seen == label) {
                count += 1;
                x += (at % side) as f32 + 0.5;
                y += (at / side) as f32 + 0.5;
            }
            let mean = |sum: f32, middle: f32| if count == 0 { middle } else { sum / (count * self.side) as f32 };
            let period = 1.0 / f32::from(species.petals);
            Bloom {
                centre: flower.centre.into(),
                centroid: (mean(x, flower.centre[0]), mean(y, flower.centre[1])),
                area: count as f32 / labels.len() as f32,
                radius: flower.radius,
                orientation: flower.turn.rem_euclid(period) * std::f32::consts::TAU,
                petals: species.petals,
                colour: species.colour,
            }
        };
        (1..).zip(&scene.flowers).map(bloom).collect()
    }
}

#[cfg(test)]
mod tests;
