use super::*;
use crate::measure::Epoch;
use crate::report::{ReportInput, ReportSpec, lab};
use crate::store::RunState;

fn mixed() -> ReportInput {
    let mut input = lab::input(&["A <b>", "B & c"], 3);
    input.runs[1].record.state = RunState::Diverged;
    input.runs[5].record.state = RunState::Running;
    input
}

#[test]
fn rows_hold_the_outcomes_of_ended_runs() {
    let (input, spec) = (mixed(), ReportSpec::for_experiment("lab", "Lab"));
    let dots = prepare(&Analysis::new(&input, &spec).unwrap()).unwrap();
    assert_eq!(dots.heading, "Colour distance: within 5 % of its improvement, confirmed by 3 evaluations");
    assert_eq!(dots.rows.iter().map(|row| row.outcomes.len()).collect::<Vec<_>>(), [3, 2]);
    assert!(matches!(dots.rows[0].outcomes[1], Convergence::Censored { at: Epoch(60), .. }));
    assert_eq!((dots.rows[1].survival.reached, dots.last, dots.unfinished), (2, 60, 1));
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
fn the_figure_is_drawn_as_ever() {
    let (input, spec) = (mixed(), ReportSpec::for_experiment("lab", "Lab"));
    let dots = prepare(&Analysis::new(&input, &spec).unwrap()).unwrap();
    insta::assert_snapshot!("convergence_svg", dots.draw().unwrap());
}
