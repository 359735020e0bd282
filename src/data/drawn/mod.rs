//! Drawn flowers: a synthetic data set of images with captions, masks and ground truth. Everything is computed from the
//! parameters of [`DrawnFlowers`].

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
pub use species::{CentreColour, CentreKind, LeafShape, Pattern, PetalShape, SPECIES, Species};

use canvas::Canvas;
use image::RgbImage;
use scene::Scene;
use serde::Serialize;
use std::ops::RangeInclusive;

/// The version of the renderer. It is raised with every change of a pixel, a mask or a caption.
pub const VERSION: u32 = 1;

/// A data set that is determined by [`VERSION`], a seed, an arrangement, the number of images and their side.
///
/// The scene of an image depends on the seed, the arrangement and the image number alone. The side is only the
/// resolution.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DrawnFlowers {
    images: u32,
    side: u32,
    seed: u64,
    arrangement: Arrangement,
}

/// The positions of the flowers in an image.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Arrangement {
    /// One to four flowers at any position; they may overlap.
    Varied,
    /// One large flower near the centre.
    Portrait,
}

impl Arrangement {
    /// The value in settings.
    pub fn as_str(self) -> &'static str {
        match self {
            Arrangement::Varied => "varied",
            Arrangement::Portrait => "portrait",
        }
    }

    /// The arrangement of a setting: `varied` or `portrait`.
    pub fn from_setting(word: &str) -> Self {
        if word == "portrait" { Arrangement::Portrait } else { Arrangement::Varied }
    }
}

/// A drawn image with its ground truth.
#[derive(Clone, Debug, PartialEq)]
pub struct DrawnImage {
    /// The image, `side`² pixels.
    pub image: RgbImage,
    /// For every pixel, row by row: 0 for the background, k for the visible part of the k-th bloom.
    pub labels: Vec<u8>,
    /// The flowers, back to front.
    pub blooms: Vec<Bloom>,
    /// The background.
    pub background: Background,
    /// Ten captions.
    pub captions: Vec<String>,
}

/// The ground truth of one flower of an image.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Bloom {
    /// The centre of the flower, as fractions of the side: x to the right, y down.
    pub centre: (f32, f32),
    /// The mean position of its visible pixels, in the same units; the centre if no pixel is visible.
    pub centroid: (f32, f32),
    /// The visible area, as a fraction of the image.
    pub area: f32,
    /// The distance from the centre to the tips of the petals, as a fraction of the side.
    pub radius: f32,
    /// The direction of the axis of one petal, in radians from +x (right) towards +y (down), in `[0, 2π/petals)`.
    pub orientation: f32,
    /// The number of petals of the upper whorl.
    pub petals: u8,
    /// The main colour of the petals.
    pub colour: ColourName,
}

impl DrawnFlowers {
    /// A set of `images` images of `side`² pixels with varied arrangement.
    ///
    /// # Panics
    ///
    /// If `side` is outside `32..=256`.
    pub fn new(images: u32, side: u32, seed: u64) -> Self {
        assert!((32..=256).contains(&side), "a side of {side} pixels, outside 32..=256");
        Self { images, side, seed, arrangement: Arrangement::Varied }
    }

    /// The same set with another arrangement.
    pub fn with_arrangement(self, arrangement: Arrangement) -> Self {
        Self { arrangement, ..self }
    }

    /// The arrangement of the flowers.
    pub fn arrangement(&self) -> Arrangement {
        self.arrangement
    }

    /// The number of every image, ascending from 1.
    pub fn ids(&self) -> RangeInclusive<u32> {
        1..=self.images
    }

    /// Width and height of an image in pixels.
    pub fn side(&self) -> u32 {
        self.side
    }

    /// The seed of the set.
    pub fn seed(&self) -> u64 {
        self.seed
    }

    /// The traits of a class in `1..=102`.
    pub fn species(&self, class: u16) -> Species {
        Species::generate(self.seed, class)
    }

    /// Draws an image and returns it with its ground truth.
    pub fn draw(&self, id: u32) -> DrawnImage {
        let species = self.species(self.class(id));
        let scene = self.scene(id, &species);
        let (image, labels) = self.render(&scene);
        let blooms = self.blooms(&species, &scene, &labels);
        let captions = caption::captions(self.seed, id, &species, &scene);
        DrawnImage { image, labels, blooms, background: scene.ground.kind, captions }
    }

    /// Draws an image without its ground truth.
    pub fn image(&self, id: u32) -> RgbImage {
        let species = self.species(self.class(id));
        self.render(&self.scene(id, &species)).0
    }

    /// The ten captions of an image. No pixel is computed.
    pub fn captions(&self, id: u32) -> Vec<String> {
        let species = self.species(self.class(id));
        caption::captions(self.seed, id, &species, &self.scene(id, &species))
    }

    fn scene(&self, id: u32, species: &Species) -> Scene {
        Scene::generate(self.seed, id, self.arrangement, species)
    }

    fn render(&self, scene: &Scene) -> (RgbImage, Vec<u8>) {
        let mut canvas = Canvas::new(self.side);
        scene.paint(&mut canvas);
        canvas.finish()
    }

    fn blooms(&self, species: &Species, scene: &Scene, labels: &[u8]) -> Vec<Bloom> {
        let side = self.side as usize;
        let bloom = |(label, flower): (u8, &flower::Flower)| {
            let (mut count, mut x, mut y) = (0u32, 0.0, 0.0);
            for (index, _) in labels.iter().enumerate().filter(|(_, pixel)| **pixel == label) {
                count += 1;
                x += (index % side) as f32 + 0.5;
                y += (index / side) as f32 + 0.5;
            }
            let mean = |sum: f32, centre: f32| if count == 0 { centre } else { sum / (count * self.side) as f32 };
            let period = 1.0 / f32::from(species.petals);
            Bloom {
                centre: flower.position.into(),
                centroid: (mean(x, flower.position[0]), mean(y, flower.position[1])),
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
