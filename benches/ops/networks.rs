//! Forward passes of published networks, and steps of narrow ones that classify.

use burn::module::Module;
use burn::nn::{Linear, LinearConfig};
use burn::optim::{GradientsParams, ModuleOptimizer};
use burn::tensor::activation::log_softmax;
use burn::tensor::{Int, Tensor, TensorData};
use jem::kernel::AdamW;
use jem::vision::{FeatureNet, Network, NetworkConfig, Weights};

use super::stopwatch::{Stopwatch, seconds};
use super::{cpu, random};

const CLASSES: usize = 102;
/// The batch size of a fitting step.
pub const FIT_BATCH: usize = 32;
const WEIGHTS: Weights = Weights::Random { seed: 1 };

/// A network with a classification layer, as `jem::fit` trains it.
#[derive(Module, Debug)]
struct Classifier {
    net: FeatureNet,
    classes: Linear,
}

/// Times all networks; `batch` is the batch size of the published ones.
pub fn time(stopwatch: &Stopwatch, batch: usize) {
    let published = [
        ("AlexNet", Network::AlexNet, "fc7"),
        ("VGG-16", Network::Vgg16, "fc7"),
        ("Inception-v3", Network::Inception, "pool3"),
    ];
    for (name, network, layer) in published {
        let name = format!("{name} forward");
        // A network takes time and memory to create.
        if !stopwatch.wants(&name) {
            continue;
        }
        let config = NetworkConfig::published(network);
        let net = FeatureNet::load(network, config, &WEIGHTS, &cpu()).expect("random weights fit every network");
        let layer = network.layer(layer).expect("the network has this layer");
        let images = random("images", [batch, 3, config.input, config.input], &cpu());
        // ops_torch.py counts the operations.
        stopwatch.time(&name, None, || seconds(|| net.forward(images.clone(), layer)).1);
    }
    for (name, network) in [("AlexNet", Network::AlexNet), ("VGG-16", Network::Vgg16)] {
        let name = format!("{name} fitting step");
        if stopwatch.wants(&name) {
            time_fitting(stopwatch, &name, network);
        }
    }
}

/// Times the forward and backward pass and the update of a classifier at width 0.25 and 112 pixels, without dropout.
fn time_fitting(stopwatch: &Stopwatch, name: &str, network: Network) {
    let config = NetworkConfig { input: 112, width: 0.25 };
    let device = cpu().autodiff();
    let net = FeatureNet::load(network, config, &WEIGHTS, &device).expect("random weights fit every network");
    let features = network.layer("fc7").expect("the network has this layer").length(config);
    let classes = LinearConfig::new(features, CLASSES).init(&device);
    let mut classifier = Some(Classifier { net, classes });
    let mut adam: ModuleOptimizer = AdamW::new(1e-2).into();
    let images = random("images", [FIT_BATCH, 3, config.input, config.input], &device);
    let targets: Vec<i64> = (0..FIT_BATCH).map(|i| (i % CLASSES) as i64).collect();
    let targets = Tensor::<2, Int>::from_data(TensorData::new(targets, [FIT_BATCH, 1]), &device);
    stopwatch.time(name, None, || {
        let before = classifier.take().expect("the classifier is put back after each step");
        let (after, seconds) = seconds(|| {
            let vector = before.net.forward_dropped(images.clone(), &mut |vector| vector);
            let logits = before.classes.forward(vector);
            let loss = log_softmax(logits, 1).gather(1, targets.clone()).mean().neg();
            assert!(loss.clone().into_scalar::<f32>().is_finite(), "the loss is not finite");
            let gradients = GradientsParams::from_grads(loss.backward(), &before);
            adam.step(1e-3, before, gradients)
        });
        classifier = Some(after);
        seconds
    });
}
