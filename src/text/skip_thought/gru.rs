//! The gated recurrent unit of skip-thought, with the parameters of the published files.
//!
//! With inputs x and states h as rows (Kiros et al. 2015, arXiv 1506.06726, eq. 1–4; as in the published code, the
//! reset gate is applied to h·Ux, not to h):
//!
//! ```text
//! [r | u] = σ(x·W + h·U + b)        h̃ = tanh(r∘(h·Ux) + x·Wx + bx)        h′ = u∘h + (1 − u)∘h̃
//! ```
//!
//! Where the mask is 0, the state is copied, so that the last state of a row is the state after its last word.

use burn::module::{Module, Param};
use burn::tensor::activation::{sigmoid, tanh};
use burn::tensor::{Device, Tensor, TensorData};

use super::super::error::TextError;

/// The parameters of a [`Gru`], row-major.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct GruParts {
    /// The length d of an input.
    pub input: usize,
    /// The length h of a state.
    pub hidden: usize,
    /// `[d, 2h]`: input weights of the reset gate and of the update gate.
    pub w: Vec<f32>,
    /// `[h, 2h]`: recurrent weights of both gates, in the same order.
    pub u: Vec<f32>,
    /// `[2h]`: biases of both gates, in the same order.
    pub b: Vec<f32>,
    /// `[d, h]`: input weights of the candidate.
    pub wx: Vec<f32>,
    /// `[h, h]`: recurrent weights of the candidate.
    pub ux: Vec<f32>,
    /// `[h]`: biases of the candidate.
    pub bx: Vec<f32>,
}

impl GruParts {
    /// Name, shape and values of each array. In the published files the names have a prefix.
    pub fn arrays(&self) -> [(&'static str, Vec<usize>, &[f32]); 6] {
        let (d, h) = (self.input, self.hidden);
        [
            ("w", vec![d, 2 * h], &self.w),
            ("u", vec![h, 2 * h], &self.u),
            ("b", vec![2 * h], &self.b),
            ("wx", vec![d, h], &self.wx),
            ("ux", vec![h, h], &self.ux),
            ("bx", vec![h], &self.bx),
        ]
    }

    /// Checks that each array matches its shape.
    ///
    /// # Errors
    ///
    /// If an array does not match its shape, or a length is 0.
    pub fn check(&self) -> Result<(), TextError> {
        if self.input == 0 || self.hidden == 0 {
            return Err(TextError::GruLength { input: self.input, hidden: self.hidden });
        }
        for (name, shape, values) in self.arrays() {
            let expected: usize = shape.iter().product();
            if values.len() != expected {
                return Err(TextError::GruArray { name, shape, found: values.len() });
            }
        }
        Ok(())
    }
}

#[cfg(test)]
impl GruParts {
    /// A unit whose arrays are the results of `values`, which receives the name and the length of an array.
    pub fn from_fn(input: usize, hidden: usize, values: impl Fn(&str, usize) -> Vec<f32>) -> Self {
        Self {
            input,
            hidden,
            w: values("w", input * 2 * hidden),
            u: values("u", hidden * 2 * hidden),
            b: values("b", 2 * hidden),
            wx: values("wx", input * hidden),
            ux: values("ux", hidden * hidden),
            bx: values("bx", hidden),
        }
    }
}

/// A gated recurrent unit.
#[derive(Module, Debug)]
pub struct Gru {
    /// `[d, 2h]`
    pub w: Param<Tensor<2>>,
    /// `[h, 2h]`
    pub u: Param<Tensor<2>>,
    /// `[2h]`
    pub b: Param<Tensor<1>>,
    /// `[d, h]`
    pub wx: Param<Tensor<2>>,
    /// `[h, h]`
    pub ux: Param<Tensor<2>>,
    /// `[h]`
    pub bx: Param<Tensor<1>>,
}

impl Gru {
    /// Creates a unit from its parameters.
    ///
    /// # Errors
    ///
    /// If an array does not match its shape, or a length is 0.
    pub fn from_parts(parts: &GruParts, device: &Device) -> Result<Self, TextError> {
        parts.check()?;
        let (d, h) = (parts.input, parts.hidden);
        let matrix =
            |values: &[f32], shape: [usize; 2]| Param::from_data(TensorData::new(values.to_vec(), shape), device);
        let vector = |values: &[f32]| Param::from_data(TensorData::new(values.to_vec(), [values.len()]), device);
        Ok(Self {
            w: matrix(&parts.w, [d, 2 * h]),
            u: matrix(&parts.u, [h, 2 * h]),
            b: vector(&parts.b),
            wx: matrix(&parts.wx, [d, h]),
            ux: matrix(&parts.ux, [h, h]),
            bx: vector(&parts.bx),
        })
    }

    /// The parameters.
    pub fn parts(&self) -> GruParts {
        GruParts {
            input: self.input(),
            hidden: self.hidden(),
            w: values(self.w.val()),
            u: values(self.u.val()),
            b: values(self.b.val()),
            wx: values(self.wx.val()),
            ux: values(self.ux.val()),
            bx: values(self.bx.val()),
        }
    }

    /// The length of an input.
    pub fn input(&self) -> usize {
        self.wx.dims()[0]
    }

    /// The length of a state.
    pub fn hidden(&self) -> usize {
        self.wx.dims()[1]
    }

    /// The last state `[n, h]` for inputs `[n, t, d]`. The initial state is 0. Inputs are ignored where the mask `[n,
    /// t]`, of ones and zeros, is 0.
    pub fn last(&self, inputs: Tensor<3>, mask: Option<Tensor<2>>) -> Tensor<2> {
        let [n, _, _] = inputs.dims();
        let zeros = Tensor::zeros([n, self.hidden()], &inputs.device());
        self.run(inputs, mask, |_| {}).unwrap_or(zeros)
    }

    /// All states `[n, t, h]` for inputs `[n, t, d]`. The initial state is 0. A state equals the previous one where the
    /// mask `[n, t]`, of ones and zeros, is 0.
    pub fn states(&self, inputs: Tensor<3>, mask: Option<Tensor<2>>) -> Tensor<3> {
        let [n, t, _] = inputs.dims();
        let device = inputs.device();
        let mut states = Vec::with_capacity(t);
        self.run(inputs, mask, |state| states.push(state.clone()));
        match states.is_empty() {
            true => Tensor::zeros([n, 0, self.hidden()], &device),
            false => Tensor::stack(states, 1),
        }
    }

    /// Runs the unit and passes each state to `visit`. Returns the last state, or `None` if there is no input.
    fn run(&self, inputs: Tensor<3>, mask: Option<Tensor<2>>, mut visit: impl FnMut(&Tensor<2>)) -> Option<Tensor<2>> {
        let ([n, t, d], h) = (inputs.dims(), self.hidden());
        // The inputs of a step are contiguous. All input projections are one matrix product.
        let rows = inputs.swap_dims(0, 1).reshape([t * n, d]);
        let w = Tensor::cat(vec![self.w.val(), self.wx.val()], 1);
        let bias = Tensor::cat(vec![self.b.val(), self.bx.val()], 0).unsqueeze();
        let projected = rows.matmul(w) + bias;
        let u = Tensor::cat(vec![self.u.val(), self.ux.val()], 1);
        let mut state: Option<Tensor<2>> = None;
        for step in 0..t {
            let input = projected.clone().narrow(0, step * n, n);
            let before = state.clone().unwrap_or_else(|| Tensor::zeros([n, h], &input.device()));
            let next = next_state(input, before.clone(), before.clone().matmul(u.clone()));
            let next = match &mask {
                Some(mask) => {
                    let mask = mask.clone().narrow(1, step, 1);
                    before.clone() + (next - before) * mask
                }
                None => next,
            };
            visit(&next);
            state = Some(next);
        }
        state
    }
}

/// The state after `state`, from `x·[W|Wx] + [b|bx]` and `h·[U|Ux]`, both `[n, 3h]`.
fn next_state(input: Tensor<2>, state: Tensor<2>, recurrent: Tensor<2>) -> Tensor<2> {
    let h = state.dims()[1];
    let part = |of: &Tensor<2>, index: usize| of.clone().narrow(1, index * h, h);
    let reset = sigmoid(part(&input, 0) + part(&recurrent, 0));
    let update = sigmoid(part(&input, 1) + part(&recurrent, 1));
    let candidate = tanh(reset * part(&recurrent, 2) + part(&input, 2));
    candidate.clone() + (state - candidate) * update
}

fn values<const D: usize>(tensor: Tensor<D>) -> Vec<f32> {
    tensor.into_data().convert::<f32>().try_to_vec().expect("just converted to f32")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::Random;

    fn values_of(name: &str, count: usize) -> Vec<f32> {
        Random::named(7, name).normals(count)
    }

    fn parts(d: usize, h: usize) -> GruParts {
        GruParts::from_fn(d, h, |name, count| values_of(name, count).iter().map(|x| 0.5 * x).collect())
    }

    /// One step by the formula, in double precision.
    fn reference_step(parts: &GruParts, x: &[f32], h: &[f64]) -> Vec<f64> {
        let n = parts.hidden;
        let dot = |x: &[f64], m: &[f32], columns: usize, column: usize| -> f64 {
            x.iter().enumerate().map(|(row, x)| x * f64::from(m[row * columns + column])).sum()
        };
        let x: Vec<f64> = x.iter().map(|&x| f64::from(x)).collect();
        let gate = |column: usize| {
            let sum = dot(&x, &parts.w, 2 * n, column) + dot(h, &parts.u, 2 * n, column) + f64::from(parts.b[column]);
            1.0 / (1.0 + (-sum).exp())
        };
        let entry = |k: usize| {
            let candidate =
                (gate(k) * dot(h, &parts.ux, n, k) + dot(&x, &parts.wx, n, k) + f64::from(parts.bx[k])).tanh();
            gate(n + k) * h[k] + (1.0 - gate(n + k)) * candidate
        };
        (0..n).map(entry).collect()
    }

    #[test]
    fn states_equal_the_formula_and_masked_steps_copy_the_state() {
        let (n, t, d, h) = (3, 5, 4, 6);
        let (parts, device) = (parts(d, h), Device::flex());
        let gru = Gru::from_parts(&parts, &device).unwrap();
        assert_eq!((gru.input(), gru.hidden(), gru.parts()), (d, h, parts.clone()));
        let x = values_of("x", n * t * d);
        let mask = [1., 1., 1., 1., 1., 1., 1., 0., 0., 0., 1., 0., 1., 1., 0.];
        let inputs = Tensor::<3>::from_data(TensorData::new(x.clone(), [n, t, d]), &device);
        let masked = Tensor::<2>::from_data(TensorData::new(mask.to_vec(), [n, t]), &device);
        for mask in [None, Some(mask)] {
            let mask_tensor = mask.map(|_| masked.clone());
            let last: Vec<f32> = values(gru.last(inputs.clone(), mask_tensor.clone()));
            let states: Vec<f32> = values(gru.states(inputs.clone(), mask_tensor));
            for row in 0..n {
                let mut state = vec![0.0; h];
                for step in 0..t {
                    let index = row * t + step;
                    if mask.is_none_or(|mask| mask[index] == 1.0) {
                        state = reference_step(&parts, &x[index * d..][..d], &state);
                    }
                    let found = &states[index * h..][..h];
                    assert!(found.iter().zip(&state).all(|(a, b)| (f64::from(*a) - b).abs() < 1e-6));
                }
                assert_eq!(last[row * h..][..h], states[(row * t + t - 1) * h..][..h]);
            }
        }
    }

    #[test]
    fn the_state_without_inputs_is_zero() {
        let device = Device::flex();
        let gru = Gru::from_parts(&parts(2, 3), &device).unwrap();
        let none = Tensor::<3>::zeros([2, 0, 2], &device);
        assert_eq!(values(gru.last(none.clone(), None)), [0.0; 6]);
        assert_eq!(gru.states(none, None).dims(), [2, 0, 3]);
    }

    #[test]
    fn the_error_of_an_array_with_a_wrong_length_names_the_array() {
        let device = Device::flex();
        let mut short = parts(2, 3);
        short.ux.pop();
        let error = Gru::from_parts(&short, &device).unwrap_err().to_string();
        assert!(error.contains("ux") && error.contains("[3, 3]") && error.contains('8'), "{error}");
        let none = GruParts { hidden: 0, ..parts(2, 3) };
        assert!(matches!(Gru::from_parts(&none, &device).unwrap_err(), TextError::GruLength { .. }));
    }
}
