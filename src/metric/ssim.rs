use super::Planes;

/// Half of the window, which is 11×11 (Wang et al. 2004, section III-C).
const RADIUS: usize = 5;
const SIGMA: f64 = 1.5;
/// (0.01 · range)² and (0.03 · range)² for values in [0, 1].
const C1: f64 = 1e-4;
const C2: f64 = 9e-4;

/// Structural similarity (Wang et al. 2004, equation 13) with a Gaussian window of σ 1.5: the mean over the colour
/// planes and over all positions of the window. 1 for equal images.
///
/// Both images must have the same side of at least 11 pixels.
pub fn ssim(a: &Planes, b: &Planes) -> f64 {
    let plane = a.side * a.side;
    let planes = (0..3).map(|channel| {
        let range = channel * plane..(channel + 1) * plane;
        plane_ssim(a.side, &a.values[range.clone()], &b.values[range])
    });
    planes.sum::<f64>() / 3.0
}

fn plane_ssim(side: usize, a: &[f32], b: &[f32]) -> f64 {
    let of = |f: fn(f64, f64) -> f64| {
        let values: Vec<f64> = a.iter().zip(b).map(|(&a, &b)| f(f64::from(a), f64::from(b))).collect();
        blurred(side, &values)
    };
    let (mean_a, mean_b) = (of(|a, _| a), of(|_, b| b));
    let (square_a, square_b, product) = (of(|a, _| a * a), of(|_, b| b * b), of(|a, b| a * b));
    let local = (0..mean_a.len()).map(|i| {
        let (ma, mb) = (mean_a[i], mean_b[i]);
        let (va, vb, cov) = (square_a[i] - ma * ma, square_b[i] - mb * mb, product[i] - ma * mb);
        ((2.0 * ma * mb + C1) * (2.0 * cov + C2)) / ((ma * ma + mb * mb + C1) * (va + vb + C2))
    });
    local.sum::<f64>() / mean_a.len() as f64
}

/// The Gaussian mean at all positions of the window, first by rows, then by columns.
fn blurred(side: usize, values: &[f64]) -> Vec<f64> {
    let weights = window();
    let inner = side - 2 * RADIUS;
    let mut rows = vec![0.0; side * inner];
    for y in 0..side {
        for x in 0..inner {
            rows[y * inner + x] = weights.iter().enumerate().map(|(k, w)| w * values[y * side + x + k]).sum();
        }
    }
    let mut both = vec![0.0; inner * inner];
    for y in 0..inner {
        for x in 0..inner {
            both[y * inner + x] = weights.iter().enumerate().map(|(k, w)| w * rows[(y + k) * inner + x]).sum();
        }
    }
    both
}

fn window() -> [f64; 2 * RADIUS + 1] {
    let mut weights = [0.0; 2 * RADIUS + 1];
    for (k, weight) in weights.iter_mut().enumerate() {
        let distance = k as f64 - RADIUS as f64;
        *weight = (-distance * distance / (2.0 * SIGMA * SIGMA)).exp();
    }
    let sum: f64 = weights.iter().sum();
    weights.map(|weight| weight / sum)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Written by tests/reference/measures.py with scikit-image.
    const REFERENCE: &str = include_str!("../../tests/reference/measures.json");

    fn pattern(side: usize, value: impl Fn(usize, usize, usize) -> f64) -> Planes {
        let mut values = Vec::new();
        for c in 0..3 {
            for y in 0..side {
                values.extend((0..side).map(|x| value(x, y, c) as f32));
            }
        }
        Planes { side, values }
    }

    #[test]
    fn it_equals_scikit_image() {
        let reference: serde_json::Value = serde_json::from_str(REFERENCE).unwrap();
        let cases = reference["ssim"].as_array().unwrap();
        assert_eq!(cases.len(), 4);
        for case in cases {
            let side = usize::try_from(case["side"].as_u64().unwrap()).unwrap();
            let first = |x: usize, y: usize, c: usize| ((x * 7 + y * 13 + c * 29) % 64) as f64 / 63.0;
            let a = pattern(side, first);
            let b = match case["second"].as_str().unwrap() {
                "B" => pattern(side, |x, y, c| ((x * 5 + y * 11 + c * 17 + 9) % 64) as f64 / 63.0),
                _ => pattern(side, |x, y, c| first(x, y, c) * 0.5 + 0.25),
            };
            let difference = ssim(&a, &b) - case["ssim"].as_f64().unwrap();
            assert!(difference.abs() < 1e-6, "{case}: {difference}");
        }
    }

    #[test]
    fn equal_images_have_similarity_one() {
        let image = pattern(16, |x, y, c| (x + 2 * y + 3 * c) as f64 / 60.0);
        assert!((ssim(&image, &image) - 1.0).abs() < 1e-12);
    }
}
