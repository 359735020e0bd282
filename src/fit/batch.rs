//! Photos as the network is given them.

use burn::tensor::{Device, Tensor, TensorData};

use super::recipe::Recipe;
use crate::random::Random;

/// Photos of one size with their classes.
#[derive(Clone, Debug)]
pub struct Photos<'a> {
    /// Their side in pixels.
    pub side: usize,
    /// Each photo's three planes, `3 · side²` bytes.
    pub planes: Vec<&'a [u8]>,
    /// Each photo's class, from 0.
    pub classes: Vec<usize>,
}

/// What is cut out of a photo: from where, and whether it is mirrored.
#[derive(Clone, Copy, Debug, Default)]
struct Cut {
    left: usize,
    top: usize,
    mirrored: bool,
}

impl Photos<'_> {
    /// The photos at `places` for one step of learning: `[n, 3, input, input]`, cut out and mirrored by chance where the
    /// recipe says so.
    pub(super) fn learned(&self, places: &[usize], recipe: &Recipe, chance: &mut Random, device: &Device) -> Tensor<4> {
        let spare = self.side - recipe.config.input;
        let mut cut = |_: &usize| match recipe.fit.augment {
            true => {
                let (left, top) = (chance.below(spare + 1), chance.below(spare + 1));
                Cut { left, top, mirrored: chance.below(2) == 1 }
            }
            false => Cut::default(),
        };
        let cuts: Vec<Cut> = places.iter().map(&mut cut).collect();
        self.tensor(places, &cuts, recipe, device)
    }

    /// The photos at `places` as they are, which have the network's own size.
    pub(super) fn whole(&self, places: &[usize], recipe: &Recipe, device: &Device) -> Tensor<4> {
        self.tensor(places, &vec![Cut::default(); places.len()], recipe, device)
    }

    fn tensor(&self, places: &[usize], cuts: &[Cut], recipe: &Recipe, device: &Device) -> Tensor<4> {
        let (side, input) = (self.side, recipe.config.input);
        let (mean, deviation) = recipe.network.normalisation();
        let table: [[f32; 256]; 3] = std::array::from_fn(|channel| {
            std::array::from_fn(|value| (value as f32 / 255.0 - mean[channel]) / deviation[channel])
        });
        let mut values = Vec::with_capacity(places.len() * 3 * input * input);
        for (&place, cut) in places.iter().zip(cuts) {
            for (plane, table) in self.planes[place].chunks_exact(side * side).zip(&table) {
                for row in plane.chunks_exact(side).skip(cut.top).take(input) {
                    let row = row[cut.left..cut.left + input].iter().map(|&value| table[usize::from(value)]);
                    match cut.mirrored {
                        true => values.extend(row.rev()),
                        false => values.extend(row),
                    }
                }
            }
        }
        Tensor::from_data(TensorData::new(values, [places.len(), 3, input, input]), device)
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
        Recipe::of_guide(&guide).unwrap()
    }

    fn planes(side: usize) -> Vec<u8> {
        (0..3 * side * side).map(|i| (i * 7 % 251) as u8).collect()
    }

    #[test]
    fn a_whole_photo_is_what_features_are_taken_of() {
        let bytes = planes(64);
        let photos = Photos { side: 64, planes: vec![&bytes], classes: vec![0] };
        let picture = image::RgbImage::from_fn(64, 64, |x, y| {
            image::Rgb([0, 1, 2].map(|c| bytes[c * 4096 + (y * 64 + x) as usize]))
        });
        let device = Device::flex();
        let expected = normalise(recipe(false).network, &[picture], 64, &device).unwrap().into_data();
        assert_eq!(photos.whole(&[0], &recipe(false), &device).into_data(), expected);
    }

    #[test]
    fn a_cut_lies_within_the_photo_and_its_mirror_image_is_the_same_row_backwards() {
        let bytes = planes(72);
        let photos = Photos { side: 72, planes: vec![&bytes], classes: vec![0] };
        let (recipe, device) = (recipe(true), Device::flex());
        assert_eq!(recipe.learning_side(), 72);
        let cut = |left, top, mirrored| {
            let tensor = photos.tensor(&[0], &[Cut { left, top, mirrored }], &recipe, &device);
            tensor.into_data().try_to_vec::<f32>().unwrap()
        };
        let (plain, mirrored) = (cut(8, 8, false), cut(8, 8, true));
        assert!(plain.chunks(64).zip(mirrored.chunks(64)).all(|(a, b)| a.iter().eq(b.iter().rev())));
        let red = |value: u8| (f32::from(value) / 255.0 - 0.485) / 0.229;
        assert!((plain[0] - red(bytes[8 * 72 + 8])).abs() < 1e-6);
        let seen: std::collections::BTreeSet<u32> = (0..200)
            .map(|seed| photos.learned(&[0], &recipe, &mut Random::named(seed, "cut"), &device))
            .map(|tensor| tensor.into_data().try_to_vec::<f32>().unwrap()[0].to_bits())
            .collect();
        assert!(seen.len() > 60, "{}", seen.len());
    }
}
