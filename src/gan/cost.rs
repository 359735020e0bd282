//! What networks and a training step cost, from their sizes alone.

use crate::spec::{ObjectiveKind, Settings};

use super::{DiscriminatorConfig, GeneratorConfig};

/// Weights of a 5×5 kernel.
const KERNEL: u64 = 25;

/// The parameters of both networks, and the floating-point operations of one step.
///
/// Only linear layers and convolutions count, as is usual; a multiplication with its addition is two operations.
/// Adam, norms and activations are a few per cent beside them. The guide's own network is not part of a step: its
/// features are prepared once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cost {
    /// Learned numbers of the generator.
    pub generator_parameters: u64,
    /// Learned numbers of the discriminator.
    pub discriminator_parameters: u64,
    /// Operations of a step's forward passes.
    pub forward: u64,
    /// Operations of a step's backward passes.
    pub backward: u64,
}

/// The operations of one item's way through a network.
#[derive(Clone, Copy)]
struct Pass {
    /// Layers whose input needs no gradient: images, sentences and guides.
    first: u64,
    /// All others.
    inner: u64,
}

impl Pass {
    fn forward(self) -> u64 {
        self.first + self.inner
    }

    /// The gradients of weights and inputs each cost as much as the forward pass.
    fn backward(self) -> u64 {
        self.first + 2 * self.inner
    }
}

impl Cost {
    /// What `settings` cost, for sentences of length `sentence` and guides of length `guide`.
    pub fn new(settings: &Settings, sentence: usize, guide: Option<usize>) -> Self {
        let generator = GeneratorConfig::new(settings, sentence, guide);
        let discriminator = DiscriminatorConfig::new(settings, sentence);
        let batch = settings.train.batch as u64;
        let kind = settings.objective.kind;
        let draws = batch * drawn(kind);
        let looks = batch * if kind.has_wrong_pairs() { 3 } else { 2 };
        let drawing = generator.pass();
        let looking = discriminator.pass();
        Self {
            generator_parameters: generator.parameters(),
            discriminator_parameters: discriminator.parameters(),
            // One pass of the generator serves both updates.
            forward: draws * drawing.forward() + (looks + draws) * looking.forward(),
            // In the generator's update the discriminator passes a gradient on and takes none: back to the image
            // through everything but the projected sentence.
            backward: draws * drawing.backward()
                + looks * looking.backward()
                + draws * (looking.forward() - discriminator.projection()),
        }
    }

    /// Operations of a whole step.
    pub fn step(self) -> u64 {
        self.forward + self.backward
    }
}

/// Images that the generator draws for each item: with interpolated texts, one more.
fn drawn(kind: ObjectiveKind) -> u64 {
    if kind.interpolates() { 2 } else { 1 }
}

fn wide(size: usize) -> u64 {
    size as u64
}

impl GeneratorConfig {
    fn channels(&self) -> [u64; 5] {
        let width = wide(self.width);
        [8 * width, 4 * width, 2 * width, width, 3]
    }

    fn joined(&self) -> u64 {
        wide(self.noise + self.text + self.guide.map_or(0, |(_, projected)| projected))
    }

    fn parameters(&self) -> u64 {
        let channels = self.channels();
        let side = wide(self.resolution / 16);
        let text = (wide(self.sentence) + 1) * wide(self.text);
        let guide = self.guide.map_or(0, |(features, projected)| (wide(features) + 1) * wide(projected));
        let seed = self.joined() * channels[0] * side * side;
        let up: u64 = channels.windows(2).map(|pair| KERNEL * pair[0] * pair[1]).sum();
        let norms: u64 = channels[..4].iter().map(|channels| 2 * channels).sum();
        // The last layer alone has a bias, since no norm follows it.
        text + guide + seed + up + channels[4] + norms
    }

    fn pass(&self) -> Pass {
        let channels = self.channels();
        let side = wide(self.resolution / 16);
        let guide = self.guide.map_or(0, |(features, projected)| wide(features) * wide(projected));
        let seed = self.joined() * channels[0] * side * side;
        // A transposed convolution multiplies every input pixel with the kernel.
        let up = |(i, pair): (u32, &[u64])| KERNEL * pair[0] * pair[1] * (side << i).pow(2);
        let ups: u64 = (0u32..).zip(channels.windows(2)).map(up).sum();
        Pass { first: 2 * (wide(self.sentence) * wide(self.text) + guide), inner: 2 * (seed + ups) }
    }
}

impl DiscriminatorConfig {
    fn channels(&self) -> [u64; 5] {
        let width = wide(self.width);
        [3, width, 2 * width, 4 * width, 8 * width]
    }

    fn parameters(&self) -> u64 {
        let channels = self.channels();
        let side = wide(self.resolution / 16);
        let text = (wide(self.sentence) + 1) * wide(self.text);
        let down: u64 = channels.windows(2).map(|pair| KERNEL * pair[0] * pair[1]).sum();
        let norms: u64 = channels[2..].iter().map(|channels| 2 * channels).sum();
        let joint = (channels[4] + wide(self.text)) * channels[4] + 2 * channels[4];
        text + down + channels[1] + norms + joint + channels[4] * side * side + 1
    }

    /// Operations of the projected sentence.
    fn projection(&self) -> u64 {
        2 * wide(self.sentence) * wide(self.text)
    }

    fn pass(&self) -> Pass {
        let channels = self.channels();
        let side = wide(self.resolution / 16);
        let down = |(i, pair): (u32, &[u64])| 2 * KERNEL * pair[0] * pair[1] * ((side * 8) >> i).pow(2);
        let downs: Vec<u64> = (0u32..).zip(channels.windows(2)).map(down).collect();
        let joint = 2 * (channels[4] + wide(self.text)) * channels[4] * side * side;
        let logit = 2 * channels[4] * side * side;
        let first = self.projection() + downs[0];
        Pass { first, inner: downs[1..].iter().sum::<u64>() + joint + logit }
    }
}

#[cfg(test)]
mod tests {
    use burn::module::{Module, ModuleVisitor, Param};
    use burn::tensor::{Device, Tensor};

    use super::*;
    use crate::spec::Value;

    fn settings(sizes: [i64; 7], kind: &str) -> Settings {
        let keys = [
            "image.resolution",
            "generator.width",
            "discriminator.width",
            "train.batch",
            "text.projected",
            "generator.noise",
            "guide.projected",
        ];
        let mut values: Vec<(&str, Value)> = keys.into_iter().zip(sizes.map(Value::Integer)).collect();
        values.push(("objective.kind", Value::Text(kind.into())));
        Settings::from_values(values.iter().map(|(key, value)| (*key, value))).unwrap()
    }

    /// Counts what an optimizer would change: without the running statistics.
    #[derive(Default)]
    struct Learned {
        path: Vec<String>,
        count: u64,
    }

    impl ModuleVisitor for Learned {
        fn enter_module(&mut self, name: &str, _container: &str) {
            self.path.push(name.to_owned());
        }

        fn exit_module(&mut self, _name: &str, _container: &str) {
            self.path.pop();
        }

        fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
            if !self.path.last().is_some_and(|name| name.starts_with("running_")) {
                self.count += param.lazy_shape().num_elements() as u64;
            }
        }
    }

    fn learned<M: Module>(module: &M) -> u64 {
        let mut learned = Learned::default();
        module.visit(&mut learned);
        learned.count
    }

    #[test]
    fn parameters_are_those_of_the_networks() {
        let device = Device::flex();
        for (sizes, sentence, guide) in [
            ([32, 4, 6, 2, 8, 5, 7], 12, Some(24)),
            ([64, 8, 4, 2, 16, 10, 8], 33, None),
            ([128, 4, 4, 2, 8, 5, 7], 12, Some(8)),
            ([256, 5, 4, 2, 9, 6, 7], 12, None),
        ] {
            let settings = settings(sizes, "gan-cls");
            let cost = Cost::new(&settings, sentence, guide);
            let generator = GeneratorConfig::new(&settings, sentence, guide).init(&device);
            let discriminator = DiscriminatorConfig::new(&settings, sentence).init(&device);
            assert_eq!(cost.generator_parameters, learned(&generator), "{sizes:?}");
            assert_eq!(cost.discriminator_parameters, learned(&discriminator), "{sizes:?}");
        }
    }

    /// The numbers are PyTorch's (2.15.0): `torch.utils.flop_counter.FlopCounterMode` around `Trainer.step` of
    /// benches/step_torch.py with these sizes, once whole, and once without gradients for the forward passes alone.
    #[test]
    fn operations_are_those_that_pytorch_counts_on_the_twin_networks() {
        let sizes = |resolution, width, batch, text, noise, guide| {
            [resolution, width, width, batch, text, noise, guide].map(i64::from)
        };
        let paper = sizes(64, 64, 64, 256, 100, 256);
        let cases = [
            (paper, "gan-cls", 2400, Some(4096), 108_203_606_016, 192_345_538_560),
            (paper, "gan-cls-int", 2400, None, 150_661_496_832, 255_591_448_576),
            (sizes(128, 128, 4, 256, 100, 256), "gan-cls-int", 512, Some(4096), 147_154_534_400, 251_101_446_144),
            (sizes(32, 16, 8, 64, 50, 32), "gan-cls", 512, Some(104), 231_378_944, 398_995_456),
        ];
        for (sizes, kind, sentence, guide, forward, backward) in cases {
            let cost = Cost::new(&settings(sizes, kind), sentence, guide);
            assert_eq!((cost.forward, cost.backward), (forward, backward), "{sizes:?} {kind}");
        }
    }

    #[test]
    fn an_objective_without_wrong_pairs_looks_once_less() {
        let sizes = [64, 8, 8, 2, 16, 10, 8];
        let cost = |kind| Cost::new(&settings(sizes, kind), 32, None);
        let look = DiscriminatorConfig::new(&settings(sizes, "gan"), 32).pass();
        assert_eq!(cost("gan-cls").forward - cost("gan").forward, 2 * look.forward());
        assert_eq!(cost("gan-cls-int").backward - cost("gan-int").backward, 2 * look.backward());
    }
}
