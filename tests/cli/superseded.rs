//! An experiment whose file was changed and queued again: what the earlier file left in the queue.

use jem::store::RunId;

use crate::lab::Lab;
use crate::queue::ONE_METHOD;

impl Lab {
    /// Two runs of the first file wait, and one of the second.
    fn changed_file(&self) -> String {
        let sets = [&ONE_METHOD[..], &["--set", "train.epochs=1", "--set", "seeds=[1,2]"]].concat();
        self.queue(&sets);
        self.queue(&[&ONE_METHOD[..], &["--set", "train.epochs=1", "--set", "train.batch=2"]].concat())
    }

    /// Where runs of any revision stand.
    fn standings(&self) -> [&'static str; 3] {
        [1, 2, 3].map(|run| self.store().detail(RunId(run)).unwrap().unwrap().listed[0].standing.as_str())
    }

    fn note(&self, arguments: &[&str]) -> String {
        String::from_utf8(self.run(arguments).stderr).unwrap()
    }
}

#[test]
fn runs_that_only_an_older_file_has_are_named_counted_and_dropped_on_request() {
    let lab = Lab::new();
    let said = lab.changed_file();
    assert!(said.contains("2 runs that only revision 1 has stay queued"), "{said}");
    let status = lab.succeed(&["status"]);
    assert!(status.contains("2 runs that only revision 1 has stay queued"), "{status}");
    let json: serde_json::Value = serde_json::from_str(&lab.succeed(&["status", "--format", "json"])).unwrap();
    let row = serde_json::json!([{ "experiment": "sweep", "revision": 1, "queued": 2, "running": 0 }]);
    assert_eq!(json["superseded"], row);
    // The listing is what it was; a note says that it is not all.
    assert_eq!(lab.succeed(&["list", "--format", "csv"]).lines().count(), 2);
    assert!(lab.note(&["list"]).contains("2 more runs"));
    assert_eq!(lab.succeed(&["list", "--superseded", "--format", "csv"]).lines().count(), 3);
    for quiet in [&["list", "--all"][..], &["list", "--superseded"], &["list", "-q"]] {
        assert_eq!(lab.note(quiet), "", "{quiet:?}");
    }
    // The command that was named does what was said.
    let named = said.split('`').find(|part| part.starts_with("jem ")).unwrap();
    lab.succeed(&named.split(' ').skip(1).collect::<Vec<_>>());
    assert_eq!(lab.standings(), ["cancelled", "cancelled", "queued"]);
    assert!(!lab.succeed(&["status"]).contains("revision"));
    assert_eq!(lab.note(&["list"]), "");
    // Queueing the second file again has nothing to say of them.
    assert!(!lab.queue(&[&ONE_METHOD[..], &["--set", "train.batch=2"]].concat()).contains("stay"));
}

#[test]
fn runs_of_the_newest_file_are_trained_first_and_the_others_are_not_lost() {
    let lab = Lab::new();
    lab.changed_file();
    lab.succeed(&["work"]);
    let attempt = |run| lab.store().detail(RunId(run)).unwrap().unwrap().attempts.remove(0).started_at;
    assert!(attempt(3) < attempt(1) && attempt(1) < attempt(2));
    assert_eq!(lab.standings(), ["finished"; 3]);
    let over = lab.succeed(&["cancel", "--superseded"]);
    assert!(over.starts_with("0 runs"), "what is over is left alone: {over}");
}

#[test]
fn a_run_that_another_experiment_wants_is_not_superseded() {
    let lab = Lab::new();
    std::fs::copy(lab.path("sweep.toml"), lab.path("other.toml")).unwrap();
    lab.succeed(&[&["queue", "other.toml", "--set", "train.epochs=1"], &ONE_METHOD[..]].concat());
    let said = lab.changed_file();
    assert!(said.contains("1 run that only revision 1 has stays queued"), "{said}");
    let dropped = lab.succeed(&["cancel", "--superseded"]);
    assert!(dropped.starts_with("1 run cancelled: 2"), "{dropped}");
}
