//! Batches of images as the network's input.

use burn::tensor::{Device, Tensor, TensorData};

use super::recipe::Recipe;
use crate::random::Random;

/// Square images of one size with their classes.
#[derive(Clone, Debug)]
pub struct LabelledImages<'a> {
    /// The side of each image in pixels.
    pub side: usize,
    /// The three colour planes of each image, `3 · side²` bytes.
    pub planes: Vec<&'a [u8]>,
    /// The class of each image, from 0.
    pub classes: Vec<usize>,
}

/// The position of a crop, and whether it is mirrored.
#[derive(Clone, Copy, Debug, Default)]
struct Crop {
    left: usize,
    top: usize,
    mirrored: bool,
}

impl LabelledImages<'_> {
    /// The images at `indices` as a training batch `[n, 3, input, input]`. With augmentation, each image is cropped at
    /// a random position and mirrored with probability 0.5.
    pub(super) fn train_batch(
        &self,
        indices: &[usize],
        recipe: &Recipe,
        random: &mut Random,
        device: &Device,
    ) -> Tensor<4> {
        let spare = self.side - recipe.config.input;
        let mut crop = |_: &usize| match recipe.fit.augment {
            true => {
                let (left, top) = (random.below(spare + 1), random.below(spare + 1));
                Crop { left, top, mirrored: random.below(2) == 1 }
            }
            false => Crop::default(),
        };
        let crops: Vec<Crop> = indices.iter().map(&mut crop).collect();
        self.tensor(indices, &crops, recipe, device)
    }

    /// The images at `indices` as a batch `[n, 3, input, input]` without augmentation. Their side is that of the
    /// network's input.
    pub(super) fn evaluation_batch(&self, indices: &[usize], recipe: &Recipe, device: &Device) -> Tensor<4> {
        self.tensor(indices, &vec![Crop::default(); indices.len()], recipe, device)
    }

    fn tensor(&self, indices: &[usize], crops: &[Crop], recipe: &Recipe, device: &Device) -> Tensor<4> {
        let (side, input) = (self.side, recipe.config.input);
        let (mean, deviation) = recipe.network.normalisation();
        let table: [[f32; 256]; 3] = std::array::from_fn(|channel| {
            std::array::from_fn(|value| (value as f32 / 255.0 - mean[channel]) / deviation[channel])
        });
        let mut values = Vec::with_capacity(indices.len() * 3 * input * input);
        for (&index, crop) in indices.iter().zip(crops) {
            for (plane, table) in self.planes[index].chunks_exact(side * side).zip(&table) {
                for row in plane.chunks_exact(side).skip(crop.top).take(input) {
                    let row = row[crop.left..crop.left + input].iter().map(|&value| table[usize::from(value)]);
                    match crop.mirrored {
                        true => values.extend(row.rev()),
                        false => values.extend(row),
                    }
                }
            }
        }
        Tensor::from_data(TensorData::new(values, [indices.len(), 3, input, input]), device)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spec::Settings;
    use crate::vision::normalise;

    fn recipe(augment: bool) -> Recipe {
        let mut guide = Settings::from_values([]).unwrap().guide;
        (guide.network, guide.weights, guide.input, guide.fit.augment) = ("alexnet".into(), "fit".into(), 64, augment);
        Recipe::from_settings(&guide).unwrap()
    }

    fn planes(side: usize) -> Vec<u8> {
        (0..3 * side * side).map(|i| (i * 7 % 251) as u8).collect()
    }

    #[test]
    fn an_evaluation_batch_equals_the_input_of_feature_extraction() {
        let bytes = planes(64);
        let images = LabelledImages { side: 64, planes: vec![&bytes], classes: vec![0] };
        let image = image::RgbImage::from_fn(64, 64, |x, y| {
            image::Rgb([0, 1, 2].map(|c| bytes[c * 4096 + (y * 64 + x) as usize]))
        });
        let device = Device::flex();
        let expected = normalise(recipe(false).network, &[image], 64, &device).unwrap().into_data();
        assert_eq!(images.evaluation_batch(&[0], &recipe(false), &device).into_data(), expected);
    }

    #[test]
    fn crops_are_at_random_positions_and_mirrored_crops_have_reversed_rows() {
        let bytes = planes(72);
        let images = LabelledImages { side: 72, planes: vec![&bytes], classes: vec![0] };
        let (recipe, device) = (recipe(true), Device::flex());
        assert_eq!(recipe.train_side(), 72);
        let crop = |left, top, mirrored| {
            let tensor = images.tensor(&[0], &[Crop { left, top, mirrored }], &recipe, &device);
            tensor.into_data().try_to_vec::<f32>().unwrap()
        };
        let (plain, mirrored) = (crop(8, 8, false), crop(8, 8, true));
        assert!(plain.chunks(64).zip(mirrored.chunks(64)).all(|(a, b)| a.iter().eq(b.iter().rev())));
        let red = |value: u8| (f32::from(value) / 255.0 - 0.485) / 0.229;
        assert!((plain[0] - red(bytes[8 * 72 + 8])).abs() < 1e-6);
        let first_values: std::collections::BTreeSet<u32> = (0..200)
            .map(|seed| images.train_batch(&[0], &recipe, &mut Random::named(seed, "cut"), &device))
            .map(|tensor| tensor.into_data().try_to_vec::<f32>().unwrap()[0].to_bits())
            .collect();
        assert!(first_values.len() > 60, "{}", first_values.len());
    }
}
