//! A network with a layer of classes on top, while it learns.

use burn::module::{Module, Param};
use burn::nn::{Linear, LinearConfig};
use burn::tensor::activation::log_softmax;
use burn::tensor::{Device, Int, Tensor, TensorData};

use super::recipe::Recipe;
use crate::random::Random;
use crate::vision::FeatureNet;

/// A backbone and its layer of classes.
#[derive(Module, Debug)]
pub(super) struct Classifier {
    net: FeatureNet,
    /// `[fc7, classes]`
    classes: Linear,
}

impl Classifier {
    /// `net`, which is on `device`, with a new layer of `classes`: N(0, 0.01) weights drawn by the recipe's seed, no bias.
    pub fn new(net: FeatureNet, recipe: &Recipe, features: usize, classes: usize, device: &Device) -> Self {
        let mut layer = LinearConfig::new(features, classes).init(device);
        let drawn = Random::named(recipe.fit.seed, "fit/classes").normals(features * classes);
        let drawn: Vec<f32> = drawn.into_iter().map(|value| 0.01 * value).collect();
        layer.weight = Param::from_data(TensorData::new(drawn, [features, classes]), device);
        layer.bias = Some(Param::from_data(TensorData::zeros::<f32, _>([classes]), device));
        Self { net, classes: layer }
    }

    /// `[n, 3, input, input]` to `[n, classes]`. Each call of `drop` gets the next vector that dropout falls on.
    pub fn forward(&self, images: Tensor<4>, drop: &mut dyn FnMut(Tensor<2>) -> Tensor<2>) -> Tensor<2> {
        self.classes.forward(self.net.forward_dropped(images, drop))
    }

    /// Every parameter by torchvision's name, in its shape and orientation: the network's, then the classes'.
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

/// The mean cross-entropy of logits `[n, classes]` with these classes.
pub(super) fn cross_entropy(logits: Tensor<2>, classes: &[usize]) -> Tensor<1> {
    let device = logits.device();
    let targets: Vec<i64> = classes.iter().map(|&class| class as i64).collect();
    let targets = Tensor::<2, Int>::from_data(TensorData::new(targets, [classes.len(), 1]), &device);
    log_softmax(logits, 1).gather(1, targets).mean().neg()
}

/// Drops each number with chance `share` and makes up for it with the others (Srivastava et al. 2014, inverted), drawn
/// from `chance` and not from the device.
pub(super) fn dropped(vector: Tensor<2>, share: f64, chance: &mut Random) -> Tensor<2> {
    if share == 0.0 {
        return vector;
    }
    let (shape, kept) = (vector.dims(), (1.0 / (1.0 - share)) as f32);
    let mask = (0..shape[0] * shape[1]).map(|_| if chance.uniform() < share { 0.0 } else { kept });
    let mask = TensorData::new(mask.collect::<Vec<f32>>(), shape);
    let device = vector.device();
    vector * Tensor::from_data(mask, &device)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cross_entropy_is_the_mean_of_minus_the_logarithm_of_the_class() {
        let logits = Tensor::<2>::from_floats([[1.0, 2.0, 3.0], [0.0, 0.0, 0.0]], &Device::flex());
        // −ln(e³ / (e + e² + e³)) = 0.407606 and ln 3 = 1.098612.
        let loss = cross_entropy(logits, &[2, 0]).into_scalar::<f32>();
        assert!((loss - (0.407_606 + 1.098_612) / 2.0).abs() < 1e-5, "{loss}");
    }

    #[test]
    fn dropout_keeps_the_mean_and_drops_its_share() {
        let ones = Tensor::<2>::ones([10, 1000], &Device::flex());
        let found = dropped(ones, 0.25, &mut Random::named(1, "drop")).into_data().try_to_vec::<f32>().unwrap();
        let zeros = found.iter().filter(|&&value| value == 0.0).count();
        // 2,500 are expected; one standard deviation is 43.
        assert!((2_300..2_700).contains(&zeros), "{zeros}");
        assert!(found.iter().all(|&value| value == 0.0 || (value - 4.0 / 3.0).abs() < 1e-6));
    }
}
