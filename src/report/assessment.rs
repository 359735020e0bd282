use super::protocol_metric::ProtocolMetric;
use super::{ConvergenceSpec, ReportError, RunData};
use crate::stats::{CensorReason, Convergence, Rule, Smoothing, ThresholdRule};
use crate::store::RunState;

/// The convergence of one run, if it can be assessed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Assessment {
    /// The run finished or diverged.
    Assessed(Convergence),
    /// The run has not ended: later evaluations can change the result.
    Unfinished,
    /// The run failed or was cancelled.
    Excluded,
}

impl Assessment {
    /// The convergence of an assessed run.
    pub fn convergence(self) -> Option<Convergence> {
        match self {
            Assessment::Assessed(outcome) => Some(outcome),
            Assessment::Unfinished | Assessment::Excluded => None,
        }
    }
}

/// Assesses the convergence of a run by the band rule.
///
/// # Errors
///
/// If the metric is neutral.
pub fn assess_band(
    run: &RunData,
    metric: Option<&ProtocolMetric>,
    spec: &ConvergenceSpec,
) -> Result<Assessment, ReportError> {
    assess(run, metric, spec, &Rule::Band(spec.rule))
}

/// Assesses the convergence of a run by the threshold `tau`.
///
/// # Errors
///
/// If the metric is neutral.
pub fn assess_threshold(
    run: &RunData,
    metric: Option<&ProtocolMetric>,
    spec: &ConvergenceSpec,
    tau: f64,
) -> Result<Assessment, ReportError> {
    let rule = ThresholdRule::new(tau, spec.rule.confirm(), Smoothing::NONE);
    let rule = rule.map_err(|source| ReportError::Convergence { metric: spec.metric.name, source })?;
    assess(run, metric, spec, &Rule::Threshold(rule))
}

/// Assesses the convergence of a run by the rule of claims and comparisons.
///
/// # Errors
///
/// If the metric is neutral.
pub fn assess_primary(
    run: &RunData,
    metric: Option<&ProtocolMetric>,
    spec: &ConvergenceSpec,
) -> Result<Assessment, ReportError> {
    assess(run, metric, spec, &spec.primary)
}

/// Assesses the convergence of a run by any rule.
///
/// # Errors
///
/// If the metric is neutral.
pub fn assess(
    run: &RunData,
    metric: Option<&ProtocolMetric>,
    spec: &ConvergenceSpec,
    rule: &Rule,
) -> Result<Assessment, ReportError> {
    match run.record.state {
        RunState::Queued | RunState::Running => Ok(Assessment::Unfinished),
        RunState::Failed | RunState::Cancelled => Ok(Assessment::Excluded),
        // Not converged by the planned horizon, independent of the curve before the divergence.
        RunState::Diverged => {
            Ok(Assessment::Assessed(Convergence::Censored { at: run.record.horizon, why: CensorReason::NonFinite }))
        }
        RunState::Finished => {
            let curve = metric.and_then(|metric| metric.curve(run)).cloned().unwrap_or_default();
            let outcome = rule.assess(&curve, spec.metric.direction);
            let outcome = outcome.map_err(|source| ReportError::Convergence { metric: spec.metric.name, source })?;
            Ok(Assessment::Assessed(outcome))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::measure::Epoch;
    use crate::report::{ReportSpec, cells::cells, fixture, protocol_metric::primary};

    #[test]
    fn only_ended_runs_are_assessed_and_a_diverged_run_is_censored_at_its_horizon() {
        let mut input = fixture::input(&["A"], 1);
        let spec = ReportSpec::for_experiment("lab", "Lab").convergence;
        let assessment = |input: &crate::report::ReportInput| {
            let cells = cells(input);
            assess_band(cells[0].runs[0], primary(input, &cells, spec.metric).as_ref(), &spec).unwrap()
        };
        assert!(matches!(assessment(&input), Assessment::Assessed(Convergence::Reached { .. })));
        input.runs[0].record.state = RunState::Running;
        assert_eq!(assessment(&input), Assessment::Unfinished);
        input.runs[0].record.state = RunState::Failed;
        assert_eq!(assessment(&input), Assessment::Excluded);
        input.runs[0].record.state = RunState::Diverged;
        let censored = Convergence::Censored { at: Epoch(60), why: CensorReason::NonFinite };
        assert_eq!(assessment(&input), Assessment::Assessed(censored));
        input.runs[0].record.state = RunState::Finished;
        input.runs[0].series.clear();
        let unseen = Convergence::Censored { at: Epoch(0), why: CensorReason::TooFewEvaluations };
        assert_eq!(assessment(&input), Assessment::Assessed(unseen));
    }
}
