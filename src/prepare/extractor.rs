//! Feature extraction by a frozen network. Gradients can flow through it to the images.

use burn::module::Module as _;
use burn::tensor::{Device, Tensor, TensorData};
use image::RgbImage;

use super::PrepareError;
use crate::data::bilinear_weights;
use crate::spec::{EvalSettings, GuideSettings};
use crate::vision::{FeatureNet, Layer, Network, NetworkConfig, Resizer, VisionError, Weights, resized_features};

/// A network and the layer whose output is the features.
#[derive(Clone, Debug, PartialEq)]
pub struct ExtractorConfig {
    network: Network,
    layer: Layer,
    config: NetworkConfig,
    /// `None` before they are fitted.
    weights: Option<Weights>,
}

/// A loaded network for images of one size.
pub struct Extractor {
    net: FeatureNet,
    layer: Layer,
    device: Device,
    /// `[1, 1, input, side]`: the interpolation weights of each line of the network's input.
    lines: Tensor<4>,
}

impl ExtractorConfig {
    /// The network of the guide; `None` without a guide.
    ///
    /// # Errors
    ///
    /// If the weights are neither `random:<seed>` nor a file of weights.
    pub fn of_guide(guide: &GuideSettings) -> Result<Option<Self>, VisionError> {
        match guide.is_fitted() {
            false => Self::new(&guide.network, &guide.layer, guide.input, guide.width, Some(&guide.weights)),
            true => Self::new(&guide.network, &guide.layer, guide.input, guide.width, None),
        }
    }

    /// The extractor of evaluations; `None` if there is none.
    ///
    /// # Errors
    ///
    /// As [`Self::of_guide`].
    pub fn of_evaluation(eval: &EvalSettings) -> Result<Option<Self>, VisionError> {
        Self::new(
            &eval.extractor,
            &eval.extractor_layer,
            eval.extractor_input,
            eval.extractor_width,
            Some(&eval.extractor_weights),
        )
    }

    fn new(
        network: &str,
        layer: &str,
        input: usize,
        width: f64,
        weights: Option<&str>,
    ) -> Result<Option<Self>, VisionError> {
        let Ok(network) = network.parse::<Network>() else { return Ok(None) };
        let layer = network.layer(layer).expect("a plan rejects a layer that its network does not have");
        let config = NetworkConfig { input, width };
        Ok(Some(Self { network, layer, config, weights: weights.map(Weights::parse).transpose()? }))
    }

    /// The length of its features.
    pub fn length(&self) -> usize {
        self.layer.length(self.config)
    }

    /// The network.
    pub fn network(&self) -> Network {
        self.network
    }

    /// Its weights.
    ///
    /// # Errors
    ///
    /// If they have not been fitted yet.
    pub fn weights(&self) -> Result<&Weights, PrepareError> {
        self.weights.as_ref().ok_or(PrepareError::NotFitted)
    }

    /// The layer of the features.
    pub(super) fn layer(&self) -> Layer {
        self.layer
    }

    /// The network with its weights.
    ///
    /// # Errors
    ///
    /// If they have not been fitted yet, cannot be read or are not of this network.
    pub(super) fn net(&self, device: &Device) -> Result<FeatureNet, PrepareError> {
        Ok(FeatureNet::load_for(self.network, self.config, self.weights()?, &[self.layer], device)?)
    }

    /// Warnings about its file of weights; empty if they are random or not fitted yet.
    ///
    /// # Errors
    ///
    /// If the file cannot be read.
    pub fn notes(&self) -> Result<Vec<String>, VisionError> {
        match &self.weights {
            Some(weights) => FeatureNet::notes(self.network, self.config, weights, &[self.layer]),
            None => Ok(Vec::new()),
        }
    }

    /// Everything that determines its features, except the images. `weights` is the hash of its file of weights.
    pub fn identifier(&self, weights: Option<&str>) -> String {
        let Self { network, layer, config, .. } = self;
        let own = || self.weights.as_ref().map_or_else(|| "fit".to_owned(), Weights::to_string);
        let weights = weights.map_or_else(own, str::to_owned);
        format!("{network} {layer} {weights} {} {}", config.input, config.width)
    }

    /// The file of weights, if they are a file.
    pub fn file(&self) -> Option<&std::path::Path> {
        match &self.weights {
            Some(Weights::File { path }) => Some(path),
            Some(Weights::Random { .. }) | None => None,
        }
    }

    /// Loads the network on `device`, for images of `side`². Its weights are frozen. On an autodiff device, gradients
    /// flow through it to the images.
    ///
    /// # Errors
    ///
    /// If the weights cannot be read or are not of this network.
    pub fn load(&self, side: usize, device: &Device) -> Result<Extractor, PrepareError> {
        let net = self.net(device)?.no_grad();
        let input = self.config.input;
        let mut lines = vec![0.0f32; input * side];
        for (line, (first, weights)) in bilinear_weights(side, input).into_iter().enumerate() {
            let row = &mut lines[line * side + first..];
            row.iter_mut().zip(weights).for_each(|(place, weight)| *place = weight as f32);
        }
        let lines = Tensor::from_data(TensorData::new(lines, [1, 1, input, side]), device);
        Ok(Extractor { net, layer: self.layer, lines, device: device.clone() })
    }
}

impl Extractor {
    /// The features of images of any size at each of `layers`, one vector an image. Without gradients.
    pub fn features(&self, images: &[RgbImage], resizer: Resizer, layers: &[Layer]) -> Vec<Vec<Vec<f32>>> {
        resized_features(&self.net, layers, images, resizer, &self.device)
    }

    /// The network.
    pub fn network(&self) -> Network {
        self.net.network()
    }

    /// The layer of the features.
    pub fn layer(&self) -> Layer {
        self.layer
    }

    /// Whether its weights include another layer.
    pub fn has_layer(&self, layer: Layer) -> bool {
        self.net.reaches(layer)
    }

    /// Images `[n, 3, side, side]` in [−1, 1] → features `[n, length]`.
    ///
    /// They are resized like image files, but without rounding to 256 levels.
    pub fn extract(&self, images: Tensor<4>) -> Tensor<2> {
        let rows = self.lines.clone().matmul(images);
        let both = rows.matmul(self.lines.clone().swap_dims(2, 3));
        self.net.forward(normalised(both, self.net.network()), self.layer)
    }
}

/// From [−1, 1] to the input normalisation of the network.
fn normalised(images: Tensor<4>, network: Network) -> Tensor<4> {
    let (mean, deviation) = network.normalisation();
    let device = images.device();
    let along = |values: [f32; 3]| Tensor::<1>::from_floats(values, &device).reshape([1, 3, 1, 1]);
    let unit = images.add_scalar(1.0).div_scalar(2.0);
    (unit - along(mean)) / along(deviation)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::Random;
    use crate::vision::features;

    fn small(input: usize) -> ExtractorConfig {
        ExtractorConfig::new("alexnet", "fc7", input, 0.02, Some("random:3")).unwrap().unwrap()
    }

    fn random_image(side: u32) -> RgbImage {
        let mut random = Random::named(1, "picture");
        RgbImage::from_fn(side, side, |_, _| image::Rgb([0; 3].map(|_: u8| random.below(256) as u8)))
    }

    fn tensor(image: &RgbImage, device: &Device) -> Tensor<4> {
        let side = image.width() as usize;
        let planes = (0..3).flat_map(|c| image.pixels().map(move |p| f32::from(p.0[c]) / 127.5 - 1.0));
        Tensor::from_data(TensorData::new(planes.collect::<Vec<_>>(), [1, 3, side, side]), device)
    }

    fn values(tensor: Tensor<2>) -> Vec<f32> {
        tensor.into_data().try_to_vec().unwrap()
    }

    #[test]
    fn the_catalogue_and_the_networks_have_the_same_layers() {
        for network in Network::ALL {
            assert_eq!(network.layers(), crate::spec::layers_of(network.as_str()), "{network}");
        }
    }

    #[test]
    fn features_of_a_tensor_equal_those_of_the_image() {
        let device = Device::flex();
        let config = small(96);
        // At the input size of the network nothing is resized; at half of it only the rounding differs.
        for (side, near) in [(96, 1e-5), (48, 1e-2)] {
            let image = random_image(side);
            let net = config.net(&device).unwrap();
            let resized = crate::data::SquareMethod::Squash.apply(&image, 96);
            let expected = features(&net, config.layer(), &[resized], &device).unwrap().remove(0);
            let found = values(config.load(side as usize, &device).unwrap().extract(tensor(&image, &device)));
            let largest = expected.iter().fold(0.0f32, |a, &b| a.max(b.abs()));
            let off = found.iter().zip(&expected).fold(0.0f32, |off, (a, b)| off.max((a - b).abs()));
            assert!(off <= near * largest, "{side}: {off} of {largest}");
        }
    }

    #[test]
    fn gradients_of_the_image_equal_finite_differences() {
        let device = Device::flex().autodiff();
        let extractor = small(64).load(32, &device).unwrap();
        let image = random_image(32);
        let image = tensor(&image, &device).require_grad();
        let of = |image: Tensor<4>| extractor.extract(image).sum();
        let gradient = image.grad(&of(image.clone()).backward()).unwrap();
        let direction = Random::named(2, "direction").normals(3 * 32 * 32);
        let direction =
            Tensor::<4>::from_data(TensorData::new(direction, [1, 3, 32, 32]), &device.clone().without_autodiff());
        let along = (gradient * direction.clone()).sum().into_scalar::<f32>();
        let moved = |by: f64| {
            let step = Tensor::<4>::from_data(direction.clone().mul_scalar(by).into_data(), &device);
            of(image.clone().detach() + step).into_scalar::<f32>()
        };
        let difference = (moved(1e-4) - moved(-1e-4)) / 2e-4;
        assert!((along - difference).abs() <= 0.03 * along.abs().max(difference.abs()), "{along} {difference}");
    }
}
