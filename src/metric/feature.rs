/// The Euclidean distance of a sample's features from those of its own image, divided by the norm of the latter: 0 for
/// equal features, 1 if the sample's features are all zero. If those of the image are all zero, the distance is not
/// divided.
pub fn feature_distance(found: &[f32], own: &[f32]) -> f64 {
    let square = |x: f64| x * x;
    let difference: f64 = found.iter().zip(own).map(|(&a, &b)| square(f64::from(a) - f64::from(b))).sum();
    let norm: f64 = own.iter().map(|&b| square(f64::from(b))).sum();
    (difference / if norm > 0.0 { norm } else { 1.0 }).sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_relative_to_the_features_of_the_own_image() {
        assert_eq!(feature_distance(&[3.0, 4.0], &[3.0, 4.0]), 0.0);
        assert_eq!(feature_distance(&[0.0, 0.0], &[3.0, 4.0]), 1.0);
        // √(9 + 16) of √(36 + 64).
        assert_eq!(feature_distance(&[3.0, 4.0], &[6.0, 8.0]), 0.5);
        assert_eq!(feature_distance(&[0.0, 2.0], &[0.0, 0.0]), 2.0);
    }
}
