//! What flowers a picture shows, from its pixels alone.
//!
//! No network and no knowledge of how a picture was made: a pixel that is neither green, brown nor like the border of
//! the picture is a petal; petals that hang together are a bloom; a waist parts blooms that overlap.
//!
//! # How far off it is
//!
//! Read from 1,000 drawn flowers that were not looked at while it was made (seed 7340211; `tests/cli/noise_floor.rs`
//! prints this table and holds it), by what is behind the flowers, and over all after three means over 3×3 pixels.
//!
//! - count: pictures whose blooms are counted rightly, in %; off by: mean absolute error of the count.
//! - found: blooms with a found one within their radius, in %; what follows is of these.
//! - centroid: median distance, in shares of the side; area: median relative error, in %.
//! - colour: named rightly among nine, in %.
//! - petals: blooms whose petals are counted at all, in %; right: of these, in %; direction: of those that are right,
//!   the median error in shares of the period (¼ by guessing).
//!
//! | 32 px | count | off by | found | centroid | area | colour | petals | right | direction |
//! |---|---|---|---|---|---|---|---|---|---|
//! | blur | 91.9 | 0.10 | 94.4 | 0.0057 | 7.6 | 95.9 | 40.7 | 63.3 | 0.025 |
//! | grass | 91.5 | 0.11 | 94.6 | 0.0058 | 10.6 | 95.4 | 41.8 | 63.4 | 0.029 |
//! | sky | 86.4 | 0.21 | 93.3 | 0.0091 | 10.7 | 89.7 | 31.9 | 51.7 | 0.031 |
//! | soil | 94.0 | 0.08 | 95.6 | 0.0060 | 9.3 | 98.3 | 39.4 | 68.6 | 0.025 |
//! | all | 91.0 | 0.13 | 94.5 | 0.0063 | 9.3 | 94.9 | 38.6 | 62.4 | 0.025 |
//! | blurred | 83.2 | 0.23 | 89.4 | 0.0120 | 16.7 | 64.1 | 40.5 | 49.5 | 0.032 |
//!
//! | 64 px | count | off by | found | centroid | area | colour | petals | right | direction |
//! |---|---|---|---|---|---|---|---|---|---|
//! | blur | 96.3 | 0.05 | 97.8 | 0.0028 | 4.4 | 97.9 | 52.6 | 82.7 | 0.019 |
//! | grass | 96.2 | 0.05 | 97.5 | 0.0028 | 5.5 | 99.6 | 57.3 | 89.3 | 0.020 |
//! | sky | 89.3 | 0.29 | 97.5 | 0.0042 | 6.1 | 91.9 | 46.6 | 78.4 | 0.026 |
//! | soil | 97.2 | 0.04 | 98.8 | 0.0031 | 5.5 | 98.8 | 56.2 | 81.2 | 0.019 |
//! | all | 94.8 | 0.11 | 97.9 | 0.0032 | 5.4 | 97.1 | 53.2 | 83.1 | 0.021 |
//! | blurred | 92.9 | 0.14 | 96.7 | 0.0058 | 9.6 | 83.5 | 50.7 | 75.9 | 0.022 |
//!
//! What is mistaken at 64 px: red for orange, and white petals before white clouds, of which only the middle is found.
//! Blur takes saturation away: purple becomes lavender, red becomes orange.

mod colour;
mod ground;
mod outline;
mod part;

pub use colour::PetalColour;

use super::Planes;
use colour::Lab;

/// A flower that was found.
#[derive(Clone, Debug, PartialEq)]
pub struct FoundBloom {
    /// The mean place of its pixels in shares of the side: x to the right, y down.
    pub centroid: (f64, f64),
    /// Its share of the picture.
    pub area: f64,
    /// The colour that most of its petal pixels have.
    pub colour: PetalColour,
    /// How its petals lie; `None` where its outline is round or too small to say.
    pub petals: Option<Petals>,
}

/// The petals that an outline shows.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Petals {
    /// How many, from 3 to 12.
    pub count: u8,
    /// The direction of one of them, in radians from +x (right) towards +y (down), in `[0, 2π/count)`.
    pub orientation: f64,
}

/// The flowers of a picture, the largest first. Pictures of any side and any content are read, values outside [0, 1]
/// and values that are no number too; where nothing stands out the answer is empty.
pub fn blooms(picture: &Planes) -> Vec<FoundBloom> {
    let side = picture.side;
    if side < 8 {
        return Vec::new();
    }
    let pixels = Lab::of(picture);
    let petal = ground::petals(side, &pixels);
    let parts = part::parts(side, &petal);
    let plane = (side * side) as f64;
    let mut found: Vec<FoundBloom> = parts
        .iter()
        .map(|part| {
            let own = part::core(side, part, &petal).into_iter().map(|at| pixels[at]).collect::<Vec<_>>();
            let count = part.len() as f64;
            let mean =
                |of: fn(usize, usize) -> usize| part.iter().map(|&at| of(at, side) as f64 + 0.5).sum::<f64>() / count;
            let centre = (mean(|at, side| at % side), mean(|at, side| at / side));
            FoundBloom {
                centroid: (centre.0 / side as f64, centre.1 / side as f64),
                area: count / plane,
                colour: PetalColour::of(&own),
                petals: outline::petals(side, part, centre),
            }
        })
        .collect();
    found.sort_by(|a, b| b.area.total_cmp(&a.area));
    found
}

#[cfg(test)]
mod tests;
