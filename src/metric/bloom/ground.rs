//! Which pixels are petals.

use super::colour::Lab;

/// Most colours that a border is taken apart into.
const CLUSTERS: usize = 8;
/// Colours farther apart than this are never one, and those nearer than `NEAREST` always.
const NEAR: f32 = 0.085;
const NEAREST: f32 = 0.04;

/// For every pixel whether it belongs to a petal: its colour is no green and no brown, and it is not found along the
/// border of the picture.
pub(super) fn petals(side: usize, pixels: &[Lab]) -> Vec<bool> {
    let ground = Ground::of(side, pixels);
    pixels.iter().map(|&pixel| !natural(pixel) && !ground.holds(pixel)).collect()
}

/// Greens of leaves and grass, browns of earth and wood, and what is too dark to tell.
fn natural(pixel: Lab) -> bool {
    let (hue, chroma) = (pixel.hue(), pixel.chroma());
    let green = chroma > 0.035 && (107.0..180.0).contains(&hue);
    let brown = chroma < 0.085 && (20.0..100.0).contains(&hue) && pixel.light < 0.66;
    let dark = pixel.light < 0.33 && chroma < 0.1;
    green || brown || dark
}

/// What lies around the flowers.
struct Ground {
    colours: Vec<Lab>,
    /// How far from these colours a pixel may be.
    near: f32,
}

impl Ground {
    /// The colours along the border, less those that are more common inside: a flower reaches the border there.
    fn of(side: usize, pixels: &[Lab]) -> Self {
        let width = (side / 16).max(1);
        let border = |at: usize| {
            let (x, y) = (at % side, at / side);
            x.min(y) < width || x.max(y) >= side - width
        };
        let ring: Vec<Lab> = (0..pixels.len()).filter(|&at| border(at)).map(|at| pixels[at]).collect();
        let share = |of: &[Lab], colour: Lab| {
            of.iter().filter(|pixel| pixel.distance2(colour) < NEAR * NEAR).count() as f32 / of.len() as f32
        };
        let clusters = clusters(&ring);
        let least = |pixel: &Lab| clusters.iter().map(|colour| pixel.distance2(*colour)).fold(f32::INFINITY, f32::min);
        // A smooth ground, such as a clear sky, allows for a finer distinction than a rough one.
        let spread = (ring.iter().map(least).sum::<f32>() / ring.len() as f32).sqrt();
        let of_ground = |colour: &Lab| natural(*colour) || share(&ring, *colour) > 0.7 * share(pixels, *colour);
        let colours = clusters.iter().copied().filter(of_ground).collect();
        Self { colours, near: (3.0 * spread).clamp(NEAREST, NEAR) }
    }

    fn holds(&self, pixel: Lab) -> bool {
        self.colours.iter().any(|&colour| pixel.distance2(colour) <= self.near * self.near)
    }
}

/// k-means from seeds far apart (Gonzalez 1985), which needs no chance.
fn clusters(ring: &[Lab]) -> Vec<Lab> {
    let mut centres = vec![mean(ring.iter().copied())];
    let nearest = |centres: &[Lab], pixel: Lab| -> (usize, f32) {
        let distances = centres.iter().map(|&centre| pixel.distance2(centre));
        distances.enumerate().fold((0, f32::INFINITY), |best, one| if one.1 < best.1 { one } else { best })
    };
    while centres.len() < CLUSTERS {
        let farthest = ring.iter().copied().map(|pixel| (nearest(&centres, pixel).1, pixel));
        let Some((distance, pixel)) = farthest.max_by(|a, b| a.0.total_cmp(&b.0)) else { break };
        // What is nearer than this makes no cluster of its own.
        if distance < 0.1 * NEAR * NEAR {
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
