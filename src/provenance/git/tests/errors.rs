//! Errors of git and incomplete records are reported.

use super::*;

#[test]
fn outside_a_repository_there_is_none() {
    let folder = tempfile::tempdir().unwrap();
    assert_eq!(Repository::containing(folder.path(), &IgnoredPaths::default()), None);
}

#[test]
fn a_damaged_repository_has_the_error_of_git() {
    if !has_git() {
        return;
    }
    for (file, text) in [("r/.git", "gitdir: /nonexistent"), ("r/.git", "no pointer"), ("r/.git/HEAD", "")] {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(file);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, text).unwrap();
        let record = record(&folder.path().join("r"));
        assert_eq!((record.dirty, record.commit.as_str()), (None, ""));
        assert!(record.error.as_ref().unwrap().contains("fatal: "), "{text}: {record:?}");
    }
}

#[test]
fn a_missing_commit_is_an_error_and_not_a_clean_repository() {
    let Some(scratch) = Scratch::new(&[("a", b"1\n")]) else { return };
    let commit = scratch.git(&["rev-parse", "HEAD"]).trim().to_owned();
    std::fs::remove_file(scratch.at(format!(".git/objects/{}/{}", &commit[..2], &commit[2..]))).unwrap();
    let record = scratch.record();
    assert_eq!((record.dirty, record.commit), (None, commit));
    assert!(record.error.is_some());
}

#[test]
fn a_file_that_git_cannot_compare_does_not_affect_other_files() {
    let files: [(&str, &[u8]); 3] = [("a", b"1\n"), ("b", b"lost\n"), ("c", b"3\n")];
    let Some(scratch) = Scratch::new(&files) else { return };
    let id = scratch.git(&["rev-parse", "HEAD:b"]).trim().to_owned();
    std::fs::remove_file(scratch.at(format!(".git/objects/{}/{}", &id[..2], &id[2..]))).unwrap();
    for name in ["a", "b", "c"] {
        scratch.write(name, b"changed\n");
    }
    let record = scratch.record();
    assert!(record.error.is_some());
    assert_eq!(record.withheld.len(), 1, "{:?}", record.withheld);
    assert!(record.withheld[0].starts_with("b: "), "{:?}", record.withheld);
    assert!(record.diff.contains("b/a\n") && record.diff.contains("b/c\n"), "{}", record.diff);
}

#[test]
fn after_the_time_limit_the_state_is_unknown() {
    let Some(scratch) = Scratch::new(&[("a", b"1\n")]) else { return };
    let record = Repository::within(Duration::ZERO, scratch.path(), &IgnoredPaths::default()).unwrap();
    assert_eq!(record.dirty, None);
    assert!(record.error.unwrap().starts_with("git did not answer"));
}

#[test]
fn a_file_that_cannot_be_read_is_named() {
    let Some(scratch) = Scratch::new(&[("a", b"1\n")]) else { return };
    scratch.write("new", b"1\n");
    std::fs::set_permissions(scratch.at("new"), std::os::unix::fs::PermissionsExt::from_mode(0o000)).unwrap();
    if std::fs::read(scratch.at("new")).is_ok() {
        return eprintln!("SKIPPED: this user can read every file");
    }
    let record = scratch.record();
    assert!(record.withheld[0].starts_with("new: cannot be read"), "{:?}", record.withheld);
}

#[test]
fn a_change_that_git_is_configured_to_ignore_is_named() {
    let files: [(&str, &[u8]); 4] = [("assumed", b"1\n"), ("skipped", b"1\n"), ("same", b"1\n"), ("absent", b"1\n")];
    let Some(scratch) = Scratch::new(&files) else { return };
    std::os::unix::fs::symlink("same", scratch.at("link")).unwrap();
    commit_all(scratch.path());
    scratch.git(&["update-index", "--assume-unchanged", "assumed", "same", "link"]);
    scratch.git(&["update-index", "--skip-worktree", "skipped", "absent"]);
    std::fs::remove_file(scratch.at("absent")).unwrap();
    assert_eq!(scratch.record().dirty, Some(false));
    scratch.write("assumed", b"2\n");
    scratch.write("skipped", b"2\n");
    let record = scratch.record();
    assert_eq!((record.error, record.dirty), (None, Some(true)));
    let names: Vec<&str> = record.withheld.iter().map(|line| line.split(": ").next().unwrap()).collect();
    assert_eq!(names, ["assumed", "skipped"]);
}
