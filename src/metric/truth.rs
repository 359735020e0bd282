//! Compares the flowers of a sample with those that it should show.

use super::Planes;
use super::bloom::{FoundBloom, blooms};

/// The largest distance of a flower from its expected position, as a fraction of the side.
const MAX_DISTANCE: f64 = 0.1;
/// The largest factor between its size and the expected size.
const MAX_RATIO: f64 = 1.5;

/// The flowers of a drawn image.
#[derive(Clone, Debug, PartialEq)]
pub struct BloomTruth {
    /// The number of flowers.
    pub count: usize,
    /// The name of the colour of their petals.
    pub colour: &'static str,
    /// The centroid of the largest flower, as fractions of the side.
    pub centroid: (f64, f64),
    /// The fraction of the image that it covers.
    pub area: f64,
}

impl BloomTruth {
    /// Whether a sample has the expected number of flowers, and its largest flower the expected colour, position and
    /// size. All are false if no flower is found.
    pub fn compare(&self, sample: &Planes) -> [bool; 4] {
        let found = blooms(sample);
        let Some(largest) = found.first() else { return [false; 4] };
        let (dx, dy) = (largest.centroid.0 - self.centroid.0, largest.centroid.1 - self.centroid.1);
        let ratio = largest.area / self.area;
        [
            found.len() == self.count,
            largest.colour.name() == self.colour,
            dx.hypot(dy) <= MAX_DISTANCE,
            (1.0 / MAX_RATIO..=MAX_RATIO).contains(&ratio),
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
    fn number_colour_position_and_size_are_compared() {
        assert_eq!(truth().compare(&disc(RED, (0.5, 0.5), 0.2)), [true; 4]);
        assert_eq!(truth().compare(&disc(YELLOW, (0.5, 0.5), 0.2)), [true, false, true, true]);
        assert_eq!(truth().compare(&disc(RED, (0.3, 0.5), 0.2)), [true, true, false, true]);
        assert_eq!(truth().compare(&disc(RED, (0.5, 0.5), 0.3)), [true, true, true, false]);
    }

    #[test]
    fn without_flowers_nothing_matches() {
        let grass = disc(RED, (0.5, 0.5), 0.0);
        assert_eq!(truth().compare(&grass), [false; 4]);
        assert!(!has_colour(&grass, "red"));
        assert!(has_colour(&disc(YELLOW, (0.5, 0.5), 0.2), "yellow"));
    }
}
