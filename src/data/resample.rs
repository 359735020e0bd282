//! Antialiased bilinear resampling in 8 bits, with the same bytes as Pillow when the recipes were published.
//!
//! Resamplers whose weights have fewer bits differ by one in some pixels. Pillow from version 13 also differs for some
//! tall images, because it resamples their columns first.

use image::RgbImage;

/// The fractional bits of a weight: 32 minus 8 bits of the value and 2 spare bits.
const FRACTION: u32 = 22;

/// The weights of one output pixel over neighbouring input pixels of a row or column.
struct Window {
    first: usize,
    weights: Vec<i32>,
}

/// Resizes to `width`×`height`: first along all rows, then along all columns, with rounding in between.
pub(super) fn bilinear(image: &RgbImage, width: u32, height: u32) -> RgbImage {
    let (old_width, old_height) = (image.width() as usize, image.height() as usize);
    let (new_width, new_height) = (width as usize, height as usize);
    let mut pixels = image.as_raw().clone();
    if new_width != old_width {
        let windows = windows(old_width, new_width);
        let rows = pixels.chunks_exact(3 * old_width);
        pixels = rows.flat_map(|row| windows.iter().flat_map(|window| weighted_sum(row, window))).collect();
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
    RgbImage::from_raw(width, height, pixels).expect("there are three bytes per pixel")
}

const HALF: i32 = 1 << (FRACTION - 1);

fn rounded(sum: i32) -> u8 {
    (sum >> FRACTION).clamp(0, 255) as u8
}

fn weighted_sum(row: &[u8], window: &Window) -> [u8; 3] {
    let mut sums = [HALF; 3];
    for (pixel, &weight) in row[3 * window.first..].chunks_exact(3).zip(&window.weights) {
        sums.iter_mut().zip(pixel).for_each(|(sum, &value)| *sum += weight * i32::from(value));
    }
    sums.map(rounded)
}

/// The weights of [`bilinear_weights`] in fixed point (`normalize_coeffs_8bpc` in Pillow's `Resample.c`).
fn windows(old: usize, new: usize) -> Vec<Window> {
    let fixed = |weight: f64| (0.5 + weight * f64::from(1 << FRACTION)) as i32;
    let window =
        |(first, weights): (usize, Vec<f64>)| Window { first, weights: weights.into_iter().map(fixed).collect() };
    bilinear_weights(old, new).into_iter().map(window).collect()
}

/// The weights that resample a row of `old` pixels to `new` pixels: for each output pixel, the index of its first input
/// pixel and the weights from there on, whose sum is 1. The filter is a triangle around the centre of the output pixel
/// with a half-width of one output pixel, or of one input pixel if that is larger (`precompute_coeffs` in Pillow's
/// `Resample.c`).
pub fn bilinear_weights(old: usize, new: usize) -> Vec<(usize, Vec<f64>)> {
    let scale = old as f64 / new as f64;
    let support = scale.max(1.0);
    let window = |index: usize| {
        let centre = (index as f64 + 0.5) * scale;
        // `as usize` rounds towards zero and gives 0 for negative values, as required here.
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
    fn the_triangle_is_wider_for_shrinking_and_is_cut_at_the_edge() {
        // 4 to 2: centres 1 and 3, half-width 2; weights ¾ ¾ ¼ (¼ is outside the row), with a sum of 1¾.
        let windows = windows(4, 2);
        assert_eq!([windows[0].first, windows[1].first], [0, 1]);
        assert!(near(&weights(&windows[0]), &[3.0 / 7.0, 3.0 / 7.0, 1.0 / 7.0]));
        assert!(near(&weights(&windows[1]), &[1.0 / 7.0, 3.0 / 7.0, 3.0 / 7.0]));
    }

    #[test]
    fn enlarging_interpolates_between_the_two_nearest_pixels() {
        // 2 to 4: centres ¼ ¾ 1¼ 1¾, pixel centres ½ and 1½.
        let windows = windows(2, 4);
        assert!(near(&weights(&windows[0]), &[1.0]));
        assert!(near(&weights(&windows[1]), &[0.75, 0.25]));
        assert!(near(&weights(&windows[2]), &[0.25, 0.75]));
        assert_eq!([windows[3].first, windows[3].weights.len()], [1, 1]);
    }

    #[test]
    fn an_image_of_one_colour_is_not_changed() {
        let flat = RgbImage::from_pixel(13, 7, image::Rgb([255, 1, 128]));
        assert!(bilinear(&flat, 5, 9).pixels().all(|pixel| pixel.0 == [255, 1, 128]));
    }
}
