//! Separates petal pixels from the background.

use super::colour::Lab;

/// The most colour clusters of the border.
const MAX_CLUSTERS: usize = 8;
/// Limits of the distance up to which a pixel belongs to a background colour.
const MAX_DISTANCE: f32 = 0.085;
const MIN_DISTANCE: f32 = 0.04;

/// Whether each pixel is a petal pixel: neither green, brown nor dark, nor similar to the border of the image.
pub(super) fn petals(side: usize, pixels: &[Lab]) -> Vec<bool> {
    let background = Background::new(side, pixels);
    pixels.iter().map(|&pixel| !is_natural(pixel) && !background.contains(pixel)).collect()
}

/// Greens of leaves and grass, browns of soil and wood, and colours that are too dark to classify.
fn is_natural(pixel: Lab) -> bool {
    let (hue, chroma) = (pixel.hue(), pixel.chroma());
    let green = chroma > 0.035 && (107.0..180.0).contains(&hue);
    let brown = chroma < 0.085 && (20.0..100.0).contains(&hue) && pixel.light < 0.66;
    let dark = pixel.light < 0.33 && chroma < 0.1;
    green || brown || dark
}

/// The background of an image.
struct Background {
    colours: Vec<Lab>,
    /// The largest distance of a background pixel from one of these colours.
    max_distance: f32,
}

impl Background {
    /// The colours of the border, without those that are more frequent inside: there a flower touches the border.
    fn new(side: usize, pixels: &[Lab]) -> Self {
        let width = (side / 16).max(1);
        let is_border = |at: usize| {
            let (x, y) = (at % side, at / side);
            x.min(y) < width || x.max(y) >= side - width
        };
        let ring: Vec<Lab> = (0..pixels.len()).filter(|&at| is_border(at)).map(|at| pixels[at]).collect();
        let fraction = |pixels: &[Lab], colour: Lab| {
            let near = pixels.iter().filter(|pixel| pixel.distance2(colour) < MAX_DISTANCE * MAX_DISTANCE);
            near.count() as f32 / pixels.len() as f32
        };
        let clusters = clusters(&ring);
        let nearest =
            |pixel: &Lab| clusters.iter().map(|colour| pixel.distance2(*colour)).fold(f32::INFINITY, f32::min);
        // A uniform background, such as a clear sky, allows a smaller distance than a varied one.
        let spread = (ring.iter().map(nearest).sum::<f32>() / ring.len() as f32).sqrt();
        let is_background =
            |colour: &Lab| is_natural(*colour) || fraction(&ring, *colour) > 0.7 * fraction(pixels, *colour);
        let colours = clusters.iter().copied().filter(is_background).collect();
        Self { colours, max_distance: (3.0 * spread).clamp(MIN_DISTANCE, MAX_DISTANCE) }
    }

    fn contains(&self, pixel: Lab) -> bool {
        self.colours.iter().any(|&colour| pixel.distance2(colour) <= self.max_distance * self.max_distance)
    }
}

/// k-means with farthest-point initialisation (Gonzalez 1985), which is deterministic.
fn clusters(ring: &[Lab]) -> Vec<Lab> {
    let mut centres = vec![mean(ring.iter().copied())];
    let nearest = |centres: &[Lab], pixel: Lab| -> (usize, f32) {
        let distances = centres.iter().map(|&centre| pixel.distance2(centre));
        distances.enumerate().fold((0, f32::INFINITY), |best, one| if one.1 < best.1 { one } else { best })
    };
    while centres.len() < MAX_CLUSTERS {
        let farthest = ring.iter().copied().map(|pixel| (nearest(&centres, pixel).1, pixel));
        let Some((distance, pixel)) = farthest.max_by(|a, b| a.0.total_cmp(&b.0)) else { break };
        // All other pixels are near a cluster.
        if distance < 0.1 * MAX_DISTANCE * MAX_DISTANCE {
            break;
        }
        centres.push(pixel);
    }
    for _ in 0..6 {
        let owner: Vec<usize> = ring.iter().map(|&pixel| nearest(&centres, pixel).0).collect();
        for (k, centre) in centres.iter_mut().enumerate() {
            let own = ring.iter().zip(&owner).filter(|(_, owner)| **owner == k).map(|(pixel, _)| *pixel);
            if own.clone().next().is_some() {
                *centre = mean(own);
            }
        }
    }
    centres
}

fn mean(pixels: impl Iterator<Item = Lab>) -> Lab {
    let (mut sum, mut count) = (Lab { light: 0.0, a: 0.0, b: 0.0 }, 0.0f32);
    for pixel in pixels {
        sum = Lab { light: sum.light + pixel.light, a: sum.a + pixel.a, b: sum.b + pixel.b };
        count += 1.0;
    }
    let count = count.max(1.0);
    Lab { light: sum.light / count, a: sum.a / count, b: sum.b / count }
}
