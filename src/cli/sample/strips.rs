//! Rows of images, and the inputs of each image.

use crate::train::{SampleInput, Sampler, lerp, slerp};

use super::conditions::Condition;
use super::{Interpolation, SampleArgs};

/// The default number of images in a row.
const DEFAULT_COLUMNS: usize = 8;

/// A row of images.
pub struct Strip {
    /// Its text, or its two texts.
    pub text: String,
    /// The name of its guide.
    pub guide: Option<String>,
    /// Its images.
    pub images: Vec<Image>,
}

/// An image to generate.
pub struct Image {
    /// The input of the generator.
    pub input: SampleInput,
    /// The interpolation weight of the second end, from 0 to 1.
    pub at: Option<f64>,
}

/// The requested rows. A column has the same noise in every row.
pub fn strips(sampler: &Sampler, conditions: &[Condition], args: &SampleArgs) -> Vec<Strip> {
    let count = args.count.map(usize::from);
    let noise = |number: usize| sampler.noise(args.seed, number);
    // If no text is given, `--count` is the number of captions.
    let for_each = |default: usize| if args.text.is_empty() { 1 } else { count.unwrap_or(default) };
    let weights = || (0..args.steps).map(|step| f64::from(step) / f64::from(args.steps - 1));
    match args.interpolate {
        None => {
            let columns = for_each(DEFAULT_COLUMNS);
            let row = |of: &Condition| strip(of, (1..=columns).map(|column| image(of, noise(column), None)));
            conditions.iter().map(row).collect()
        }
        Some(Interpolation::Noise) => {
            let interpolate = if sampler.is_normal() { slerp } else { lerp };
            let row = |of: &Condition, number: usize| {
                let (from, to) = (noise(number), noise(number + 1));
                strip(of, weights().map(|at| image(of, interpolate(&from, &to, at), Some(at))))
            };
            let rows = |of| (1..=for_each(1)).map(move |number| row(of, number));
            conditions.iter().flat_map(rows).collect()
        }
        Some(Interpolation::Text) => {
            let [first, second] = conditions else { return Vec::new() };
            // The guide is that of the first text, as in training with interpolated texts.
            let both = |at| Condition {
                text: format!("{} → {}", first.text, second.text),
                sentence: lerp(&first.sentence, &second.sentence, at),
                guide: first.guide.clone(),
            };
            let row = |number| strip(&both(0.0), weights().map(|at| image(&both(at), noise(number), Some(at))));
            (1..=count.unwrap_or(DEFAULT_COLUMNS)).map(row).collect()
        }
    }
}

fn strip(of: &Condition, images: impl Iterator<Item = Image>) -> Strip {
    Strip { text: of.text.clone(), guide: of.guide.name.clone(), images: images.collect() }
}

fn image(of: &Condition, noise: Vec<f32>, at: Option<f64>) -> Image {
    Image { input: SampleInput { noise, sentence: of.sentence.clone(), guide: of.guide.features.clone() }, at }
}
