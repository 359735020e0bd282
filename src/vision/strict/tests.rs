use super::*;
use crate::vision::{FeatureNet, Weights, features};
use burn::tensor::Device;
use image::{Rgb, RgbImage};
use std::path::PathBuf;

fn tiny(network: Network) -> NetworkConfig {
    NetworkConfig { input: network.smallest_input().max(64), width: 0.01 }
}

type State = BTreeMap<String, (Vec<usize>, Vec<f32>)>;

/// What torchvision would save of the network that `random:3` draws, with what features do not need.
fn state(network: Network) -> State {
    let drawn = crate::vision::random_weights::draw(parameters(network, tiny(network)), 3);
    let entry = |(parameter, data): (Parameter, TensorData)| {
        (parameter.name, (parameter.shape, data.try_to_vec::<f32>().unwrap()))
    };
    let mut state: State = drawn.into_iter().map(entry).collect();
    if network.classes_layer() == "classifier.6" {
        state.insert("classifier.6.weight".into(), (vec![1000, 48], vec![0.5; 1000 * 48]));
        state.insert("classifier.6.bias".into(), (vec![1000], vec![0.5; 1000]));
    }
    if network == Network::Inception {
        state.insert("AuxLogits.fc.bias".into(), (vec![1000], vec![0.5; 1000]));
        state.insert("Mixed_5b.branch1x1.bn.num_batches_tracked".into(), (vec![], vec![0.0]));
    }
    state
}

fn save(state: &State) -> (tempfile::TempDir, PathBuf) {
    let list: Vec<_> =
        state.iter().map(|(name, (shape, values))| (name.clone(), shape.clone(), values.clone())).collect();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("tiny.safetensors");
    crate::vision::save(&list, &path);
    (folder, path)
}

fn load(network: Network, weights: Weights) -> Result<Vec<Vec<f32>>, VisionError> {
    let device = Device::flex();
    let net = FeatureNet::load(network, tiny(network), &weights, &device)?;
    let side = net.input() as u32;
    let picture = RgbImage::from_fn(side, side, |x, y| Rgb([(x * 4) as u8, (y * 4) as u8, (x ^ y) as u8 * 4]));
    let last = if network.classes_layer() == "fc" { "pool3" } else { "fc7" };
    features(&net, network.layer(last).unwrap(), &[picture], &device)
}

#[test]
fn a_saved_network_is_loaded_as_it_was() {
    for network in Network::ALL {
        let (_folder, path) = save(&state(network));
        let loaded = load(network, Weights::File { path }).unwrap();
        assert_eq!(loaded, load(network, Weights::Random { seed: 3 }).unwrap());
        assert_ne!(loaded, load(network, Weights::Random { seed: 4 }).unwrap());
        assert!(loaded[0].iter().any(|&feature| feature > 0.0) && loaded[0].iter().all(|&feature| feature >= 0.0));
    }
}

#[test]
fn a_file_without_the_unused_layer_is_loaded_too() {
    let mut state = state(Network::AlexNet);
    state.retain(|name, _| !name.starts_with("classifier.6."));
    let (_folder, path) = save(&state);
    assert!(load(Network::AlexNet, Weights::File { path }).is_ok());
}

#[test]
fn everything_that_is_wrong_is_listed_at_once() {
    let mut state = state(Network::AlexNet);
    state.remove("classifier.1.bias");
    state.insert("classifier.7.bias".into(), (vec![1], vec![0.0]));
    state.insert("features.3.weight".into(), (vec![8, 8, 3, 3], vec![0.0; 576]));
    let (_folder, path) = save(&state);
    let error = load(Network::AlexNet, Weights::File { path: path.clone() }).unwrap_err();
    let expected = format!(
        "{}: not the weights of alexnet at width 0.01:\
         \n  features.3.weight is [8, 8, 3, 3], not [8, 8, 5, 5]\
         \n  missing classifier.1.bias [48]\
         \n  unused classifier.7.bias",
        path.display()
    );
    assert_eq!(error.to_string(), expected);
    assert!(error.help().unwrap().contains("alexnet-owt-7be5be79.pth"));
}

#[test]
fn an_inception_needs_its_running_statistics_and_classes_and_has_one_head_in_the_other_form() {
    let mut state = state(Network::Inception);
    state.remove("fc.bias");
    state.remove("Mixed_7c.branch_pool.bn.running_var");
    let (_folder, path) = save(&state);
    let problems = |network| match load(network, Weights::File { path: path.clone() }).unwrap_err() {
        VisionError::Mismatch { problems, .. } => problems.iter().map(ToString::to_string).collect::<Vec<_>>(),
        error => panic!("{error}"),
    };
    let missing = ["missing Mixed_7c.branch_pool.bn.running_var [8]", "missing fc.bias [1000]"];
    assert_eq!(problems(Network::Inception), missing);
    let other = [
        "missing Mixed_7c.branch_pool.bn.running_var [8]",
        "fc.weight is [1000, 48], not [1008, 48]",
        "missing fc.bias [1008]",
        "unused AuxLogits.fc.bias",
    ];
    assert_eq!(problems(Network::InceptionFid), other);
}

#[test]
fn the_weights_of_another_network_or_width_are_refused() {
    let (_folder, path) = save(&state(Network::Vgg16));
    let error = load(Network::AlexNet, Weights::File { path: path.clone() }).unwrap_err();
    let VisionError::Mismatch { problems, .. } = &error else { panic!("{error}") };
    let shown: Vec<String> = problems.iter().map(ToString::to_string).collect();
    for expected in ["missing features.3.weight [8, 8, 5, 5]", "unused features.28.bias", "unused classifier.0.weight"]
    {
        assert!(shown.iter().any(|problem| problem == expected), "{expected}: {shown:?}");
    }
    let wide = NetworkConfig { input: 64, width: 0.25 };
    let error = FeatureNet::load(Network::Vgg16, wide, &Weights::File { path }, &Device::flex()).unwrap_err();
    assert!(error.to_string().contains("features.0.weight is [8, 3, 3, 3], not [16, 3, 3, 3]"), "{error}");
}

#[test]
fn a_file_that_is_not_there_or_not_weights_is_named() {
    let folder = tempfile::tempdir().unwrap();
    for name in ["a.pth", "a.pt", "a.safetensors"] {
        let path = folder.path().join(name);
        let gone = load(Network::AlexNet, Weights::File { path: path.clone() }).unwrap_err();
        assert_eq!(gone.to_string(), format!("{}: cannot be read", path.display()));
        assert!(gone.help().unwrap().contains("random:<seed>"));
        std::fs::write(&path, "no weights in here").unwrap();
        let junk = load(Network::AlexNet, Weights::File { path: path.clone() }).unwrap_err();
        assert!(junk.to_string().starts_with(&format!("{}: not a readable", path.display())), "{junk}");
    }
}
