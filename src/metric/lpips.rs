//! LPIPS: the perceptual distance of two images, from the features of a network.

use std::path::Path;

use burn::tensor::{Device, Tensor, TensorData};
use image::RgbImage;

use crate::vision::{
    FeatureNet, Layer, Network, NetworkConfig, VisionError, Weights, normalise_equal_sizes, read_tensors,
};

/// Pairs that the network processes at once.
const BATCH: usize = 16;

/// The epsilon that is added to the norm of a vector (`normalize_tensor` of the `lpips` package).
const EPSILON: f64 = 1e-10;

/// The learned perceptual distance of Zhang et al. 2018 (arXiv 1801.03924, eq. 1), version 0.1 of the `lpips` package:
/// with AlexNet after each of the five ReLUs, with VGG-16 after the last ReLU of each block.
///
/// The package normalises images from −1 to 1 with the means −.030, −.088, −.188 and the deviations .458, .448, .450.
/// For values from 0 to 1 this is equivalent to .485, .456, .406 and .229, .224, .225: [`Network::normalisation`].
#[derive(Debug)]
pub struct Lpips {
    net: FeatureNet,
    layers: Vec<Layer>,
    /// For each layer `[1, channels, 1, 1]`.
    weights: Vec<Tensor<4>>,
    device: Device,
}

impl Lpips {
    /// Loads the weights of the network and the linear weights, the `lpips` package's `weights/v0.1/alex.pth` or
    /// `vgg.pth`.
    ///
    /// # Errors
    ///
    /// If the network is neither AlexNet nor VGG-16, or a file cannot be read or does not have the weights.
    pub fn load(network: Network, weights: &Weights, linear: &Path, device: &Device) -> Result<Self, VisionError> {
        Self::load_sized(network, NetworkConfig::published(network), weights, linear, device)
    }

    fn load_sized(
        network: Network,
        config: NetworkConfig,
        weights: &Weights,
        linear: &Path,
        device: &Device,
    ) -> Result<Self, VisionError> {
        let names = match network {
            Network::AlexNet => ["conv1", "conv2", "conv3", "conv4", "conv5"],
            Network::Vgg16 => ["conv1_2", "conv2_2", "conv3_3", "conv4_3", "conv5_3"],
            _ => return Err(VisionError::Lpips { network }),
        };
        let device = device.clone().without_autodiff();
        let layers = names.map(|name| network.layer(name).expect("both networks have these layers")).to_vec();
        let needed = layers
            .iter()
            .enumerate()
            .map(|(index, layer)| (format!("lin{index}.model.1.weight"), vec![1, layer.length(config), 1, 1]));
        let needed: Vec<_> = needed.collect();
        let values = read_tensors(linear, &format!("LPIPS's linear weights for {network}"), &needed)?;
        let shaped = values
            .into_iter()
            .zip(&needed)
            .map(|(values, (_, shape))| Tensor::from_data(TensorData::new(values, [1, shape[1], 1, 1]), &device));
        let net = FeatureNet::load_for(network, config, weights, &layers, &device)?;
        Ok(Self { weights: shaped.collect(), net, layers, device })
    }

    /// Notes on the weights file that it was loaded from.
    ///
    /// # Errors
    ///
    /// If the file cannot be read.
    pub fn notes(&self, weights: &Weights) -> Result<Vec<String>, VisionError> {
        let network = self.net.network();
        FeatureNet::notes(network, NetworkConfig::published(network), weights, &self.layers)
    }

    /// The distance between each image in `a` and the image with the same index in `b`: 0 for equal images, never
    /// negative. Images may have any size from the smallest input of the network; both of a pair must have the same.
    /// They are not resized.
    ///
    /// # Errors
    ///
    /// If `a` and `b` differ in length, or the images of a pair differ in size or are too small. Nothing is computed
    /// then.
    pub fn distance(&self, a: &[RgbImage], b: &[RgbImage]) -> Result<Vec<f64>, VisionError> {
        if a.len() != b.len() {
            return Err(VisionError::Pairs { first: a.len(), second: b.len() });
        }
        let (network, smallest) = (self.net.network(), self.net.network().smallest_input());
        let mut pairs = Vec::with_capacity(a.len());
        for (index, (first, second)) in a.iter().zip(b).enumerate() {
            let (found, other) = (first.dimensions(), second.dimensions());
            let side = found.0.min(found.1) as usize;
            if found != other {
                return Err(VisionError::Pair { index, found, other });
            }
            if side < smallest {
                return Err(VisionError::Input { network, input: side, smallest });
            }
            pairs.push((first, second));
        }
        let same = pairs.chunk_by(|one, next| one.0.dimensions() == next.0.dimensions());
        Ok(same.flat_map(|run| run.chunks(BATCH)).flat_map(|batch| self.batch_distances(batch)).collect())
    }

    fn batch_distances(&self, pairs: &[(&RgbImage, &RgbImage)]) -> Vec<f64> {
        let maps = |images: Vec<&RgbImage>| {
            let images = normalise_equal_sizes(self.net.network(), &images, &self.device);
            self.net.maps(images, &self.layers)
        };
        let firsts = maps(pairs.iter().map(|pair| pair.0).collect());
        let seconds = maps(pairs.iter().map(|pair| pair.1).collect());
        let mut sums = vec![0.0; pairs.len()];
        for ((first, second), weights) in firsts.into_iter().zip(seconds).zip(&self.weights) {
            let squares = (unit(first) - unit(second)).square() * weights.clone();
            let means = squares.sum_dim(1).mean_dim(3).mean_dim(2).into_data().convert::<f32>();
            let means = means.try_to_vec::<f32>().expect("the means were just converted to f32");
            sums.iter_mut().zip(means).for_each(|(sum, mean)| *sum += f64::from(mean));
        }
        sums
    }
}

/// The channel vector of each pixel, divided by its norm.
fn unit(map: Tensor<4>) -> Tensor<4> {
    let length = map.clone().square().sum_dim(1).sqrt().add_scalar(EPSILON);
    map / length
}

#[cfg(test)]
mod tests;
