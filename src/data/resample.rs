//! Antialiased bilinear resampling, bit for bit as Pillow did it in 8 bits when the recipes were published.
//!
//! Resamplers that weigh with fewer bits are off by one in some pixels. So is Pillow from version 13 for some tall
//! pictures: it takes their columns first.

use image::RgbImage;

/// Fractional bits of a weight: 32, less 8 of the value and 2 to spare.
const FRACTION: u32 = 22;

/// The weights of one output pixel over neighbouring input pixels along a line.
struct Window {
    first: usize,
    weights: Vec<i32>,
}

/// The picture at `width`×`height`: all rows first, then all columns, rounded in between.
pub(super) fn bilinear(picture: &RgbImage, width: u32, height: u32) -> RgbImage {
    let (old_width, old_height) = (picture.width() as usize, picture.height() as usize);
    let (new_width, new_height) = (width as usize, height as usize);
    let mut pixels = picture.as_raw().clone();
    if new_width != old_width {
        let windows = windows(old_width, new_width);
        let rows = pixels.chunks_exact(3 * old_width);
        pixels = rows.flat_map(|row| windows.iter().flat_map(|window| weigh(row, window))).collect();
    }
    if new_height != old_height {
        let stride = 3 * new_width;
        let columns = |window: &Window| {
            let mut sums = vec![HALF; stride];
            for (row, &weight) in pixels[window.first * stride..].chunks_exact(stride).zip(&window.weights) {
                sums.iter_mut().zip(row).for_each(|(sum, &value)| *sum += weight * i32::from(value));
            }
            sums.into_iter().map(rounded)
        };
        pixels = windows(old_height, new_height).iter().flat_map(columns).collect();
    }
    RgbImage::from_raw(width, height, pixels).expect("three bytes were made for every pixel")
}

const HALF: i32 = 1 << (FRACTION - 1);

fn rounded(sum: i32) -> u8 {
    (sum >> FRACTION).clamp(0, 255) as u8
}

fn weigh(row: &[u8], window: &Window) -> [u8; 3] {
    let mut sums = [HALF; 3];
    for (pixel, &weight) in row[3 * window.first..].chunks_exact(3).zip(&window.weights) {
        sums.iter_mut().zip(pixel).for_each(|(sum, &value)| *sum += weight * i32::from(value));
    }
    sums.map(rounded)
}

/// The same weights in fixed point (`normalize_coeffs_8bpc` in Pillow's `Resample.c`).
fn windows(old: usize, new: usize) -> Vec<Window> {
    let fixed = |weight: f64| (0.5 + weight * f64::from(1 << FRACTION)) as i32;
    let window =
        |(first, weights): (usize, Vec<f64>)| Window { first, weights: weights.into_iter().map(fixed).collect() };
    bilinear_weights(old, new).into_iter().map(window).collect()
}

/// What each of `new` pixels along a line is made of, of `old` pixels: the first of them, and the weight of each, which
/// add up to 1. A triangle about the centre of the output pixel, one output pixel to each side, and at least one input
/// pixel (`precompute_coeffs` in Pillow's `Resample.c`).
pub fn bilinear_weights(old: usize, new: usize) -> Vec<(usize, Vec<f64>)> {
    let scale = old as f64 / new as f64;
    let support = scale.max(1.0);
    let window = |place: usize| {
        let centre = (place as f64 + 0.5) * scale;
        // Conversions cut towards zero and stop at zero, as they have to.
        let first = (centre - support + 0.5) as usize;
        let end = ((centre + support + 0.5) as usize).min(old);
        let distance = |pixel: usize| ((pixel as f64 - centre + 0.5) * (1.0 / support)).abs();
        let weights: Vec<f64> = (first..end).map(|pixel| (1.0 - distance(pixel)).max(0.0)).collect();
        let sum: f64 = weights.iter().sum();
        (first, weights.into_iter().map(|weight| weight / sum).collect())
    };
    (0..new).map(window).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn weights(window: &Window) -> Vec<f64> {
        window.weights.iter().map(|&weight| f64::from(weight) / f64::from(1 << FRACTION)).collect()
    }

    fn near(found: &[f64], expected: &[f64]) -> bool {
        found.len() == expected.len() && found.iter().zip(expected).all(|(a, b)| (a - b).abs() < 1e-6)
    }

    #[test]
    fn shrinking_widens_the_triangle_and_the_edge_cuts_it() {
        // 4 to 2: centres 1 and 3, half-width 2; pixel centres at .5 weigh ¾ ¾ ¼ (¼ cut off), of a sum of 1¾.
        let windows = windows(4, 2);
        assert_eq!([windows[0].first, windows[1].first], [0, 1]);
        assert!(near(&weights(&windows[0]), &[3.0 / 7.0, 3.0 / 7.0, 1.0 / 7.0]));
        assert!(near(&weights(&windows[1]), &[1.0 / 7.0, 3.0 / 7.0, 3.0 / 7.0]));
    }

    #[test]
    fn enlarging_is_between_the_two_nearest() {
        // 2 to 4: centres ¼ ¾ 1¼ 1¾ between pixel centres ½ and 1½.
        let windows = windows(2, 4);
        assert!(near(&weights(&windows[0]), &[1.0]));
        assert!(near(&weights(&windows[1]), &[0.75, 0.25]));
        assert!(near(&weights(&windows[2]), &[0.25, 0.75]));
        assert_eq!([windows[3].first, windows[3].weights.len()], [1, 1]);
    }

    #[test]
    fn a_flat_picture_stays_flat() {
        let flat = RgbImage::from_pixel(13, 7, image::Rgb([255, 1, 128]));
        assert!(bilinear(&flat, 5, 9).pixels().all(|pixel| pixel.0 == [255, 1, 128]));
    }
}
