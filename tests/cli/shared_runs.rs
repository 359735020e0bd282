//! Runs that several experiments have.

use serde_json::Value;

use crate::lab::Lab;

/// Three runs that `sweep` and `again` share, and one that only `again` has.
fn shared() -> Lab {
    let lab = Lab::new();
    lab.succeed(&["queue", "sweep.toml"]);
    let more = "include=[{method = \"JEM-VGG\", \"train.batch\" = 8}]";
    lab.succeed(&["queue", "sweep.toml", "--set", "name=again", "--set", more]);
    lab
}

fn json(lab: &Lab, arguments: &[&str]) -> Value {
    serde_json::from_str(&lab.succeed(&[arguments, &["--format", "json"]].concat())).unwrap()
}

#[test]
fn a_total_counts_each_run_once() {
    let lab = shared();
    let status = json(&lab, &["status"]);
    let runs: Vec<&Value> = status["counts"].as_array().unwrap().iter().map(|row| &row["runs"]).collect();
    assert_eq!(runs, [4, 3]);
    assert_eq!((&status["total"]["runs"], &status["total"]["queued"]), (&4.into(), &4.into()));
    let printed = lab.succeed(&["status"]);
    let total = printed.lines().find(|line| line.contains("each run once")).unwrap_or_else(|| panic!("{printed}"));
    assert!(total.split_whitespace().any(|word| word == "4"), "{total}");
    let one = Lab::new();
    one.succeed(&["queue", "sweep.toml"]);
    assert!(!one.succeed(&["status"]).contains("each run once"), "where rows add up, no total is needed");
}

#[test]
fn a_list_notes_runs_with_several_rows() {
    let lab = shared();
    let output = lab.run(&["list"]);
    let (printed, note) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert_eq!(printed.lines().count(), 1 + 7);
    assert!(note.contains("3 runs are in several experiments"), "{note}");
    assert!(lab.run(&["list", "sweep"]).stderr.is_empty());
    assert!(lab.run(&["list", "--quiet"]).stderr.is_empty());
}

#[test]
fn a_comparison_of_a_cell_counts_each_run_once() {
    let lab = shared();
    let cells: Vec<String> =
        ["1", "2"].map(|run| json(&lab, &["show", run])["cell"].as_str().unwrap().to_owned()).into();
    let rows = json(&lab, &["compare", &cells[0], &cells[1]]);
    assert_eq!((&rows[0]["seed"], &rows[0]["state"]), (&"1".into(), &"1 queued".into()));
}
