//! The petals of a bloom, from its outline.

use super::Petals;
use std::f64::consts::TAU;

/// The numbers of petals that are distinguished.
const COUNTS: std::ops::RangeInclusive<u8> = 3..=12;
/// Directions in which the radius of the outline is measured.
const DIRECTIONS: usize = 72;

/// The number of petals and the direction of one: the strongest harmonic of the radius as a function of the direction,
/// and its phase. `None` if no harmonic dominates.
///
/// `pixels` are the pixels of a bloom in an image of `side`, `centre` is its centroid in pixels.
pub(super) fn petals(side: usize, pixels: &[usize], centre: (f64, f64)) -> Option<Petals> {
    let radius = outline(side, pixels, centre);
    let mean = radius.iter().sum::<f64>() / DIRECTIONS as f64;
    // Smaller petals cannot be resolved.
    if mean < 4.0 {
        return None;
    }
    let harmonics: Vec<(u8, f64, f64)> = COUNTS
        .map(|count| {
            let (mut re, mut im) = (0.0, 0.0);
            for (k, r) in radius.iter().enumerate() {
                let angle = f64::from(count) * direction(k);
                re += r * angle.cos();
                im += r * angle.sin();
            }
            let scale = 2.0 / (DIRECTIONS as f64 * mean);
            (count, re.hypot(im) * scale, im.atan2(re))
        })
        .collect();
    let (count, strength, phase) = *harmonics.iter().max_by(|a, b| a.1.total_cmp(&b.1))?;
    let second = harmonics.iter().filter(|one| one.0 != count).map(|one| one.1).fold(0.0, f64::max);
    let is_dominant = strength > 0.035 && strength > 1.35 * second && mean * TAU / f64::from(count) > 5.0;
    is_dominant.then(|| Petals { count, orientation: (phase / f64::from(count)).rem_euclid(TAU / f64::from(count)) })
}

fn direction(k: usize) -> f64 {
    TAU * k as f64 / DIRECTIONS as f64
}

/// The radius of the bloom in each direction, in pixels, from the area of a sector: this uses all pixels of the sector,
/// not only the farthest.
fn outline(side: usize, pixels: &[usize], centre: (f64, f64)) -> Vec<f64> {
    let mut sector = vec![0.0; DIRECTIONS];
    for &at in pixels {
        // Each pixel is divided into 5×5 parts, so that the radius of a small bloom is smooth.
        for part in 0..25 {
            let (dx, dy) = (f64::from(part % 5) * 0.2 + 0.1, f64::from(part / 5) * 0.2 + 0.1);
            let (x, y) = ((at % side) as f64 + dx - centre.0, (at / side) as f64 + dy - centre.1);
            let turn = (y.atan2(x) / TAU).rem_euclid(1.0) * DIRECTIONS as f64;
            // Linear interpolation between the two nearest directions.
            let (k, rest) = (turn.floor() as usize, turn.fract());
            sector[k % DIRECTIONS] += 0.04 * (1.0 - rest);
            sector[(k + 1) % DIRECTIONS] += 0.04 * rest;
        }
    }
    // A sector of angle w and radius r has the area w r² / 2.
    sector.into_iter().map(|area| (2.0 * area * DIRECTIONS as f64 / TAU).sqrt()).collect()
}
