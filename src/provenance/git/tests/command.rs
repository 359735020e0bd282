//! Git commands that hang, fail or print too much.

use std::time::{Duration, Instant};

use super::scratch::has_git;
use crate::provenance::git::command::{Git, GitCommand, GitError};

/// A folder, and a git command that runs a shell script through an alias.
fn script(text: &str) -> (tempfile::TempDir, GitCommand) {
    let folder = tempfile::tempdir().unwrap();
    (folder, GitCommand::new(&["-c", &format!("alias.answer=!{text}"), "answer"]))
}

#[test]
fn commands_share_a_time_limit_and_hanging_processes_are_killed_with_their_children() {
    if !has_git() {
        return;
    }
    let (folder, command) = script("sleep 47.31 & sleep 47.31");
    let begun = Instant::now();
    let git = Git::with_limit(Duration::from_millis(400));
    for _ in 0..4 {
        let error = git.run(folder.path(), &command).unwrap_err();
        assert!(matches!(error, GitError::Timeout { .. }), "{error:?}");
    }
    assert!(begun.elapsed() < Duration::from_secs(4), "{:?}", begun.elapsed());
    let sleeping = || {
        let lists = std::fs::read_dir("/proc").unwrap().filter_map(Result::ok);
        let of = |entry: std::fs::DirEntry| std::fs::read_to_string(entry.path().join("cmdline")).ok();
        lists.filter_map(of).any(|line| line.starts_with("sleep\x0047.31"))
    };
    while sleeping() {
        assert!(begun.elapsed() < Duration::from_secs(20), "a process is still running");
        std::thread::sleep(Duration::from_millis(20));
    }
}

#[test]
fn a_full_error_pipe_does_not_block_and_long_output_is_truncated() {
    if !has_git() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let git = Git::with_limit(Duration::from_secs(30));
    let loud = GitCommand::new(&["-c", "alias.answer=!head -c 1000000 /dev/zero >&2 && echo yes; :", "answer"]);
    assert_eq!(git.run(folder.path(), &loud).unwrap(), b"yes\n");
    let endless = GitCommand::new(&["-c", "alias.answer=!yes", "answer"]).max_output(1000);
    let error = git.run(folder.path(), &endless).unwrap_err();
    assert!(matches!(&error, GitError::TooLong { beginning } if beginning.len() == 1000), "{error:?}");
}

#[test]
fn the_error_message_is_returned_and_input_is_passed_on() {
    if !has_git() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let git = Git::with_limit(Duration::from_secs(30));
    let fails = GitCommand::new(&["-c", "alias.answer=!echo the reason >&2; exit 3; :", "answer"]);
    assert_eq!(git.run(folder.path(), &fails).unwrap_err().to_string(), "the reason");
    let hash = GitCommand::new(&["hash-object", "--stdin"]).input(b"a\n".to_vec());
    assert_eq!(git.run(folder.path(), &hash).unwrap(), b"78981922613b2afb6025042ff6bd878ac1994e85\n");
}
