use super::*;
use crate::vision::{Network, NetworkConfig, Weights};
use burn::store::{ModuleStore as _, SafetensorsStore, bridge};
use image::Rgb;
use std::path::Path;
use std::time::Instant;

fn picture(side: u32, seed: u32) -> RgbImage {
    RgbImage::from_fn(side, side, |x, y| Rgb([(x * 3 + seed * 40) as u8, (y * 3) as u8, (x * y + seed) as u8]))
}

fn tiny(network: Network, device: &Device) -> FeatureNet {
    let config = NetworkConfig { input: 64, width: 0.01 };
    FeatureNet::load(network, config, &Weights::Random { seed: 1 }, device).unwrap()
}

fn fc7(network: Network) -> Layer {
    network.layer("fc7").unwrap()
}

#[test]
fn features_do_not_depend_on_the_batch_they_were_in() {
    let device = Device::flex();
    let net = tiny(Network::AlexNet, &device);
    let pictures: Vec<_> = (0..BATCH as u32 + 3).map(|seed| picture(64, seed)).collect();
    let fc7 = fc7(Network::AlexNet);
    let together = features(&net, fc7, &pictures, &device).unwrap();
    assert_eq!((together.len(), together[0].len()), (BATCH + 3, 48));
    let last = features(&net, fc7, &pictures[BATCH + 2..], &device).unwrap();
    let near = |a: &[f32], b: &[f32]| a.iter().zip(b).all(|(a, b)| (a - b).abs() < 1e-5);
    assert!(near(&last[0], &together[BATCH + 2]));
    assert!(!near(&together[0], &together[1]));
}

#[test]
fn gradients_are_not_kept_whatever_the_network_is_set_up_for() {
    let device = Device::flex().autodiff();
    for network in Network::ALL {
        let pictures = [picture(64, 1)];
        let with = features(&tiny(network, &device), fc7(network), &pictures, &device).unwrap();
        let without = features(&tiny(network, &Device::flex()), fc7(network), &pictures, &Device::flex()).unwrap();
        assert_eq!(with, without);
    }
}

#[test]
fn no_picture_has_no_features_and_a_wrong_one_is_named_before_any_work() {
    let device = Device::flex();
    let net = tiny(Network::Vgg16, &device);
    assert!(features(&net, fc7(Network::Vgg16), &[], &device).unwrap().is_empty());
    let mut pictures = vec![picture(64, 1); BATCH + 1];
    pictures.push(picture(63, 1));
    let error = features(&net, fc7(Network::Vgg16), &pictures, &device).unwrap_err();
    assert_eq!(error.to_string(), "picture 33 is 63×63, not 64×64");
}

/// The tensor of that name in a safetensors file, by rows.
fn rows(path: &Path, name: &str) -> Vec<Vec<f32>> {
    let mut store = SafetensorsStore::from_file(path);
    let data = bridge::to_data(store.get_tensor(name).unwrap().unwrap()).unwrap();
    let width = data.shape()[1..].iter().product::<usize>();
    data.try_to_vec::<f32>().unwrap().chunks_exact(width).map(<[f32]>::to_vec).collect()
}

/// The largest difference.
fn difference(found: &[Vec<f32>], reference: &[Vec<f32>]) -> f32 {
    assert_eq!((found.len(), found[0].len()), (reference.len(), reference[0].len()));
    found.iter().flatten().zip(reference.iter().flatten()).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max)
}

#[test]
fn features_are_those_of_torchvision() {
    let Some(fixtures) = std::env::var_os("JEM_TEST_VISION") else {
        eprintln!("skipped: JEM_TEST_VISION names no folder (tests/reference/vision.py makes its alexnet/ and vgg16/)");
        return;
    };
    let device = Device::flex();
    for network in Network::ALL {
        let folder = Path::new(&fixtures).join(network.as_str());
        let made = folder.join(format!("{network}_fc7.safetensors"));
        let (inputs, reference) = (rows(&made, "input"), rows(&made, "fc7"));
        let largest = reference.iter().flatten().copied().fold(0.0, f32::max);
        let pictures: Vec<_> = (0..reference.len())
            .map(|index| image::open(folder.join(format!("img_{index}.png"))).unwrap().into_rgb8())
            .map(|picture| crate::data::Square::Squash.apply(&picture, 224))
            .collect();
        let input = normalise(&pictures, 224, &device).unwrap().into_data().try_to_vec::<f32>().unwrap();
        let input: Vec<_> = input.chunks_exact(3 * 224 * 224).map(<[f32]>::to_vec).collect();
        let off = difference(&input, &inputs);
        eprintln!("{network}: inputs differ by at most {off:e}");
        // One step of 8 bits, 1 / 255 / 0.224: Pillow 13 resizes some tall pictures in another order.
        assert!(off < 0.0176, "{network}: {off}");
        for extension in ["pth", "safetensors"] {
            let weights = Weights::File { path: folder.join(format!("{network}.{extension}")) };
            let start = Instant::now();
            let net = FeatureNet::load(network, NetworkConfig::PUBLISHED, &weights, &device).unwrap();
            let loaded = start.elapsed();
            let off = difference(&features(&net, fc7(network), &pictures, &device).unwrap(), &reference);
            eprintln!("{network}.{extension}: loaded in {loaded:.2?}; fc7 differs by at most {off:e} of {largest}");
            assert!(off < 1e-4 * largest, "{network}.{extension}: {off} of {largest}");
        }
    }
}
