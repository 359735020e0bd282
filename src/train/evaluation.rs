//! Looking at held-out items: fixed images, captions and noise, the same for every method and seed.

use std::io::Cursor;

use burn::module::Module;
use burn::tensor::{Device, Tensor};
use image::{ImageFormat, RgbImage};

use crate::gan::Generator;
use crate::measure::{Protocol, ProtocolItem};
use crate::metric::{Planes, colour_distance, ssim};
use crate::prepare::Inputs;
use crate::random::{Random, Stream};
use crate::spec::Settings;

use super::TrainError;
use super::batches::tensor;
use super::session::NewImage;

/// Tiles in a row of a sample grid.
const COLUMNS: usize = 8;
/// Images drawn at once.
const CHUNK: usize = 32;

/// Compares a generated image with the item's own photo.
type Measure = fn(&Planes, &Planes) -> f64;

/// The measures by the names that `eval.measures` gives them.
const MEASURES: [(&str, Measure); 2] = [("colour_distance", colour_distance), ("ssim", ssim)];

/// What an evaluation gives.
pub struct Evaluated {
    /// Metric name and value.
    pub values: Vec<(&'static str, f64)>,
    /// The sample grid.
    pub samples: NewImage,
}

/// The protocol that the settings and inputs make.
pub fn protocol(settings: &Settings, inputs: &Inputs) -> Protocol {
    let item = |item: &crate::prepare::EvalItem| ProtocolItem {
        image: item.image,
        class: item.class,
        caption: item.caption.clone(),
    };
    Protocol {
        kind: "own-image".to_owned(),
        split: settings.eval.split.clone(),
        resolution: u32::try_from(settings.image.resolution).expect("a resolution is at most 256"),
        seed: settings.data.seed,
        items: inputs.eval.iter().map(item).collect(),
        data: inputs.data.clone(),
    }
}

/// Draws every item and compares it with the item's own photo. Running statistics are used, and left as they are.
pub fn evaluate(
    generator: &Generator,
    settings: &Settings,
    inputs: &Inputs,
    device: &Device,
) -> Result<Evaluated, TrainError> {
    let samples = draw(&generator.valid(), settings, inputs, device);
    let side = settings.image.resolution;
    let own = |row: usize| Planes::from_bytes(side, inputs.pixels.row(row));
    let pairs: Vec<(Planes, &Planes)> = inputs.eval.iter().map(|item| own(item.row)).zip(&samples).collect();
    let mean =
        |measure: Measure| pairs.iter().map(|(own, sample)| measure(own, sample)).sum::<f64>() / pairs.len() as f64;
    let wanted = |name: &str| settings.eval.measures.iter().any(|measure| measure == name);
    let values = MEASURES.iter().filter(|(name, _)| wanted(name)).map(|(name, measure)| (*name, mean(*measure)));
    Ok(Evaluated { values: values.collect(), samples: grid("samples", &samples)? })
}

/// The items' own photos, and what the guide network sees of them.
pub fn references(inputs: &Inputs, side: usize) -> Result<Vec<NewImage>, TrainError> {
    let originals: Vec<Planes> =
        inputs.eval.iter().map(|item| Planes::from_bytes(side, inputs.pixels.row(item.row))).collect();
    let mut pictures = vec![grid("originals", &originals)?];
    if let Some(guides) = &inputs.guide_pictures {
        let guides: Vec<Planes> = (0..guides.rows()).map(|row| Planes::from_bytes(side, guides.row(row))).collect();
        pictures.push(grid("guides", &guides)?);
    }
    Ok(pictures)
}

fn draw(generator: &Generator, settings: &Settings, inputs: &Inputs, device: &Device) -> Vec<Planes> {
    let (side, length) = (settings.image.resolution, settings.generator.noise);
    // Keyed by the data's seed: the noise is part of the protocol, not of the run.
    let noise = Random::keyed(settings.data.seed, Stream::Evaluation, 1, 0).normals(inputs.eval.len() * length);
    let mut drawn = Vec::with_capacity(inputs.eval.len());
    for (chunk, items) in inputs.eval.chunks(CHUNK).enumerate() {
        let start = chunk * CHUNK * length;
        let noise = noise[start..start + items.len() * length].to_vec();
        let mut sentences = Vec::new();
        let mut guides = Vec::new();
        for item in items {
            inputs.sentences.extend_from_row(item.sentence, &mut sentences);
            if let Some(features) = &inputs.features {
                let mut both = Vec::new();
                features.extend_from_row(item.row, &mut both);
                guides.extend(&both[..both.len() / 2]);
            }
        }
        let sentence = tensor(sentences, [items.len(), inputs.sentences.row_length()], device);
        let guide =
            inputs.features.as_ref().map(|features| tensor(guides, [items.len(), features.row_length() / 2], device));
        let images: Tensor<4> = generator.forward(tensor(noise, [items.len(), length], device), sentence, guide);
        let data = images.into_data_as::<f32>();
        let values = data.as_slice::<f32>().expect("the data was asked for as f32");
        let planes = values
            .chunks(3 * side * side)
            .map(|values| Planes { side, values: values.iter().map(|value| (value + 1.0) / 2.0).collect() });
        drawn.extend(planes);
    }
    drawn
}

fn grid(role: &'static str, pictures: &[Planes]) -> Result<NewImage, TrainError> {
    let side = pictures.first().map_or(1, |picture| picture.side);
    let columns = pictures.len().clamp(1, COLUMNS);
    let rows = pictures.len().div_ceil(columns).max(1);
    let pixels = |count: usize| u32::try_from(count * side).expect("a grid has at most 2048 tiles of 256 pixels");
    let mut sheet = RgbImage::new(pixels(columns), pixels(rows));
    for (i, picture) in pictures.iter().enumerate() {
        let (left, top) = (pixels(i % columns), pixels(i / columns));
        let bytes = picture.to_rgb();
        if let Some(tile) = RgbImage::from_raw(pixels(1), pixels(1), bytes) {
            image::imageops::replace(&mut sheet, &tile, i64::from(left), i64::from(top));
        }
    }
    let mut png = Cursor::new(Vec::new());
    sheet.write_to(&mut png, ImageFormat::Png)?;
    let (columns, tile) = (u32::try_from(columns).expect("at most 8 columns"), pixels(1));
    Ok(NewImage { role, columns, tile, png: png.into_inner() })
}
