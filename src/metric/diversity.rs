use super::Planes;

/// The root mean square difference between pictures, mean over all pairs: 0 for equal pictures, 1 for black and white.
/// 0 for fewer than two.
pub fn diversity(pictures: &[Planes]) -> f64 {
    let mut sum = 0.0;
    let mut pairs = 0u32;
    for (i, a) in pictures.iter().enumerate() {
        for b in &pictures[i + 1..] {
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
        // ½, 1 and ½.
        let found = diversity(&[grey(0.0), grey(0.5), grey(1.0)]);
        assert!((found - 2.0 / 3.0).abs() < 1e-12, "{found}");
        assert_eq!(diversity(&[grey(0.3), grey(0.3)]), 0.0);
        assert_eq!(diversity(&[grey(0.3)]), 0.0);
    }
}
