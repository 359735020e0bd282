//! Adam and AdamW for Burn's optimizers, by one pass over each parameter on the CPU.

use burn::backend::Flex;
use burn::backend::flex::FlexTensor;
use burn::optim::{
    Adam as BurnAdam, AdamConfig, AdamState, AdamW as BurnAdamW, AdamWConfig, AdamWState, AdaptiveMomentumState,
    LearningRate, Optimizer,
};
use burn::tensor::{Device, Tensor};

use super::adam::{self, AdamFactors, AdamWFactors, Update};
use super::layers::is_ours;
use super::tensor::{from_row_major, row_major};

/// Adam with the state of Burn's Adam, so that their checkpoints are the same.
///
/// Burn's own computes each of its formula's operations in a pass of its own. On other devices than the CPU this is
/// Burn's.
#[derive(Clone)]
pub struct Adam {
    beta_1: f32,
    beta_2: f32,
    epsilon: f32,
    burn: BurnAdam,
}

impl Adam {
    /// Adam with decay rates of the moments in [0, 1), and ε above 0.
    pub fn new(beta_1: f32, beta_2: f32, epsilon: f32) -> Self {
        let burn = AdamConfig::new().with_beta_1(beta_1).with_beta_2(beta_2).with_epsilon(epsilon).build();
        Self { beta_1, beta_2, epsilon, burn }
    }

    fn factors(&self, time: usize, rate: LearningRate) -> AdamFactors {
        let time = i32::try_from(time).unwrap_or(i32::MAX);
        let root = (1.0 - self.beta_2.powi(time)).sqrt();
        AdamFactors {
            beta_1: self.beta_1,
            beta_2: self.beta_2,
            correction: root / (1.0 - self.beta_1.powi(time)),
            epsilon: self.epsilon * root,
            rate: rate as f32,
        }
    }
}

impl Optimizer for Adam {
    type State<const D: usize> = AdamState<D>;

    fn step<const D: usize>(
        &self,
        rate: LearningRate,
        tensor: Tensor<D>,
        gradient: Tensor<D>,
        state: Option<Self::State<D>>,
    ) -> (Tensor<D>, Option<Self::State<D>>) {
        if !is_ours(&tensor) || tensor.device().is_autodiff() {
            return self.burn.step(rate, tensor, gradient, state);
        }
        let momentum = state.map(|state| state.momentum);
        let (tensor, momentum) = update(tensor, gradient, momentum, |values, time| {
            adam::adam(values, self.factors(time, rate));
        });
        (tensor, Some(AdamState::new(momentum)))
    }

    fn to_device<const D: usize>(state: Self::State<D>, device: &Device) -> Self::State<D> {
        BurnAdam::to_device(state, device)
    }
}

/// AdamW with the state of Burn's AdamW; see [`Adam`].
#[derive(Clone)]
pub struct AdamW {
    beta_1: f32,
    beta_2: f32,
    epsilon: f32,
    weight_decay: f32,
    burn: BurnAdamW,
}

impl AdamW {
    /// AdamW with PyTorch's decay rates of the moments, 0.9 and 0.999, and its ε, 1e-8. The weight decay is at least 0.
    pub fn new(weight_decay: f32) -> Self {
        let (beta_1, beta_2, epsilon) = (0.9, 0.999, 1e-8);
        let burn = AdamWConfig::new().with_beta_1(beta_1).with_beta_2(beta_2).with_epsilon(epsilon);
        Self { beta_1, beta_2, epsilon, weight_decay, burn: burn.with_weight_decay(weight_decay).build() }
    }

    fn factors(&self, time: usize, rate: LearningRate) -> AdamWFactors {
        let time = i32::try_from(time).unwrap_or(i32::MAX);
        AdamWFactors {
            beta_1: self.beta_1,
            beta_2: self.beta_2,
            corrections: [self.beta_1, self.beta_2].map(|beta| 1.0 - beta.powi(time)),
            epsilon: self.epsilon,
            kept: (1.0 - rate * f64::from(self.weight_decay)) as f32,
            rate: rate as f32,
        }
    }
}

impl Optimizer for AdamW {
    type State<const D: usize> = AdamWState<D>;

    fn step<const D: usize>(
        &self,
        rate: LearningRate,
        tensor: Tensor<D>,
        gradient: Tensor<D>,
        state: Option<Self::State<D>>,
    ) -> (Tensor<D>, Option<Self::State<D>>) {
        if !is_ours(&tensor) || tensor.device().is_autodiff() {
            return self.burn.step(rate, tensor, gradient, state);
        }
        let momentum = state.map(|state| state.momentum);
        let (tensor, momentum) = update(tensor, gradient, momentum, |values, time| {
            adam::adam_w(values, self.factors(time, rate));
        });
        (tensor, Some(AdamWState::new(momentum)))
    }

    fn to_device<const D: usize>(state: Self::State<D>, device: &Device) -> Self::State<D> {
        BurnAdamW::to_device(state, device)
    }
}

/// The parameter and its moments after a step, which gets its number, from 1 on.
fn update<const D: usize>(
    tensor: Tensor<D>,
    gradient: Tensor<D>,
    momentum: Option<AdaptiveMomentumState<D>>,
    step: impl FnOnce(Update<'_>, usize),
) -> (Tensor<D>, AdaptiveMomentumState<D>) {
    let (time, first, second) = match momentum {
        Some(momentum) => (momentum.time + 1, momentum.moment_1, momentum.moment_2),
        None => {
            let zeros = || Tensor::zeros(tensor.dims(), &tensor.device());
            (1, zeros(), zeros())
        }
    };
    let [mut parameter, mut first, mut second] = [tensor, first, second].map(|tensor| whole(primitive(tensor)));
    let gradient = primitive(gradient);
    let gradient = row_major(&gradient);
    let values = Update {
        parameter: parameter.storage_mut(),
        first: first.storage_mut(),
        second: second.storage_mut(),
        gradient: &gradient,
    };
    step(values, time);
    let [parameter, first, second] = [parameter, first, second].map(Tensor::from_primitive::<Flex>);
    (parameter, AdaptiveMomentumState::new(time, first, second))
}

fn primitive<const D: usize>(tensor: Tensor<D>) -> FlexTensor {
    tensor.try_into_primitive::<Flex>().expect("the tensor is on the CPU and has no gradients")
}

/// The tensor in row-major order, with no other values in its memory.
fn whole(tensor: FlexTensor) -> FlexTensor {
    let length = tensor.layout().num_elements();
    match tensor.is_contiguous() && tensor.layout().start_offset() == 0 && tensor.storage::<f32>().len() == length {
        true => tensor,
        false => from_row_major(row_major(&tensor).into_owned(), tensor.layout().shape().clone()),
    }
}
