//! What a frozen network sees of images while they are tensors, so that gradients go through it.

use burn::module::Module as _;
use burn::tensor::{Device, Tensor, TensorData};
use image::RgbImage;

use super::PrepareError;
use crate::data::bilinear_weights;
use crate::spec::{EvalSettings, GuideSettings};
use crate::vision::{FeatureNet, Layer, Network, NetworkConfig, Resizer, VisionError, Weights, resized_features};

/// Which network looks at pictures, and at which of its layers.
#[derive(Clone, Debug, PartialEq)]
pub struct ExtractorConfig {
    network: Network,
    layer: Layer,
    config: NetworkConfig,
    /// `None` while they are still to be fitted.
    weights: Option<Weights>,
}

/// A network that looks at pictures of one size.
pub struct Extractor {
    net: FeatureNet,
    layer: Layer,
    device: Device,
    /// `[1, 1, input, side]`: what each line of the network's input is made of.
    lines: Tensor<4>,
}

impl ExtractorConfig {
    /// The network of the guide; `None` where there is none.
    ///
    /// # Errors
    ///
    /// If the weights are neither drawn nor a file that weights are read from.
    pub fn of_guide(guide: &GuideSettings) -> Result<Option<Self>, VisionError> {
        match guide.is_fitted() {
            false => Self::new(&guide.network, &guide.layer, guide.input, guide.width, Some(&guide.weights)),
            true => Self::new(&guide.network, &guide.layer, guide.input, guide.width, None),
        }
    }

    /// The network that evaluations compare features by; `None` where there is none.
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
        let layer = network.layer(layer).expect("a plan refuses a layer that its network does not have");
        let config = NetworkConfig { input, width };
        Ok(Some(Self { network, layer, config, weights: weights.map(Weights::parse).transpose()? }))
    }

    /// Length of its features.
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
    /// If they are still to be fitted.
    pub fn weights(&self) -> Result<&Weights, PrepareError> {
        self.weights.as_ref().ok_or(PrepareError::NotFitted)
    }

    /// The layer that is looked at.
    pub(super) fn layer(&self) -> Layer {
        self.layer
    }

    /// The network with its weights.
    ///
    /// # Errors
    ///
    /// If they are still to be fitted, cannot be read or are not this network's.
    pub(super) fn net(&self, device: &Device) -> Result<FeatureNet, PrepareError> {
        Ok(FeatureNet::load_for(self.network, self.config, self.weights()?, &[self.layer], device)?)
    }

    /// What a reader should know about its file of weights; nothing of weights that are drawn or still to be fitted.
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

    /// All that its features follow from but the pictures, where `weights` is the hash of a file of weights.
    pub fn print(&self, weights: Option<&str>) -> String {
        let Self { network, layer, config, .. } = self;
        let own = || self.weights.as_ref().map_or_else(|| "fit".to_owned(), Weights::to_string);
        let weights = weights.map_or_else(own, str::to_owned);
        format!("{network} {layer} {weights} {} {}", config.input, config.width)
    }

    /// The file of weights, where they are one.
    pub fn file(&self) -> Option<&std::path::Path> {
        match &self.weights {
            Some(Weights::File { path }) => Some(path),
            Some(Weights::Random { .. }) | None => None,
        }
    }

    /// The network with its weights on `device`, for pictures of `side`². Its weights take no gradient; on a device
    /// with gradients they go through it to the pictures.
    ///
    /// # Errors
    ///
    /// If the weights cannot be read or are not this network's.
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
    /// What the network sees of pictures of whatever size, at each of `layers`: one vector a picture. No gradients.
    pub fn features(&self, pictures: &[RgbImage], resizer: Resizer, layers: &[Layer]) -> Vec<Vec<Vec<f32>>> {
        resized_features(&self.net, layers, pictures, resizer, &self.device)
    }

    /// The network.
    pub fn network(&self) -> Network {
        self.net.network()
    }

    /// The layer that is looked at.
    pub fn layer(&self) -> Layer {
        self.layer
    }

    /// Whether its weights reach to another layer.
    pub fn reaches(&self, layer: Layer) -> bool {
        self.net.reaches(layer)
    }

    /// Images `[n, 3, side, side]` in [−1, 1] → features `[n, length]`.
    ///
    /// Resized as photos are, but without rounding to 256 levels in between.
    pub fn look(&self, images: Tensor<4>) -> Tensor<2> {
        let rows = self.lines.clone().matmul(images);
        let both = rows.matmul(self.lines.clone().swap_dims(2, 3));
        self.net.forward(normalised(both, self.net.network()), self.layer)
    }
}

/// From [−1, 1] to what the network was trained on.
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

    fn picture(side: u32) -> RgbImage {
        let mut random = Random::named(1, "picture");
        RgbImage::from_fn(side, side, |_, _| image::Rgb([0; 3].map(|_: u8| random.below(256) as u8)))
    }

    fn tensor(picture: &RgbImage, device: &Device) -> Tensor<4> {
        let side = picture.width() as usize;
        let planes = (0..3).flat_map(|c| picture.pixels().map(move |p| f32::from(p.0[c]) / 127.5 - 1.0));
        Tensor::from_data(TensorData::new(planes.collect::<Vec<_>>(), [1, 3, side, side]), device)
    }

    fn values(tensor: Tensor<2>) -> Vec<f32> {
        tensor.into_data().try_to_vec().unwrap()
    }

    #[test]
    fn a_plan_knows_the_layers_that_networks_have() {
        for network in Network::ALL {
            assert_eq!(network.layers(), crate::spec::layers_of(network.as_str()), "{network}");
        }
    }

    #[test]
    fn a_tensor_is_seen_as_the_picture_is() {
        let device = Device::flex();
        let config = small(96);
        // At the network's own size nothing is resized; at half of it, as the photo is but for its rounding.
        for (side, near) in [(96, 1e-5), (48, 1e-2)] {
            let picture = picture(side);
            let net = config.net(&device).unwrap();
            let resized = crate::data::Square::Squash.apply(&picture, 96);
            let expected = features(&net, config.layer(), &[resized], &device).unwrap().remove(0);
            let found = values(config.load(side as usize, &device).unwrap().look(tensor(&picture, &device)));
            let largest = expected.iter().fold(0.0f32, |a, &b| a.max(b.abs()));
            let off = found.iter().zip(&expected).fold(0.0f32, |off, (a, b)| off.max((a - b).abs()));
            assert!(off <= near * largest, "{side}: {off} of {largest}");
        }
    }

    #[test]
    fn gradients_reach_the_picture_and_equal_differences() {
        let device = Device::flex().autodiff();
        let extractor = small(64).load(32, &device).unwrap();
        let picture = picture(32);
        let image = tensor(&picture, &device).require_grad();
        let of = |image: Tensor<4>| extractor.look(image).sum();
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
