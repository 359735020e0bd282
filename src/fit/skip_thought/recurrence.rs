//! The forward and backward pass of a recurrent unit over packed sentences, without autodiff.
//!
//! With Burn's autodiff, the gradient of each slice of a time step would be a tensor of all time steps, and each step
//! would compute gradients of all weights. Here the gradients of the steps are collected, and each weight gradient is
//! one matrix product. The formulas are the chain rule applied to those in [`crate::text::skip_thought`]; a test checks
//! them against PyTorch's autograd.

use burn::tensor::activation::{sigmoid, tanh};
use burn::tensor::{Device, Tensor};

use crate::text::skip_thought::Gru;

/// Values for the reset gate, the update gate and the candidate.
pub(super) type Gates<T> = [T; 3];

/// Splits the gates' weights `[_, 2h]` into two parts, and adds those of the candidate.
pub(super) fn split_gates(gates: Tensor<2>, candidate: Tensor<2>) -> Gates<Tensor<2>> {
    let h = candidate.dims()[1];
    [gates.clone().narrow(1, 0, h), gates.narrow(1, h, h), candidate]
}

/// The inverse of [`split_gates`].
pub(super) fn concat_gates([reset, update, candidate]: Gates<Tensor<2>>) -> (Tensor<2>, Tensor<2>) {
    (Tensor::cat(vec![reset, update], 1), candidate)
}

/// The values of a step that the backward pass needs, each `[active rows, h]`.
struct Step {
    /// The state before the step; `None` in the first step.
    before: Option<Tensor<2>>,
    reset: Tensor<2>,
    update: Tensor<2>,
    candidate: Tensor<2>,
    /// h·Ux.
    product: Tensor<2>,
}

/// The forward pass of a unit over packed sentences.
pub(super) struct RecurrentPass {
    /// The state after each step, `[active rows, h]`.
    pub states: Vec<Tensor<2>>,
    steps: Vec<Step>,
    recurrent: Gates<Tensor<2>>,
    counts: Vec<usize>,
}

/// The gradients of a pass: of the projected inputs, packed, `[m, h]` each, and of U and Ux.
pub(super) struct RecurrentGradients {
    pub inputs: Gates<Tensor<2>>,
    pub recurrent: Gates<Tensor<2>>,
}

/// The gradients of the loss with respect to the states.
pub(super) enum StateGradients {
    /// Of the last state of each sentence, `[n, h]`.
    Last(Tensor<2>),
    /// Of all states, packed, `[m, h]`.
    All(Tensor<2>),
}

impl RecurrentPass {
    /// Runs the unit. `counts` has the number of active sentences at each step; `inputs` are the projected inputs,
    /// x·W + b and any further terms, packed, `[m, h]` for each gate and the candidate.
    pub fn forward(gru: &Gru, inputs: Gates<Tensor<2>>, counts: &[usize]) -> Self {
        let recurrent = split_gates(gru.u.val(), gru.ux.val());
        let (mut states, mut steps) = (Vec::with_capacity(counts.len()), Vec::with_capacity(counts.len()));
        let (mut start, mut state) = (0, None::<Tensor<2>>);
        for &count in counts {
            let [reset, update, candidate] = inputs.clone().map(|part| part.narrow(0, start, count));
            let before = state.map(|state| state.narrow(0, 0, count));
            let (reset, update, product) = match &before {
                None => (reset, update, Tensor::zeros_like(&candidate)),
                Some(before) => {
                    let [r, u, x] = recurrent.clone().map(|weights| before.clone().matmul(weights));
                    (reset + r, update + u, x)
                }
            };
            let (reset, update) = (sigmoid(reset), sigmoid(update));
            let candidate = tanh(reset.clone() * product.clone() + candidate);
            let after = match &before {
                None => candidate.clone() - update.clone() * candidate.clone(),
                Some(before) => (before.clone() - candidate.clone()) * update.clone() + candidate.clone(),
            };
            steps.push(Step { before, reset, update, candidate, product });
            states.push(after.clone());
            state = Some(after);
            start += count;
        }
        Self { states, steps, recurrent, counts: counts.to_vec() }
    }

    /// The state of each sentence after its last word, `[n, h]`, the longest sentence first.
    pub fn last(&self) -> Tensor<2> {
        let mut ended = Vec::new();
        for (step, state) in self.states.iter().enumerate().rev() {
            let (active, next) = (self.counts[step], self.counts.get(step + 1).copied().unwrap_or(0));
            if active > next {
                ended.push(state.clone().narrow(0, next, active - next));
            }
        }
        Tensor::cat(ended, 0)
    }

    /// All states, packed, `[m, h]`.
    pub fn all(&self) -> Tensor<2> {
        Tensor::cat(self.states.clone(), 0)
    }

    /// Computes the gradients from those of the states.
    pub fn backward(self, of_states: &StateGradients) -> RecurrentGradients {
        let device = self.recurrent[0].device();
        let mut start: usize = self.counts.iter().sum();
        let (mut to_inputs, mut to_products): (Vec<Gates<Tensor<2>>>, Vec<Tensor<2>>) = (Vec::new(), Vec::new());
        let mut later: Option<Tensor<2>> = None;
        for (step, &count) in self.steps.iter().zip(&self.counts).rev() {
            start -= count;
            let state = state_gradient(later, of_states, start, count, &device);
            let Step { before, reset, update, candidate, product } = step;
            let change = match before {
                None => candidate.clone().neg(),
                Some(before) => before.clone() - candidate.clone(),
            };
            let to_update = state.clone() * change * sigmoid_derivative(update);
            let passed = state.clone() * update.clone();
            let to_candidate = (state - passed.clone()) * (candidate.clone().square().neg().add_scalar(1.0));
            let to_reset = to_candidate.clone() * product.clone() * sigmoid_derivative(reset);
            let to_product = to_candidate.clone() * reset.clone();
            later = before.as_ref().map(|_| {
                let [r, u, x] = self.recurrent.clone().map(Tensor::transpose);
                passed + to_reset.clone().matmul(r) + to_update.clone().matmul(u) + to_product.clone().matmul(x)
            });
            to_inputs.push([to_reset, to_update, to_candidate]);
            to_products.push(to_product);
        }
        to_inputs.reverse();
        to_products.reverse();
        self.weight_gradients(to_inputs, to_products)
    }

    fn weight_gradients(self, to_inputs: Vec<Gates<Tensor<2>>>, to_products: Vec<Tensor<2>>) -> RecurrentGradients {
        let column = |of: usize| to_inputs.iter().map(|gates| gates[of].clone()).collect::<Vec<_>>();
        // The state before the first step is 0, so this step adds nothing to the gradients of U and Ux.
        let before: Vec<Tensor<2>> = self.steps.iter().filter_map(|step| step.before.clone()).collect();
        let recurrent = match before.is_empty() {
            true => self.recurrent.map(|weights| Tensor::zeros(weights.dims(), &weights.device())),
            false => {
                let before = Tensor::cat(before, 0).transpose();
                let later = |of: Vec<Tensor<2>>| before.clone().matmul(Tensor::cat(of[1..].to_vec(), 0));
                [later(column(0)), later(column(1)), later(to_products)]
            }
        };
        RecurrentGradients { inputs: [0, 1, 2].map(|of| Tensor::cat(column(of), 0)), recurrent }
    }
}

/// The gradient of the states of a step: the gradient from the next step, which may have fewer sentences, plus that of
/// the loss.
fn state_gradient(
    later: Option<Tensor<2>>,
    of_states: &StateGradients,
    start: usize,
    count: usize,
    device: &Device,
) -> Tensor<2> {
    let next = later.as_ref().map_or(0, |later| later.dims()[0]);
    match of_states {
        StateGradients::Last(of_states) => {
            let ended = (count > next).then(|| of_states.clone().narrow(0, next, count - next));
            Tensor::cat(later.into_iter().chain(ended).collect(), 0)
        }
        StateGradients::All(of_states) => {
            let own = of_states.clone().narrow(0, start, count);
            match later {
                None => own,
                Some(later) if next == count => later + own,
                Some(later) => {
                    let zeros = Tensor::zeros([count - next, later.dims()[1]], device);
                    Tensor::cat(vec![later, zeros], 0) + own
                }
            }
        }
    }
}

/// The derivative of the logistic function, from its value.
fn sigmoid_derivative(value: &Tensor<2>) -> Tensor<2> {
    value.clone() - value.clone().square()
}
