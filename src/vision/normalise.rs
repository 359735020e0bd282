//! From pictures to what the networks take.

use super::error::VisionError;
use super::network::Network;
use burn::tensor::{Device, Tensor, TensorData};
use image::RgbImage;

/// Pictures of `input`×`input` as `[n, 3, input, input]`: each value divided by 255, less the
/// [mean](Network::normalisation) that `network` was trained with, over its deviation.
///
/// # Errors
///
/// The first picture that has another size.
pub fn normalise(
    network: Network,
    pictures: &[RgbImage],
    input: usize,
    device: &Device,
) -> Result<Tensor<4>, VisionError> {
    for (index, picture) in pictures.iter().enumerate() {
        let found = picture.dimensions();
        if (found.0 as usize, found.1 as usize) != (input, input) {
            return Err(VisionError::Picture { index, found, input });
        }
    }
    Ok(equal_sizes(network, &pictures.iter().collect::<Vec<_>>(), device))
}

/// The same for pictures that are all as large as the first: `[n, 3, height, width]`.
pub(crate) fn equal_sizes(network: Network, pictures: &[&RgbImage], device: &Device) -> Tensor<4> {
    let (width, height) = pictures.first().map_or((0, 0), |picture| picture.dimensions());
    let size = [height as usize, width as usize];
    let (mean, deviation) = network.normalisation();
    let table: [[f32; 256]; 3] = std::array::from_fn(|channel| {
        std::array::from_fn(|value| (value as f32 / 255.0 - mean[channel]) / deviation[channel])
    });
    let mut values = Vec::with_capacity(pictures.len() * 3 * size[0] * size[1]);
    for picture in pictures {
        for (channel, table) in table.iter().enumerate() {
            values.extend(picture.pixels().map(|pixel| table[usize::from(pixel.0[channel])]));
        }
    }
    Tensor::from_data(TensorData::new(values, [pictures.len(), 3, size[0], size[1]]), device)
}

#[cfg(test)]
mod tests {
    use super::*;
    use image::Rgb;

    #[test]
    fn channels_come_first_and_are_scaled_by_imagenet() {
        let picture = RgbImage::from_fn(2, 2, |x, y| Rgb([(x * 255) as u8, (y * 255) as u8, 51]));
        let images = normalise(Network::AlexNet, &[picture], 2, &Device::flex()).unwrap();
        assert_eq!(images.dims(), [1, 3, 2, 2]);
        let values = images.into_data().try_to_vec::<f32>().unwrap();
        // Black red: −0.485 / 0.229 = −2.1179, full: 0.515 / 0.229 = 2.2489; green −0.456 / 0.224 = −2.0357 and
        // 0.544 / 0.224 = 2.4286; blue (0.2 − 0.406) / 0.225 = −0.9156.
        let expected = [
            [-2.1179, 2.2489, -2.1179, 2.2489],
            [-2.0357, -2.0357, 2.4286, 2.4286],
            [-0.9156, -0.9156, -0.9156, -0.9156],
        ];
        assert!(values.iter().zip(expected.as_flattened()).all(|(a, b)| (a - b).abs() < 1e-4), "{values:?}");
    }

    #[test]
    fn inceptions_are_given_values_from_minus_one_to_one() {
        let picture = RgbImage::from_pixel(1, 1, Rgb([0, 51, 255]));
        for network in [Network::Inception, Network::InceptionFid] {
            let images = normalise(network, std::slice::from_ref(&picture), 1, &Device::flex()).unwrap();
            let values = images.into_data().try_to_vec::<f32>().unwrap();
            assert!(values.iter().zip([-1.0, -0.6, 1.0]).all(|(a, b)| (a - b).abs() < 1e-6), "{values:?}");
        }
    }

    #[test]
    fn a_picture_of_another_size_is_named() {
        let pictures = [RgbImage::new(4, 4), RgbImage::new(4, 5)];
        let error = normalise(Network::AlexNet, &pictures, 4, &Device::flex()).unwrap_err();
        assert_eq!(error.to_string(), "picture 1 is 4×5, not 4×4");
    }
}
