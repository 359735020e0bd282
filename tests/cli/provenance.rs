//! What is kept of where a result came from, and what is not.

use std::process::Command;

use crate::lab::Lab;

#[test]
fn every_attempt_says_which_code_machine_and_command_it_came_from_and_no_secret() {
    let lab = Lab::new();
    let git = |arguments: &[&str]| {
        let mut done = Command::new("git");
        done.args(["-c", "user.name=a", "-c", "user.email=a@b", "-C"]);
        done.arg(lab.path("")).args(arguments).output().is_ok_and(|output| output.status.success())
    };
    let repository = git(&["init", "--quiet"]) && git(&["add", "sweep.toml"]) && git(&["commit", "-qm", "first"]);
    std::fs::write(lab.path("sweep.toml"), format!("{}\n# a thought\n", crate::lab::EXPERIMENT)).unwrap();
    std::fs::write(lab.path(".env"), "PASSWORD=flower").unwrap();
    let output = lab
        .jem(&["run", "sweep.toml", "--set", "train.epochs=1", "--set", "grid.method=[\"GAN-CLS-INT\"]"])
        .env("AWS_SECRET_ACCESS_KEY", "petal")
        .env("JEM_SET_TRAIN__BATCH", "4")
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));

    let run = lab.store().runs("sweep").unwrap()[0].id;
    let kept = lab.store().provenance(run).unwrap();
    assert_eq!(kept.len(), 1);
    let kept = &kept[0];
    assert_eq!(kept["version"], env!("CARGO_PKG_VERSION"));
    assert_eq!(kept["device"], "cpu");
    assert_eq!(kept["executable"].as_str().unwrap().len(), 64);
    assert_eq!(kept["command"][1], "run");
    assert_eq!(kept["command"][4], "train.epochs=1");
    assert_eq!(kept["environment"]["JEM_SET_TRAIN__BATCH"], "4");
    assert!(kept["machine"]["memory"].as_u64().unwrap() > 0);
    let text = kept.to_string();
    assert!(!text.contains("petal") && !text.contains("PASSWORD"), "{text}");
    if !repository {
        return eprintln!("skipped: there is no git here");
    }
    assert_eq!(kept["git"]["commit"].as_str().unwrap().len(), 40);
    assert_eq!(kept["git"]["dirty"], true);
    assert!(kept["git"]["diff"].as_str().unwrap().contains("+# a thought"));
    assert!(!text.contains("jem.db-wal"), "the record is no change of the repository");
}
