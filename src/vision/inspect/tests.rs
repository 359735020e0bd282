use super::*;
use crate::file_error::FileError;
use crate::vision::{FeatureNet, Weights, save_tensors};
use burn::tensor::Device;

/// A weights file of random weights, modified by `change`.
fn file(
    network: Network,
    width: f64,
    change: impl Fn(&mut Vec<(String, Vec<usize>, Vec<f32>)>),
) -> (tempfile::TempDir, std::path::PathBuf) {
    let config = NetworkConfig { input: 96, width };
    let net = FeatureNet::load(network, config, &Weights::Random { seed: 1 }, &Device::flex()).unwrap();
    let mut state = net.state();
    change(&mut state);
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.safetensors");
    save_tensors(&state, &path);
    (folder, path)
}

#[test]
fn every_network_and_width_is_recognised() {
    for network in Network::ALL {
        for width in [0.01, 0.1, 0.125] {
            let (_folder, path) = file(network, width, |_| ());
            let found = inspect(&path).unwrap();
            assert_eq!((found.network, found.problems.len()), (network, 0), "{width}");
            // Several widths give the same channels.
            let shapes = |width| parameters(network, NetworkConfig { input: 96, width });
            assert_eq!(shapes(found.config.width), shapes(width), "{network} {width} {}", found.config.width);
            let list = shapes(width);
            assert_eq!(found.tensors, list.len());
            let statistics = |name: &str| name.contains("running");
            let numbers: usize = list.iter().filter(|p| !statistics(&p.name)).map(|p| p.len()).sum();
            assert_eq!(found.parameters, numbers);
            let classes = match network {
                Network::Inception => Some(1000),
                Network::InceptionFid => Some(1008),
                _ => None,
            };
            assert_eq!(found.classes, classes);
        }
    }
}

#[test]
fn the_width_is_the_shortest_number_that_gives_the_shapes() {
    assert_eq!(shortest(span(4096, 4096)), 1.0);
    assert_eq!(shortest(span(4096, 512)), 0.125);
    assert_eq!(shortest(span(64, 16)), 0.2);
    // 4096 · 0.1 = 409.6 and 4096 · 0.101 are both rounded up to 416.
    assert_eq!(shortest(span(4096, 416)), 0.1);
}

#[test]
fn the_number_of_classes_is_the_outputs_of_the_classification_layer() {
    let (_folder, path) = file(Network::Vgg16, 0.01, |state| {
        state.push(("classifier.6.weight".into(), vec![20, 48], vec![0.0; 960]));
        state.push(("classifier.6.bias".into(), vec![20], vec![0.0; 20]));
    });
    let found = inspect(&path).unwrap();
    assert_eq!((found.network, found.classes, found.problems), (Network::Vgg16, Some(20), vec![]));
}

#[test]
fn the_best_fitting_network_is_reported_with_all_problems() {
    let (_folder, path) = file(Network::Vgg19, 0.01, |state| {
        state.retain(|(name, ..)| name != "features.34.bias");
        state[0].1 = vec![8, 3, 9];
        state.push(("head.weight".into(), vec![2], vec![0.0; 2]));
    });
    let found = inspect(&path).unwrap();
    assert_eq!(found.network, Network::Vgg19);
    let shown: Vec<String> = found.problems.iter().map(ToString::to_string).collect();
    assert_eq!(
        shown,
        ["features.0.weight is [8, 3, 9], not [8, 3, 3, 3]", "missing features.34.bias [8]", "unused head.weight"]
    );
}

#[test]
fn a_file_that_is_not_a_weights_file_is_an_error() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.pth");
    assert!(matches!(inspect(&path), Err(VisionError::File(FileError::Read { .. }))));
    std::fs::write(&path, "no weights in here").unwrap();
    assert!(matches!(inspect(&path), Err(VisionError::Format { .. })));
    assert!(matches!(inspect(&folder.path().join("a.zip")), Err(VisionError::Weights { .. })));
}

#[test]
fn missing_tensors_after_the_last_available_layer_are_not_problems() {
    let (_folder, path) = file(Network::Inception, 0.01, |state| state.retain(|(name, ..)| name != "fc.bias"));
    let found = inspect(&path).unwrap();
    assert_eq!((found.network, found.problems), (Network::Inception, vec![]));
    assert_eq!((found.last.as_deref(), found.absent), (Some("logits_unbiased"), vec!["fc.bias".to_owned()]));
    let (_folder, path) =
        file(Network::AlexNet, 0.01, |state| state.retain(|(name, ..)| name.starts_with("features.")));
    let found = inspect(&path).unwrap();
    assert_eq!((found.network, found.last.as_deref(), found.absent.len()), (Network::AlexNet, Some("pool5"), 6));
}

#[test]
fn a_prefix_and_values_that_are_not_finite_are_reported() {
    let (_folder, path) = file(Network::AlexNet, 0.01, |state| {
        state.iter_mut().for_each(|(name, ..)| name.insert_str(0, "state_dict.module."));
        state[2].2[5] = f32::NAN;
    });
    let found = inspect(&path).unwrap();
    assert_eq!((found.network, found.tensors), (Network::AlexNet, 14));
    assert_eq!(found.prefix.unwrap().prefix, "state_dict.module");
    let problem = Problem::NotFinite { name: "features.3.weight".into() };
    assert_eq!((found.problems, found.last.as_deref()), (vec![problem], Some("fc7")));
}
