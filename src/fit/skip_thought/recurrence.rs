//! A recurrent unit over packed sentences, and its gradients by hand.
//!
//! Burn's autodiff would do it too, but each slice of a time step would come back as a tensor of all time steps, and each
//! step would make gradients of all the weights; here the steps' gradients are laid in one list, and weights have theirs by
//! one product. The formulas are the chain rule on those in [`crate::text::skip_thought`]; a test holds them to PyTorch's
//! autograd.

use burn::tensor::activation::{sigmoid, tanh};
use burn::tensor::{Device, Tensor};

use crate::text::skip_thought::Gru;

/// For the reset gate, the update gate and the candidate.
pub(super) type Three<T> = [T; 3];

/// The columns of the gates' weights `[_, 2h]` apart, and the candidate's beside them.
pub(super) fn apart(gates: Tensor<2>, candidate: Tensor<2>) -> Three<Tensor<2>> {
    let h = candidate.dims()[1];
    [gates.clone().narrow(1, 0, h), gates.narrow(1, h, h), candidate]
}

/// The gates' gradients side by side, and the candidate's.
pub(super) fn joined([reset, update, candidate]: Three<Tensor<2>>) -> (Tensor<2>, Tensor<2>) {
    (Tensor::cat(vec![reset, update], 1), candidate)
}

/// What a step left for its gradient; each `[rows that go on, h]`.
struct Step {
    /// The state before it; `None` for the first.
    before: Option<Tensor<2>>,
    reset: Tensor<2>,
    update: Tensor<2>,
    candidate: Tensor<2>,
    /// h·Ux.
    kept: Tensor<2>,
}

/// A unit's way over packed sentences.
pub(super) struct Walk {
    /// The state after each step, `[rows that go on, h]`.
    pub states: Vec<Tensor<2>>,
    steps: Vec<Step>,
    recurrent: Three<Tensor<2>>,
    counts: Vec<usize>,
}

/// The gradients of a walk, all packed: of what was given to each step, `[m, h]` thrice, and of U and Ux.
pub(super) struct WalkGradients {
    pub given: Three<Tensor<2>>,
    pub recurrent: Three<Tensor<2>>,
}

/// Where the loss looks at states.
pub(super) enum Seen {
    /// At each sentence's last one: its gradient, `[n, h]`.
    Last(Tensor<2>),
    /// At all: their gradient, packed, `[m, h]`.
    All(Tensor<2>),
}

impl Walk {
    /// Goes over sentences of which `counts` go on at each step: `given` is what x·W + b, and whatever else there is,
    /// comes to, packed, `[m, h]` for each gate and the candidate.
    pub fn over(gru: &Gru, given: Three<Tensor<2>>, counts: &[usize]) -> Self {
        let recurrent = apart(gru.u.val(), gru.ux.val());
        let (mut states, mut steps) = (Vec::with_capacity(counts.len()), Vec::with_capacity(counts.len()));
        let (mut start, mut state) = (0, None::<Tensor<2>>);
        for &count in counts {
            let [reset, update, candidate] = given.clone().map(|part| part.narrow(0, start, count));
            let before = state.map(|state| state.narrow(0, 0, count));
            let (reset, update, kept) = match &before {
                None => (reset, update, Tensor::zeros_like(&candidate)),
                Some(before) => {
                    let [r, u, x] = recurrent.clone().map(|weights| before.clone().matmul(weights));
                    (reset + r, update + u, x)
                }
            };
            let (reset, update) = (sigmoid(reset), sigmoid(update));
            let candidate = tanh(reset.clone() * kept.clone() + candidate);
            let after = match &before {
                None => candidate.clone() - update.clone() * candidate.clone(),
                Some(before) => (before.clone() - candidate.clone()) * update.clone() + candidate.clone(),
            };
            steps.push(Step { before, reset, update, candidate, kept });
            states.push(after.clone());
            state = Some(after);
            start += count;
        }
        Self { states, steps, recurrent, counts: counts.to_vec() }
    }

    /// Each sentence's state after its last word, `[n, h]`, the longest sentence first.
    pub fn last(&self) -> Tensor<2> {
        let mut ended = Vec::new();
        for (step, state) in self.states.iter().enumerate().rev() {
            let (going, next) = (self.counts[step], self.counts.get(step + 1).copied().unwrap_or(0));
            if going > next {
                ended.push(state.clone().narrow(0, next, going - next));
            }
        }
        Tensor::cat(ended, 0)
    }

    /// All states, packed, `[m, h]`.
    pub fn all(&self) -> Tensor<2> {
        Tensor::cat(self.states.clone(), 0)
    }

    /// The gradients, from those of the states that the loss looks at.
    pub fn back(self, seen: &Seen) -> WalkGradients {
        let device = self.recurrent[0].device();
        let mut start: usize = self.counts.iter().sum();
        let (mut pre, mut kept): (Vec<Three<Tensor<2>>>, Vec<Tensor<2>>) = (Vec::new(), Vec::new());
        let mut later: Option<Tensor<2>> = None;
        for (step, &count) in self.steps.iter().zip(&self.counts).rev() {
            start -= count;
            let state = arriving(later, seen, start, count, &device);
            let Step { before, reset, update, candidate, kept: product } = step;
            let change = match before {
                None => candidate.clone().neg(),
                Some(before) => before.clone() - candidate.clone(),
            };
            let to_update = state.clone() * change * slope(update);
            let passed = state.clone() * update.clone();
            let to_candidate = (state - passed.clone()) * (candidate.clone().square().neg().add_scalar(1.0));
            let to_reset = to_candidate.clone() * product.clone() * slope(reset);
            let to_product = to_candidate.clone() * reset.clone();
            later = before.as_ref().map(|_| {
                let [r, u, x] = self.recurrent.clone().map(Tensor::transpose);
                passed + to_reset.clone().matmul(r) + to_update.clone().matmul(u) + to_product.clone().matmul(x)
            });
            pre.push([to_reset, to_update, to_candidate]);
            kept.push(to_product);
        }
        pre.reverse();
        kept.reverse();
        self.weights(pre, kept)
    }

    fn weights(self, pre: Vec<Three<Tensor<2>>>, kept: Vec<Tensor<2>>) -> WalkGradients {
        let column = |of: usize| pre.iter().map(|three| three[of].clone()).collect::<Vec<_>>();
        // The first step's state is nought: it counts for no gradient of U.
        let before: Vec<Tensor<2>> = self.steps.iter().filter_map(|step| step.before.clone()).collect();
        let recurrent = match before.is_empty() {
            true => self.recurrent.map(|weights| Tensor::zeros(weights.dims(), &weights.device())),
            false => {
                let before = Tensor::cat(before, 0).transpose();
                let later = |of: Vec<Tensor<2>>| before.clone().matmul(Tensor::cat(of[1..].to_vec(), 0));
                [later(column(0)), later(column(1)), later(kept)]
            }
        };
        WalkGradients { given: [0, 1, 2].map(|of| Tensor::cat(column(of), 0)), recurrent }
    }
}

/// The gradient of a step's states: what comes back from the next step, which fewer sentences may have, and what the loss
/// saw.
fn arriving(later: Option<Tensor<2>>, seen: &Seen, start: usize, count: usize, device: &Device) -> Tensor<2> {
    let next = later.as_ref().map_or(0, |later| later.dims()[0]);
    match seen {
        Seen::Last(seen) => {
            let ended = (count > next).then(|| seen.clone().narrow(0, next, count - next));
            Tensor::cat(later.into_iter().chain(ended).collect(), 0)
        }
        Seen::All(seen) => {
            let own = seen.clone().narrow(0, start, count);
            match later {
                None => own,
                Some(later) if next == count => later + own,
                Some(later) => {
                    let none = Tensor::zeros([count - next, later.dims()[1]], device);
                    Tensor::cat(vec![later, none], 0) + own
                }
            }
        }
    }
}

/// The slope of the logistic function where it has this value.
fn slope(value: &Tensor<2>) -> Tensor<2> {
    value.clone() - value.clone().square()
}
