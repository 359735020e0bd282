//! Random weights: features of an untrained network are a baseline, and require no file.

use super::parameter::Parameter;
use crate::random::Random;
use burn::tensor::TensorData;
use rayon::prelude::*;

/// He-normal weights (He et al. 2015, arXiv 1502.01852, eq. 10: standard deviation √(2 / fan-in)) and zero biases;
/// batch norms have their initial values. The values of a parameter depend only on the seed and its name, not on the
/// device.
pub(super) fn draw(parameters: Vec<Parameter>, seed: u64) -> Vec<(Parameter, TensorData)> {
    let values = |parameter: &Parameter| match parameter.fan_in() {
        None => vec![parameter.initial(); parameter.len()],
        Some(fan_in) => {
            let deviation = (2.0 / fan_in as f32).sqrt();
            let mut random = Random::named(seed, &parameter.name);
            (0..parameter.len()).map(|_| random.normal() * deviation).collect()
        }
    };
    let draw = |parameter: Parameter| {
        let data = TensorData::new(values(&parameter), parameter.shape.clone());
        (parameter, data)
    };
    parameters.into_par_iter().map(draw).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weights_are_he_normal_and_biases_are_zero() {
        let parameter = |name: &str, shape: &[usize]| Parameter { name: name.into(), shape: shape.to_vec() };
        let drawn = draw(vec![parameter("a.weight", &[100, 8, 5, 5]), parameter("a.bias", &[100])], 1);
        let weights = drawn[0].1.clone().try_to_vec::<f32>().unwrap();
        let square = weights.iter().map(|&x| f64::from(x * x)).sum::<f64>() / weights.len() as f64;
        // 2 / (8 · 25) = 0.01; the variance of 20,000 values has a standard deviation of 1 %.
        assert!((square - 0.01).abs() < 0.0004, "{square}");
        assert_eq!(drawn[1].1.clone().try_to_vec::<f32>().unwrap(), [0.0; 100]);
        let norm = ["weight", "bias", "running_mean", "running_var"];
        let drawn = draw(norm.map(|name| parameter(&format!("a.bn.{name}"), &[2])).to_vec(), 1);
        let values: Vec<_> = drawn.into_iter().map(|(_, data)| data.try_to_vec::<f32>().unwrap()).collect();
        assert_eq!(values, [[1.0; 2], [0.0; 2], [0.0; 2], [1.0; 2]]);
    }

    #[test]
    fn a_parameter_depends_only_on_the_seed_and_its_name() {
        let parameter = |name: &str| Parameter { name: name.into(), shape: vec![2, 3] };
        let (pair, alone) = (draw(vec![parameter("a"), parameter("b")], 1), draw(vec![parameter("b")], 1));
        assert_eq!(pair[1].1, alone[0].1);
        assert_ne!(pair[0].1, pair[1].1);
        assert_ne!(alone[0].1, draw(vec![parameter("b")], 2)[0].1);
    }
}
