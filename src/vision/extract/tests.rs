use super::*;
use crate::vision::{Network, NetworkConfig, Weights};
use image::Rgb;

fn image(side: u32, seed: u32) -> RgbImage {
    RgbImage::from_fn(side, side, |x, y| Rgb([(x * 3 + seed * 40) as u8, (y * 3) as u8, (x * y + seed) as u8]))
}

const PLAIN: [Network; 3] = [Network::AlexNet, Network::Vgg16, Network::Vgg19];

fn tiny(network: Network, device: &Device) -> FeatureNet {
    let config = NetworkConfig { input: 64, width: 0.01 };
    FeatureNet::load(network, config, &Weights::Random { seed: 1 }, device).unwrap()
}

fn fc7(network: Network) -> Layer {
    network.layer("fc7").unwrap()
}

#[test]
fn features_do_not_depend_on_the_batch() {
    let device = Device::flex();
    let net = tiny(Network::AlexNet, &device);
    let images: Vec<_> = (0..BATCH as u32 + 3).map(|seed| image(64, seed)).collect();
    let fc7 = fc7(Network::AlexNet);
    let together = features(&net, fc7, &images, &device).unwrap();
    assert_eq!((together.len(), together[0].len()), (BATCH + 3, 48));
    let last = features(&net, fc7, &images[BATCH + 2..], &device).unwrap();
    let near = |a: &[f32], b: &[f32]| a.iter().zip(b).all(|(a, b)| (a - b).abs() < 1e-5);
    assert!(near(&last[0], &together[BATCH + 2]));
    assert!(!near(&together[0], &together[1]));
}

#[test]
fn features_are_equal_on_a_device_with_gradients() {
    let device = Device::flex().autodiff();
    for network in PLAIN {
        let images = [image(64, 1)];
        let with = features(&tiny(network, &device), fc7(network), &images, &device).unwrap();
        let without = features(&tiny(network, &Device::flex()), fc7(network), &images, &Device::flex()).unwrap();
        assert_eq!(with, without);
    }
}

#[test]
fn no_images_give_no_features_and_an_image_of_another_size_is_an_error() {
    let device = Device::flex();
    let net = tiny(Network::Vgg16, &device);
    assert!(features(&net, fc7(Network::Vgg16), &[], &device).unwrap().is_empty());
    let mut images = vec![image(64, 1); BATCH + 1];
    images.push(image(63, 1));
    let error = features(&net, fc7(Network::Vgg16), &images, &device).unwrap_err();
    assert_eq!(error.to_string(), "image 33 is 63×63, not 64×64");
}
