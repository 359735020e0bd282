//! The convolutions and poolings of Inception-v3, by torchvision's names.
//!
//! Szegedy et al. 2015 (arXiv 1512.00567), figures 5 to 7; the channels are those of torchvision's module, which follow
//! the published TensorFlow graph.

use std::sync::LazyLock;

use crate::vision::network::NetworkConfig;
use crate::vision::parameter::Parameter;

/// The smallest side of a picture that leaves a map at the end.
pub(in crate::vision) const SMALLEST_INPUT: usize = 75;

/// A convolution without bias, its batch norm and ReLU.
pub(super) struct Unit {
    pub(super) name: String,
    /// Published output channels.
    channels: usize,
    /// Height and width.
    pub(super) kernel: [usize; 2],
    pub(super) stride: usize,
    pub(super) padding: [usize; 2],
}

/// A part of a branch. Poolings have windows of 3×3.
pub(super) enum Step {
    Convolution(Unit),
    /// Convolutions of one map, whose outputs are joined.
    Fork([Unit; 2]),
    /// A mean of stride 1 that keeps the size, over nine pixels, or only over those that are not padding.
    Average {
        padding_counts: bool,
    },
    Max {
        stride: usize,
        padding: usize,
    },
}

/// Branches of one map, whose outputs are joined.
pub(in crate::vision) struct Stage {
    pub(in crate::vision) name: &'static str,
    pub(super) branches: Vec<Vec<Step>>,
}

/// A whole network.
pub(in crate::vision) struct Table {
    pub(in crate::vision) stages: Vec<Stage>,
    pub(in crate::vision) classes: usize,
}

/// torchvision's form.
pub(in crate::vision) fn torchvision() -> &'static Table {
    static TABLE: LazyLock<Table> = LazyLock::new(|| Table { stages: stages(false), classes: 1000 });
    &TABLE
}

/// The form that the Fréchet Inception Distance is defined by.
pub(in crate::vision) fn fid() -> &'static Table {
    static TABLE: LazyLock<Table> = LazyLock::new(|| Table { stages: stages(true), classes: 1008 });
    &TABLE
}

impl Table {
    /// Every parameter, by stages, branches and steps, and the classes' layer.
    pub(in crate::vision) fn parameters(&self, config: NetworkConfig) -> Vec<Parameter> {
        let mut list = Vec::new();
        let channels = self.follow(config, |unit, input| {
            let output = config.channels(unit.channels);
            let shape = vec![output, input, unit.kernel[0], unit.kernel[1]];
            list.push(Parameter { name: format!("{}.conv.weight", unit.name), shape });
            let norm = ["weight", "bias", "running_mean", "running_var"];
            list.extend(norm.map(|part| Parameter { name: format!("{}.bn.{part}", unit.name), shape: vec![output] }));
        });
        let last = channels[channels.len() - 1];
        list.push(Parameter { name: "fc.weight".into(), shape: vec![self.classes, last] });
        list.push(Parameter { name: "fc.bias".into(), shape: vec![self.classes] });
        list
    }

    /// How many of the parameters belong to the stages up to one.
    pub(in crate::vision) fn parameters_to(&self, stage: usize) -> usize {
        let steps = self.stages[..=stage].iter().flat_map(|stage| stage.branches.iter().flatten());
        // A weight, and four of the batch norm.
        5 * steps.map(|step| step.units().len()).sum::<usize>()
    }

    /// The channels of each stage's map.
    pub(in crate::vision) fn channels(&self, config: NetworkConfig) -> Vec<usize> {
        self.follow(config, |_, _| ())
    }

    /// Every convolution in order.
    pub(super) fn units(&self) -> Vec<&Unit> {
        let steps = self.stages.iter().flat_map(|stage| stage.branches.iter().flatten());
        steps.flat_map(Step::units).collect()
    }

    /// Shows every convolution with the channels it is given; the channels behind each stage.
    fn follow(&self, config: NetworkConfig, mut see: impl FnMut(&Unit, usize)) -> Vec<usize> {
        let mut map = 3;
        let stages = self.stages.iter().map(|stage| {
            let branch = |steps: &Vec<Step>| {
                steps.iter().fold(map, |input, step| {
                    let units = step.units();
                    units.iter().for_each(|unit| see(unit, input));
                    // A pooling leaves the channels as they are.
                    let outputs = units.iter().map(|unit| config.channels(unit.channels));
                    if units.is_empty() { input } else { outputs.sum() }
                })
            };
            map = stage.branches.iter().map(branch).sum();
            map
        });
        stages.collect()
    }
}

impl Step {
    fn units(&self) -> Vec<&Unit> {
        match self {
            Step::Convolution(unit) => vec![unit],
            Step::Fork(units) => units.iter().collect(),
            Step::Average { .. } | Step::Max { .. } => Vec::new(),
        }
    }
}

/// A convolution that keeps the size of its map.
fn same(name: &str, channels: usize, kernel: [usize; 2]) -> Unit {
    Unit { name: name.into(), channels, kernel, stride: 1, padding: kernel.map(|side| side / 2) }
}

/// A convolution without padding.
fn bare(name: &str, channels: usize, kernel: usize, stride: usize) -> Step {
    Step::Convolution(Unit { name: name.into(), channels, kernel: [kernel; 2], stride, padding: [0; 2] })
}

fn square(name: &str, channels: usize, kernel: usize) -> Step {
    Step::Convolution(same(name, channels, [kernel; 2]))
}

/// One of 1×7 or 7×1.
fn long(name: &str, channels: usize, kernel: [usize; 2]) -> Step {
    Step::Convolution(same(name, channels, kernel))
}

const HALVING: Step = Step::Max { stride: 2, padding: 0 };

fn stages(fid: bool) -> Vec<Stage> {
    let average = || Step::Average { padding_counts: !fid };
    let last = if fid { Step::Max { stride: 1, padding: 1 } } else { average() };
    let first = vec![bare("Conv2d_1a_3x3", 32, 3, 2), bare("Conv2d_2a_3x3", 32, 3, 1), square("Conv2d_2b_3x3", 64, 3)];
    let second = vec![bare("Conv2d_3b_1x1", 80, 1, 1), bare("Conv2d_4a_3x3", 192, 3, 1)];
    let pooled = |name, mut steps: Vec<Step>| {
        steps.push(HALVING);
        Stage { name, branches: vec![steps] }
    };
    vec![
        pooled("pool1", first),
        pooled("pool2", second),
        mixed("Mixed_5b", with_fives(32, average())),
        mixed("Mixed_5c", with_fives(64, average())),
        mixed("Mixed_5d", with_fives(64, average())),
        mixed("Mixed_6a", first_halving()),
        mixed("Mixed_6b", with_sevens(128, average())),
        mixed("Mixed_6c", with_sevens(160, average())),
        mixed("Mixed_6d", with_sevens(160, average())),
        mixed("Mixed_6e", with_sevens(192, average())),
        mixed("Mixed_7a", second_halving()),
        mixed("Mixed_7b", with_forks(average())),
        mixed("Mixed_7c", with_forks(last)),
    ]
}

/// A stage whose convolutions bear its name before their own.
fn mixed(stage: &'static str, mut branches: Vec<Vec<Step>>) -> Stage {
    let name = |unit: &mut Unit| unit.name = format!("{stage}.{}", unit.name);
    for step in branches.iter_mut().flatten() {
        match step {
            Step::Convolution(unit) => name(unit),
            Step::Fork(units) => units.iter_mut().for_each(name),
            Step::Average { .. } | Step::Max { .. } => {}
        }
    }
    Stage { name: stage, branches }
}

/// torchvision's `InceptionA`.
fn with_fives(pooled: usize, pool: Step) -> Vec<Vec<Step>> {
    vec![
        vec![square("branch1x1", 64, 1)],
        vec![square("branch5x5_1", 48, 1), square("branch5x5_2", 64, 5)],
        vec![square("branch3x3dbl_1", 64, 1), square("branch3x3dbl_2", 96, 3), square("branch3x3dbl_3", 96, 3)],
        vec![pool, square("branch_pool", pooled, 1)],
    ]
}

/// torchvision's `InceptionB`.
fn first_halving() -> Vec<Vec<Step>> {
    vec![
        vec![bare("branch3x3", 384, 3, 2)],
        vec![square("branch3x3dbl_1", 64, 1), square("branch3x3dbl_2", 96, 3), bare("branch3x3dbl_3", 96, 3, 2)],
        vec![HALVING],
    ]
}

/// torchvision's `InceptionC`.
fn with_sevens(inner: usize, pool: Step) -> Vec<Vec<Step>> {
    vec![
        vec![square("branch1x1", 192, 1)],
        vec![square("branch7x7_1", inner, 1), long("branch7x7_2", inner, [1, 7]), long("branch7x7_3", 192, [7, 1])],
        vec![
            square("branch7x7dbl_1", inner, 1),
            long("branch7x7dbl_2", inner, [7, 1]),
            long("branch7x7dbl_3", inner, [1, 7]),
            long("branch7x7dbl_4", inner, [7, 1]),
            long("branch7x7dbl_5", 192, [1, 7]),
        ],
        vec![pool, square("branch_pool", 192, 1)],
    ]
}

/// torchvision's `InceptionD`.
fn second_halving() -> Vec<Vec<Step>> {
    vec![
        vec![square("branch3x3_1", 192, 1), bare("branch3x3_2", 320, 3, 2)],
        vec![
            square("branch7x7x3_1", 192, 1),
            long("branch7x7x3_2", 192, [1, 7]),
            long("branch7x7x3_3", 192, [7, 1]),
            bare("branch7x7x3_4", 192, 3, 2),
        ],
        vec![HALVING],
    ]
}

/// torchvision's `InceptionE`.
fn with_forks(pool: Step) -> Vec<Vec<Step>> {
    let fork = |name: &str| {
        let side = |letter: &str, kernel| same(&format!("{name}{letter}"), 384, kernel);
        Step::Fork([side("a", [1, 3]), side("b", [3, 1])])
    };
    vec![
        vec![square("branch1x1", 320, 1)],
        vec![square("branch3x3_1", 384, 1), fork("branch3x3_2")],
        vec![square("branch3x3dbl_1", 448, 1), square("branch3x3dbl_2", 384, 3), fork("branch3x3dbl_3")],
        vec![pool, square("branch_pool", 192, 1)],
    ]
}
