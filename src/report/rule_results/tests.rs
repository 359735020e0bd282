use super::*;
use crate::measure::{Curve, Epoch, ProtocolId};
use crate::report::{ReportInput, ReportSpec, fixture};
use crate::spec::Value;
use crate::stats::Smoothing;
use crate::store::Series;

fn rule(text: &str) -> StoredRule {
    StoredRule::parse(text, Smoothing::NONE).unwrap()
}

/// Two cells of three finished runs whose colour distances are these, every 5 epochs from 0; 80 images in each epoch at 40
/// images per second.
fn input(curves: [[&[f64]; 3]; 2]) -> ReportInput {
    let mut input = fixture::input(&["A", "B"], 3);
    for (run, values) in input.runs.iter_mut().zip(curves.into_iter().flatten()) {
        let points = values.iter().zip(0..).map(|(&value, at)| (Epoch(5 * at), value)).collect();
        run.series[0].curve = Curve::new(points).unwrap();
        run.record.settings.insert("train.batch".into(), Value::Integer(8));
        run.record.step = 600;
        let rates = Curve::new((1..=60).map(|epoch| (Epoch(epoch), 40.0)).collect()).unwrap();
        run.series.push(Series { metric: "images_per_second".into(), protocol: ProtocolId::none(), curve: rates });
    }
    input
}

const AT_5: &[f64] = &[1.0, 0.0, 0.0, 0.0, 0.0];
const AT_10: &[f64] = &[1.0, 0.5, 0.0, 0.0, 0.0];
const NEVER: &[f64] = &[1.0, 1.0, 1.0, 1.0, 1.0];

#[test]
fn a_rule_is_summarised_by_cell_with_censored_runs_and_costs() {
    let mut input = input([[AT_5, AT_10, NEVER], [AT_5, NEVER, NEVER]]);
    input.runs[4].record.state = RunState::Diverged;
    input.runs[5].record.state = RunState::Failed;
    let spec = ReportSpec::for_experiment("lab", "Lab");
    let analysis = Analysis::new(&input, &spec).unwrap();
    let found = rule_results(&analysis, &rule("plateau:delta=0.1,patience=2")).unwrap();
    let [a, b] = &found[..] else { panic!("two cells") };
    assert_eq!((a.results.len(), a.reached(), a.excluded, a.cadence.clone()), (3, 2, 0, Ok(Some(5))));
    // S = 2/3 at 5 and 1/3 at 10.
    assert_eq!(a.median(), Some(Median::At(10.0)));
    assert_eq!(a.median_cost(|cost| Some(cost.images)), Some(800.0));
    assert_eq!(a.median_cost(|cost| cost.seconds), Some(20.0));
    assert_eq!(a.censored(), BTreeMap::from([(CensorReason::NoImprovement, 1)]));
    // The diverged run counts as not converged by its horizon, and the failed one not at all.
    assert_eq!((b.results.len(), b.reached(), b.excluded), (2, 1, 1));
    assert_eq!(b.censored(), BTreeMap::from([(CensorReason::NonFinite, 1)]));
    assert_eq!(b.median(), Some(Median::AtLeast(Epoch(5))));
    assert_eq!(
        b.results[1].outcome.convergence(),
        Some(Convergence::Censored { at: Epoch(60), why: CensorReason::NonFinite })
    );
}

#[test]
fn an_area_is_a_number_for_every_run() {
    let mut input = input([[AT_5, AT_10, NEVER], [AT_5, NEVER, NEVER]]);
    input.runs[3].record.state = RunState::Diverged;
    let spec = ReportSpec::for_experiment("lab", "Lab");
    let analysis = Analysis::new(&input, &spec).unwrap();
    let found = rule_results(&analysis, &rule("area:until=10")).unwrap();
    // The means over the first 10 epochs: (0.5 + 0) / 2, (0.75 + 0.25) / 2, 1.
    assert_eq!(found[0].values(), [0.25, 0.5, 1.0]);
    assert_eq!((found[0].median(), found[0].reached()), (None, 3));
    assert_eq!((found[1].values(), found[1].reached()), (vec![1.0, 1.0], 2));
}

#[test]
fn the_median_of_runs_with_different_intervals_is_refused() {
    let mut input = input([[AT_5, AT_10, NEVER], [AT_5, NEVER, NEVER]]);
    let sparse = input.runs[0].series[0].curve.points().iter().step_by(2).copied().collect();
    input.runs[0].series[0].curve = Curve::new(sparse).unwrap();
    let spec = ReportSpec::for_experiment("lab", "Lab");
    let analysis = Analysis::new(&input, &spec).unwrap();
    let found = rule_results(&analysis, &rule("plateau:delta=0.1,patience=1")).unwrap();
    assert_eq!(found[0].cadence, Err(vec![Cadence::Every(5), Cadence::Every(10)]));
    assert_eq!((found[0].median(), found[0].median_cost(|cost| Some(cost.images))), (None, None));
    assert_eq!(found[1].median(), Some(Median::AtLeast(Epoch(20))));
}

#[test]
fn the_rows_contain_the_rule_the_result_and_its_cost() {
    let input = input([[AT_5, AT_10, NEVER], [AT_5, NEVER, NEVER]]);
    let spec = ReportSpec::for_experiment("lab", "Lab");
    let analysis = Analysis::new(&input, &spec).unwrap();
    let plateau = rule("plateau:delta=0.1,patience=2");
    let rows = rule_results(&analysis, &plateau).unwrap()[0].rows(&plateau);
    let row = |run: i64, result, images, seconds| {
        let new = NewConvergence {
            metric: "colour_distance".into(),
            protocol: fixture::protocol(3).id(),
            rule: plateau.json(),
            result,
            images: Some(images),
            device_seconds: Some(seconds),
        };
        (RunId(run), new)
    };
    let reached = |epoch, after| RuleResult::Reached { epoch: Epoch(epoch), after: Epoch(after) };
    let censored = RuleResult::Censored { at: Epoch(20), why: "no-improvement" };
    assert_eq!(
        rows,
        [row(1, reached(5, 0), 400, 10.0), row(2, reached(10, 5), 800, 20.0), row(3, censored, 1600, 40.0)]
    );
}
