//! Rows of pictures: what each is drawn from.

use crate::train::{Drawing, Sampler, line, sphere};

use super::conditions::Condition;
use super::{Between, SampleArgs};

/// Pictures in a row where no number is given.
const COLUMNS: usize = 8;

/// A row of pictures.
pub struct Strip {
    /// Its text, or both of them.
    pub text: String,
    /// What guides it, in words.
    pub guide: Option<String>,
    /// Its pictures.
    pub pictures: Vec<Picture>,
}

/// A picture that is to be drawn.
pub struct Picture {
    /// What it is drawn from.
    pub drawing: Drawing,
    /// How far it is along the way of its strip, from 0 to 1.
    pub at: Option<f64>,
}

/// The rows that are asked for. A column has the same noise in every row.
pub fn strips(sampler: &Sampler, conditions: &[Condition], args: &SampleArgs) -> Vec<Strip> {
    let count = args.count.map(usize::from);
    let noise = |number: usize| sampler.noise(args.seed, number);
    // Without texts the number is that of the captions.
    let for_each = |default: usize| if args.text.is_empty() { 1 } else { count.unwrap_or(default) };
    let ways = || (0..args.steps).map(|step| f64::from(step) / f64::from(args.steps - 1));
    match args.interpolate {
        None => {
            let columns = for_each(COLUMNS);
            let row = |of: &Condition| strip(of, (1..=columns).map(|column| picture(of, noise(column), None)));
            conditions.iter().map(row).collect()
        }
        Some(Between::Noise) => {
            let way = if sampler.is_normal() { sphere } else { line };
            let row = |of: &Condition, number: usize| {
                let (from, to) = (noise(number), noise(number + 1));
                strip(of, ways().map(|at| picture(of, way(&from, &to, at), Some(at))))
            };
            let rows = |of| (1..=for_each(1)).map(move |number| row(of, number));
            conditions.iter().flat_map(rows).collect()
        }
        Some(Between::Text) => {
            let [first, second] = conditions else { return Vec::new() };
            // The guide stays the first one's, as where training mixes texts.
            let both = |at| Condition {
                text: format!("{} → {}", first.text, second.text),
                sentence: line(&first.sentence, &second.sentence, at),
                guide: first.guide.clone(),
            };
            let row = |number| strip(&both(0.0), ways().map(|at| picture(&both(at), noise(number), Some(at))));
            (1..=count.unwrap_or(COLUMNS)).map(row).collect()
        }
    }
}

fn strip(of: &Condition, pictures: impl Iterator<Item = Picture>) -> Strip {
    Strip { text: of.text.clone(), guide: of.guide.name.clone(), pictures: pictures.collect() }
}

fn picture(of: &Condition, noise: Vec<f32>, at: Option<f64>) -> Picture {
    Picture { drawing: Drawing { noise, sentence: of.sentence.clone(), guide: of.guide.features.clone() }, at }
}
