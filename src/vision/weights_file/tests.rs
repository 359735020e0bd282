use super::*;
use crate::vision::{FeatureNet, Weights, features};
use burn::tensor::Device;
use image::{Rgb, RgbImage};
use std::path::{Path, PathBuf};

fn tiny(network: Network) -> NetworkConfig {
    NetworkConfig { input: network.smallest_input().max(64), width: 0.01 }
}

type State = BTreeMap<String, (Vec<usize>, Vec<f32>)>;

/// The state dict that torchvision would save of the network with the weights `random:3`, including unused tensors.
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
    crate::vision::save_tensors(&list, &path);
    (folder, path)
}

fn load(network: Network, weights: Weights) -> Result<Vec<Vec<f32>>, VisionError> {
    let device = Device::flex();
    let net = FeatureNet::load(network, tiny(network), &weights, &device)?;
    let side = net.input() as u32;
    let image = RgbImage::from_fn(side, side, |x, y| Rgb([(x * 4) as u8, (y * 4) as u8, (x ^ y) as u8 * 4]));
    let last = if network.classes_layer() == "fc" { "pool3" } else { "fc7" };
    features(&net, network.layer(last).unwrap(), &[image], &device)
}

#[test]
fn a_loaded_network_equals_the_saved_one() {
    for network in Network::ALL {
        let (_folder, path) = save(&state(network));
        let loaded = load(network, Weights::File { path }).unwrap();
        assert_eq!(loaded, load(network, Weights::Random { seed: 3 }).unwrap());
        assert_ne!(loaded, load(network, Weights::Random { seed: 4 }).unwrap());
        assert!(loaded[0].iter().any(|&feature| feature > 0.0) && loaded[0].iter().all(|&feature| feature >= 0.0));
    }
}

#[test]
fn a_file_without_the_classification_layer_is_loaded() {
    let mut state = state(Network::AlexNet);
    state.retain(|name, _| !name.starts_with("classifier.6."));
    let (_folder, path) = save(&state);
    assert!(load(Network::AlexNet, Weights::File { path }).is_ok());
}

#[test]
fn an_error_lists_all_problems() {
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
fn inception_networks_require_running_statistics_and_fc_and_only_torchvisions_has_an_auxiliary_head() {
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
fn a_missing_file_and_a_file_without_weights_are_errors() {
    let folder = tempfile::tempdir().unwrap();
    for name in ["a.pth", "a.pt", "a.safetensors"] {
        let path = folder.path().join(name);
        let missing = load(Network::AlexNet, Weights::File { path: path.clone() }).unwrap_err();
        assert_eq!(missing.to_string(), format!("{}: cannot be read", path.display()));
        assert!(missing.help().unwrap().contains("random:<seed>"));
        std::fs::write(&path, "no weights in here").unwrap();
        let junk = load(Network::AlexNet, Weights::File { path: path.clone() }).unwrap_err();
        assert!(junk.to_string().starts_with(&format!("{}: not a readable", path.display())), "{junk}");
    }
}

fn saved(network: Network, change: impl Fn(&mut State)) -> (tempfile::TempDir, PathBuf) {
    let mut state = state(network);
    change(&mut state);
    save(&state)
}

fn load_for(network: Network, path: &Path, layer: &str) -> Result<FeatureNet, VisionError> {
    let weights = Weights::File { path: path.into() };
    let layers = [network.layer(layer).unwrap()];
    FeatureNet::load_for(network, tiny(network), &weights, &layers, &Device::flex())
}

fn notes(network: Network, path: &Path, layer: &str) -> Vec<String> {
    let weights = Weights::File { path: path.into() };
    FeatureNet::notes(network, tiny(network), &weights, &[network.layer(layer).unwrap()]).unwrap()
}

#[test]
fn weights_with_a_prefix_are_loaded_with_a_note() {
    let plain = load(Network::AlexNet, Weights::Random { seed: 3 }).unwrap();
    for prefix in ["module", "state_dict", "model_state_dict.module", "net"] {
        let (_folder, path) = saved(Network::AlexNet, |state| {
            *state =
                std::mem::take(state).into_iter().map(|(name, tensor)| (format!("{prefix}.{name}"), tensor)).collect();
            state.insert("optimizer.step".into(), (vec![1], vec![f32::NAN]));
        });
        assert_eq!(load(Network::AlexNet, Weights::File { path: path.clone() }).unwrap(), plain, "{prefix}");
        let found = notes(Network::AlexNet, &path, "fc7");
        assert_eq!(found.len(), 1);
        let expected = format!("{}: the tensor names have the prefix `{prefix}`", path.display());
        assert!(found[0].starts_with(&expected) && found[0].contains("optimizer"), "{found:?}");
    }
    let (_folder, path) = saved(Network::AlexNet, |_| ());
    assert_eq!(notes(Network::AlexNet, &path, "fc7"), [""; 0]);
}

#[test]
fn a_value_that_is_not_finite_is_an_error_with_its_tensor() {
    for bad in [f32::NAN, f32::INFINITY] {
        let (_folder, path) = saved(Network::Vgg16, |state| {
            state.get_mut("features.2.weight").unwrap().1[7] = bad;
            state.get_mut("classifier.0.bias").unwrap().1[0] = bad;
        });
        let error = load(Network::Vgg16, Weights::File { path: path.clone() }).unwrap_err();
        let expected = format!("{}: values are not finite in features.2.weight, classifier.0.bias", path.display());
        assert_eq!(error.to_string(), expected);
        assert!(error.help().unwrap().contains("diverged"));
        // Also where the requested layer does not depend on the tensor.
        assert!(load_for(Network::Vgg16, &path, "conv1_1").is_err(), "every tensor is checked");
    }
    let (_folder, path) = saved(Network::Vgg16, |state| state.get_mut("classifier.6.bias").unwrap().1[0] = f32::NAN);
    assert!(load(Network::Vgg16, Weights::File { path }).is_ok(), "features do not depend on the classification layer");
}

#[test]
fn tensors_after_the_layer_may_be_missing_and_are_listed() {
    let (_folder, path) = saved(Network::AlexNet, |state| drop(state.remove("classifier.6.bias")));
    assert!(load_for(Network::AlexNet, &path, "fc7").is_ok());
    let found = notes(Network::AlexNet, &path, "fc7");
    assert_eq!(found, [format!("{}: it does not have classifier.6.bias, which fc7 does not require", path.display())]);

    let (_folder, path) = saved(Network::Inception, |state| drop(state.remove("fc.bias")));
    let network = load_for(Network::Inception, &path, "pool3").unwrap();
    let reaches = |word| network.reaches(Network::Inception.layer(word).unwrap());
    assert!(reaches("pool3") && reaches("logits_unbiased") && !reaches("logits"));
    let error = load_for(Network::Inception, &path, "logits").unwrap_err();
    assert!(error.to_string().ends_with(":\n  missing fc.bias [1000]"), "{error}");
    assert!(notes(Network::Inception, &path, "pool3")[0].contains("fc.bias, which pool3 does not require"));

    let (_folder, path) = saved(Network::Vgg16, |state| state.retain(|name, _| name.starts_with("features.")));
    let net = load_for(Network::Vgg16, &path, "conv5_3").unwrap();
    assert!(!net.reaches(Network::Vgg16.layer("fc6").unwrap()));
    assert!(load_for(Network::Vgg16, &path, "fc6").is_err() && load(Network::Vgg16, Weights::File { path }).is_err());
}

#[test]
fn web_pages_and_git_lfs_pointers_are_recognised_in_every_format() {
    let folder = tempfile::tempdir().unwrap();
    for name in ["a.pth", "a.pt", "a.safetensors"] {
        let path = folder.path().join(name);
        for (text, kind) in [
            ("<!DOCTYPE html><html>Quota exceeded</html>", "a web page, not"),
            ("version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n", "a Git LFS pointer, not"),
            ("", "an empty file, not"),
        ] {
            std::fs::write(&path, text).unwrap();
            let error = load(Network::AlexNet, Weights::File { path: path.clone() }).unwrap_err();
            assert!(error.to_string().contains(kind), "{error}");
            assert!(error.help().unwrap().contains("again"));
        }
    }
    let path = folder.path().join("a.safetensors");
    std::fs::write(&path, "PK\x03\x04").unwrap();
    let error = load(Network::AlexNet, Weights::File { path }).unwrap_err();
    assert!(error.to_string().contains("a ZIP archive, not a safetensors file"), "{error}");
}
