//! The number of parameters and of operations per step, computed from the sizes of the networks.

use crate::spec::Settings;

use super::{Body, DiscriminatorConfig, GeneratorConfig, NegativeWeights, interpolated_texts, noise_rows};

/// The parameters of both networks, and the floating-point operations of one step.
///
/// As usual, only linear layers and convolutions are counted, and a multiplication with an addition is two operations.
/// Adam, norms and activations need a few per cent more. The guide network is not counted: its features are extracted
/// once, before training. Its operations for `objective.guide_match` are not counted either. It is the cost of the method:
/// each pair that the discriminator judges counts as a pass of its own, although jem computes what pairs have in common
/// once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cost {
    /// Learned parameters of the generator.
    pub generator_parameters: u64,
    /// Learned parameters of the discriminator.
    pub discriminator_parameters: u64,
    /// Operations of the forward passes of a step.
    pub forward: u64,
    /// Operations of the backward passes of a step.
    pub backward: u64,
}

/// The operations of a forward pass on one item.
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

    /// The gradients of the weights and those of the inputs need as many operations as the forward pass each.
    fn backward(self) -> u64 {
        self.first + 2 * self.inner
    }
}

impl Cost {
    /// The cost for `settings`, with sentence vectors of length `sentence` and guides of length `guide`.
    pub fn new(settings: &Settings, sentence: usize, guide: Option<usize>) -> Self {
        let generator = GeneratorConfig::new(settings, sentence, guide);
        let discriminator = DiscriminatorConfig::new(settings, sentence, guide);
        let batch = settings.train.batch;
        let negatives = NegativeWeights::new(settings);
        let inputs = 2 + u64::from(negatives.text.is_some()) + u64::from(negatives.guide.is_some());
        let judged = wide(batch) * inputs;
        // All images that are generated, and those of the generator's updates, which alone have a backward pass.
        let generated: u64 = noise_rows(settings, batch).into_iter().map(wide).sum();
        let updated = wide(settings.train.generator_steps * (batch + interpolated_texts(settings, batch)));
        let generate = generator.pass();
        let judge = discriminator.pass();
        Self {
            generator_parameters: generator.parameters(),
            discriminator_parameters: discriminator.parameters(),
            forward: generated * generate.forward() + (judged + updated) * judge.forward(),
            // In the generator's update the discriminator needs only the gradients of its inputs, back to the image,
            // and none for the projections of sentence and guide.
            backward: updated * generate.backward()
                + judged * judge.backward()
                + updated * (judge.forward() - discriminator.projections()),
        }
    }

    /// Operations of a whole step.
    pub fn step(self) -> u64 {
        self.forward + self.backward
    }
}

fn wide(size: usize) -> u64 {
    size as u64
}

/// Parameters of a linear layer with a bias.
fn linear((inputs, outputs): (usize, usize)) -> u64 {
    (wide(inputs) + 1) * wide(outputs)
}

/// Operations of a linear layer.
fn product((inputs, outputs): (usize, usize)) -> u64 {
    2 * wide(inputs) * wide(outputs)
}

/// Weights of the convolutions of a residual block.
fn bottleneck(channels: u64) -> u64 {
    let narrow = channels / 4;
    channels * narrow + 9 * narrow * narrow + 9 * narrow * channels
}

/// Parameters of the norms of a residual block.
fn bottleneck_norms(channels: u64) -> u64 {
    2 * (channels / 4 + channels / 4 + channels)
}

impl GeneratorConfig {
    fn joined(&self) -> u64 {
        wide(self.noise + self.text + self.guide.map_or(0, |(_, projected)| projected))
    }

    /// Inputs and outputs of the layers that modulate hidden feature maps.
    fn modulations(&self) -> impl Iterator<Item = (usize, usize)> {
        let channels = self.channels();
        let projected = self.guide.filter(|_| self.stages).map(|(_, projected)| projected);
        projected
            .into_iter()
            .flat_map(move |projected| channels.into_iter().skip(1).take(3).map(move |c| (projected, 2 * c)))
    }

    fn parameters(&self) -> u64 {
        let channels = self.channels().map(wide);
        let side = wide(self.resolution / 16);
        let kernel = wide(self.body.kernel()).pow(2);
        let projections = linear((self.sentence, self.text)) + self.guide.map_or(0, linear);
        let seed = self.joined() * channels[0] * side * side;
        let up: u64 = channels.windows(2).map(|pair| kernel * pair[0] * pair[1]).sum();
        let norms: u64 = channels[..4].iter().map(|channels| 2 * channels).sum();
        let blocks = self.residuals().iter().map(|&i| bottleneck(channels[i]) + bottleneck_norms(channels[i]));
        // Only the last layer can have a bias, since the others are followed by a norm.
        let bias = if self.body.has_bias() { channels[4] } else { 0 };
        let modulations: u64 = self.modulations().map(linear).sum();
        projections + seed + up + bias + norms + blocks.sum::<u64>() + modulations
    }

    fn pass(&self) -> Pass {
        let channels = self.channels().map(wide);
        let side = wide(self.resolution / 16);
        let kernel = wide(self.body.kernel()).pow(2);
        let seed = self.joined() * channels[0] * side * side;
        // A transposed convolution multiplies every input pixel by the kernel.
        let up = |(i, pair): (u32, &[u64])| kernel * pair[0] * pair[1] * (side << i).pow(2);
        let ups: u64 = (0u32..).zip(channels.windows(2)).map(up).sum();
        let block = |(i, &index): (u32, &usize)| bottleneck(channels[index]) * (side << i).pow(2);
        let blocks: u64 = (0u32..).zip(self.residuals()).map(block).sum();
        Pass {
            first: product((self.sentence, self.text)) + self.guide.map_or(0, product),
            inner: 2 * (seed + ups + blocks) + self.modulations().map(product).sum::<u64>(),
        }
    }
}

impl DiscriminatorConfig {
    fn joined(&self) -> u64 {
        wide(self.text + self.guide.map_or(0, |(_, projected)| projected))
    }

    fn parameters(&self) -> u64 {
        let channels = self.channels().map(wide);
        let side = wide(self.resolution / 16);
        let kernel = wide(self.body.kernel()).pow(2);
        let projections = linear((self.sentence, self.text)) + self.guide.map_or(0, linear);
        let down: u64 = channels.windows(2).map(|pair| kernel * pair[0] * pair[1]).sum();
        let norms: u64 = channels[2..].iter().map(|channels| 2 * channels).sum();
        let joint = (channels[4] + self.joined()) * channels[4] + 2 * channels[4];
        let logit = channels[4] * side * side;
        let own = match self.body {
            Body::Dcgan => channels[1] + 1,
            Body::Reed => bottleneck(channels[4]) + bottleneck_norms(channels[4]) + 2 * wide(self.text),
        };
        projections + down + norms + joint + logit + own
    }

    /// Operations of the projections of sentence and guide.
    fn projections(&self) -> u64 {
        product((self.sentence, self.text)) + self.guide.map_or(0, product)
    }

    fn pass(&self) -> Pass {
        let channels = self.channels().map(wide);
        let side = wide(self.resolution / 16);
        let kernel = wide(self.body.kernel()).pow(2);
        let down = |(i, pair): (u32, &[u64])| 2 * kernel * pair[0] * pair[1] * ((side * 8) >> i).pow(2);
        let downs: Vec<u64> = (0u32..).zip(channels.windows(2)).map(down).collect();
        let joint = 2 * (channels[4] + self.joined()) * channels[4] * side * side;
        let logit = 2 * channels[4] * side * side;
        let block = match self.body {
            Body::Dcgan => 0,
            Body::Reed => 2 * bottleneck(channels[4]) * side * side,
        };
        let first = self.projections() + downs[0];
        Pass { first, inner: downs[1..].iter().sum::<u64>() + joint + logit + block }
    }
}

#[cfg(test)]
mod tests {
    use burn::module::{Module, Param};
    use burn::tensor::{Device, Tensor};

    use super::super::tensors::{self, TensorPath, TensorVisitor};
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

    /// Counts the learned values, without running statistics.
    struct Learned(u64);

    impl TensorVisitor for Learned {
        fn visit<const D: usize>(&mut self, path: &TensorPath, param: &Param<Tensor<D>>) {
            if !path.is_running_statistic() {
                self.0 += param.lazy_shape().num_elements() as u64;
            }
        }
    }

    fn learned<M: Module>(module: &M) -> u64 {
        tensors::visit(module, None, Learned(0)).0
    }

    #[test]
    fn parameter_counts_are_those_of_the_networks() {
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
            let discriminator = DiscriminatorConfig::new(&settings, sentence, guide).init(&device);
            assert_eq!(cost.generator_parameters, learned(&generator), "{sizes:?}");
            assert_eq!(cost.discriminator_parameters, learned(&discriminator), "{sizes:?}");
        }
    }

    #[test]
    fn parameter_counts_of_every_architecture_are_those_of_the_networks() {
        let device = Device::flex();
        for (body, inject, joined) in
            [("reed", "input", "none"), ("dcgan", "stages", "joined"), ("reed", "stages", "joined")]
        {
            let words = [
                ("generator.body", body),
                ("discriminator.body", body),
                ("guide.network", "alexnet"),
                ("guide.inject", inject),
                ("guide.discriminator", joined),
            ];
            let words = words.map(|(key, word)| (key, Value::Text(word.into())));
            let widths = ["generator.width", "discriminator.width"].map(|key| (key, Value::Integer(4)));
            let values = words.iter().chain(&widths).map(|(key, value)| (*key, value));
            let settings = Settings::from_values(values).unwrap();
            let cost = Cost::new(&settings, 12, Some(24));
            let generator = GeneratorConfig::new(&settings, 12, Some(24)).init(&device);
            let discriminator = DiscriminatorConfig::new(&settings, 12, Some(24)).init(&device);
            assert_eq!(cost.generator_parameters, learned(&generator), "{body} {inject}");
            assert_eq!(cost.discriminator_parameters, learned(&discriminator), "{body} {joined}");
        }
    }

    /// The expected values are from PyTorch 2.15.0: `torch.utils.flop_counter.FlopCounterMode` around `Trainer.step` of
    /// benches/step_torch.py with these sizes, once with gradients, and once without for the forward passes alone.
    #[test]
    fn operations_are_those_that_pytorch_counts_for_the_same_networks() {
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
    fn mismatched_pairs_cost_one_discriminator_pass() {
        let sizes = [64, 8, 8, 2, 16, 10, 8];
        let cost = |kind| Cost::new(&settings(sizes, kind), 32, None);
        let pass = DiscriminatorConfig::new(&settings(sizes, "gan"), 32, None).pass();
        assert_eq!(cost("gan-cls").forward - cost("gan").forward, 2 * pass.forward());
        assert_eq!(cost("gan-cls-int").backward - cost("gan-int").backward, 2 * pass.backward());
    }
}
