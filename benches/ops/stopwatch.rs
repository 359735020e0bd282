//! Options, the clock, and the forward and backward passes of an operation.

use std::hint::black_box;
use std::time::Instant;

use burn::tensor::Tensor;

/// The fewest and most repetitions of an operation.
const FEWEST: usize = 3;
const MOST: usize = 1000;

/// An operation on `N` tensors of one rank.
type Forward<'a, const N: usize, const D: usize> = &'a dyn Fn([Tensor<D>; N]) -> Tensor<D>;

/// The value of an option, if it is given.
pub fn option(name: &str) -> Option<String> {
    std::env::args().skip_while(|argument| argument != name).nth(1)
}

/// The value of an option that is a size, or its default.
pub fn size(name: &str, default: usize) -> usize {
    option(name).map_or(default, |text| text.parse().expect("the value of an option is an integer"))
}

/// The result of `run`, and its time in seconds.
pub fn seconds<T>(run: impl FnOnce() -> T) -> (T, f64) {
    let started = Instant::now();
    let result = black_box(run());
    (result, started.elapsed().as_secs_f64())
}

/// Repeats operations and prints their times.
pub struct Stopwatch {
    /// The time in seconds that the repetitions of an operation take at least.
    budget: f64,
    /// Only operations whose name contains this are timed.
    only: String,
}

impl Stopwatch {
    /// With the options `--seconds` and `--only`.
    pub fn new() -> Self {
        let budget = option("--seconds").map_or(0.5, |text| text.parse().expect("`--seconds` is a number"));
        Self { budget, only: option("--only").unwrap_or_default() }
    }

    /// Whether an operation was requested.
    pub fn wants(&self, name: &str) -> bool {
        name.contains(&self.only)
    }

    /// Prints the median of what `repetition` returns, the seconds of one repetition, if the operation was requested.
    /// `flop` is the number of sums and products.
    pub fn time(&self, name: &str, flop: Option<f64>, repetition: impl FnMut() -> f64) {
        if self.wants(name) {
            self.always(name, flop, repetition);
        }
    }

    /// As [`Stopwatch::time`], whatever was requested.
    pub fn always(&self, name: &str, flop: Option<f64>, mut repetition: impl FnMut() -> f64) {
        repetition();
        let mut times: Vec<f64> = Vec::new();
        while times.len() < FEWEST || (times.iter().sum::<f64>() < self.budget && times.len() < MOST) {
            times.push(repetition());
        }
        times.sort_by(f64::total_cmp);
        let middle = times.len() / 2;
        let median = if times.len() % 2 == 1 { times[middle] } else { (times[middle - 1] + times[middle]) / 2.0 };
        let line = serde_json::json!({ "op": name, "seconds": median, "gflop": flop.map(|flop| flop / 1e9) });
        println!("{line}");
    }

    /// Times the forward pass of a layer, and the gradients of its input and of its weight on their own.
    pub fn separate<const D: usize>(&self, name: &str, flop: f64, forward: Forward<2, D>, tensors: &[Tensor<D>; 2]) {
        self.forward(name, Some(flop), forward, tensors);
        self.backward(&format!("{name} input gradient"), Some(flop), forward, tensors, [true, false]);
        self.backward(&format!("{name} weight gradient"), Some(flop), forward, tensors, [false, true]);
    }

    /// Times the forward pass of an operation, and one backward pass for the tensors that are `wanted`, which needs the
    /// work of `passes` forward passes.
    pub fn both<const N: usize, const D: usize>(
        &self,
        name: &str,
        flop: Option<f64>,
        passes: u8,
        forward: Forward<N, D>,
        tensors: &[Tensor<D>; N],
        wanted: [bool; N],
    ) {
        self.forward(name, flop, forward, tensors);
        let flop = flop.map(|flop| flop * f64::from(passes));
        self.backward(&format!("{name} backward"), flop, forward, tensors, wanted);
    }

    fn forward<const N: usize, const D: usize>(
        &self,
        name: &str,
        flop: Option<f64>,
        forward: Forward<N, D>,
        tensors: &[Tensor<D>; N],
    ) {
        self.time(&format!("{name} forward"), flop, || seconds(|| forward(tensors.clone())).1);
    }

    /// Only the tensors that are `wanted` require a gradient, and the clock starts after the forward pass.
    ///
    /// Burn always creates the gradient of the output, which is all ones. That time is measured by a backward pass
    /// without an operation, and subtracted.
    fn backward<const N: usize, const D: usize>(
        &self,
        name: &str,
        flop: Option<f64>,
        forward: Forward<N, D>,
        tensors: &[Tensor<D>; N],
        wanted: [bool; N],
    ) {
        if !self.wants(name) {
            return;
        }
        let leaves: [Tensor<D>; N] = std::array::from_fn(|i| {
            let tensor = tensors[i].clone().autodiff();
            if wanted[i] { tensor.require_grad() } else { tensor }
        });
        self.always(name, flop, || {
            let output = channels_last(forward(leaves.clone()));
            let nothing = Tensor::<D>::empty(output.dims(), &output.device()).require_grad();
            // Kept, so that the second pass does not get memory that was just in use.
            let (kept, ones) = seconds(|| nothing.backward());
            let (gradients, both) = seconds(|| output.backward());
            drop((kept, gradients));
            // At least a nanosecond, since ratios are computed from it.
            (both - ones).max(1e-9)
        });
    }
}

/// `[n, c, h, w]` → `[n, h, w, c]`, so that the gradient of the output, which Burn creates in the order of the axes,
/// has its channels last in memory. Other ranks stay.
fn channels_last<const D: usize>(x: Tensor<D>) -> Tensor<D> {
    match D {
        4 => x.permute(std::array::from_fn::<isize, D, _>(|axis| [0, 2, 3, 1][axis])),
        _ => x,
    }
}
