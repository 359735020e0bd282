//! Help, completion scripts and manual pages.

use std::io::Write as _;
use std::process::{Command, Stdio};

use crate::lab::Lab;

#[test]
fn help_starts_with_the_purpose_and_ends_with_examples() {
    let lab = Lab::new();
    for arguments in [&["--help"][..], &["queue", "--help"], &["data", "fetch", "-h"], &["eval", "fid", "--help"]] {
        let help = lab.succeed(arguments);
        let places =
            ["Usage: jem", "\nOptions:\n", "\nGlobal options:\n", "\nExamples:\n  jem"].map(|part| help.find(part));
        assert!(places.iter().all(Option::is_some) && places.is_sorted(), "{arguments:?}: {help}");
    }
}

#[test]
fn the_bash_completion_script_is_valid_and_every_shell_has_one() {
    let lab = Lab::new();
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        assert!(lab.succeed(&["completions", shell]).contains("cache-limit"), "{shell}");
    }
    let mut bash = Command::new("bash").arg("-n").stdin(Stdio::piped()).spawn().unwrap();
    bash.stdin.take().unwrap().write_all(lab.succeed(&["completions", "bash"]).as_bytes()).unwrap();
    assert!(bash.wait().unwrap().success());
    lab.fail(2, &["completions", "tcsh"]);
}

#[test]
fn every_command_has_a_manual_page() {
    let lab = Lab::new();
    assert!(lab.succeed(&["man"]).contains(".TH jem 1"));
    lab.succeed(&["man", "--out", "man1"]);
    for name in ["jem", "jem-run", "jem-weights-fit", "jem-eval-lpips", "jem-completions", "jem-man"] {
        let page = std::fs::read_to_string(lab.path(&format!("man1/{name}.1"))).unwrap();
        assert!(page.contains(".SH SYNOPSIS") && page.contains("Examples:"), "{page}");
    }
    std::fs::write(lab.path("file"), "").unwrap();
    assert!(lab.fail(2, &["man", "--out", "file"]).contains("help: choose a writable folder"));
}
