use super::measured::Measured;
use super::{ConvergenceSpec, ReportError, RunData};
use crate::measure::Curve;
use crate::stats::{Censor, Convergence, StatsError, band, threshold};
use crate::store::RunState;

/// What a report may say about the convergence of one run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The run ended, and this is how.
    Judged(Convergence),
    /// The run has not reached its horizon: a later evaluation may overturn any answer.
    Unfinished,
    /// The run failed or was cancelled.
    Excluded,
}

impl Verdict {
    /// The outcome, if there is one.
    pub fn judged(self) -> Option<Convergence> {
        match self {
            Verdict::Judged(outcome) => Some(outcome),
            Verdict::Unfinished | Verdict::Excluded => None,
        }
    }
}

/// The run's convergence by the band rule.
///
/// # Errors
///
/// If the metric is neutral.
pub fn by_band(run: &RunData, measured: Option<&Measured>, spec: &ConvergenceSpec) -> Result<Verdict, ReportError> {
    judge(run, measured, spec, |curve| band(curve, spec.metric.direction, &spec.rule))
}

/// The run's convergence by the threshold `tau`.
///
/// # Errors
///
/// If the metric is neutral.
pub fn by_threshold(
    run: &RunData,
    measured: Option<&Measured>,
    spec: &ConvergenceSpec,
    tau: f64,
) -> Result<Verdict, ReportError> {
    judge(run, measured, spec, |curve| threshold(curve, spec.metric.direction, tau, spec.rule.confirm()))
}

fn judge(
    run: &RunData,
    measured: Option<&Measured>,
    spec: &ConvergenceSpec,
    rule: impl FnOnce(&Curve) -> Result<Convergence, StatsError>,
) -> Result<Verdict, ReportError> {
    match run.record.state {
        RunState::Queued | RunState::Running => Ok(Verdict::Unfinished),
        RunState::Failed | RunState::Cancelled => Ok(Verdict::Excluded),
        // Not converged up to the planned horizon, whatever the curve did before the loss blew up.
        RunState::Diverged => {
            Ok(Verdict::Judged(Convergence::Censored { at: run.record.horizon, why: Censor::NonFinite }))
        }
        RunState::Finished => {
            let curve = measured.and_then(|measured| measured.curve(run)).cloned().unwrap_or_default();
            let outcome =
                rule(&curve).map_err(|source| ReportError::Convergence { metric: spec.metric.name, source })?;
            Ok(Verdict::Judged(outcome))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::measure::Epoch;
    use crate::report::{ReportSpec, cells::cells, lab, measured::primary};

    #[test]
    fn only_runs_that_ended_are_judged_and_a_diverged_one_is_censored_at_its_horizon() {
        let mut input = lab::input(&["A"], 1);
        let spec = ReportSpec::for_experiment("lab", "Lab").convergence;
        let verdict = |input: &crate::report::ReportInput| {
            let cells = cells(input);
            by_band(cells[0].runs[0], primary(input, &cells, spec.metric).as_ref(), &spec).unwrap()
        };
        assert!(matches!(verdict(&input), Verdict::Judged(Convergence::Reached { .. })));
        input.runs[0].record.state = RunState::Running;
        assert_eq!(verdict(&input), Verdict::Unfinished);
        input.runs[0].record.state = RunState::Failed;
        assert_eq!(verdict(&input), Verdict::Excluded);
        input.runs[0].record.state = RunState::Diverged;
        let censored = Convergence::Censored { at: Epoch(60), why: Censor::NonFinite };
        assert_eq!(verdict(&input), Verdict::Judged(censored));
        input.runs[0].record.state = RunState::Finished;
        input.runs[0].series.clear();
        let unseen = Convergence::Censored { at: Epoch(0), why: Censor::TooFewEvaluations };
        assert_eq!(verdict(&input), Verdict::Judged(unseen));
    }
}
