//! Reports of many cells.

use std::process::Command;

use crate::lab::Lab;

/// A sweep of `count` cells of one method.
fn sweep(rates: usize, betas: usize) -> Lab {
    let lab = Lab::new();
    let head = crate::lab::EXPERIMENT.split("[[method]]").next().unwrap();
    let values =
        |count: usize, step: f64| (1..=count).map(|i| (i as f64 * step).to_string()).collect::<Vec<_>>().join(", ");
    let (rates, betas) = (values(rates, 1e-5), values(betas, 1e-3));
    let text = format!(
        "{head}[[method]]\nname = \"A\"\n[grid]\n\"optimizer.generator.rate\" = [{rates}]\n\"optimizer.beta1\" = [{betas}]\n"
    );
    std::fs::write(lab.path("sweep.toml"), text).unwrap();
    lab.succeed(&["queue", "sweep.toml"]);
    lab
}

fn report(lab: &Lab) -> String {
    lab.succeed(&["report", "sweep"]);
    std::fs::read_to_string(lab.path("reports/sweep/report.md")).unwrap()
}

#[test]
fn the_report_text_shows_some_of_many_cells_and_csv_shows_all() {
    let lab = sweep(101, 1);
    let text = report(&lab);
    assert!(text.contains("the first 40 of 101 cells"), "{text}");
    assert!(text.contains("summary.csv") && text.contains("61 runs of other cells"), "{text}");
    assert_eq!(text.lines().filter(|line| line.starts_with("| A · ")).count(), 40, "{text}");
    for name in ["summary", "runs"] {
        let csv = std::fs::read_to_string(lab.path(&format!("reports/sweep/{name}.csv"))).unwrap();
        assert_eq!(csv.lines().count(), 1 + 101, "{name}");
    }
    assert_eq!(report(&lab), text, "byte for byte");
}

#[test]
fn a_hundred_cells_are_all_shown() {
    let text = report(&sweep(10, 10));
    assert_eq!(text.lines().filter(|line| line.starts_with("| A · ")).count(), 100, "{text}");
    assert!(!text.contains("summary.csv"));
}

/// The CPU time of a report in seconds.
fn seconds(lab: &Lab) -> f64 {
    let mut command = Command::new("sh");
    // The second line of `times` has the user and system time of child processes.
    command.args(["-c", "\"$0\" report sweep --quiet > /dev/null && times", env!("CARGO_BIN_EXE_jem")]);
    let output = command.current_dir(lab.path("")).env("RAYON_NUM_THREADS", "1").output().unwrap();
    let printed = String::from_utf8(output.stdout).unwrap();
    let own = printed.lines().nth(1).and_then(|line| line.split_whitespace().next());
    let (minutes, seconds) =
        own.and_then(|own| own.strip_suffix('s')?.split_once('m')).unwrap_or_else(|| panic!("{printed}"));
    60.0 * minutes.parse::<f64>().unwrap() + seconds.parse::<f64>().unwrap()
}

#[test]
fn the_time_of_a_report_is_linear_in_the_cells() {
    let work = |cells: usize| seconds(&sweep(cells / 20, 20));
    let (few, many) = (work(300), work(1200));
    // Linear time gives 4, quadratic 16, cubic 64. Very short times cannot be compared.
    assert!(many < 10.0 * few.max(0.1), "{few} s and {many} s");
}
