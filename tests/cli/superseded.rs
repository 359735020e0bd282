//! Superseded runs: queued by an earlier version of a file.

use jem::store::RunId;

use crate::lab::Lab;
use crate::queue::ONE_METHOD;

impl Lab {
    /// Two runs of the first version are queued, and one of the second.
    fn changed_file(&self) -> String {
        let sets = [&ONE_METHOD[..], &["--set", "train.epochs=1", "--set", "seeds=[1,2]"]].concat();
        self.queue(&sets);
        self.queue(&[&ONE_METHOD[..], &["--set", "train.epochs=1", "--set", "train.batch=2"]].concat())
    }

    /// The states of the runs of all revisions.
    fn states_of_runs(&self) -> [&'static str; 3] {
        [1, 2, 3].map(|run| self.store().detail(RunId(run)).unwrap().unwrap().listed[0].status.as_str())
    }

    fn note(&self, arguments: &[&str]) -> String {
        String::from_utf8(self.run(arguments).stderr).unwrap()
    }
}

#[test]
fn superseded_runs_are_listed_and_cancelled_on_request() {
    let lab = Lab::new();
    let messages = lab.changed_file();
    assert!(messages.contains("2 queued runs only in revision 1"), "{messages}");
    let status = lab.succeed(&["status"]);
    assert!(status.contains("2 queued runs only in revision 1"), "{status}");
    let json: serde_json::Value = serde_json::from_str(&lab.succeed(&["status", "--format", "json"])).unwrap();
    let row = serde_json::json!([{ "experiment": "sweep", "revision": 1, "queued": 2, "running": 0 }]);
    assert_eq!(json["superseded"], row);
    // The list has only the newest revision, with a note about the others.
    assert_eq!(lab.succeed(&["list", "--format", "csv"]).lines().count(), 2);
    assert!(lab.note(&["list"]).contains("2 queued or running runs of older revisions"));
    assert_eq!(lab.succeed(&["list", "--superseded", "--format", "csv"]).lines().count(), 3);
    for quiet in [&["list", "--all"][..], &["list", "--superseded"], &["list", "-q"]] {
        assert_eq!(lab.note(quiet), "", "{quiet:?}");
    }
    // The suggested command cancels them.
    let named = messages.split('`').find(|part| part.starts_with("jem ")).unwrap();
    lab.succeed(&named.split(' ').skip(1).collect::<Vec<_>>());
    assert_eq!(lab.states_of_runs(), ["cancelled", "cancelled", "queued"]);
    assert!(!lab.succeed(&["status"]).contains("revision"));
    assert_eq!(lab.note(&["list"]), "");
    // Queueing the second version again does not report them.
    assert!(!lab.queue(&[&ONE_METHOD[..], &["--set", "train.batch=2"]].concat()).contains("only in revision"));
}

#[test]
fn superseded_runs_are_trained_last() {
    let lab = Lab::new();
    lab.changed_file();
    lab.succeed(&["work"]);
    let attempt = |run| lab.store().detail(RunId(run)).unwrap().unwrap().attempts.remove(0).started_at;
    assert!(attempt(3) < attempt(1) && attempt(1) < attempt(2));
    assert_eq!(lab.states_of_runs(), ["finished"; 3]);
    let over = lab.succeed(&["cancel", "--superseded"]);
    assert!(over.starts_with("0 runs"), "ended runs are not changed: {over}");
}

#[test]
fn a_run_of_another_experiment_is_not_superseded() {
    let lab = Lab::new();
    std::fs::copy(lab.path("sweep.toml"), lab.path("other.toml")).unwrap();
    lab.succeed(&[&["queue", "other.toml", "--set", "train.epochs=1"], &ONE_METHOD[..]].concat());
    let messages = lab.changed_file();
    assert!(messages.contains("1 queued run only in revision 1"), "{messages}");
    let dropped = lab.succeed(&["cancel", "--superseded"]);
    assert!(dropped.starts_with("1 run cancelled: 2"), "{dropped}");
}
