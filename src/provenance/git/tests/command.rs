//! Calls of git that hang, fail or say too much.

use std::time::{Duration, Instant};

use crate::provenance::git::command::{Call, Git, GitError};

/// A folder in which `git` is a script: an alias that runs it in a shell of git's own.
fn script(text: &str) -> (tempfile::TempDir, Call) {
    let folder = tempfile::tempdir().unwrap();
    (folder, Call::of(&["-c", &format!("alias.answer=!{text}"), "answer"]))
}

#[test]
fn one_time_holds_for_all_calls_and_what_hangs_is_ended_with_its_children() {
    let (folder, call) = script("sleep 47.31 & sleep 47.31");
    let begun = Instant::now();
    let git = Git::within(Duration::from_millis(400));
    for _ in 0..4 {
        let error = git.call(folder.path(), &call).unwrap_err();
        if matches!(error, GitError::Start(_)) {
            return eprintln!("skipped: there is no git here");
        }
        assert!(matches!(error, GitError::NoAnswer { .. }), "{error:?}");
    }
    assert!(begun.elapsed() < Duration::from_secs(4), "{:?}", begun.elapsed());
    let sleeping = || {
        let lists = std::fs::read_dir("/proc").unwrap().filter_map(Result::ok);
        let of = |entry: std::fs::DirEntry| std::fs::read_to_string(entry.path().join("cmdline")).ok();
        lists.filter_map(of).any(|line| line.starts_with("sleep\x0047.31"))
    };
    while sleeping() {
        assert!(begun.elapsed() < Duration::from_secs(20), "a process was left");
        std::thread::sleep(Duration::from_millis(20));
    }
}

#[test]
fn a_full_pipe_of_errors_holds_nothing_up_and_a_long_answer_is_cut() {
    let folder = tempfile::tempdir().unwrap();
    let git = Git::within(Duration::from_secs(30));
    let loud = Call::of(&["-c", "alias.answer=!head -c 1000000 /dev/zero >&2 && echo yes; :", "answer"]);
    match git.call(folder.path(), &loud) {
        Err(GitError::Start(_)) => return eprintln!("skipped: there is no git here"),
        answer => assert_eq!(answer.unwrap(), b"yes\n"),
    }
    let endless = Call::of(&["-c", "alias.answer=!yes", "answer"]).length(1000);
    let error = git.call(folder.path(), &endless).unwrap_err();
    assert!(matches!(&error, GitError::TooLong { beginning } if beginning.len() == 1000), "{error:?}");
}

#[test]
fn the_reason_of_a_refusal_is_kept_and_input_is_passed_on() {
    let folder = tempfile::tempdir().unwrap();
    let git = Git::within(Duration::from_secs(30));
    let fails = Call::of(&["-c", "alias.answer=!echo the reason >&2; exit 3; :", "answer"]);
    match git.call(folder.path(), &fails).unwrap_err() {
        GitError::Start(_) => return eprintln!("skipped: there is no git here"),
        error => assert_eq!(error.to_string(), "the reason"),
    }
    let hash = Call::of(&["hash-object", "--stdin"]).input(b"a\n".to_vec());
    assert_eq!(git.call(folder.path(), &hash).unwrap(), b"78981922613b2afb6025042ff6bd878ac1994e85\n");
}
