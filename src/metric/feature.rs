/// The distance of features to an image's own over the length of these: 0 when equal, 1 for features that are all zero.
/// Where its own are all zero, the distance itself.
pub fn feature_distance(found: &[f32], own: &[f32]) -> f64 {
    let square = |x: f64| x * x;
    let apart: f64 = found.iter().zip(own).map(|(&a, &b)| square(f64::from(a) - f64::from(b))).sum();
    let whole: f64 = own.iter().map(|&b| square(f64::from(b))).sum();
    (apart / if whole > 0.0 { whole } else { 1.0 }).sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_relative_to_the_own_features() {
        assert_eq!(feature_distance(&[3.0, 4.0], &[3.0, 4.0]), 0.0);
        assert_eq!(feature_distance(&[0.0, 0.0], &[3.0, 4.0]), 1.0);
        // √(9 + 16) of √(36 + 64).
        assert_eq!(feature_distance(&[3.0, 4.0], &[6.0, 8.0]), 0.5);
        assert_eq!(feature_distance(&[0.0, 2.0], &[0.0, 0.0]), 2.0);
    }
}
