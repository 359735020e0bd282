//! The last values of a metric by seed, as dots with their mean and its interval.

use super::dots::{Dot, Dots};
use crate::measure::Direction;
use crate::report::cells::Cell;
use crate::report::comparison::{half_width, protocol_of_cell};
use crate::report::protocol_metric::{ProtocolMetric, describe};
use crate::report::{Analysis, format};
use crate::stats::{Interval, mean};
use crate::store::RunState;

/// The least number of seeds with an interval: for two, Student's t interval extends 9 standard deviations to each side.
const MIN_SEEDS: usize = 3;

/// The maximum number of metrics in a figure of dots.
pub const MAX_METRICS: usize = 6;

/// The metrics of the tables that have a direction, under the protocol of `cell`.
pub fn metrics_of(analysis: &Analysis, cell: &Cell) -> Vec<ProtocolMetric> {
    let ranked = analysis.spec.table.iter().filter(|metric| metric.direction != Direction::Neutral);
    ranked.filter_map(|&metric| protocol_of_cell(analysis, cell, metric).ok()).take(MAX_METRICS).collect()
}

/// The last values of the ended runs of a cell.
pub fn last_values(cell: &Cell, metric: &ProtocolMetric) -> Dots {
    let ended = |state: RunState| matches!(state, RunState::Finished | RunState::Diverged);
    let mut dots = Dots::default();
    for run in cell.runs.iter().filter(|run| ended(run.record.state)) {
        let last = metric.curve(run).and_then(|curve| curve.last()).map(|(_, value)| value);
        match last.filter(|value| value.is_finite() && run.record.state == RunState::Finished) {
            Some(value) => dots.values.push(Dot { seed: run.record.seed, value, runs: vec![run.record.id] }),
            None => dots.left_out += 1,
        }
    }
    summarized(dots)
}

/// Sets the mean of the values, and its 95 % interval (Student's t).
pub fn summarized(dots: Dots) -> Dots {
    let values: Vec<f64> = dots.values.iter().map(|dot| dot.value).collect();
    let (centre, half) = (mean(&values), half_width(&values).filter(|_| values.len() >= MIN_SEEDS));
    let interval = centre.zip(half).map(|(centre, half)| Interval { low: centre - half, high: centre + half });
    Dots { mean: centre, interval, ..dots }
}

/// The better direction and the protocol of a metric.
pub fn detail(analysis: &Analysis, metric: &ProtocolMetric) -> String {
    let direction = match metric.definition.direction {
        Direction::Lower => "← lower is better",
        Direction::Higher => "higher is better →",
        Direction::Neutral => "",
    };
    let protocol = describe(analysis.input, &metric.protocol);
    [direction, &protocol].into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" · ")
}

/// The meaning of the marks, and the number of values that are left out.
pub fn note(rows: &[Dots], value: &str) -> String {
    let has_interval = rows.iter().any(|dots| dots.interval.is_some());
    let interval = if has_interval {
        "; bar: 95 % interval of the mean"
    } else {
        "; no interval, because there are fewer than three seeds"
    };
    let left_out: usize = rows.iter().map(|dots| dots.left_out).max().unwrap_or_default();
    let left_out = match left_out {
        0 => String::new(),
        n => format!(" Up to {} of a row diverged or have no finite value, and are not drawn.", format::counted(n, "run")),
    };
    format!("Dot: {value}; line: mean over seeds{interval}.{left_out}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::measure::{Curve, Epoch};
    use crate::report::{ReportSpec, fixture};

    #[test]
    fn dots_are_the_last_finite_values_of_finished_runs() {
        let mut input = fixture::input(&["A"], 6);
        for (run, value) in input.runs.iter_mut().zip([1.0, 2.0, 3.0, f64::NAN, 9.0, 9.0]) {
            run.series[0].curve = Curve::new(vec![(Epoch(0), 5.0), (Epoch(60), value)]).unwrap();
        }
        input.runs[4].record.state = RunState::Diverged;
        input.runs[5].record.state = RunState::Running;
        let spec = ReportSpec::for_experiment("lab", "Lab");
        let analysis = Analysis::new(&input, &spec).unwrap();
        let metric = metrics_of(&analysis, &analysis.cells[0]).remove(0);
        let dots = last_values(&analysis.cells[0], &metric);
        assert_eq!(dots.values.iter().map(|dot| (dot.seed, dot.value)).collect::<Vec<_>>(), [(1, 1.0), (2, 2.0), (3, 3.0)]);
        assert_eq!((dots.mean, dots.left_out), (Some(2.0), 2));
        // 2 ± 4.3027 · 1 / √3 = 2 ± 2.4842.
        let interval = dots.interval.unwrap();
        assert!((interval.low + 0.4842).abs() < 1e-3 && (interval.high - 4.4842).abs() < 1e-3, "{interval:?}");
    }

    #[test]
    fn two_seeds_have_no_interval_and_none_have_no_mean() {
        let dot = |seed| Dot { seed, value: seed as f64, runs: Vec::new() };
        let two = summarized(Dots { values: vec![dot(1), dot(2)], ..Dots::default() });
        assert_eq!((two.mean, two.interval), (Some(1.5), None));
        assert_eq!(summarized(Dots::default()).mean, None);
        let note = note(&[two], "last value of a seed");
        assert!(note.contains("no interval, because there are fewer than three seeds"), "{note}");
    }
}
