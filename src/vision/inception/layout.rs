//! The convolutions and poolings of Inception-v3, by torchvision's names.
//!
//! Szegedy et al. 2015 (arXiv 1512.00567), figures 5 to 7; the channels are those of torchvision's module, which follow
//! the published TensorFlow graph.

use std::sync::LazyLock;

use crate::vision::network::NetworkConfig;
use crate::vision::parameter::Parameter;

/// A convolution without bias, with batch norm and ReLU: torchvision's `BasicConv2d`.
pub(super) struct BasicConvolution {
    pub(super) name: String,
    /// Published output channels.
    channels: usize,
    /// Height and width.
    pub(super) kernel: [usize; 2],
    pub(super) stride: usize,
    pub(super) padding: [usize; 2],
}

/// A step of a branch. Poolings have windows of 3×3.
pub(super) enum Step {
    Convolution(BasicConvolution),
    /// Two convolutions of one feature map, whose outputs are concatenated.
    Fork([BasicConvolution; 2]),
    /// An average pooling of stride 1 with padding 1. Padding counts in the mean, or only the pixels of the map do.
    Average {
        padding_counts: bool,
    },
    Max {
        stride: usize,
        padding: usize,
    },
}

/// Branches of one feature map, whose outputs are concatenated.
pub(in crate::vision) struct Stage {
    pub(in crate::vision) name: &'static str,
    pub(super) branches: Vec<Vec<Step>>,
}

/// The layers of a network.
pub(in crate::vision) struct InceptionLayout {
    pub(in crate::vision) stages: Vec<Stage>,
    pub(in crate::vision) classes: usize,
}

/// torchvision's form.
pub(in crate::vision) fn torchvision() -> &'static InceptionLayout {
    static LAYOUT: LazyLock<InceptionLayout> =
        LazyLock::new(|| InceptionLayout { stages: stages(false), classes: 1000 });
    &LAYOUT
}

/// The form that defines the Fréchet Inception Distance.
pub(in crate::vision) fn fid() -> &'static InceptionLayout {
    static LAYOUT: LazyLock<InceptionLayout> =
        LazyLock::new(|| InceptionLayout { stages: stages(true), classes: 1008 });
    &LAYOUT
}

impl InceptionLayout {
    /// Every parameter, by stage, branch and step, then those of the classification layer.
    pub(in crate::vision) fn parameters(&self, config: NetworkConfig) -> Vec<Parameter> {
        let mut list = Vec::new();
        let channels = self.visit(config, |convolution, input| {
            let output = config.channels(convolution.channels);
            let shape = vec![output, input, convolution.kernel[0], convolution.kernel[1]];
            list.push(Parameter { name: format!("{}.conv.weight", convolution.name), shape });
            let norm = ["weight", "bias", "running_mean", "running_var"];
            list.extend(
                norm.map(|part| Parameter { name: format!("{}.bn.{part}", convolution.name), shape: vec![output] }),
            );
        });
        let last = channels[channels.len() - 1];
        list.push(Parameter { name: "fc.weight".into(), shape: vec![self.classes, last] });
        list.push(Parameter { name: "fc.bias".into(), shape: vec![self.classes] });
        list
    }

    /// The number of parameters of the stages up to `stage`.
    pub(in crate::vision) fn parameters_to(&self, stage: usize) -> usize {
        let steps = self.stages[..=stage].iter().flat_map(|stage| stage.branches.iter().flatten());
        // The weight, and four of the batch norm.
        5 * steps.map(|step| step.convolutions().len()).sum::<usize>()
    }

    /// The output channels of each stage.
    pub(in crate::vision) fn channels(&self, config: NetworkConfig) -> Vec<usize> {
        self.visit(config, |_, _| ())
    }

    /// Every convolution, in order.
    pub(super) fn convolutions(&self) -> Vec<&BasicConvolution> {
        let steps = self.stages.iter().flat_map(|stage| stage.branches.iter().flatten());
        steps.flat_map(Step::convolutions).collect()
    }

    /// Calls `visit` with every convolution and its input channels; returns the output channels of each stage.
    fn visit(&self, config: NetworkConfig, mut visit: impl FnMut(&BasicConvolution, usize)) -> Vec<usize> {
        let mut map = 3;
        let stages = self.stages.iter().map(|stage| {
            let branch = |steps: &Vec<Step>| {
                steps.iter().fold(map, |input, step| {
                    let convolutions = step.convolutions();
                    convolutions.iter().for_each(|convolution| visit(convolution, input));
                    // A pooling does not change the channels.
                    let outputs = convolutions.iter().map(|convolution| config.channels(convolution.channels));
                    if convolutions.is_empty() { input } else { outputs.sum() }
                })
            };
            map = stage.branches.iter().map(branch).sum();
            map
        });
        stages.collect()
    }
}

impl Step {
    fn convolutions(&self) -> Vec<&BasicConvolution> {
        match self {
            Step::Convolution(convolution) => vec![convolution],
            Step::Fork(convolutions) => convolutions.iter().collect(),
            Step::Average { .. } | Step::Max { .. } => Vec::new(),
        }
    }
}

/// A convolution with padding that keeps the size of the feature map.
fn padded(name: &str, channels: usize, kernel: [usize; 2]) -> BasicConvolution {
    BasicConvolution { name: name.into(), channels, kernel, stride: 1, padding: kernel.map(|side| side / 2) }
}

/// A convolution without padding.
fn unpadded(name: &str, channels: usize, kernel: usize, stride: usize) -> Step {
    Step::Convolution(BasicConvolution { name: name.into(), channels, kernel: [kernel; 2], stride, padding: [0; 2] })
}

fn square(name: &str, channels: usize, kernel: usize) -> Step {
    Step::Convolution(padded(name, channels, [kernel; 2]))
}

/// A convolution of 1×7 or 7×1.
fn rectangular(name: &str, channels: usize, kernel: [usize; 2]) -> Step {
    Step::Convolution(padded(name, channels, kernel))
}

const HALVING: Step = Step::Max { stride: 2, padding: 0 };

fn stages(fid: bool) -> Vec<Stage> {
    let average = || Step::Average { padding_counts: !fid };
    let last = if fid { Step::Max { stride: 1, padding: 1 } } else { average() };
    let first =
        vec![unpadded("Conv2d_1a_3x3", 32, 3, 2), unpadded("Conv2d_2a_3x3", 32, 3, 1), square("Conv2d_2b_3x3", 64, 3)];
    let second = vec![unpadded("Conv2d_3b_1x1", 80, 1, 1), unpadded("Conv2d_4a_3x3", 192, 3, 1)];
    let pooled = |name, mut steps: Vec<Step>| {
        steps.push(HALVING);
        Stage { name, branches: vec![steps] }
    };
    vec![
        pooled("pool1", first),
        pooled("pool2", second),
        mixed("Mixed_5b", inception_a(32, average())),
        mixed("Mixed_5c", inception_a(64, average())),
        mixed("Mixed_5d", inception_a(64, average())),
        mixed("Mixed_6a", inception_b()),
        mixed("Mixed_6b", inception_c(128, average())),
        mixed("Mixed_6c", inception_c(160, average())),
        mixed("Mixed_6d", inception_c(160, average())),
        mixed("Mixed_6e", inception_c(192, average())),
        mixed("Mixed_7a", inception_d()),
        mixed("Mixed_7b", inception_e(average())),
        mixed("Mixed_7c", inception_e(last)),
    ]
}

/// A stage whose name is the prefix of the names of its convolutions.
fn mixed(stage: &'static str, mut branches: Vec<Vec<Step>>) -> Stage {
    let prefix = |convolution: &mut BasicConvolution| convolution.name = format!("{stage}.{}", convolution.name);
    for step in branches.iter_mut().flatten() {
        match step {
            Step::Convolution(convolution) => prefix(convolution),
            Step::Fork(convolutions) => convolutions.iter_mut().for_each(prefix),
            Step::Average { .. } | Step::Max { .. } => {}
        }
    }
    Stage { name: stage, branches }
}

/// torchvision's `InceptionA`.
fn inception_a(pooled: usize, pool: Step) -> Vec<Vec<Step>> {
    vec![
        vec![square("branch1x1", 64, 1)],
        vec![square("branch5x5_1", 48, 1), square("branch5x5_2", 64, 5)],
        vec![square("branch3x3dbl_1", 64, 1), square("branch3x3dbl_2", 96, 3), square("branch3x3dbl_3", 96, 3)],
        vec![pool, square("branch_pool", pooled, 1)],
    ]
}

/// torchvision's `InceptionB`.
fn inception_b() -> Vec<Vec<Step>> {
    vec![
        vec![unpadded("branch3x3", 384, 3, 2)],
        vec![square("branch3x3dbl_1", 64, 1), square("branch3x3dbl_2", 96, 3), unpadded("branch3x3dbl_3", 96, 3, 2)],
        vec![HALVING],
    ]
}

/// torchvision's `InceptionC`.
fn inception_c(inner: usize, pool: Step) -> Vec<Vec<Step>> {
    vec![
        vec![square("branch1x1", 192, 1)],
        vec![
            square("branch7x7_1", inner, 1),
            rectangular("branch7x7_2", inner, [1, 7]),
            rectangular("branch7x7_3", 192, [7, 1]),
        ],
        vec![
            square("branch7x7dbl_1", inner, 1),
            rectangular("branch7x7dbl_2", inner, [7, 1]),
            rectangular("branch7x7dbl_3", inner, [1, 7]),
            rectangular("branch7x7dbl_4", inner, [7, 1]),
            rectangular("branch7x7dbl_5", 192, [1, 7]),
        ],
        vec![pool, square("branch_pool", 192, 1)],
    ]
}

/// torchvision's `InceptionD`.
fn inception_d() -> Vec<Vec<Step>> {
    vec![
        vec![square("branch3x3_1", 192, 1), unpadded("branch3x3_2", 320, 3, 2)],
        vec![
            square("branch7x7x3_1", 192, 1),
            rectangular("branch7x7x3_2", 192, [1, 7]),
            rectangular("branch7x7x3_3", 192, [7, 1]),
            unpadded("branch7x7x3_4", 192, 3, 2),
        ],
        vec![HALVING],
    ]
}

/// torchvision's `InceptionE`.
fn inception_e(pool: Step) -> Vec<Vec<Step>> {
    let fork = |name: &str| {
        let part = |letter: &str, kernel| padded(&format!("{name}{letter}"), 384, kernel);
        Step::Fork([part("a", [1, 3]), part("b", [3, 1])])
    };
    vec![
        vec![square("branch1x1", 320, 1)],
        vec![square("branch3x3_1", 384, 1), fork("branch3x3_2")],
        vec![square("branch3x3dbl_1", 448, 1), square("branch3x3dbl_2", 384, 3), fork("branch3x3dbl_3")],
        vec![pool, square("branch_pool", 192, 1)],
    ]
}
