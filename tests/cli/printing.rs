//! Output to full disks, closed pipes and terminals, and text with control characters.

use std::fs::File;
use std::io::Read as _;
use std::os::fd::OwnedFd;
use std::process::{Command, Output, Stdio};

use crate::lab::Lab;

const ESCAPE: char = '\u{1b}';
const OVERRIDE: char = '\u{202e}';

/// One method and one epoch.
const SHORT: [&str; 6] =
    ["sweep.toml", "--set", "grid.method=[\"GAN-CLS-INT\"]", "--set", "train.epochs=1", "--device=cpu"];

fn run_arguments() -> Vec<&'static str> {
    [&["run"], &SHORT[..]].concat()
}

fn full() -> File {
    File::options().write(true).open("/dev/full").unwrap()
}

fn error_of(output: &Output) -> String {
    let error = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(!error.contains("panicked"), "{error}");
    error
}

#[test]
fn a_full_standard_output_is_an_error_of_every_command() {
    let lab = Lab::new();
    lab.succeed(&["queue", "sweep.toml"]);
    for arguments in [
        &["plan", "--schema"][..],
        &["plan", "sweep.toml"],
        &["plan", "sweep.toml", "--format", "json"],
        &["queue", "sweep.toml"],
        &["list"],
        &["list", "--format", "csv"],
        &["status"],
        &["show", "1"],
        &["compare", "1", "2"],
        &["tag", "1", "--add", "paper"],
        &["note", "1", "a note"],
        &["gc"],
        &["init", "fresh"],
        &["data", "draw", "drawn", "--images", "1"],
        &["report", "sweep"],
        &["--help"],
        &["plan", "--help"],
        &["--version"],
    ] {
        let output = lab.jem(arguments).stdout(full()).output().unwrap();
        let error = error_of(&output);
        assert_eq!(output.status.code(), Some(1), "{arguments:?}: {error}");
        assert!(error.contains("standard output cannot be written"), "{arguments:?}: {error}");
    }
}

#[test]
fn a_run_survives_a_full_standard_output() {
    let lab = Lab::new();
    let output = lab.jem(&run_arguments()).stdout(full()).output().unwrap();
    assert_eq!(output.status.code(), Some(1), "{}", error_of(&output));
    assert!(error_of(&output).contains("standard output cannot be written"));
    assert!(lab.path("reports/sweep/report.md").is_file());
    assert!(lab.succeed(&["list"]).contains("finished"));
}

#[test]
fn training_continues_after_its_output_is_closed() {
    let lab = Lab::new();
    let mut child = lab.jem(&run_arguments()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    drop((child.stdout.take(), child.stderr.take()));
    assert_eq!(child.wait().unwrap().code(), Some(0));
    assert!(lab.succeed(&["list"]).contains("finished"));
    let again = lab.jem(&[&run_arguments()[..], &["--set", "train.batch=3"]].concat()).stderr(full()).output().unwrap();
    assert_eq!(again.status.code(), Some(0));
}

#[test]
fn a_closed_pipe_ends_a_command_without_a_message() {
    let lab = Lab::new();
    lab.succeed(&["queue", "sweep.toml"]);
    for arguments in [&["list"][..], &["plan", "--schema"], &["show", "1"], &["--help"]] {
        let mut child = lab.jem(arguments).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        drop(child.stdout.take());
        let output = child.wait_with_output().unwrap();
        assert_eq!(error_of(&output), "", "{arguments:?}");
        assert_eq!(output.status.code(), Some(141), "{arguments:?}");
    }
}

/// A queued sweep with control sequences in its title, note and log.
fn hostile() -> Lab {
    let lab = Lab::new();
    let text = crate::lab::EXPERIMENT.replace("A small sweep", "clear\\u001b[2J and \\u202eturn");
    std::fs::write(lab.path("sweep.toml"), text).unwrap();
    lab.succeed(&["queue", "sweep.toml"]);
    lab.succeed(&["note", "1", "a\u{1b}[31mred\u{202e} note\nof two lines\u{9b}2J"]);
    std::fs::create_dir_all(lab.path("jem.db.files/1")).unwrap();
    std::fs::write(lab.path("jem.db.files/1/log.txt"), "2026 \u{1b}]0;title\u{7} caf\u{e9}\n").unwrap();
    lab
}

#[test]
fn control_characters_are_escaped_for_people() {
    let lab = hostile();
    for arguments in [&["plan", "sweep.toml"][..], &["list"], &["show", "1"], &["logs", "1"], &["status"]] {
        let printed = lab.succeed(arguments);
        let steers = |c: char| c == OVERRIDE || c.is_control() && c != '\n';
        assert!(!printed.contains(steers), "{arguments:?}: {printed:?}");
    }
    assert!(lab.succeed(&["plan", "sweep.toml"]).contains("clear\\x1b[2J and \\u{202e}turn"));
    assert!(lab.succeed(&["show", "1"]).contains("a\\x1b[31mred\\u{202e} note"));
    assert_eq!(lab.succeed(&["logs", "1"]), "2026 \\x1b]0;title\\x07 caf\u{e9}\n");
    lab.succeed(&["report", "sweep"]);
    let report = std::fs::read_to_string(lab.path("reports/sweep/report.md")).unwrap();
    assert!(!report.contains([ESCAPE, OVERRIDE]) && report.contains("clear"), "{report}");
}

#[test]
fn json_and_csv_have_unchanged_text() {
    let lab = hostile();
    let listed: serde_json::Value = serde_json::from_str(&lab.succeed(&["list", "--format", "json"])).unwrap();
    assert_eq!(listed[0]["note"], "a\u{1b}[31mred\u{202e} note\nof two lines\u{9b}2J");
    let printed = lab.succeed(&["list", "--format", "csv"]);
    let mut reader = csv::Reader::from_reader(printed.as_bytes());
    let at = reader.headers().unwrap().iter().position(|head| head == "note").unwrap();
    assert_eq!(&reader.records().next().unwrap().unwrap()[at], "a\u{1b}[31mred\u{202e} note\nof two lines\u{9b}2J");
}

#[test]
fn messages_escape_file_names_and_arguments() {
    let lab = Lab::new();
    lab.succeed(&["queue", "sweep.toml"]);
    let name = "bad\u{1b}[2J\u{202e}.toml";
    std::fs::write(lab.path(name), "train.batch = 0\n").unwrap();
    for arguments in [
        &["plan", name][..],
        &["plan", "sweep.toml", "--set", "data.classes=\u{1b}[2J\u{202e}"],
        &["list", "\u{1b}[2J\u{202e}"],
        &["list", "--where", "\u{1b}[2J\u{202e}=1"],
        &["list", "--no-such-\u{1b}[2J\u{202e}"],
        &["compare", "1", "\u{1b}[2J\u{202e}"],
    ] {
        let error = lab.fail(2, arguments);
        assert!(!error.contains([ESCAPE, OVERRIDE]), "{arguments:?}: {error:?}");
        // clap removes colours from its errors, and a quoted value is escaped as in a string literal.
        assert!(error.contains("\\u{202e}"), "{arguments:?}: {error}");
    }
}

/// Both ends of a new terminal.
fn terminal() -> (OwnedFd, File) {
    use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
    let ours = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
    grantpt(&ours).unwrap();
    unlockpt(&ours).unwrap();
    let name = ptsname(&ours, Vec::new()).unwrap().into_string().unwrap();
    (ours, File::options().read(true).write(true).open(name).unwrap())
}

/// The output of a command on a terminal with this number of columns.
fn on_terminal(mut command: Command, columns: u16) -> String {
    let (ours, theirs) = terminal();
    let size = rustix::termios::Winsize { ws_row: 50, ws_col: columns, ws_xpixel: 0, ws_ypixel: 0 };
    rustix::termios::tcsetwinsize(&theirs, size).unwrap();
    let mut child = command.stdout(theirs.try_clone().unwrap()).spawn().unwrap();
    drop((command, theirs));
    let mut printed = Vec::new();
    // When the last process has closed its end, Linux returns an error instead of the end of the file.
    let _end = File::from(ours).read_to_end(&mut printed);
    assert!(child.wait().unwrap().success());
    String::from_utf8(printed).unwrap()
}

#[test]
fn a_table_is_truncated_only_on_a_terminal() {
    let lab = Lab::new();
    lab.succeed(&["queue", "sweep.toml"]);
    for tag in ["a".repeat(50), "b".repeat(50), "花".repeat(50)] {
        lab.succeed(&["tag", "1", "--add", &tag]);
    }
    let widest = |printed: &str| {
        let width = |line: &str| -> usize {
            line.trim_end_matches('\r').chars().map(|c| if c.is_ascii() || c == '…' { 1 } else { 2 }).sum()
        };
        printed.lines().map(width).max().unwrap()
    };
    let list = |columns: Option<&str>| {
        let mut command = lab.jem(&["list"]);
        command.env_remove("COLUMNS");
        columns.inspect(|columns| {
            command.env("COLUMNS", columns);
        });
        command
    };
    for (printed, columns) in [
        (on_terminal(list(None), 100), 100),
        (on_terminal(list(None), 80), 80),
        (on_terminal(list(Some("90")), 200), 90),
    ] {
        assert!(widest(&printed) <= columns && widest(&printed) > columns - 5, "{columns}: {printed}");
        assert!(printed.contains('…') && printed.contains("GAN-CLS-INT"), "{printed}");
    }
    assert!(!on_terminal(list(None), 400).contains('…'), "a table that fits is not truncated");
    for format in ["table", "csv", "json"] {
        let mut command = lab.jem(&["list", "--format", format]);
        let printed = String::from_utf8(command.env("COLUMNS", "40").output().unwrap().stdout).unwrap();
        assert!(printed.contains(&"花".repeat(50)) && !printed.contains('…'), "{format}");
    }
    assert!(on_terminal(lab.jem(&["list", "--format", "csv"]), 40).contains(&"花".repeat(50)));
}
