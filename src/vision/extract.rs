//! Features of images of the input size.

use super::error::VisionError;
use super::feature_net::FeatureNet;
use super::layer::Layer;
use super::normalise::normalise;
use burn::module::Module as _;
use burn::tensor::{Device, Tensor};
use image::RgbImage;

/// Images that the network processes at once.
pub(super) const BATCH: usize = 32;

/// The features at a layer of images of the input size of the network: one vector for each image, in order, without
/// gradients.
///
/// The network must be on `device`; both may be set up for gradients, which are not recorded.
///
/// # Errors
///
/// If an image has another size than the input; the error has the first of these, and nothing is computed.
pub fn features(
    net: &FeatureNet,
    layer: Layer,
    images: &[RgbImage],
    device: &Device,
) -> Result<Vec<Vec<f32>>, VisionError> {
    let (net, device) = (net.valid(), device.clone().without_autodiff());
    let input = net.input();
    let is_wrong = |image: &&RgbImage| image.dimensions() != (input as u32, input as u32);
    if let Some((index, image)) = images.iter().enumerate().find(|(_, image)| is_wrong(image)) {
        return Err(VisionError::ImageSize { index, found: image.dimensions(), input });
    }
    let mut features = Vec::with_capacity(images.len());
    for batch in images.chunks(BATCH) {
        features.extend(to_vectors(net.forward(normalise(net.network(), batch, input, &device)?, layer)));
    }
    Ok(features)
}

/// `[n, length]` as `n` vectors.
pub(super) fn to_vectors(output: Tensor<2>) -> Vec<Vec<f32>> {
    let length = output.dims()[1];
    let values = output.into_data().convert::<f32>().try_to_vec::<f32>();
    let values = values.expect("the output was just converted to f32");
    values.chunks_exact(length).map(<[f32]>::to_vec).collect()
}

#[cfg(test)]
mod tests;
