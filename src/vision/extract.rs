//! Features of many pictures.

use super::error::VisionError;
use super::feature_net::FeatureNet;
use super::layer::Layer;
use super::normalise::normalise;
use burn::module::Module as _;
use burn::tensor::{Device, Tensor};
use image::RgbImage;

/// How many pictures go through the network at once.
pub(super) const BATCH: usize = 32;

/// The features, at a layer of the network, of pictures of its input size: one vector each, in order, without gradients.
///
/// The network has to be on `device`; either may be set up for gradients, which are not kept.
///
/// # Errors
///
/// The first picture that has another size than the network's input. Nothing is computed then.
pub fn features(
    net: &FeatureNet,
    layer: Layer,
    pictures: &[RgbImage],
    device: &Device,
) -> Result<Vec<Vec<f32>>, VisionError> {
    let (net, device) = (net.valid(), device.clone().without_autodiff());
    let input = net.input();
    let wrong = |picture: &&RgbImage| picture.dimensions() != (input as u32, input as u32);
    if let Some((index, picture)) = pictures.iter().enumerate().find(|(_, picture)| wrong(picture)) {
        return Err(VisionError::Picture { index, found: picture.dimensions(), input });
    }
    let mut features = Vec::with_capacity(pictures.len());
    for batch in pictures.chunks(BATCH) {
        features.extend(rows(net.forward(normalise(net.network(), batch, input, &device)?, layer)));
    }
    Ok(features)
}

/// `[n, length]` as `n` vectors.
pub(super) fn rows(output: Tensor<2>) -> Vec<Vec<f32>> {
    let length = output.dims()[1];
    let values = output.into_data().convert::<f32>().try_to_vec::<f32>();
    let values = values.expect("the output was just converted to f32");
    values.chunks_exact(length).map(<[f32]>::to_vec).collect()
}

#[cfg(test)]
mod tests;
