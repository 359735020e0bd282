//! The commands that read and change the database, and other tools on its views.

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use jem::measure::{Epoch, Protocol, ProtocolId, ProtocolItem};
use jem::store::{AttemptOutcome, EpochRecord, Lease, NewArtifact, NewValue, RunId, RunState, Store, Worker};
use serde_json::Value as Json;

use crate::lab::Lab;

/// Two seeds of three methods. Run 1 is finished, 2 diverged, 3 failed, 4 running, 5 stale, 6 queued.
fn record() -> Lab {
    let lab = Lab::new();
    lab.succeed(&["queue", "sweep.toml", "--set", "seeds=[1, 2]", "--set", "train.epochs=3"]);
    let store = Store::open(&lab.path("jem.db")).unwrap();
    let long = Duration::from_secs(600);
    let ended = |values: &[(f64, f64)], ending: AttemptOutcome| {
        let lease = claim(&store, long);
        for (epoch, (ssim, loss)) in (1..).zip(values) {
            store.record_epoch(lease, &measured(lease, epoch, *ssim, *loss)).unwrap();
        }
        store.release(lease, &ending).unwrap();
    };
    ended(&[(0.25, 1.0), (0.75, 0.5), (0.5, 0.25)], AttemptOutcome::Finished { weights: "w".repeat(64) });
    ended(&[(0.1, 1.0), (0.1, f64::NAN)], AttemptOutcome::Diverged { what: "the loss is NaN".into() });
    ended(&[(0.3, 1.0)], AttemptOutcome::Failed { why: "no space, \"sorry\"\nat all".into() });
    let running = claim(&store, long);
    store.record_epoch(running, &measured(running, 1, 0.4, 1.0)).unwrap();
    claim(&store, Duration::ZERO);
    lab
}

fn claim(store: &Store, lease: Duration) -> Lease {
    store.claim(None, &Worker::this("cpu"), lease).unwrap().unwrap()
}

fn measured(lease: Lease, epoch: u32, ssim: f64, loss: f64) -> EpochRecord {
    let protocol = Protocol {
        kind: "own-image".into(),
        split: "val".into(),
        resolution: 32,
        seed: 1,
        items: vec![ProtocolItem { image: 13, class: 21, caption: "a flower".into() }],
        data: "d".into(),
        extractor: None,
        noises: None,
        sets: None,
    };
    let values = vec![
        NewValue { metric: "d_loss", protocol: ProtocolId::none(), value: loss },
        NewValue { metric: "ssim", protocol: protocol.id(), value: ssim },
    ];
    let checkpoint = NewArtifact { path: format!("{}/{epoch}", lease.run), sha256: "s".into(), bytes: 1 };
    EpochRecord {
        epoch: Epoch(epoch),
        step: u64::from(epoch) * 3,
        values,
        image_grids: Vec::new(),
        protocols: vec![protocol],
        checkpoint,
        generator: None,
        best: None,
    }
}

fn json(lab: &Lab, arguments: &[&str]) -> Json {
    let printed = lab.succeed(&[arguments, &["--format", "json"]].concat());
    serde_json::from_str(&printed).unwrap_or_else(|error| panic!("{arguments:?}: {error}: {printed}"))
}

fn runs(lab: &Lab, arguments: &[&str]) -> Vec<i64> {
    let listed = json(lab, arguments);
    listed.as_array().unwrap().iter().map(|row| row["run"].as_i64().unwrap()).collect()
}

fn states(lab: &Lab) -> Vec<String> {
    let listed = json(lab, &["list", "--all", "--sort", "run"]);
    listed.as_array().unwrap().iter().map(|row| row["state"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn a_list_is_filtered_sorted_and_limited() {
    let lab = record();
    assert_eq!(runs(&lab, &["list"]), [1, 2, 3, 4, 5, 6]);
    assert_eq!(runs(&lab, &["list", "sweep", "--method", "JEM-AlexNet"]), [3, 4]);
    assert_eq!(runs(&lab, &["list", "--state", "stale", "--state", "failed"]), [3, 5]);
    assert_eq!(runs(&lab, &["list", "--where", "guide.network != none", "--where", "seed=2"]), [4, 6]);
    assert_eq!(runs(&lab, &["list", "--where", "metric.ssim.best >= 0.4"]), [1, 4]);
    assert_eq!(runs(&lab, &["list", "--sort", "-metric.ssim"]), [1, 4, 3, 2, 5, 6], "what is missing comes last");
    assert_eq!(runs(&lab, &["list", "--sort", "metric.ssim.best", "--limit", "2"]), [2, 3]);
    assert_eq!(runs(&lab, &["list", "--sort", "-run", "--limit", "1"]), [6]);
    lab.succeed(&["tag", "2", "6", "--add", "look"]);
    assert_eq!(runs(&lab, &["list", "--tag", "look"]), [2, 6]);
}

#[test]
fn a_list_has_the_settings_in_which_runs_of_one_method_differ() {
    let lab = Lab::new();
    let grid = "[grid]\n\"optimizer.beta1\" = [0.5, 0.4]\n\"train.batch\" = [4]\n";
    std::fs::write(lab.path("sweep.toml"), format!("{}{grid}", crate::lab::EXPERIMENT)).unwrap();
    lab.succeed(&["queue", "sweep.toml"]);
    let shown = lab.succeed(&["list"]);
    let head: Vec<&str> = shown.lines().next().unwrap().split_whitespace().collect();
    assert_eq!(head[..5], ["run", "experiment", "method", "optimizer.beta1", "seed"], "{shown}");
    let listed = json(&lab, &["list", "--method", "JEM-VGG"]);
    let betas: Vec<&Json> = listed.as_array().unwrap().iter().map(|row| &row["optimizer.beta1"]).collect();
    assert_eq!(betas, ["0.5", "0.4"]);
    let one = lab.succeed(&["list", "--where", "optimizer.beta1 = 0.4"]);
    assert!(!one.contains("beta1"), "the listed runs do not differ in it: {one}");
}

#[test]
fn json_and_csv_have_all_digits_and_name_nonfinite_values() {
    let lab = record();
    let listed = json(&lab, &["list", "--metric", "ssim", "--metric", "d_loss"]);
    let (first, second, last) = (&listed[0], &listed[1], &listed[5]);
    assert_eq!((&first["ssim.last"], &first["ssim.best"]), (&Json::from(0.5), &Json::from(0.75)));
    assert_eq!((&first["ssim.last_epoch"], &first["ssim.best_epoch"]), (&Json::from(3), &Json::from(2)));
    assert_eq!(first["d_loss.best"], Json::Null, "neither end of a loss is best");
    assert_eq!((&second["d_loss.last"], &second["nonfinite"]["d_loss.last"]), (&Json::Null, &Json::from("nan")));
    assert_eq!((&last["ssim.last"], &last["nonfinite"]), (&Json::Null, &serde_json::json!({})));
    assert_eq!(listed[2]["outcome"], "no space, \"sorry\"\nat all");

    let printed = lab.succeed(&["list", "--metric", "d_loss", "--format", "csv"]);
    let mut reader = csv::Reader::from_reader(printed.as_bytes());
    let head = reader.headers().unwrap().clone();
    let column = |name: &str| head.iter().position(|key| key == name).unwrap();
    let rows: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
    assert_eq!(rows.len(), 6);
    assert_eq!(&rows[1][column("d_loss.last")], "nan");
    assert_eq!(&rows[2][column("outcome")], "no space, \"sorry\"\nat all");
    assert_eq!(&rows[5][column("d_loss.last")], "");
}

#[test]
fn show_has_settings_and_their_origins() {
    let lab = record();
    let shown = lab.succeed(&["show", "3"]);
    for part in ["JEM-AlexNet", "failed", "no space", "guide.network", "ssim", "attempt"] {
        assert!(shown.contains(part), "{part}: {shown}");
    }
    assert!(!shown.contains("optimizer.beta2"), "what is built in is left out: {shown}");
    let all = lab.succeed(&["show", "3", "--settings"]);
    let line = |key: &str| all.lines().find(|line| line.trim().starts_with(key)).unwrap_or_else(|| panic!("{all}"));
    assert!(line("optimizer.beta2").contains("0.999"));
    assert!(line("guide.network").contains("method"), "{}", line("guide.network"));
    let detail = json(&lab, &["show", "5"]);
    assert_eq!((&detail["state"], &detail["attempts"][0]["device"]), (&Json::from("stale"), &Json::from("cpu")));
    assert_eq!(detail["settings"]["train.batch"]["value"], 4);
    let settings = lab.succeed(&["show", "3", "--settings", "--format", "csv"]);
    assert!(settings.starts_with("setting,value,from\r\n"), "{settings}");
    assert!(lab.succeed(&["show", "3", "--provenance"]).contains("no provenance"));
}

#[test]
fn show_has_provenance_value_by_value() {
    let lab = record();
    let json = r#"{"git":{"commit":"abc123","dirty":true,"diff":"a\nb\nc"},"host":"box","command":["jem","run"]}"#;
    let statement = format!("insert into provenance (attempt, json) values (1, '{json}')");
    if !sqlite3(&lab.path("jem.db"), &statement) {
        return;
    }
    let shown = lab.succeed(&["show", "1", "--provenance"]);
    for part in ["git.commit", "abc123", "git.dirty", "true", "3 lines", "jem run"] {
        assert!(shown.contains(part), "{part}: {shown}");
    }
}

/// Written directly to standard error, since the test runner hides the output of passing tests.
fn skipped(why: &str) {
    std::io::Write::write_all(&mut std::io::stderr(), format!("SKIPPED: {why}\n").as_bytes()).unwrap();
}

/// The program does not wait for locks by default, and closing a database locks it for a moment.
const PATIENT: [&str; 2] = ["-cmd", ".timeout 10000"];

/// Runs a statement in the sqlite3 program. Returns false, with a message, if it is not installed.
fn sqlite3(database: &Path, statement: &str) -> bool {
    let Ok(output) = Command::new("sqlite3").args(PATIENT).arg(database).arg(statement).output() else {
        skipped("there is no sqlite3 program here");
        return false;
    };
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    true
}

#[test]
fn a_comparison_shows_only_differences() {
    let lab = record();
    let turned = lab.succeed(&["compare", "1", "3"]);
    assert!(turned.contains("guide.network") && turned.contains("0.7500 at 2"), "{turned}");
    assert!(!turned.contains("train.batch"), "{turned}");
    let cell = json(&lab, &["show", "1"])["cell"].as_str().unwrap().to_owned();
    let rows = json(&lab, &["compare", &cell[..8], "3"]);
    assert_eq!(
        (&rows[0]["kind"], &rows[0]["ssim.best"], &rows[0]["ssim.best.n"]),
        (&Json::from("cell"), &Json::from(0.75), &Json::from(1),)
    );
    assert_eq!(rows[0]["state"], "1 finished, 1 diverged");
    assert_eq!(rows[1]["ssim.last"], 0.3);
    let error = lab.fail(2, &["compare", "1", "99"]);
    assert!(error.contains("no run 99"), "{error}");
    assert!(lab.fail(2, &["compare", "1", "zzz"]).contains("no cell id starts with `zzz`"));
    lab.fail(2, &["compare", "1"]);
}

#[test]
fn the_status_counts_stale_runs_and_shows_progress() {
    let lab = record();
    let status = json(&lab, &["status"]);
    let counts = &status["counts"][0];
    for state in ["queued", "running", "stale", "finished", "diverged", "failed"] {
        assert_eq!(counts[state], 1, "{state}: {counts}");
    }
    assert_eq!((&counts["runs"], &counts["cancelled"]), (&Json::from(6), &Json::from(0)));
    assert_eq!((&status["running"][0]["run"], &status["running"][0]["epoch"]), (&Json::from(4), &Json::from(1)));
    assert!(status["running"][0]["minutes_left"].is_number());
    let methods = json(&lab, &["status", "sweep"]);
    assert_eq!(
        (&methods["counts"][2]["method"], &methods["counts"][2]["stale"]),
        (&Json::from("JEM-VGG"), &Json::from(1),)
    );
    assert!(lab.succeed(&["status"]).contains("stale"));
}

#[test]
fn a_watched_status_ends_after_the_last_run() {
    let lab = record();
    lab.succeed(&["cancel", "--experiment", "sweep"]);
    let printed = lab.succeed(&["status", "--watch"]);
    assert_eq!(printed.matches("experiment").count(), 1, "{printed}");
}

#[test]
fn a_log_is_printed_in_full_or_in_part_and_followed() {
    let lab = record();
    let none = lab.run(&["logs", "6"]);
    assert!(none.status.success() && String::from_utf8_lossy(&none.stderr).contains("has no log yet"));
    for run in ["1", "4"] {
        std::fs::create_dir_all(lab.path("jem.db.files").join(run)).unwrap();
        std::fs::write(lab.path("jem.db.files").join(run).join("log.txt"), "one\ntwo\nthree\n").unwrap();
    }
    assert_eq!(lab.succeed(&["logs", "1"]), "one\ntwo\nthree\n");
    assert_eq!(lab.succeed(&["logs", "1", "--lines", "2"]), "two\nthree\n");
    assert_eq!(lab.succeed(&["logs", "1", "--lines", "0", "--follow"]), "");

    let mut command = lab.jem(&["logs", "4", "--follow", "--lines", "1"]);
    let follower = command.stdout(std::process::Stdio::piped()).spawn().unwrap();
    std::thread::sleep(Duration::from_millis(300));
    let log = lab.path("jem.db.files/4/log.txt");
    std::io::Write::write_all(&mut std::fs::File::options().append(true).open(log).unwrap(), b"four\n").unwrap();
    lab.succeed(&["cancel", "4"]);
    let output = follower.wait_with_output().unwrap();
    assert!(output.status.success());
    assert_eq!(String::from_utf8_lossy(&output.stdout), "three\nfour\n");
}

#[test]
fn selected_runs_are_retried_and_cancelled() {
    let lab = record();
    let message = lab.succeed(&["retry", "--failed", "--stale", "--dry-run"]);
    assert_eq!(message, "2 runs would be queued again: 3, 5\n");
    assert_eq!(states(&lab), ["finished", "diverged", "failed", "running", "stale", "queued"]);
    assert_eq!(lab.succeed(&["retry", "--failed"]), "1 run queued again: 3\n");
    let message = lab.succeed(&["retry", "1", "2", "5"]);
    assert!(message.starts_with("1 run queued again: 5\n"), "{message}");
    assert!(message.contains("diverged: with the same settings and seed it would diverge again"), "{message}");
    assert_eq!(states(&lab), ["finished", "diverged", "queued", "running", "queued", "queued"]);
    let message = lab.succeed(&["cancel", "--where", "guide.network = alexnet"]);
    assert_eq!(message, "2 runs cancelled: 3, 4\n");
    assert_eq!(states(&lab), ["finished", "diverged", "cancelled", "cancelled", "queued", "queued"]);
    assert_eq!(lab.store().run(RunId(4)).unwrap().unwrap().state, RunState::Cancelled);
}

#[test]
fn notes_and_tags_are_added_and_removed() {
    let lab = record();
    lab.succeed(&["note", "1", "the loss looks odd"]);
    lab.succeed(&["tag", "--experiment", "sweep", "--state", "finished", "--add", "keep", "--add", "paper"]);
    let shown = lab.succeed(&["show", "1"]);
    assert!(shown.contains("note: the loss looks odd") && shown.contains("tags: keep, paper"), "{shown}");
    lab.succeed(&["note", "1", ""]);
    assert_eq!(lab.succeed(&["tag", "1", "--remove", "keep"]), "1 run tagged: 1\n");
    let detail = json(&lab, &["show", "1"]);
    assert_eq!((&detail["note"], &detail["tags"]), (&Json::from(""), &serde_json::json!(["paper"])));
}

#[test]
fn invalid_selections_return_2_and_change_nothing() {
    let lab = record();
    let before = states(&lab);
    for (arguments, part) in [
        (&["list", "--state", "done"][..], "finished"),
        (&["list", "--where", "train.bach=3"], "train.batch"),
        (&["list", "--where", "metric.sim>3"], "ssim"),
        (&["list", "--sort", "ssim"], "metric.ssim"),
        (&["list", "--metric", "charm"], "`charm` is not a metric"),
        (&["list", "--method", "JEM-Alexnet"], "JEM-AlexNet"),
        (&["list", "swept"], "sweep"),
        (&["show", "99"], "no run 99"),
        (&["logs", "99"], "no run 99"),
        (&["cancel", "6", "99", "98"], "no runs 99, 98"),
        (&["retry", "3", "99"], "no run 99"),
        (&["note", "99", "x"], "no run 99"),
        (&["cancel"], "--experiment"),
        (&["retry"], "--experiment"),
        (&["tag", "--add", "x"], "--experiment"),
        (&["tag", "1"], "--add"),
        (&["tag", "1", "--add", "two words"], "one word"),
        (&["status", "swept"], "sweep"),
        (&["status", "--watch=0"], "--watch"),
    ] {
        let error = lab.fail(2, arguments);
        assert!(error.contains(part), "{arguments:?}: {error}");
    }
    assert_eq!(states(&lab), before);
    let empty = Lab::new();
    for command in [&["list"][..], &["cancel", "1"], &["note", "1", "x"]] {
        empty.fail(4, command);
    }
    assert!(!empty.path("jem.db").exists(), "reading creates no database");
}

const EXAMPLES: [(&str, &str); 3] = [
    ("with_pandas.py", include_str!("examples/with_pandas.py")),
    ("with_duckdb.py", include_str!("examples/with_duckdb.py")),
    ("with_sqlite3.sql", include_str!("examples/with_sqlite3.sql")),
];

#[test]
fn the_readme_quotes_the_tested_examples() {
    let readme = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/record.md")).unwrap();
    for (name, text) in EXAMPLES {
        assert!(readme.contains(text), "docs/record.md does not quote {name} as it is");
    }
}

/// The Python for the examples: `JEM_TEST_PYTHON` or `python3`.
fn python() -> String {
    std::env::var("JEM_TEST_PYTHON").unwrap_or_else(|_| "python3".to_owned())
}

fn example(lab: &Lab, name: &str) -> String {
    let text = EXAMPLES.iter().find(|(known, _)| *known == name).unwrap().1;
    std::fs::write(lab.path(name), text).unwrap();
    let mut command = match name.ends_with(".py") {
        true => Command::new(python()),
        false => Command::new("sqlite3"),
    };
    match name.ends_with(".py") {
        true => command.arg(name),
        false => command.args(PATIENT).arg("jem.db").arg(format!(".read {name}")),
    };
    let output = command.current_dir(lab.path("")).output().unwrap();
    assert!(output.status.success(), "{name}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

fn has_modules(names: &str) -> bool {
    let found = Command::new(python()).args(["-c", &format!("import {names}")]).output();
    let found = found.is_ok_and(|output| output.status.success());
    if !found {
        let python = python();
        skipped(&format!("{python} has no {names}; `pip install pandas duckdb`, or name one by JEM_TEST_PYTHON"));
    }
    found
}

#[test]
fn pandas_reads_the_views_as_the_readme_says() {
    if has_modules("pandas") {
        let printed = example(&record(), "with_pandas.py");
        let line = printed.lines().find(|line| line.starts_with("GAN-CLS-INT")).unwrap_or_else(|| panic!("{printed}"));
        let fields: Vec<&str> = line.split_whitespace().collect();
        assert_eq!((fields[1], fields[3]), ("0.425", "2"), "the mean of 0.75 and 0.1: {printed}");
    }
}

#[test]
fn duckdb_reads_the_views_as_the_readme_says() {
    if has_modules("duckdb, pandas") {
        let printed = example(&record(), "with_duckdb.py");
        let has = |words: [&str; 4]| {
            printed.lines().any(|line| line.split(['│', ' ']).filter(|word| !word.is_empty()).eq(words))
        };
        assert!(has(["GAN-CLS-INT", "1", "0.175", "2"]), "{printed}");
    }
}

#[test]
fn sqlite3_reads_the_views_as_the_readme_says() {
    let lab = record();
    if sqlite3(&lab.path("jem.db"), "select 1") {
        let printed = example(&lab, "with_sqlite3.sql");
        let has = |words: [&str; 3]| printed.lines().any(|line| line.split_whitespace().take(3).eq(words));
        assert!(has(["JEM-VGG", "stale", "1"]) && has(["GAN-CLS-INT", "diverged", "1"]), "{printed}");
        assert!(printed.lines().any(|line| line.split_whitespace().eq(["4", "6"])), "{printed}");
        // A second experiment with the same runs adds rows to the views, but no distinct runs.
        lab.succeed(&[
            "queue",
            "sweep.toml",
            "--set",
            "seeds=[1, 2]",
            "--set",
            "train.epochs=3",
            "--set",
            "name=again",
        ]);
        let again = example(&lab, "with_sqlite3.sql");
        let counts = |printed: &str| {
            let counted = printed.lines().filter(|line| !line.contains("running") && !line.contains("stale"));
            counted.map(|line| line.split_whitespace().map(str::to_owned).collect()).collect::<Vec<Vec<String>>>()
        };
        assert_eq!(counts(&again), counts(&printed));
    }
}
