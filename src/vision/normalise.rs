//! Images as normalised tensors.

use super::error::VisionError;
use super::network::Network;
use burn::tensor::{Device, Tensor, TensorData};
use image::RgbImage;

/// Images of `input`×`input` as `[n, 3, input, input]`: values are divided by 255, then
/// [normalised](Network::normalisation) with the mean and standard deviation of `network`.
///
/// # Errors
///
/// If an image has another size; the error has the first of these.
pub fn normalise(
    network: Network,
    images: &[RgbImage],
    input: usize,
    device: &Device,
) -> Result<Tensor<4>, VisionError> {
    for (index, image) in images.iter().enumerate() {
        let found = image.dimensions();
        if (found.0 as usize, found.1 as usize) != (input, input) {
            return Err(VisionError::ImageSize { index, found, input });
        }
    }
    Ok(normalise_equal_sizes(network, &images.iter().collect::<Vec<_>>(), device))
}

/// As [`normalise`], for images that all have the size of the first: `[n, 3, height, width]`.
pub(crate) fn normalise_equal_sizes(network: Network, images: &[&RgbImage], device: &Device) -> Tensor<4> {
    let (width, height) = images.first().map_or((0, 0), |image| image.dimensions());
    let size = [height as usize, width as usize];
    let (mean, deviation) = network.normalisation();
    let table: [[f32; 256]; 3] = std::array::from_fn(|channel| {
        std::array::from_fn(|value| (value as f32 / 255.0 - mean[channel]) / deviation[channel])
    });
    let mut values = Vec::with_capacity(images.len() * 3 * size[0] * size[1]);
    for image in images {
        for (channel, table) in table.iter().enumerate() {
            values.extend(image.pixels().map(|pixel| table[usize::from(pixel.0[channel])]));
        }
    }
    Tensor::from_data(TensorData::new(values, [images.len(), 3, size[0], size[1]]), device)
}

#[cfg(test)]
mod tests {
    use super::*;
    use image::Rgb;

    #[test]
    fn channels_come_first_and_are_normalised_for_imagenet() {
        let image = RgbImage::from_fn(2, 2, |x, y| Rgb([(x * 255) as u8, (y * 255) as u8, 51]));
        let images = normalise(Network::AlexNet, &[image], 2, &Device::flex()).unwrap();
        assert_eq!(images.dims(), [1, 3, 2, 2]);
        let values = images.into_data().try_to_vec::<f32>().unwrap();
        // Red 0: −0.485 / 0.229 = −2.1179, red 255: 0.515 / 0.229 = 2.2489; green −0.456 / 0.224 = −2.0357 and
        // 0.544 / 0.224 = 2.4286; blue (0.2 − 0.406) / 0.225 = −0.9156.
        let expected = [
            [-2.1179, 2.2489, -2.1179, 2.2489],
            [-2.0357, -2.0357, 2.4286, 2.4286],
            [-0.9156, -0.9156, -0.9156, -0.9156],
        ];
        assert!(values.iter().zip(expected.as_flattened()).all(|(a, b)| (a - b).abs() < 1e-4), "{values:?}");
    }

    #[test]
    fn inputs_of_inception_networks_are_from_minus_one_to_one() {
        let image = RgbImage::from_pixel(1, 1, Rgb([0, 51, 255]));
        for network in [Network::Inception, Network::InceptionFid] {
            let images = normalise(network, std::slice::from_ref(&image), 1, &Device::flex()).unwrap();
            let values = images.into_data().try_to_vec::<f32>().unwrap();
            assert!(values.iter().zip([-1.0, -0.6, 1.0]).all(|(a, b)| (a - b).abs() < 1e-6), "{values:?}");
        }
    }

    #[test]
    fn the_error_has_the_image_of_another_size() {
        let images = [RgbImage::new(4, 4), RgbImage::new(4, 5)];
        let error = normalise(Network::AlexNet, &images, 4, &Device::flex()).unwrap_err();
        assert_eq!(error.to_string(), "image 1 is 4×5, not 4×4");
    }
}
