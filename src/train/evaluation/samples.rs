//! Generation of samples from noise, sentence vectors and guides.

use burn::tensor::{Device, Tensor};
use image::RgbImage;

use crate::gan::Generator;
use crate::metric::Planes;
use crate::prepare::{Array, GuideInput, SampleSources};
use crate::random::{Random, Stream};
use crate::spec::Settings;
use crate::train::batches::{extend_from_guide, tensor};

/// Generates samples with the generators of a run.
pub struct SampleGenerator {
    /// The length of the noise.
    pub noise: usize,
    /// Whether the noise is uniform in a cube, and not normal.
    pub uniform: bool,
    seed: u64,
    device: Device,
}

/// The arrays that samples are generated from.
pub(super) struct Conditions<'a> {
    pub sentences: &'a Array,
    pub features: Option<&'a Array>,
}

impl SampleGenerator {
    /// For generators of these settings, on `device`.
    pub fn new(settings: &Settings, device: &Device) -> Self {
        let generator = &settings.generator;
        let uniform = generator.noise_kind == "uniform";
        Self { noise: generator.noise, uniform, seed: settings.data.seed, device: device.clone() }
    }

    /// The samples of a set with these numbers, from 0. The noise of a sample depends on its number and `data.seed`
    /// only. All of them are one batch. The generator is in inference mode ([`burn::module::Module::valid`]).
    pub fn samples(&self, generator: &Generator, set: &SampleSources, numbers: &[usize]) -> Vec<RgbImage> {
        let mut noise = Vec::with_capacity(numbers.len() * self.noise);
        let mut rows = Vec::with_capacity(numbers.len());
        for &number in numbers {
            let mut random = Random::keyed(self.seed, Stream::Sets, number as u64, 0);
            noise.extend(random.noise(self.uniform, self.noise));
            let (image, sentence) = set.source(number);
            rows.push((sentence, set.guides[image]));
        }
        let conditions = Conditions { sentences: &set.sentences, features: set.features.as_ref() };
        self.generate(generator, noise, &rows, &conditions).iter().map(to_rgb_image).collect()
    }

    /// One sample for each of `rows`: a sentence row and a guide. All of them are one batch.
    pub(super) fn generate(
        &self,
        generator: &Generator,
        noise: Vec<f32>,
        rows: &[(usize, GuideInput)],
        conditions: &Conditions,
    ) -> Vec<Planes> {
        let (mut sentences, mut guides) = (Vec::new(), conditions.features.map(|_| Vec::new()));
        for &(sentence, guide) in rows {
            conditions.sentences.extend_from_row(sentence, &mut sentences);
            if let (Some(features), Some(guides)) = (conditions.features, &mut guides) {
                extend_from_guide(features, guide, false, guides);
            }
        }
        self.forward(generator, noise, sentences, guides)
    }

    /// Samples as one batch, from the noise, the sentence vectors and the guides of all of them, one after another.
    /// `guides` is `None` for a generator without guides.
    pub(super) fn forward(
        &self,
        generator: &Generator,
        noise: Vec<f32>,
        sentences: Vec<f32>,
        guides: Option<Vec<f32>>,
    ) -> Vec<Planes> {
        let n = noise.len() / self.noise;
        let matrix = |values: Vec<f32>| {
            let length = values.len() / n;
            tensor(values, [n, length], &self.device)
        };
        planes(generator.forward(matrix(noise), matrix(sentences), guides.map(matrix)))
    }
}

/// Planes as an image of 8 bits a channel.
pub(super) fn to_rgb_image(planes: &Planes) -> RgbImage {
    let side = u32::try_from(planes.side).expect("a resolution is at most 256");
    RgbImage::from_raw(side, side, planes.to_rgb()).expect("every pixel has three bytes")
}

/// Images `[n, 3, s, s]` in [−1, 1] as planes with values in [0, 1].
pub fn planes(images: Tensor<4>) -> Vec<Planes> {
    let [_, _, side, _] = images.dims();
    let data = images.into_data_as::<f32>();
    let values = data.as_slice::<f32>().expect("the data was converted to f32");
    let planes = |values: &[f32]| Planes { side, values: values.iter().map(|value| (value + 1.0) / 2.0).collect() };
    values.chunks(3 * side * side).map(planes).collect()
}
