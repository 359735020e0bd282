//! A database of the first schema, which the first version of jem wrote.
//!
//! `first_schema/jem.sql` is `sqlite3 jem.db .dump` of two runs of nine epochs, and `points.csv` what its views
//! `metrics` and `evaluations` held then.

use jem::store::{RunState, Store};

use crate::lab::Lab;

/// Creates the old database in the folder of the lab.
fn old_database(lab: &Lab) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        use sqlx::{ConnectOptions as _, Connection as _};
        let options = sqlx::sqlite::SqliteConnectOptions::new().filename(lab.path("jem.db")).create_if_missing(true);
        let mut connection = options.connect().await.unwrap();
        sqlx::raw_sql(include_str!("first_schema/jem.sql")).execute(&mut connection).await.unwrap();
        connection.close().await.unwrap();
    });
}

/// All points, in the format of `points.csv`.
fn points(store: &Store) -> String {
    let mut lines = vec!["run,metric,epoch,value".to_owned()];
    for run in store.runs("sweep").unwrap() {
        let mut series = store.series(run.id).unwrap();
        series.sort_by(|a, b| a.metric.cmp(&b.metric));
        for series in series {
            let points = series.curve.points().iter();
            lines.extend(points.map(|(epoch, value)| format!("{},{},{epoch},{value:?}", run.id, series.metric)));
        }
    }
    lines.join("\n")
}

/// The values as numbers, so that two spellings of a number are equal.
fn parsed(csv: &str) -> Vec<(String, f64)> {
    let split = |line: &str| line.rsplit_once(',').map(|(head, value)| (head.to_owned(), value.parse().unwrap()));
    csv.lines().skip(1).map(|line| split(line).unwrap()).collect()
}

#[test]
fn a_database_of_the_first_schema_has_the_same_values() {
    let lab = Lab::new();
    old_database(&lab);
    // The first command only reads, but migrates the schema.
    assert!(lab.succeed(&["status", "sweep"]).contains("JEM-AlexNet"));
    let store = lab.store();
    assert_eq!(parsed(&points(&store)), parsed(include_str!("first_schema/points.csv")));
    let runs = store.runs("sweep").unwrap();
    assert!(runs.iter().all(|run| run.state == RunState::Finished && run.weights.len() == 64));
    assert_eq!(store.image_grids(runs[0].id).unwrap().len(), 7, "originals, and samples at six evaluations");
    lab.succeed(&["show", "1"]);
    lab.succeed(&["report", "sweep"]);
    let points: std::collections::BTreeMap<String, f64> =
        parsed(include_str!("first_schema/points.csv")).into_iter().collect();
    let curves = std::fs::read_to_string(lab.path("reports/sweep/curves.csv")).unwrap();
    let mut compared = 0;
    for row in curves.lines().skip(1).map(|line| line.split(',').collect::<Vec<_>>()) {
        let [_, run, _, _, _, metric, _, epoch, value] = row[..] else { panic!("{row:?}") };
        let then = points[&format!("{run},{metric},{epoch}")];
        assert_eq!(value.parse::<f64>().unwrap(), then, "{metric} of run {run} at epoch {epoch}");
        compared += 1;
    }
    assert!(compared >= 40, "{compared} points");
}

#[test]
fn runs_of_the_first_schema_have_the_same_cells() {
    let lab = Lab::new();
    old_database(&lab);
    let text = std::fs::read_to_string(lab.path("sweep.toml")).unwrap();
    let two = text.split("[[method]]\nname = \"JEM-VGG\"").next().unwrap();
    std::fs::write(lab.path("sweep.toml"), two).unwrap();
    lab.succeed(&["queue", "sweep.toml", "--set", "eval.items=1", "--set", "train.epochs=9"]);
    let runs = lab.store().runs("sweep").unwrap();
    assert_eq!(runs.len(), 2, "the cells have the ids that they had");
    assert!(runs.iter().all(|run| run.state == RunState::Finished), "nothing is trained again: {runs:?}");
}

/// Released defaults never change, so old settings train to the same values within rounding. The first version computed
/// by Burn's own operations, whose order of summation is another one, and it differs between processors too. Training
/// enlarges the difference step by step, so later epochs are held to less, and the last ones are not compared.
#[test]
fn the_settings_of_the_first_version_train_to_the_same_values() {
    let lab = Lab::new();
    let text = std::fs::read_to_string(lab.path("sweep.toml")).unwrap();
    let two = text.split("[[method]]\nname = \"JEM-VGG\"").next().unwrap();
    std::fs::write(lab.path("sweep.toml"), two).unwrap();
    lab.succeed(&["run", "sweep.toml", "--set", "eval.items=1", "--set", "train.epochs=2", "--set", "eval.every=2"]);
    let before: std::collections::BTreeMap<String, f64> =
        parsed(include_str!("first_schema/points.csv")).into_iter().collect();
    let mut compared = 0;
    for (point, now) in parsed(&points(&lab.store())) {
        if ["d_loss", "g_loss"].iter().any(|name| point.contains(name)) {
            let then = before[&point];
            let bound = if point.ends_with(",2") { 1e-3 } else { 1e-5 };
            assert!((now - then).abs() <= bound * then.abs(), "{point}: {now} now, {then} then");
            compared += 1;
        }
    }
    assert!(compared >= 20, "{compared} points");
}
