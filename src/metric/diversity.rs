use super::Planes;

/// The mean over all pairs of images of the root mean square difference: 0 for equal images, 1 for a black and a white
/// image. 0 for fewer than two images.
pub fn diversity(images: &[Planes]) -> f64 {
    let mut sum = 0.0;
    let mut pairs = 0u32;
    for (i, a) in images.iter().enumerate() {
        for b in &images[i + 1..] {
            sum += difference(a, b);
            pairs += 1;
        }
    }
    sum / f64::from(pairs.max(1))
}

fn difference(a: &Planes, b: &Planes) -> f64 {
    let squares = a.values.iter().zip(&b.values).map(|(&a, &b)| f64::from(a - b).powi(2));
    (squares.sum::<f64>() / a.values.len().max(1) as f64).sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn grey(value: f32) -> Planes {
        Planes { side: 1, values: vec![value; 3] }
    }

    #[test]
    fn it_is_the_mean_over_pairs() {
        // The differences are ½, 1 and ½.
        let found = diversity(&[grey(0.0), grey(0.5), grey(1.0)]);
        assert!((found - 2.0 / 3.0).abs() < 1e-12, "{found}");
        assert_eq!(diversity(&[grey(0.3), grey(0.3)]), 0.0);
        assert_eq!(diversity(&[grey(0.3)]), 0.0);
    }
}
