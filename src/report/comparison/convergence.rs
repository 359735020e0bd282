//! Two cells compared by their epochs of convergence.

use super::interval::of_mean;
use super::pairs::{Pair, PairCounts, sides};
use super::protocol::{SideRuns, common};
use super::ranks::midranks;
use super::{Details, Finding, Refusal, Side, Statistic};
use crate::measure::{Curve, Epoch};
use crate::report::assessment::assess_primary;
use crate::report::protocol_metric::ProtocolMetric;
use crate::report::{Analysis, Cell, RunData};
use crate::stats::{
    Cadence, Convergence, EventTime, HazardRatio, KaplanMeier, LogRank, cohen_d_paired, common_cadence, hazard_ratio,
    log_rank, mann_whitney, mean, sign_flip,
};
use crate::store::RunState;

/// The confidence level of intervals.
const LEVEL: f64 = 0.95;

/// The convergence of both cells in the compared pairs.
#[derive(Clone, Debug)]
pub struct ConvergenceDetails {
    /// The metric of convergence with its protocol.
    pub metric: ProtocolMetric,
    /// The interval between evaluations in epochs; `None` if every run has fewer than two evaluations.
    pub cadence: Option<u32>,
    /// The first cell.
    pub a: ConvergenceSide,
    /// The second cell.
    pub b: ConvergenceSide,
    /// The median of the first divided by that of the second, if both were reached.
    pub ratio: Option<f64>,
    /// The log-rank test of equal hazards, which ignores the pairs; `None` if no run converged.
    pub log_rank: Option<LogRank>,
    /// The hazard of convergence of the first cell relative to the second: above 1, the first converges earlier. `None` if
    /// it is not finite.
    pub hazard: Option<HazardRatio>,
}

/// The convergence of one cell.
#[derive(Clone, Debug, PartialEq)]
pub struct ConvergenceSide {
    /// The number of runs.
    pub n: usize,
    /// The number that converged; the others are censored.
    pub reached: usize,
    /// The Kaplan–Meier median epoch; `None` if it was not reached.
    pub median: Option<f64>,
    /// The 95 % interval of the median; a limit is `None` if it was not reached.
    pub interval: (Option<f64>, Option<f64>),
    /// The greatest epoch through which a run was observed.
    pub observed: Epoch,
    /// The mean of min(epoch, limit), for the greatest limit through which every compared run was observed.
    pub restricted_mean: Option<f64>,
}

/// The convergence of a cell by itself.
#[derive(Clone, Debug)]
pub struct CellConvergence {
    /// The epochs.
    pub side: ConvergenceSide,
    /// The metric with its protocol.
    pub metric: ProtocolMetric,
    /// The interval between evaluations in epochs; `None` if every run has fewer than two evaluations.
    pub cadence: Option<u32>,
    /// The number of diverged runs, which are censored at their horizon.
    pub diverged: usize,
    /// The number of finished runs that were not evaluated.
    pub unmeasured: usize,
}

impl ConvergenceSide {
    /// The convergence of runs, each with its horizon, of which all were observed through `limit`.
    fn new(outcomes: &[(Convergence, Epoch)], limit: f64) -> Self {
        let times: Vec<EventTime> = outcomes.iter().map(|(outcome, _)| EventTime::from(outcome)).collect();
        let curve = KaplanMeier::new(&times, LEVEL);
        let restricted: Vec<f64> = times.iter().map(|time| time.time.min(limit)).collect();
        Self {
            n: outcomes.len(),
            reached: times.iter().filter(|time| time.observed).count(),
            median: curve.as_ref().and_then(KaplanMeier::median),
            interval: curve.map_or((None, None), |curve| curve.median_interval()),
            observed: outcomes.iter().map(observed).max().unwrap_or(Epoch::ZERO),
            restricted_mean: mean(&restricted),
        }
    }

    /// The number of censored runs.
    pub fn censored(&self) -> usize {
        self.n - self.reached
    }
}

/// Compares the epochs of convergence, and updates the counts.
///
/// # Errors
///
/// If there is no common protocol, no pair with values, or the runs were evaluated at different intervals.
pub fn compare<'s>(
    analysis: &'s Analysis<'s>,
    [a, b]: [&'s Cell<'s>; 2],
    pairs: &[Pair<'s>],
    counts: &mut PairCounts,
) -> Result<Finding, Refusal> {
    let metric = common(analysis, analysis.spec.convergence.metric, &sides(a, b, pairs))?;
    let is_known = |pair: &&Pair| is_measured(pair.a, &metric) && is_measured(pair.b, &metric);
    let known: Vec<Pair> = pairs.iter().filter(is_known).copied().collect();
    counts.unmeasured = pairs.len() - known.len();
    counts.complete = known.len();
    let runs = known.iter().flat_map(|pair| [pair.a, pair.b]);
    counts.diverged = runs.filter(|run| run.record.state == RunState::Diverged).count();
    if known.is_empty() {
        return Err(Refusal::NoPairs);
    }
    let cadence = cadence(&metric, &sides(a, b, &known))?;
    let outcome = |run: &RunData| (convergence(analysis, run, &metric), run.record.horizon);
    let (a, b): (Vec<_>, Vec<_>) = known.iter().map(|pair| (outcome(pair.a), outcome(pair.b))).unzip();
    let seeds: Vec<u64> = known.iter().map(|pair| pair.seed).collect();
    Ok(finding(&seeds, [&a, &b], metric, cadence))
}

/// The convergence of the finished and diverged runs of a cell.
///
/// # Errors
///
/// If its runs have no common protocol or were evaluated at different intervals, and [`Refusal::NotMeasured`] without
/// such runs.
pub fn convergence_of_cell<'s>(analysis: &'s Analysis<'s>, cell: &'s Cell<'s>) -> Result<CellConvergence, Refusal> {
    let ended = |run: &&&RunData| matches!(run.record.state, RunState::Finished | RunState::Diverged);
    let mut side = SideRuns { label: &cell.label, runs: cell.runs.iter().filter(ended).copied().collect() };
    let metric = common(analysis, analysis.spec.convergence.metric, std::slice::from_ref(&side))?;
    let ended = side.runs.len();
    side.runs.retain(|run| is_measured(run, &metric));
    let cadence = cadence(&metric, std::slice::from_ref(&side))?;
    let outcomes: Vec<_> =
        side.runs.iter().map(|run| (convergence(analysis, run, &metric), run.record.horizon)).collect();
    let diverged = side.runs.iter().filter(|run| run.record.state == RunState::Diverged).count();
    let unmeasured = ended - side.runs.len();
    let side = ConvergenceSide::new(&outcomes, limit(outcomes.iter()));
    Ok(CellConvergence { side, metric, cadence, diverged, unmeasured })
}

/// The common interval of the finished runs in epochs; `None` if every run has fewer than two evaluations.
fn cadence(metric: &ProtocolMetric, sides: &[SideRuns]) -> Result<Option<u32>, Refusal> {
    common_cadence(sides.iter().flat_map(|side| curves(metric, side))).map_err(|_| {
        let words = |side: &SideRuns| {
            let words = match common_cadence(curves(metric, side)) {
                Ok(Some(epochs)) => Cadence::Every(epochs).to_string(),
                Ok(None) => "unknown".to_owned(),
                Err(several) => several.iter().map(Cadence::to_string).collect::<Vec<_>>().join(" and "),
            };
            format!("{}: {words}", side.label)
        };
        Refusal::Cadences { sides: sides.iter().map(words).collect::<Vec<_>>().join("; ") }
    })
}

fn curves<'s>(metric: &ProtocolMetric, side: &SideRuns<'s>) -> Vec<&'s Curve> {
    side.finished().filter_map(|run| metric.curve(run)).collect()
}

/// Whether the convergence of a finished or diverged run is known: a diverged run needs no values.
fn is_measured(run: &RunData, metric: &ProtocolMetric) -> bool {
    run.record.state == RunState::Diverged || metric.curve(run).is_some_and(|curve| !curve.points().is_empty())
}

/// The convergence of a finished or diverged run under the protocol of `metric`.
fn convergence(analysis: &Analysis, run: &RunData, metric: &ProtocolMetric) -> Convergence {
    let assessment = assess_primary(run, Some(metric), &analysis.spec.convergence).expect("the metric has a direction");
    assessment.convergence().expect("the run finished or diverged")
}

/// The epoch through which a run was observed.
fn observed((outcome, horizon): &(Convergence, Epoch)) -> Epoch {
    match *outcome {
        Convergence::Reached { .. } => *horizon,
        Convergence::Censored { at, .. } => at,
    }
}

/// The greatest epoch through which every run was observed. Up to it the restricted mean is the mean of min(epoch, limit).
fn limit<'o>(outcomes: impl Iterator<Item = &'o (Convergence, Epoch)>) -> f64 {
    f64::from(outcomes.map(observed).min().unwrap_or(Epoch::ZERO).0)
}

fn finding(
    seeds: &[u64],
    [a, b]: [&[(Convergence, Epoch)]; 2],
    metric: ProtocolMetric,
    cadence: Option<u32>,
) -> Finding {
    let limit = limit(a.iter().chain(b));
    let [of_a, of_b] = [a, b].map(|side| side.iter().map(|(outcome, _)| EventTime::from(outcome)).collect::<Vec<_>>());
    let restricted: Vec<(f64, f64)> =
        of_a.iter().zip(&of_b).map(|(a, b)| (a.time.min(limit), b.time.min(limit))).collect();
    let differences: Vec<f64> = restricted.iter().map(|(a, b)| a - b).collect();
    let difference = mean(&differences);
    // A run that has not converged by the limit is later than all that have.
    let order = |time: &EventTime| if time.observed && time.time <= limit { time.time } else { f64::INFINITY };
    let (ranks_a, ranks_b) = midranks(&of_a.iter().zip(&of_b).map(|(a, b)| (order(a), order(b))).collect::<Vec<_>>());
    let (side_a, side_b) = (ConvergenceSide::new(a, limit), ConvergenceSide::new(b, limit));
    let details = ConvergenceDetails {
        metric,
        cadence,
        ratio: side_a.median.zip(side_b.median).map(|(a, b)| a / b).filter(|ratio| ratio.is_finite()),
        log_rank: log_rank(&of_a, &of_b),
        hazard: hazard_ratio(&of_a, &of_b, LEVEL).ok(),
        a: side_a,
        b: side_b,
    };
    Finding {
        n: a.len(),
        difference,
        by_seed: seeds.iter().copied().zip(differences.iter().copied().map(Some)).collect(),
        statistic: Statistic::RestrictedMeans(limit),
        interval: of_mean(&differences),
        test: sign_flip(&differences).expect("there is a pair"),
        favours: Side::lower(difference.unwrap_or(0.0)),
        d_z: cohen_d_paired(&differences),
        p_a_better: mann_whitney(&ranks_a, &ranks_b).map_or(0.5, |test| test.p_less),
        details: Details::Convergence(Box::new(details)),
    }
}
