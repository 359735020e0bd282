//! What a sample shows, held against what was drawn.

use super::Planes;
use super::bloom::{FoundBloom, blooms};

/// How far from the right place a flower may stand, in shares of the side.
const NEAR: f64 = 0.1;
/// How much larger or smaller it may be.
const ALIKE: f64 = 1.5;

/// What a drawn picture shows.
#[derive(Clone, Debug, PartialEq)]
pub struct BloomTruth {
    /// How many flowers.
    pub count: usize,
    /// The name of their petals' colour.
    pub colour: &'static str,
    /// The mean place of the largest one's pixels, in shares of the side.
    pub centroid: (f64, f64),
    /// The share of the picture that it covers.
    pub area: f64,
}

impl BloomTruth {
    /// Whether a sample has the right count of flowers, and its largest the right colour, place and size, read from
    /// its pixels. Where no flower is found all of it is wrong.
    pub fn holds(&self, sample: &Planes) -> [bool; 4] {
        let found = blooms(sample);
        let Some(largest) = found.first() else { return [false; 4] };
        let (dx, dy) = (largest.centroid.0 - self.centroid.0, largest.centroid.1 - self.centroid.1);
        let ratio = largest.area / self.area;
        [
            found.len() == self.count,
            largest.colour.name() == self.colour,
            dx.hypot(dy) <= NEAR,
            (1.0 / ALIKE..=ALIKE).contains(&ratio),
        ]
    }
}

/// Whether the largest flower of a sample has petals of the colour called `name`.
pub fn has_colour(sample: &Planes, name: &str) -> bool {
    blooms(sample).first().is_some_and(|FoundBloom { colour, .. }| colour.name() == name)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A disc of one colour on grass.
    fn disc(colour: [f32; 3], centre: (f64, f64), radius: f64) -> Planes {
        let side = 64;
        let inside = |at: usize| {
            let (x, y) = ((at % side) as f64 + 0.5, (at / side) as f64 + 0.5);
            (x / side as f64 - centre.0).hypot(y / side as f64 - centre.1) <= radius
        };
        let green = [0.25, 0.45, 0.15];
        let values = (0..3).flat_map(|c| (0..side * side).map(move |at| if inside(at) { colour[c] } else { green[c] }));
        Planes { side, values: values.collect() }
    }

    const RED: [f32; 3] = [0.84, 0.09, 0.13];
    const YELLOW: [f32; 3] = [0.99, 0.84, 0.13];

    fn truth() -> BloomTruth {
        let area = std::f64::consts::PI * 0.2 * 0.2;
        BloomTruth { count: 1, colour: "red", centroid: (0.5, 0.5), area }
    }

    #[test]
    fn each_part_of_the_truth_is_told_apart() {
        assert_eq!(truth().holds(&disc(RED, (0.5, 0.5), 0.2)), [true; 4]);
        assert_eq!(truth().holds(&disc(YELLOW, (0.5, 0.5), 0.2)), [true, false, true, true]);
        assert_eq!(truth().holds(&disc(RED, (0.3, 0.5), 0.2)), [true, true, false, true]);
        assert_eq!(truth().holds(&disc(RED, (0.5, 0.5), 0.3)), [true, true, true, false]);
    }

    #[test]
    fn nothing_found_is_all_wrong() {
        let grass = disc(RED, (0.5, 0.5), 0.0);
        assert_eq!(truth().holds(&grass), [false; 4]);
        assert!(!has_colour(&grass, "red"));
        assert!(has_colour(&disc(YELLOW, (0.5, 0.5), 0.2), "yellow"));
    }
}
