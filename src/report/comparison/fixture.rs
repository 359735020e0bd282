//! Inputs for tests of comparisons, with last values and epochs of convergence that are given.

use crate::measure::{Curve, Epoch, ProtocolId};
use crate::report::{ReportInput, RunData, fixture};

/// Two cells, A and B, with one run for each value: the last values of `metric`.
pub fn with_values(metric: &str, a: &[f64], b: &[f64]) -> ReportInput {
    let mut input = fixture::input(&["A", "B"], a.len() as u64);
    for (run, &value) in input.runs.iter_mut().zip(a.iter().chain(b)) {
        set_curve(run, metric, vec![(Epoch(0), 9.0), (Epoch(60), value)]);
    }
    input
}

/// Two cells whose runs converge at these epochs, `None` for never, with an evaluation every 5 epochs until 60.
pub fn with_epochs(a: &[Option<u32>], b: &[Option<u32>]) -> ReportInput {
    let mut input = fixture::input(&["A", "B"], a.len() as u64);
    for (run, &at) in input.runs.iter_mut().zip(a.iter().chain(b)) {
        set_curve(run, "colour_distance", step(at, 5));
    }
    input
}

/// A curve that improves at once at epoch `at`, and was evaluated every `every` epochs until 60.
pub fn step(at: Option<u32>, every: usize) -> Vec<(Epoch, f64)> {
    let value = |epoch: u32| if at.is_some_and(|at| epoch >= at) { 0.0 } else { 1.0 };
    (0..=60).step_by(every).map(|epoch| (Epoch(epoch), value(epoch))).collect()
}

/// Sets the curve of a metric.
pub fn set_curve(run: &mut RunData, metric: &str, points: Vec<(Epoch, f64)>) {
    let series = run.series.iter_mut().find(|series| series.metric == metric).unwrap();
    series.curve = Curve::new(points).unwrap();
}

/// Sets the protocol of a metric.
pub fn set_protocol(run: &mut RunData, metric: &str, protocol: &str) {
    let series = run.series.iter_mut().find(|series| series.metric == metric).unwrap();
    series.protocol = ProtocolId::from_stored(protocol.to_owned());
}
