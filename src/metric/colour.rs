use super::Planes;

/// Bins along each colour axis.
const BINS: usize = 8;

/// The Hellinger distance between the 8×8×8 RGB histograms of two images: 0 if both have the same fraction of each
/// colour, 1 if they have no colour in common.
pub fn colour_distance(a: &Planes, b: &Planes) -> f64 {
    let (a, b) = (histogram(a), histogram(b));
    let affinity: f64 = a.iter().zip(&b).map(|(p, q)| (p * q).sqrt()).sum();
    // Rounding may give equal histograms an affinity slightly above 1.
    (1.0 - affinity).max(0.0).sqrt()
}

fn histogram(image: &Planes) -> Vec<f64> {
    let plane = image.side * image.side;
    let bin = |value: f32| ((value * BINS as f32) as usize).min(BINS - 1);
    let mut counts = vec![0.0; BINS * BINS * BINS];
    for i in 0..plane {
        let [r, g, b] = [0, 1, 2].map(|channel| bin(image.values[channel * plane + i]));
        counts[(r * BINS + g) * BINS + b] += 1.0 / plane as f64;
    }
    counts
}

#[cfg(test)]
mod tests {
    use super::*;

    fn filled(colours: [[f32; 3]; 4]) -> Planes {
        let values = (0..3).flat_map(|channel| colours.map(|colour| colour[channel])).collect();
        Planes { side: 2, values }
    }

    const RED: [f32; 3] = [1.0, 0.0, 0.0];
    const BLUE: [f32; 3] = [0.0, 0.0, 1.0];

    #[test]
    fn equal_colours_have_distance_zero_and_disjoint_colours_one() {
        assert_eq!(colour_distance(&filled([RED, BLUE, BLUE, RED]), &filled([RED, RED, BLUE, BLUE])), 0.0);
        assert_eq!(colour_distance(&filled([RED; 4]), &filled([BLUE; 4])), 1.0);
    }

    #[test]
    fn half_of_the_colours_in_common_gives_the_expected_distance() {
        // Histograms (1) and (½, ½): affinity √½, distance √(1 − 0.707107) = 0.541196.
        let distance = colour_distance(&filled([RED; 4]), &filled([RED, RED, BLUE, BLUE]));
        assert!((distance - 0.541_196).abs() < 1e-6, "{distance}");
    }
}
