use super::*;
use crate::measure::Epoch;
use crate::report::{ReportInput, ReportSpec, fixture};
use crate::store::RunState;

fn mixed() -> ReportInput {
    let mut input = fixture::input(&["A <b>", "B & c"], 3);
    input.runs[1].record.state = RunState::Diverged;
    input.runs[5].record.state = RunState::Running;
    input
}

#[test]
fn rows_contain_the_convergence_of_ended_runs() {
    let (input, spec) = (mixed(), ReportSpec::for_experiment("lab", "Lab"));
    let figure = prepare(&Analysis::new(&input, &spec).unwrap()).unwrap();
    assert_eq!(figure.heading, "Colour distance: within 5 % of its improvement, confirmed by 3 evaluations");
    assert_eq!(figure.rows.iter().map(|row| row.runs.len()).collect::<Vec<_>>(), [3, 2]);
    assert!(matches!(figure.rows[0].runs[1].outcome, Convergence::Censored { at: Epoch(60), .. }));
    assert_eq!((figure.rows[1].survival.reached, figure.last, figure.unfinished), (2, 60, 1));
}

#[test]
fn without_an_ended_run_there_is_no_figure() {
    let (mut input, spec) = (mixed(), ReportSpec::for_experiment("lab", "Lab"));
    for run in &mut input.runs {
        run.record.state = RunState::Running;
    }
    assert_eq!(prepare(&Analysis::new(&input, &spec).unwrap()), None);
}

#[test]
fn the_figure_matches_its_snapshot() {
    let (input, spec) = (mixed(), ReportSpec::for_experiment("lab", "Lab"));
    let figure = prepare(&Analysis::new(&input, &spec).unwrap()).unwrap();
    insta::assert_snapshot!("convergence_svg", figure.draw());
}
