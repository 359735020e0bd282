//! `jem db converge`: convergence by another rule, without training.

use serde_json::Value;

use crate::lab::Lab;

fn json(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

/// The stored results of every run: experiment, run, rule and which result it has.
fn stored(lab: &Lab) -> Vec<String> {
    let path = lab.path("jem.db");
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        use sqlx::{ConnectOptions as _, Connection as _};
        let options = sqlx::sqlite::SqliteConnectOptions::new().filename(path).read_only(true);
        let mut connection = options.connect().await.unwrap();
        let text = "select run || ' ' || metric || ' ' || rule || ' '
                 || coalesce(reached, why, value) || ' ' || coalesce(images, '-')
             from convergence_epochs order by run, metric, rule";
        let rows = sqlx::query_scalar(text).fetch_all(&mut connection).await.unwrap();
        connection.close().await.unwrap();
        rows
    })
}

#[test]
fn another_rule_is_computed_stored_and_printed_without_training() {
    let lab = Lab::new();
    lab.succeed(&["run", "sweep.toml"]);
    let before = stored(&lab);
    assert_eq!(before.len(), 6, "the band of two measures of three runs: {before:?}");
    // Six epochs of a step each, of four images; evaluations at 0, 2, 4 and 6. No improvement is greater than 9.
    let command = ["db", "converge", "sweep", "--rule", "plateau:delta=9,patience=1", "--metric", "ssim"];
    let table = lab.succeed(&command);
    assert!(table.contains("every 2 epochs") && table.contains("no-improvement 1"), "{table}");
    assert!(table.contains("plateau of ssim: stored for 3 runs"), "{table}");
    let after = stored(&lab);
    assert_eq!(after.len(), 9);
    let rule = r#"{"rule":"plateau","version":1,"delta":9.0,"patience":1,"smooth":"none"}"#;
    let added: Vec<&String> = after.iter().filter(|row| !before.contains(row)).collect();
    assert!(added.iter().all(|row| row.contains(rule) && row.contains("no-improvement")), "{added:?}");
    // It is idempotent, and so is the report.
    lab.succeed(&command);
    assert_eq!(stored(&lab), after);
    let rows = json(&lab.succeed(&[&command[..], &["--format", "json"]].concat()));
    assert_eq!(
        (&rows[0]["cell"], &rows[0]["runs"], &rows[0]["reached"]),
        (&"GAN-CLS-INT".into(), &1.into(), &0.into())
    );
    assert_eq!((&rows[0]["median"], &rows[0]["at_least"]), (&Value::Null, &6.into()));
    let csv = lab.succeed(&[&command[..], &["--format", "csv"]].concat());
    assert!(csv.starts_with("experiment,cell,protocol,evaluated,runs,reached,median,at_least,"), "{csv}");
}

#[test]
fn an_area_is_a_number_of_every_run() {
    let lab = Lab::new();
    lab.succeed(&["run", "sweep.toml"]);
    let rows = json(&lab.succeed(&["db", "converge", "--rule", "area", "--smooth", "ema:0.3", "--format", "json"]));
    assert_eq!(rows.as_array().unwrap().len(), 3, "every experiment by default");
    for row in rows.as_array().unwrap() {
        let mean = row["mean"].as_f64().unwrap();
        assert!(mean > 0.0 && mean < 1.0, "a mean of colour distances: {row}");
        assert_eq!(row["median"], Value::Null);
    }
    let rule = r#"{"rule":"area","version":1,"until":null,"smooth":"ema:0.3"}"#;
    assert_eq!(stored(&lab).iter().filter(|row| row.contains(rule)).count(), 3);
}

#[test]
fn runs_that_have_not_ended_are_counted_and_nothing_is_stored_for_them() {
    let lab = Lab::new();
    lab.succeed(&["queue", "sweep.toml"]);
    let printed = lab.succeed(&["db", "converge", "sweep", "--rule", "band"]);
    assert!(printed.contains("stored for 0 runs"), "{printed}");
    assert!(stored(&lab).is_empty());
}

#[test]
fn the_error_of_a_rule_names_its_part_and_what_is_allowed() {
    let lab = Lab::new();
    lab.succeed(&["queue", "sweep.toml"]);
    let fail = |arguments: &[&str]| lab.fail(2, &[&["db", "converge"], arguments].concat());
    let cases: [(&[&str], &[&str]); 7] = [
        (&["--rule", "plateu"], &["`plateu` is not a rule", "plateau:delta=0.01,patience=5"]),
        (&["--rule", "plateau:tau=1"], &["`tau` is not a parameter of the rule `plateau`"]),
        (&["--rule", "plateau:patience=0"], &["patience is 0, below 1"]),
        (&["--rule", "threshold"], &["needs the parameter `tau`"]),
        (&["--rule", "band", "--smooth", "mean:3"], &["--smooth is \"mean:3\"", "\"ema:<weight>\""]),
        (&["--rule", "band", "--metric", "g_loss"], &["--metric g_loss"]),
        (&["swep", "--rule", "band"], &["no experiment `swep`", "sweep"]),
    ];
    for (arguments, parts) in cases {
        let error = fail(arguments);
        for part in parts {
            assert!(error.contains(part), "{arguments:?}: {error}");
        }
    }
}
