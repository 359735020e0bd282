//! Interpolation of noise and sentence vectors.

/// Linear interpolation between `from`, at 0, and `to`, at 1.
pub fn lerp(from: &[f32], to: &[f32], at: f64) -> Vec<f32> {
    weighted_sum(from, to, 1.0 - at, at)
}

/// Spherical linear interpolation, which keeps the typical length of normal noise (White 2016, arXiv 1609.04468).
pub fn slerp(from: &[f32], to: &[f32], at: f64) -> Vec<f32> {
    let product = |a: &[f32], b: &[f32]| a.iter().zip(b).map(|(&a, &b)| f64::from(a) * f64::from(b)).sum::<f64>();
    let cosine = product(from, to) / (product(from, from) * product(to, to)).sqrt();
    let angle = cosine.clamp(-1.0, 1.0).acos();
    // For nearly parallel vectors it equals the linear one; for opposite ones it is not defined.
    match angle.sin() {
        sine if sine > 1e-6 => weighted_sum(from, to, (angle * (1.0 - at)).sin() / sine, (angle * at).sin() / sine),
        _ => lerp(from, to, at),
    }
}

fn weighted_sum(from: &[f32], to: &[f32], one: f64, other: f64) -> Vec<f32> {
    from.iter().zip(to).map(|(&a, &b)| (one * f64::from(a) + other * f64::from(b)) as f32).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::Random;

    #[test]
    fn both_interpolations_give_their_end_points_exactly() {
        let (from, to) = (Random::named(1, "from").normals(100), Random::named(1, "to").normals(100));
        for interpolate in [lerp, slerp] {
            assert_eq!(interpolate(&from, &to, 0.0), from);
            assert_eq!(interpolate(&from, &to, 1.0), to);
            assert_eq!(interpolate(&from, &from, 0.5), from);
        }
    }

    #[test]
    fn spherical_interpolation_keeps_the_length() {
        let length = |vector: &[f32]| vector.iter().map(|value| value * value).sum::<f32>().sqrt();
        let (from, to) = ([3.0, 0.0], [0.0, 3.0]);
        assert!((length(&slerp(&from, &to, 0.5)) - 3.0).abs() < 1e-5);
        assert!(length(&lerp(&from, &to, 0.5)) < 2.2);
    }
}
