//! Applied with `git apply`, recorded patches give the original files.

use std::os::unix::fs::{PermissionsExt, symlink};

use super::*;

#[test]
fn a_clean_repository_has_no_changes() {
    let Some(scratch) = Scratch::new(&[("sweep.toml", b"seeds = [1]\n")]) else { return };
    scratch.git(&["remote", "add", "origin", "https://me:word@example.org/flowers.git"]);
    scratch.write("jem.db-wal", b"the database is ignored");
    scratch.write("flowers/1.jpg", b"the data set is ignored");
    let ignored = IgnoredPaths { database: scratch.at("jem.db"), folders: vec![scratch.at("flowers")] };
    let clean = Repository::containing(scratch.path(), &ignored).unwrap();
    let commit = scratch.git(&["rev-parse", "HEAD"]);
    let expected = Repository {
        commit: commit.trim().to_owned(),
        branch: "main".to_owned(),
        remote: "https://example.org/flowers.git".to_owned(),
        dirty: Some(false),
        ..Repository::default()
    };
    assert_eq!(clean, expected);
}

#[test]
fn changed_deleted_renamed_and_new_files_are_restored_exactly() {
    let files: [(&str, &[u8]); 9] = [
        ("changed.toml", b"seeds = [1]\n"),
        ("deleted.toml", b"a = 1\n"),
        ("old name.toml", b"b = 1\n"),
        ("run.sh", b"echo\n"),
        ("crlf.csv", b"a,b\r\n1,2\r\n"),
        ("end.txt", b"no newline"),
        ("was empty", b""),
        ("becomes empty", b"x"),
        ("no newline before", b"x\n"),
    ];
    let Some(scratch) = Scratch::new(&files) else { return };
    scratch.write("changed.toml", b"seeds = [1, 2]\n");
    std::fs::remove_file(scratch.at("deleted.toml")).unwrap();
    scratch.git(&["mv", "old name.toml", "new name.toml"]);
    std::fs::set_permissions(scratch.at("run.sh"), PermissionsExt::from_mode(0o755)).unwrap();
    scratch.write("crlf.csv", b"a,b\r\n1,3\r\n4,5\r\n");
    scratch.write("end.txt", b"still none");
    scratch.write("was empty", b"text\n");
    scratch.write("becomes empty", b"");
    scratch.write("no newline before", b"x");
    for (name, bytes) in [
        ("new.toml", &b"title = \"New\"\n"[..]),
        ("a/b/c.toml", b"deep"),
        ("empty", b""),
        ("new crlf", b"a\r\nb"),
        ("one newline", b"\n"),
        ("looks.patch", b"diff --git a/x b/x\n--- a/x\n+++ b/x\n@@ -1 +1 @@\n-a\n+b\n"),
    ] {
        scratch.write(name, bytes);
    }
    scratch.write("new.sh", b"#!/bin/sh\n");
    std::fs::set_permissions(scratch.at("new.sh"), PermissionsExt::from_mode(0o755)).unwrap();
    let record = scratch.complete_record();
    assert_eq!(record.dirty, Some(true));
    assert!(record.diff.contains("+seeds = [1, 2]"), "{}", record.diff);
    assert_eq!(record.untracked_count, 7);
    assert_eq!(record.untracked[..3], ["a/b/c.toml", "empty", "looks.patch"]);
}

#[test]
fn names_may_have_any_character() {
    let names: [&[u8]; 8] = [
        b"a b",
        b" leading",
        b"line\nbreak",
        b"quo\"te\\",
        b"\xff\xfe.txt",
        "\u{e9}.txt".as_bytes(),
        b"tab\t",
        b"d d/c",
    ];
    let Some(scratch) = Scratch::new(&[]) else { return };
    for name in names {
        scratch.write([b"tracked ", name].concat(), b"one\n");
    }
    commit_all(scratch.path());
    for name in names {
        scratch.write([b"tracked ", name].concat(), b"two\n");
        scratch.write([b"new ", name].concat(), b"new\n");
    }
    scratch.write("b/ b", b"a name that reads like two");
    let record = scratch.complete_record();
    assert_eq!(record.untracked_count, names.len() + 1);
}

#[test]
fn binary_files_are_restored_exactly() {
    let files: [(&str, &[u8]); 5] = [
        ("b.bin", b"\0\x01a"),
        ("deleted.bin", b"\0\xff"),
        ("latin.txt", b"caf\xe9\n"),
        ("deleted latin.txt", b"caf\xe9\n"),
        ("to latin.txt", b"cafe\n"),
    ];
    let Some(scratch) = Scratch::new(&files) else { return };
    scratch.write("b.bin", b"\0\x02b");
    scratch.write("latin.txt", b"caf\xe9s\n");
    scratch.write("to latin.txt", b"caf\xe9\n");
    std::fs::remove_file(scratch.at("deleted.bin")).unwrap();
    std::fs::remove_file(scratch.at("deleted latin.txt")).unwrap();
    scratch.write("new.bin", &(0..=255).cycle().take(3000).collect::<Vec<u8>>());
    scratch.write("new latin.txt", b"\xe9");
    scratch.write("photo one.bin", &[0, 159, 146, 150]);
    std::fs::set_permissions(scratch.at("new.bin"), PermissionsExt::from_mode(0o755)).unwrap();
    scratch.complete_record();
}

#[test]
fn links_are_recorded_as_links() {
    let files: [(&str, &[u8]); 3] = [("target.txt", b"x\n"), ("becomes link", b"text\n"), ("folder/file", b"y\n")];
    let Some(scratch) = Scratch::new(&files) else { return };
    symlink("target.txt", scratch.at("link")).unwrap();
    symlink("target.txt", scratch.at("becomes file")).unwrap();
    commit_all(scratch.path());
    for name in ["link", "becomes file", "becomes link"] {
        std::fs::remove_file(scratch.at(name)).unwrap();
    }
    symlink("elsewhere", scratch.at("link")).unwrap();
    symlink("target.txt", scratch.at("becomes link")).unwrap();
    scratch.write("becomes file", b"now a file\n");
    symlink("/etc/hostname", scratch.at("new link")).unwrap();
    symlink("folder", scratch.at("link to a folder")).unwrap();
    symlink("loop", scratch.at("loop")).unwrap();
    scratch.complete_record();
}

#[test]
fn a_file_and_a_folder_can_replace_each_other() {
    let files: [(&str, &[u8]); 2] = [("file", b"a\n"), ("folder/inner", b"b\n")];
    let Some(scratch) = Scratch::new(&files) else { return };
    std::fs::remove_file(scratch.at("file")).unwrap();
    std::fs::remove_dir_all(scratch.at("folder")).unwrap();
    scratch.write("file/inner", b"c\n");
    scratch.write("folder", b"d\n");
    scratch.complete_record();
}

#[test]
fn staged_changes_have_no_effect() {
    let files: [(&str, &[u8]); 4] = [("a", b"1\n"), ("b", b"1\n"), ("c", b"1\n"), ("d", b"1\n")];
    let Some(scratch) = Scratch::new(&files) else { return };
    scratch.write("a", b"staged\n");
    scratch.write("b", b"staged\n");
    scratch.write("intended", b"new\n");
    scratch.git(&["add", "a", "b"]);
    scratch.git(&["add", "--intent-to-add", "intended"]);
    scratch.write("b", b"1\n");
    scratch.git(&["rm", "--quiet", "--cached", "c", "d"]);
    scratch.write("d", b"another\n");
    scratch.write("deleted again", b"1\n");
    scratch.write("staged.bin", b"\0");
    scratch.git(&["add", "deleted again", "staged.bin"]);
    std::fs::remove_file(scratch.at("deleted again")).unwrap();
    let record = scratch.complete_record();
    assert_eq!((record.dirty, &record.untracked[..]), (Some(true), &["c".to_owned(), "d".to_owned()][..]));
}

#[test]
fn a_file_with_a_merge_conflict_is_recorded() {
    let Some(scratch) = Scratch::new(&[("a", b"1\n"), ("b", b"1\n")]) else { return };
    scratch.git(&["checkout", "--quiet", "-b", "other"]);
    scratch.write("a", b"2\n");
    scratch.git(&["rm", "--quiet", "b"]);
    commit_all(scratch.path());
    scratch.git(&["checkout", "--quiet", "main"]);
    scratch.write("a", b"3\n");
    scratch.write("b", b"4\n");
    commit_all(scratch.path());
    let mut merge = std::process::Command::new("git");
    merge.args(["-c", "user.name=a", "-c", "user.email=a@b", "-C"]).arg(scratch.path()).args(["merge", "other"]);
    assert!(!merge.output().unwrap().status.success(), "a conflict is expected");
    let record = scratch.complete_record();
    assert!(record.diff.contains("+>>>>>>> "), "{}", record.diff);
}

#[test]
fn before_the_first_commit_everything_is_new() {
    if !has_git() {
        return;
    }
    let scratch = Scratch { folder: tempfile::tempdir().unwrap() };
    scratch.git(&["init", "--quiet", "--initial-branch=main"]);
    assert_eq!(scratch.record().dirty, Some(false));
    scratch.write("staged.toml", b"a = 1\n");
    scratch.write("staged.bin", b"\0a");
    scratch.git(&["add", "."]);
    scratch.write("staged.toml", b"a = 2\n");
    scratch.write("new.toml", b"b = 1\n");
    let record = scratch.complete_record();
    assert_eq!((record.commit.as_str(), record.branch.as_str(), record.dirty), ("", "main", Some(true)));
}

#[test]
fn a_linked_worktree_and_a_sparse_checkout_are_repositories() {
    let Some(scratch) = Scratch::new(&[("a/x", b"1\n"), ("b/y", b"1\n")]) else { return };
    let place = tempfile::tempdir().unwrap();
    let folder = place.path().join("linked");
    scratch.git(&["worktree", "add", "--quiet", "--detach", folder.to_str().unwrap()]);
    git(&folder, &["sparse-checkout", "set", "a"], b"");
    std::fs::write(folder.join("a/x"), "2\n").unwrap();
    std::fs::write(folder.join("a/new"), "3\n").unwrap();
    // From a subfolder.
    let record = record(&folder.join("a"));
    assert_eq!((record.error, record.branch.as_str(), record.dirty), (None, "", Some(true)));
    let found = applied(scratch.path(), &record.commit, &record.diff);
    assert_eq!(found[&b"a/x"[..]].1, b"2\n");
    assert_eq!(found[&b"a/new"[..]].1, b"3\n");
    assert_eq!(found[&b"b/y"[..]].1, b"1\n", "files outside the checkout are not deletions");
}

#[test]
fn files_beyond_the_limit_are_left_out_and_the_rest_applies() {
    let Some(scratch) = Scratch::new(&[("big.toml", b"a = 1\n"), ("small.toml", b"a = 1\n")]) else { return };
    let lines =
        |count: usize| -> Vec<u8> { (0..count).flat_map(|n| format!("{n} caf\u{e9}\n").into_bytes()).collect() };
    scratch.write("big.toml", &lines(40_000));
    scratch.write("small.toml", b"a = 2\n");
    scratch.write("huge.toml", &lines(600_000));
    scratch.write("new.toml", b"b = 1\n");
    let record = scratch.record();
    assert!(record.cut && record.diff.len() <= 256 << 10);
    let left_out: Vec<&str> = record.withheld.iter().map(|line| line.split(':').next().unwrap()).collect();
    assert_eq!(left_out, ["big.toml", "huge.toml"]);
    scratch.assert_applies(&record, &["big.toml", "huge.toml"]);
}

#[test]
fn many_new_files_are_counted_and_many_changed_files_are_recorded() {
    let names: Vec<String> = (0..450).map(|n| format!("tracked/{n}.toml")).collect();
    let files: Vec<(&str, &[u8])> = names.iter().map(|name| (name.as_str(), &b"a\n"[..])).collect();
    let Some(scratch) = Scratch::new(&files) else { return };
    names.iter().for_each(|name| scratch.write(name, b"b\n"));
    (0..3000).for_each(|n| scratch.write(format!("images/{n}.txt"), b"image"));
    let record = scratch.record();
    assert_eq!((record.error.as_deref(), record.untracked_count, record.untracked.len()), (None, 3000, 200));
    assert!(record.cut);
    assert_eq!(record.withheld.len(), 1, "{:?}", record.withheld);
    scratch.assert_applies(&record, &["images/"]);
}
