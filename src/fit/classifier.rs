//! A classifier: a feature network with a classification layer.

use burn::module::{Module, Param};
use burn::nn::{Linear, LinearConfig};
use burn::tensor::activation::log_softmax;
use burn::tensor::{Device, Int, Tensor, TensorData};

use super::recipe::Recipe;
use crate::random::Random;
use crate::vision::FeatureNet;

/// A feature network and a classification layer.
#[derive(Module, Debug)]
pub(super) struct Classifier {
    net: FeatureNet,
    /// `[fc7, classes]`
    classes: Linear,
}

impl Classifier {
    /// Adds a new classification layer to `net`, which is on `device`. The weights are drawn from N(0, 0.01²) with the
    /// recipe's seed; the bias is 0.
    pub fn new(net: FeatureNet, recipe: &Recipe, features: usize, classes: usize, device: &Device) -> Self {
        let mut layer = LinearConfig::new(features, classes).init(device);
        let values = Random::named(recipe.fit.seed, "fit/classes").normals(features * classes);
        let weights: Vec<f32> = values.into_iter().map(|value| 0.01 * value).collect();
        layer.weight = Param::from_data(TensorData::new(weights, [features, classes]), device);
        layer.bias = Some(Param::from_data(TensorData::zeros::<f32, _>([classes]), device));
        Self { net, classes: layer }
    }

    /// The logits `[n, classes]` of images `[n, 3, input, input]`. `dropout` is applied where the network has dropout.
    pub fn forward(&self, images: Tensor<4>, dropout: &mut dyn FnMut(Tensor<2>) -> Tensor<2>) -> Tensor<2> {
        self.classes.forward(self.net.forward_dropped(images, dropout))
    }

    /// Name, shape and values of every parameter, with the names and orientation of torchvision. `layer` is the name of
    /// the classification layer, which comes last.
    pub fn state(&self, layer: &str) -> Vec<(String, Vec<usize>, Vec<f32>)> {
        let values = |tensor: TensorData| tensor.convert::<f32>().try_to_vec::<f32>().expect("just converted to f32");
        let weight = self.classes.weight.val().transpose();
        let mut state = self.net.state();
        state.push((format!("{layer}.weight"), weight.dims().to_vec(), values(weight.into_data())));
        if let Some(bias) = &self.classes.bias {
            let bias = bias.val();
            state.push((format!("{layer}.bias"), bias.dims().to_vec(), values(bias.into_data())));
        }
        state
    }
}

/// The mean cross-entropy of logits `[n, classes]` and the given classes.
pub(super) fn cross_entropy(logits: Tensor<2>, classes: &[usize]) -> Tensor<1> {
    let device = logits.device();
    let targets: Vec<i64> = classes.iter().map(|&class| class as i64).collect();
    let targets = Tensor::<2, Int>::from_data(TensorData::new(targets, [classes.len(), 1]), &device);
    log_softmax(logits, 1).gather(1, targets).mean().neg()
}

/// Inverted dropout (Srivastava et al. 2014): sets each value to 0 with probability `rate` and divides the others by
/// 1 − `rate`. The draws come from `random`, not from the device, so that they are reproducible.
pub(super) fn dropout(vector: Tensor<2>, rate: f64, random: &mut Random) -> Tensor<2> {
    if rate == 0.0 {
        return vector;
    }
    let (shape, scale) = (vector.dims(), (1.0 / (1.0 - rate)) as f32);
    let mask = (0..shape[0] * shape[1]).map(|_| if random.uniform() < rate { 0.0 } else { scale });
    let mask = TensorData::new(mask.collect::<Vec<f32>>(), shape);
    let device = vector.device();
    vector * Tensor::from_data(mask, &device)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cross_entropy_is_the_mean_negative_log_likelihood() {
        let logits = Tensor::<2>::from_floats([[1.0, 2.0, 3.0], [0.0, 0.0, 0.0]], &Device::flex());
        // −ln(e³ / (e + e² + e³)) = 0.407606 and ln 3 = 1.098612.
        let loss = cross_entropy(logits, &[2, 0]).into_scalar::<f32>();
        assert!((loss - (0.407_606 + 1.098_612) / 2.0).abs() < 1e-5, "{loss}");
    }

    #[test]
    fn dropout_keeps_the_mean_and_sets_the_expected_fraction_to_zero() {
        let ones = Tensor::<2>::ones([10, 1000], &Device::flex());
        let found = dropout(ones, 0.25, &mut Random::named(1, "drop")).into_data().try_to_vec::<f32>().unwrap();
        let zeros = found.iter().filter(|&&value| value == 0.0).count();
        // Expected: 2,500, with a standard deviation of 43.
        assert!((2_300..2_700).contains(&zeros), "{zeros}");
        assert!(found.iter().all(|&value| value == 0.0 || (value - 4.0 / 3.0).abs() < 1e-6));
    }
}
