//! Times each operation of a training step, and networks, and prints a JSON line for each:
//! {"op": "down2 forward", "seconds": 0.01, "gflop": 3.3}.
//!
//! It has the same operations, shapes, options and defaults as `ops_torch.py`, so that `compare_ops.py` can compare the
//! two. Feature maps have their channels last in memory, as inside of jem's networks.

use burn::module::Module;
use burn::optim::{GradientsParams, ModuleOptimizer};
use burn::tensor::{Device, Tensor, TensorData};
use jem::gan::Gan;
use jem::kernel::{self, Activation, Pooling};
use jem::random::Random;
use jem::spec::{Settings, Value};

use stopwatch::{Stopwatch, seconds, size};

#[path = "ops/networks.rs"]
mod networks;
#[path = "ops/stopwatch.rs"]
mod stopwatch;

const SENTENCE: usize = 2400;
const TEXT: usize = 256;
const NOISE: usize = 100;
const GUIDE: usize = 4096;
const GUIDE_PROJECTED: usize = 256;
const STRIDE: [usize; 2] = [2, 2];
const PADDING: [usize; 2] = [2, 2];
const PADDING_OUT: [usize; 2] = [1, 1];
const EPSILON: f64 = 1e-5;

fn main() {
    let stopwatch = Stopwatch::new();
    let product = [2048, 2048];
    let (left, right) = (random::<2>("left", product, &cpu()), random::<2>("right", product, &cpu()));
    stopwatch.always("product of 2048 x 2048", Some(2.0 * 2048f64.powi(3)), || {
        seconds(|| left.clone().matmul(right.clone())).1
    });
    let sizes = Sizes::from_options();
    discriminator_convolutions(&stopwatch, &sizes);
    generator_convolutions(&stopwatch, &sizes);
    norms(&stopwatch, &sizes);
    let image = [maps("image", [sizes.batch, 3, sizes.resolution, sizes.resolution])];
    stopwatch.both("tanh", None, 0, &|[x]: [Tensor<4>; 1]| kernel::activate(x, Activation::Tanh), &image, [true]);
    linears(&stopwatch, &sizes);
    optimizers(&stopwatch, &sizes);
    if !std::env::args().any(|argument| argument == "--no-networks") {
        pools(&stopwatch);
        networks::time(&stopwatch, size("--network-batch", 16));
    }
}

/// The sizes of a training step.
struct Sizes {
    batch: usize,
    resolution: usize,
    width: usize,
}

impl Sizes {
    fn from_options() -> Self {
        Self { batch: size("--batch", 64), resolution: size("--resolution", 64), width: size("--width", 64) }
    }

    /// Channels of the discriminator's feature maps, from the image to the smallest.
    fn channels(&self) -> [usize; 5] {
        [3, self.width, 2 * self.width, 4 * self.width, 8 * self.width]
    }

    /// Side of the smallest feature map.
    fn smallest(&self) -> usize {
        self.resolution / 16
    }
}

fn cpu() -> Device {
    Device::flex()
}

/// Standard normal values.
fn random<const D: usize>(name: &str, shape: [usize; D], device: &Device) -> Tensor<D> {
    let values = Random::named(1, name).normals(shape.iter().product());
    Tensor::from_data(TensorData::new(values, shape), device)
}

/// Random feature maps `[n, c, h, w]` with their channels last in memory.
fn maps(name: &str, [batch, channels, height, width]: [usize; 4]) -> Tensor<4> {
    random(name, [batch, height, width, channels], &cpu()).permute([0, 3, 1, 2])
}

/// Random weights of a convolution.
fn weight(shape: [usize; 4]) -> Tensor<4> {
    random("weight", shape, &cpu()).mul_scalar(0.02)
}

fn discriminator_convolutions(stopwatch: &Stopwatch, sizes: &Sizes) {
    let (batch, channels) = (sizes.batch, sizes.channels());
    for i in 1..5 {
        let (inputs, outputs, side) = (channels[i - 1], channels[i], sizes.resolution >> i);
        let flop = 2.0 * (batch * side * side * outputs * inputs * 25) as f64;
        let tensors = [maps("x", [batch, inputs, 2 * side, 2 * side]), weight([outputs, inputs, 5, 5])];
        let forward =
            |[x, weight]: [Tensor<4>; 2]| kernel::conv2d(x, weight, None, STRIDE, PADDING, Activation::Identity);
        stopwatch.separate(&format!("down{i}"), flop, &forward, &tensors);
        if i == 1 {
            // The bias has the shape of a feature map here, since all tensors of a list have one rank.
            let [x, weight] = tensors;
            let tensors = [x, weight, random("bias", [1, outputs, 1, 1], &cpu())];
            let forward = |[x, weight, bias]: [Tensor<4>; 3]| {
                kernel::conv2d(x, weight, Some(vector(bias)), STRIDE, PADDING, Activation::LeakyRelu)
            };
            // The gradient of the image is not needed.
            let wanted = [false, true, true];
            stopwatch.both("down1, bias, leaky ReLU", Some(flop), 1, &forward, &tensors, wanted);
        }
    }
    let side = sizes.smallest();
    // Of the image's part of the joined maps; that of the sentence is linear.
    let tensors = [maps("x", [batch, channels[4], side, side]), weight([channels[4], channels[4], 1, 1])];
    let flop = 2.0 * (batch * side * side * channels[4] * channels[4]) as f64;
    let forward = |[x, weight]: [Tensor<4>; 2]| kernel::conv2d(x, weight, None, [1, 1], [0, 0], Activation::Identity);
    stopwatch.separate("joint", flop, &forward, &tensors);
}

fn generator_convolutions(stopwatch: &Stopwatch, sizes: &Sizes) {
    let (batch, mut channels) = (sizes.batch, sizes.channels());
    channels.reverse();
    for i in 1..5 {
        let (inputs, outputs, side) = (channels[i - 1], channels[i], sizes.smallest() << (i - 1));
        let flop = 2.0 * (batch * side * side * outputs * inputs * 25) as f64;
        let tensors = [maps("x", [batch, inputs, side, side]), weight([inputs, outputs, 5, 5])];
        let forward = |[x, weight]: [Tensor<4>; 2]| up(x, weight, None, Activation::Identity);
        stopwatch.separate(&format!("up{i}"), flop, &forward, &tensors);
        if i == 4 {
            let [x, weight] = tensors;
            let tensors = [x, weight, random("bias", [1, outputs, 1, 1], &cpu())];
            let forward = |[x, weight, bias]: [Tensor<4>; 3]| up(x, weight, Some(vector(bias)), Activation::Tanh);
            stopwatch.both("up4, bias, tanh", Some(flop), 2, &forward, &tensors, [true; 3]);
        }
    }
}

fn up(x: Tensor<4>, weight: Tensor<4>, bias: Option<Tensor<1>>, activation: Activation) -> Tensor<4> {
    kernel::conv_transpose2d(x, weight, bias, STRIDE, PADDING, PADDING_OUT, activation)
}

/// `[1, c, 1, 1]` → `[c]`
fn vector(x: Tensor<4>) -> Tensor<1> {
    let [_, channels, ..] = x.dims();
    x.reshape([channels])
}

fn norms(stopwatch: &Stopwatch, sizes: &Sizes) {
    let (channels, smallest) = (sizes.channels(), sizes.smallest());
    let time = |name: &str, channels: usize, side: usize, activation: Activation| {
        let parameter = |name| random(name, [1, channels, 1, 1], &cpu());
        let tensors = [maps("x", [sizes.batch, channels, side, side]), parameter("gamma"), parameter("beta")];
        let forward = |[x, gamma, beta]: [Tensor<4>; 3]| {
            kernel::batch_norm(x, vector(gamma), vector(beta), EPSILON, activation).output
        };
        stopwatch.both(&format!("{name}, activation"), None, 0, &forward, &tensors, [true; 3]);
    };
    for (i, &channels) in channels.iter().enumerate().skip(2) {
        time(&format!("down{i} norm"), channels, sizes.resolution >> i, Activation::LeakyRelu);
    }
    time("joint norm", channels[4], smallest, Activation::LeakyRelu);
    time("seed norm", channels[4], smallest, Activation::Relu);
    for i in 1..4 {
        time(&format!("up{i} norm"), channels[4 - i], smallest << i, Activation::Relu);
    }
}

fn linears(stopwatch: &Stopwatch, sizes: &Sizes) {
    let batch = sizes.batch;
    let map = sizes.channels()[4] * sizes.smallest() * sizes.smallest();
    let time = |name: &str, inputs: usize, outputs: usize, bias: bool, input_gradient: bool| {
        let flop = Some(2.0 * (batch * inputs * outputs) as f64);
        let passes = 1 + u8::from(input_gradient);
        let (x, weight) = (random("x", [batch, inputs], &cpu()), random("weight", [inputs, outputs], &cpu()));
        if bias {
            let tensors = [x, weight, random("bias", [1, outputs], &cpu())];
            let forward = |[x, weight, bias]: [Tensor<2>; 3]| {
                kernel::linear(x, weight, Some(bias.reshape([outputs])), Activation::Identity)
            };
            stopwatch.both(name, flop, passes, &forward, &tensors, [input_gradient, true, true]);
        } else {
            let forward = |[x, weight]: [Tensor<2>; 2]| kernel::linear(x, weight, None, Activation::Identity);
            stopwatch.both(name, flop, passes, &forward, &[x, weight], [input_gradient, true]);
        }
    };
    time("text linear", SENTENCE, TEXT, true, false);
    time("guide linear", GUIDE, GUIDE_PROJECTED, true, false);
    time("joint linear", TEXT, sizes.channels()[4], false, true);
    time("seed linear", NOISE + TEXT + GUIDE_PROJECTED, map, false, true);
    time("logit linear", map, 1, true, true);
}

/// The first max pooling of each network of the fitting steps.
fn pools(stopwatch: &Stopwatch) {
    for (name, side, window) in [("AlexNet max pool", 27, 3), ("VGG-16 max pool", 112, 2)] {
        let forward = |[x]: [Tensor<4>; 1]| kernel::pool2d(x, [window; 2], [2, 2], [0, 0], Pooling::Max);
        stopwatch.both(name, None, 0, &forward, &[maps("x", [networks::FIT_BATCH, 16, side, side])], [true]);
    }
}

/// Adam over all parameters of each network. The gradients come from a forward pass on two images, which is not timed.
fn optimizers(stopwatch: &Stopwatch, sizes: &Sizes) {
    let integer = |size: usize| Value::Integer(i64::try_from(size).expect("a size is small"));
    let values = [
        ("image.resolution", integer(sizes.resolution)),
        ("generator.width", integer(sizes.width)),
        ("discriminator.width", integer(sizes.width)),
    ];
    let values = values.iter().map(|(key, value)| (*key, value));
    let settings = Settings::from_values(values).expect("the sizes fit the settings");
    let device = cpu().autodiff();
    let Gan { generator, discriminator, generator_adam, discriminator_adam, .. } =
        Gan::new(&settings, SENTENCE, Some(GUIDE), 1, &device);
    let (noise, text) = (random("noise", [2, NOISE], &device), random("text", [2, SENTENCE], &device));
    let guide = random("guide", [2, GUIDE], &device);
    let image = random("image", [2, 3, sizes.resolution, sizes.resolution], &device);
    time_adam(stopwatch, "generator Adam", generator, generator_adam, &|generator| {
        generator.forward(noise.clone(), text.clone(), Some(guide.clone())).mean()
    });
    time_adam(stopwatch, "discriminator Adam", discriminator, discriminator_adam, &|discriminator| {
        discriminator.forward(image.clone(), text.clone(), None).mean()
    });
}

fn time_adam<M: Module>(
    stopwatch: &Stopwatch,
    name: &str,
    network: M,
    mut adam: ModuleOptimizer,
    loss: &dyn Fn(&M) -> Tensor<1>,
) {
    let mut network = Some(network);
    stopwatch.time(name, None, || {
        let before = network.take().expect("the network is put back after each update");
        let gradients = GradientsParams::from_grads(loss(&before).backward(), &before);
        let (after, seconds) = seconds(|| adam.step(2e-4, before, gradients));
        network = Some(after);
        seconds
    });
}
