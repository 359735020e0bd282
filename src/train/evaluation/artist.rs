//! Drawing: from noise, sentences and guides to pictures.

use burn::tensor::{Device, Tensor};
use image::RgbImage;

use crate::gan::Generator;
use crate::metric::Planes;
use crate::prepare::{Array, Fed, SampleSources};
use crate::random::{Random, Stream};
use crate::spec::Settings;
use crate::train::batches::{extend_from_guide, tensor};

/// Draws what generators of a run are asked for.
pub struct Artist {
    /// The length of the noise.
    pub noise: usize,
    /// Whether it is drawn from a cube, and not from a normal distribution.
    pub uniform: bool,
    seed: u64,
    device: Device,
}

/// The arrays that samples are drawn from.
pub(super) struct Source<'a> {
    pub sentences: &'a Array,
    pub features: Option<&'a Array>,
}

impl Artist {
    /// For generators of these settings, on `device`.
    pub fn new(settings: &Settings, device: &Device) -> Self {
        let generator = &settings.generator;
        let uniform = generator.noise_kind == "uniform";
        Self { noise: generator.noise, uniform, seed: settings.data.seed, device: device.clone() }
    }

    /// Samples of a set by their numbers, each from a noise of its own: the same for every method and seed. Few enough
    /// for the networks to take at once. The generator is as [`burn::module::Module::valid`] gives it.
    pub fn samples(&self, generator: &Generator, set: &SampleSources, numbers: &[usize]) -> Vec<RgbImage> {
        let mut noise = Vec::with_capacity(numbers.len() * self.noise);
        let mut rows = Vec::with_capacity(numbers.len());
        for &number in numbers {
            let mut random = Random::keyed(self.seed, Stream::Sets, number as u64, 0);
            noise.extend(random.noise(self.uniform, self.noise));
            let (photo, sentence) = set.source(number);
            rows.push((sentence, set.guides[photo]));
        }
        let from = Source { sentences: &set.sentences, features: set.features.as_ref() };
        self.draw(generator, noise, &rows, &from).iter().map(picture).collect()
    }

    /// One sample for each row: a sentence's and a guide's. Few enough for the networks to take at once.
    pub(super) fn draw(
        &self,
        generator: &Generator,
        noise: Vec<f32>,
        rows: &[(usize, Fed)],
        from: &Source,
    ) -> Vec<Planes> {
        let (mut sentences, mut guides, n) = (Vec::new(), Vec::new(), rows.len());
        for &(sentence, guide) in rows {
            from.sentences.extend_from_row(sentence, &mut sentences);
            if let Some(features) = from.features {
                extend_from_guide(features, guide, false, &mut guides);
            }
        }
        let features = from.features.map(|features| features.row_length() / 2);
        planes(generator.forward(
            tensor(noise, [n, self.noise], &self.device),
            tensor(sentences, [n, from.sentences.row_length()], &self.device),
            features.map(|features| tensor(guides, [n, features], &self.device)),
        ))
    }
}

/// Planes as a picture of 8 bits.
pub(super) fn picture(planes: &Planes) -> RgbImage {
    let side = u32::try_from(planes.side).expect("a resolution is at most 256");
    RgbImage::from_raw(side, side, planes.to_rgb()).expect("three bytes are made for every pixel")
}

/// Images `[n, 3, s, s]` in [−1, 1] as pictures.
pub fn planes(images: Tensor<4>) -> Vec<Planes> {
    let [_, _, side, _] = images.dims();
    let data = images.into_data_as::<f32>();
    let values = data.as_slice::<f32>().expect("the data was asked for as f32");
    let picture = |values: &[f32]| Planes { side, values: values.iter().map(|value| (value + 1.0) / 2.0).collect() };
    values.chunks(3 * side * side).map(picture).collect()
}
