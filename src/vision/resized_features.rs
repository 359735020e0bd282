//! Features of images of any size.

use super::extract::{BATCH, to_vectors};
use super::feature_net::FeatureNet;
use super::layer::Layer;
use super::resize::Resizer;
use burn::module::Module as _;
use burn::tensor::{Device, Tensor, TensorData};
use image::RgbImage;
use rayon::prelude::*;

/// The features at some layers of images of any size, which are resized to the input of the network: for each of
/// `layers` one vector for each image, in order, without gradients.
///
/// Images are processed in batches: except for the features, memory does not depend on their number. The network must
/// be on `device`; both may be set up for gradients, which are not recorded.
pub fn resized_features(
    net: &FeatureNet,
    layers: &[Layer],
    images: &[RgbImage],
    resizer: Resizer,
    device: &Device,
) -> Vec<Vec<Vec<f32>>> {
    let (net, device) = (net.valid(), device.clone().without_autodiff());
    let mut matrices = vec![Vec::with_capacity(images.len()); layers.len()];
    for batch in images.chunks(BATCH) {
        let outputs = net.forward_to(inputs(&net, batch, resizer, &device), layers);
        for (matrix, output) in matrices.iter_mut().zip(outputs) {
            matrix.extend(to_vectors(output));
        }
    }
    matrices
}

/// Resized and normalised images: `[n, 3, input, input]`.
fn inputs(net: &FeatureNet, images: &[RgbImage], resizer: Resizer, device: &Device) -> Tensor<4> {
    let side = net.input();
    let (mean, deviation) = net.network().normalisation();
    let resized = images.par_iter().map(|image| {
        let mut planes = resizer.apply(image, side);
        for (channel, plane) in planes.chunks_exact_mut(side * side).enumerate() {
            plane.iter_mut().for_each(|value| *value = (*value - mean[channel]) / deviation[channel]);
        }
        planes
    });
    let values = resized.collect::<Vec<_>>().concat();
    Tensor::from_data(TensorData::new(values, [images.len(), 3, side, side]), device)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::vision::{Network, NetworkConfig, Weights, features};
    use image::Rgb;

    fn image(width: u32, height: u32) -> RgbImage {
        RgbImage::from_fn(width, height, |x, y| Rgb([(x * 3) as u8, (y * 5) as u8, (x * y) as u8]))
    }

    fn tiny(network: Network) -> FeatureNet {
        let config = NetworkConfig { input: 80, width: 0.01 };
        FeatureNet::load(network, config, &Weights::Random { seed: 1 }, &Device::flex()).unwrap()
    }

    #[test]
    fn features_of_images_of_mixed_sizes_equal_those_of_each_alone() {
        let net = tiny(Network::InceptionFid);
        let layers = ["pool3", "logits_unbiased"].map(|name| Network::InceptionFid.layer(name).unwrap());
        let images = [image(80, 80), image(31, 200), image(120, 77)];
        let device = Device::flex();
        let together = resized_features(&net, &layers, &images, Resizer::Clean, &device);
        assert_eq!([together[0].len(), together[1].len()], [3, 3]);
        assert_eq!([together[0][0].len(), together[1][0].len()], [48, 1008]);
        for (index, image) in images.iter().enumerate() {
            for (layer, matrix) in layers.iter().zip(&together) {
                let alone = resized_features(&net, &[*layer], std::slice::from_ref(image), Resizer::Clean, &device);
                let largest = alone[0][0].iter().fold(0.0f32, |a, b| a.max(b.abs()));
                let off = alone[0][0].iter().zip(&matrix[index]).fold(0.0f32, |off, (a, b)| off.max((a - b).abs()));
                assert!(off <= 1e-5 * largest, "{index} {layer}: {off} of {largest}");
            }
        }
    }

    #[test]
    fn images_of_the_input_size_have_the_features_without_resizing() {
        let device = Device::flex();
        let images = [image(80, 80)];
        for (network, name) in [(Network::AlexNet, "fc7"), (Network::Inception, "pool3")] {
            let (net, layer) = (tiny(network), network.layer(name).unwrap());
            let expected = features(&net, layer, &images, &device).unwrap();
            for resizer in Resizer::ALL {
                assert_eq!(resized_features(&net, &[layer], &images, resizer, &device)[0], expected);
            }
        }
    }

    #[test]
    fn the_resizer_changes_the_features_of_a_reduced_image() {
        let (net, layer) = (tiny(Network::AlexNet), Network::AlexNet.layer("pool1").unwrap());
        let images = [image(300, 300)];
        let of = |resizer| resized_features(&net, &[layer], &images, resizer, &Device::flex());
        assert_ne!(of(Resizer::Clean), of(Resizer::Legacy));
    }
}
