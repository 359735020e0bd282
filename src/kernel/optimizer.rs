//! Adam for Burn's optimizers, by one pass over each parameter on the CPU.

use burn::backend::Flex;
use burn::backend::flex::FlexTensor;
use burn::optim::{Adam as BurnAdam, AdamConfig, AdamState, AdaptiveMomentumState, LearningRate, Optimizer};
use burn::tensor::{DType, Device, Tensor};

use super::adam::{self, AdamFactors};
use super::layers::is_cpu;
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
        let device = tensor.device();
        let is_ours = is_cpu(&device) && !device.is_autodiff() && tensor.dtype() == DType::F32;
        if !is_ours {
            return self.burn.step(rate, tensor, gradient, state);
        }
        let (time, first, second) = match state {
            Some(AdamState { momentum }) => (momentum.time + 1, momentum.moment_1, momentum.moment_2),
            None => (1, Tensor::zeros(tensor.dims(), &device), Tensor::zeros(tensor.dims(), &device)),
        };
        let factors = self.factors(time, rate);
        let [mut parameter, mut first, mut second] = [tensor, first, second].map(|tensor| whole(primitive(tensor)));
        let gradient = primitive(gradient);
        let gradient = row_major(&gradient);
        adam::step(parameter.storage_mut(), first.storage_mut(), second.storage_mut(), &gradient, factors);
        let [parameter, first, second] = [parameter, first, second].map(Tensor::from_primitive::<Flex>);
        (parameter, Some(AdamState::new(AdaptiveMomentumState::new(time, first, second))))
    }

    fn to_device<const D: usize>(state: Self::State<D>, device: &Device) -> Self::State<D> {
        BurnAdam::to_device(state, device)
    }
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
