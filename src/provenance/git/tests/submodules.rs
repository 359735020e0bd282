//! Submodules and nested repositories.

use super::*;

/// A repository with the submodule `lib dir`, which git is configured to ignore.
fn with_submodule() -> Option<(Scratch, Scratch)> {
    let library = Scratch::new(&[("lib.rs", b"let a = 1;\n"), (".env", b"")])?;
    let scratch = Scratch::new(&[("main.rs", b"use lib;\n")])?;
    scratch.git(&["submodule", "--quiet", "add", library.path().to_str().unwrap(), "lib dir"]);
    commit_all(scratch.path());
    scratch.git(&["config", "submodule.lib dir.ignore", "all"]);
    scratch.git(&["config", "diff.ignoreSubmodules", "all"]);
    assert_eq!(scratch.record().dirty, Some(false));
    Some((scratch, library))
}

#[test]
fn changes_in_a_submodule_are_recorded_with_its_commit() {
    let Some((scratch, library)) = with_submodule() else { return };
    scratch.write("lib dir/lib.rs", b"let a = 2;\n");
    scratch.write("lib dir/new.rs", b"let b = 1;\n");
    scratch.write("lib dir/.env", b"KEY=hunter2secret\n");
    let record = scratch.record();
    assert_eq!((record.dirty, record.diff.as_str(), record.error), (Some(true), "", None));
    let [submodule] = &record.submodules[..] else { panic!("{:?}", record.submodules) };
    let state = submodule.git.as_ref().unwrap();
    assert_eq!((submodule.path.as_str(), &submodule.recorded), ("lib dir", &state.commit));
    assert_eq!((state.dirty, &state.withheld[..]), (Some(true), &[".env: private".to_owned()][..]));
    let found = applied(library.path(), &state.commit, &state.diff);
    assert_eq!(found[&b"lib.rs"[..]].1, b"let a = 2;\n");
    assert_eq!(found[&b"new.rs"[..]].1, b"let b = 1;\n");
}

#[test]
fn a_new_file_in_a_submodule_is_a_change() {
    let Some((scratch, _library)) = with_submodule() else { return };
    scratch.write("lib dir/new.rs", b"let b = 1;\n");
    let record = scratch.record();
    assert_eq!(record.dirty, Some(true));
    assert_eq!(record.submodules[0].git.as_ref().unwrap().untracked, ["new.rs"]);
}

#[test]
fn a_submodule_at_another_commit_is_a_change_that_applies() {
    let Some((scratch, _library)) = with_submodule() else { return };
    let before = scratch.git(&["rev-parse", "HEAD:lib dir"]).trim().to_owned();
    scratch.write("lib dir/lib.rs", b"let a = 3;\n");
    commit_all(&scratch.at("lib dir"));
    scratch.write("lib dir/lib.rs", b"let a = 4;\n");
    let record = scratch.record();
    let submodule = &record.submodules[0];
    let state = submodule.git.as_ref().unwrap();
    assert_eq!(submodule.recorded, before);
    assert_ne!(state.commit, before);
    assert!(state.diff.contains("+let a = 4;"));
    let after = format!("-Subproject commit {before}\n+Subproject commit {}\n", state.commit);
    assert!(record.diff.contains(&after), "{}", record.diff);
    applied(scratch.path(), &record.commit, &record.diff);
}

#[test]
fn a_damaged_submodule_does_not_hide_other_changes() {
    let Some((scratch, _library)) = with_submodule() else { return };
    scratch.write("lib dir/.git", b"gitdir: /nonexistent\n");
    scratch.write("main.rs", b"use lib::a;\n");
    let record = scratch.record();
    assert_eq!(record.dirty, Some(true));
    assert!(record.error.is_some());
    assert!(record.diff.contains("+use lib::a;"), "{record:?}");
}

#[test]
fn missing_and_new_submodules_are_recorded() {
    let Some((scratch, library)) = with_submodule() else { return };
    std::fs::remove_dir_all(scratch.at("lib dir")).unwrap();
    scratch.git(&["submodule", "--quiet", "add", library.path().to_str().unwrap(), "second"]);
    let record = scratch.record();
    let paths: Vec<(&str, bool)> =
        record.submodules.iter().map(|submodule| (submodule.path.as_str(), submodule.git.is_some())).collect();
    assert_eq!(paths, [("lib dir", false), ("second", true)]);
    assert_eq!(record.submodules[1].recorded, "");
    applied(scratch.path(), &record.commit, &record.diff);
}

#[test]
fn a_new_nested_repository_is_recorded_as_a_repository() {
    let Some(scratch) = Scratch::new(&[("main.rs", b"use lib;\n")]) else { return };
    scratch.write("vendor/a.rs", b"let a = 1;\n");
    commit_all(&scratch.at("vendor"));
    scratch.write("vendor/a.rs", b"let a = 2;\n");
    let record = scratch.record();
    let submodule = &record.submodules[0];
    let state = submodule.git.as_ref().unwrap();
    assert_eq!((submodule.path.as_str(), submodule.recorded.as_str()), ("vendor", ""));
    assert_eq!((record.dirty, state.commit.len(), state.dirty), (Some(true), 40, Some(true)));
    assert!(state.diff.contains("+let a = 2;"));
}
