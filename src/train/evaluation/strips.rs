//! Interpolation strips: samples between the captions of two held-out items.

use burn::module::Module as _;

use super::Evaluator;
use super::grid::{COLUMNS, ImageGrid, image_grid};
use crate::gan::Generator;
use crate::metric::Planes;
use crate::prepare::HeldOut;
use crate::random::{Random, Stream};
use crate::train::TrainError;
use crate::train::batches::extend_from_guide;
use crate::train::interpolation::lerp;

/// The greatest number of strips.
const STRIPS: usize = 4;

impl Evaluator {
    /// Samples between the captions of items 0 and 1, of items 2 and 3, and so on: a strip in each row of the grid, with
    /// both ends. The sentence vector moves linearly from the first caption to the second, as in training with
    /// interpolated texts. Noise and guide are those of the first item, as in the grid of samples. `None` with fewer
    /// than two items.
    ///
    /// # Errors
    ///
    /// If the grid cannot be encoded.
    pub fn strips(&self, generator: &Generator, held_out: &HeldOut) -> Result<Option<ImageGrid>, TrainError> {
        let (generator, length) = (generator.valid(), self.sample_generator.noise);
        let noise = Random::keyed(self.seed, Stream::Evaluation, 1, 0)
            .noise(self.sample_generator.uniform, held_out.items.len() * length);
        let sentence = |row: usize| {
            let mut values = Vec::new();
            held_out.sentences.extend_from_row(row, &mut values);
            values
        };
        let mut images: Vec<Planes> = Vec::new();
        for (pair, items) in held_out.items.chunks_exact(2).take(STRIPS).enumerate() {
            let (from, to) = (sentence(items[0].sentence), sentence(items[1].sentence));
            let weights = (0..COLUMNS).map(|column| column as f64 / (COLUMNS - 1) as f64);
            let sentences = weights.flat_map(|at| lerp(&from, &to, at)).collect();
            let guides = held_out.features.as_ref().map(|features| {
                let mut guide = Vec::new();
                extend_from_guide(features, items[0].guide, false, &mut guide);
                guide.repeat(COLUMNS)
            });
            let own_noise = &noise[2 * pair * length..][..length];
            images.extend(self.sample_generator.forward(&generator, own_noise.repeat(COLUMNS), sentences, guides));
        }
        (!images.is_empty()).then(|| image_grid("strips", &images)).transpose()
    }
}
