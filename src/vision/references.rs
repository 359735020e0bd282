//! Tests with the published networks at full width. tests/reference/vision.py creates their files.

use super::*;
use burn::tensor::Device;
use image::RgbImage;
use std::path::{Path, PathBuf};
use std::time::Instant;

/// The folder with the files of a network, if it exists.
fn fixtures(network: Network) -> Option<PathBuf> {
    let folder = std::env::var_os("JEM_TEST_VISION").map(|folder| Path::new(&folder).join(network.as_str()));
    let folder = folder.filter(|folder| folder.is_dir());
    if folder.is_none() {
        eprintln!("skipped: JEM_TEST_VISION names no folder with {network}/ (tests/reference/vision.py creates it)");
    }
    folder
}

fn images(folder: &Path, ending: &str) -> Vec<RgbImage> {
    let paths = (0..).map(|index| folder.join(format!("img_{index}.{ending}")));
    paths.take_while(|path| path.exists()).map(|path| image::open(path).unwrap().into_rgb8()).collect()
}

fn rows(path: &Path, name: &str) -> Vec<Vec<f32>> {
    let (shape, values) = read_tensor(path, name);
    values.chunks_exact(shape[1..].iter().product()).map(<[f32]>::to_vec).collect()
}

/// The largest absolute difference, and the largest absolute value of the reference.
fn difference(found: &[Vec<f32>], reference: &[Vec<f32>]) -> (f32, f32) {
    assert_eq!((found.len(), found[0].len()), (reference.len(), reference[0].len()));
    let pairs = found.iter().flatten().zip(reference.iter().flatten());
    pairs.fold((0.0, 0.0), |(off, largest), (a, b)| (f32::max(off, (a - b).abs()), f32::max(largest, b.abs())))
}

#[test]
fn features_of_plain_networks_equal_those_of_torchvision() {
    let device = Device::flex();
    for network in [Network::AlexNet, Network::Vgg16, Network::Vgg19] {
        let Some(folder) = fixtures(network) else { continue };
        let reference_file = folder.join(format!("{network}_fc7.safetensors"));
        let (inputs, reference) = (rows(&reference_file, "input"), rows(&reference_file, "fc7"));
        let resized = |images: Vec<RgbImage>| -> Vec<RgbImage> {
            images.iter().map(|image| crate::data::SquareMethod::Squash.apply(image, 224)).collect()
        };
        let pngs = resized(images(&folder, "png"));
        let input = normalise(network, &pngs, 224, &device).unwrap().into_data().try_to_vec::<f32>().unwrap();
        let input: Vec<_> = input.chunks_exact(3 * 224 * 224).map(<[f32]>::to_vec).collect();
        let (off, _) = difference(&input, &inputs);
        eprintln!("{network}: inputs differ by at most {off:e}");
        // One level of 8 bits, 1 / 255 / 0.224: Pillow 13 resizes some tall images in another order.
        assert!(off < 0.0176, "{network}: {off}");
        let fc7 = network.layer("fc7").unwrap();
        for extension in ["pth", "safetensors"] {
            let path = folder.join(format!("{network}.{extension}"));
            let found = inspect(&path).unwrap();
            assert_eq!((found.network, found.config.width, found.classes), (network, 1.0, Some(1000)));
            assert!(found.problems.is_empty());
            let start = Instant::now();
            let config = NetworkConfig::published(network);
            let net = FeatureNet::load(network, config, &Weights::File { path }, &device).unwrap();
            let loaded = start.elapsed();
            let (off, largest) = difference(&features(&net, fc7, &pngs, &device).unwrap(), &reference);
            eprintln!("{network}.{extension}: loaded in {loaded:.2?}; fc7 differs by {:e} of {largest}", off / largest);
            assert!(off < 1e-4 * largest, "{network}.{extension}: {off} of {largest}");
            if extension == "safetensors" {
                let jpegs = resized(images(&folder, "jpg"));
                let (off, largest) = difference(&features(&net, fc7, &jpegs, &device).unwrap(), &reference);
                eprintln!("{network}: fc7 of JPEGs differs by {:e} of that of PNGs", off / largest);
            }
        }
    }
}

#[test]
fn features_of_inception_networks_equal_the_references_at_every_layer() {
    let device = Device::flex();
    for network in [Network::Inception, Network::InceptionFid] {
        let Some(folder) = fixtures(network) else { continue };
        let reference_file = folder.join("features.safetensors");
        let names = network.layers();
        let layers: Vec<Layer> = names.iter().map(|name| network.layer(name).unwrap()).collect();
        for extension in ["pth", "safetensors"] {
            let path = folder.join(format!("{network}.{extension}"));
            let found = inspect(&path).unwrap();
            assert_eq!((found.network, found.config.width, found.problems), (network, 1.0, vec![]));
            let config = NetworkConfig::published(network);
            let net = FeatureNet::load(network, config, &Weights::File { path }, &device).unwrap();
            for resizer in Resizer::ALL {
                let pngs = images(&folder, "png");
                let matrices = resized_features(&net, &layers, &pngs, resizer, &device);
                let mut worst = (0.0f32, "");
                for (name, matrix) in names.iter().zip(&matrices) {
                    let (off, largest) = difference(matrix, &rows(&reference_file, &format!("{resizer}_{name}")));
                    assert!(off < 1e-4 * largest, "{network}.{extension} {resizer} {name}: {off} of {largest}");
                    if off / largest > worst.0 {
                        worst = (off / largest, name);
                    }
                }
                eprintln!("{network}.{extension} {resizer}: at most {:e} of the largest, at {}", worst.0, worst.1);
            }
        }
    }
}

#[test]
fn resized_images_equal_the_references() {
    let Some(folder) = fixtures(Network::InceptionFid) else { return };
    for resizer in Resizer::ALL {
        let found: Vec<Vec<f32>> = images(&folder, "png").iter().map(|image| resizer.apply(image, 299)).collect();
        let reference: Vec<Vec<f32>> = (0..found.len())
            .map(|index| read_tensor(&folder.join("resized.safetensors"), &format!("{resizer}_{index}")).1)
            .collect();
        let (off, _) = difference(&found, &reference);
        eprintln!("{resizer}: pixels differ by at most {:e} of 255 levels", off * 255.0);
        assert!(off * 255.0 < 1e-3, "{resizer}: {off}");
    }
}

#[test]
fn jpegs_are_decoded_as_by_pillow_within_half_a_level() {
    let device = Device::flex();
    for network in [Network::Inception, Network::InceptionFid] {
        let Some(folder) = fixtures(network) else { continue };
        let jpegs = images(&folder, "jpg");
        for (index, image) in jpegs.iter().enumerate() {
            let (_, pillow) = read_tensor(&folder.join("resized.safetensors"), &format!("jpg_{index}"));
            let off: Vec<f32> = image.as_raw().iter().zip(&pillow).map(|(&a, b)| (f32::from(a) - b).abs()).collect();
            let mean = off.iter().sum::<f32>() / off.len() as f32;
            eprintln!(
                "JPEG {index}: pixels differ by {mean} levels, at most {}",
                off.iter().fold(0.0f32, |a, &b| a.max(b))
            );
            assert!(off.len() == pillow.len() && mean <= 0.5, "{index}: {mean}");
        }
        let weights = Weights::File { path: folder.join(format!("{network}.safetensors")) };
        let net = FeatureNet::load(network, NetworkConfig::published(network), &weights, &device).unwrap();
        let layers = ["pool3", "logits_unbiased"].map(|name| network.layer(name).unwrap());
        for resizer in Resizer::ALL {
            let matrices = resized_features(&net, &layers, &jpegs, resizer, &device);
            for (layer, matrix) in layers.iter().zip(&matrices) {
                let reference = rows(&folder.join("features.safetensors"), &format!("jpg_{resizer}_{layer}"));
                let (off, largest) = difference(matrix, &reference);
                eprintln!("{network} {resizer} {layer} of JPEGs: {:e} of the largest", off / largest);
            }
        }
    }
}
