//! The provenance that is recorded, and what is omitted from it.

#[path = "../../src/provenance/git/tests/scratch.rs"]
mod scratch;

use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;
use std::process::{Command, Output};
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::lab::{EXPERIMENT, Lab};
use scratch::{Tree, applied, commit_all, git, has_git, tree};

const WORD: &str = "hunter2secret";

/// A lab whose folder is a repository in which everything is committed, with `files` too; `None` where there is no
/// git.
fn repository(files: &[(&str, &[u8])]) -> Option<Lab> {
    has_git().then(|| {
        let lab = Lab::new();
        write(&lab, ".gitignore", b"/jem.*\n/reports\n");
        files.iter().for_each(|(name, bytes)| write(&lab, name, bytes));
        commit_all(&lab.path(""));
        lab
    })
}

fn write(lab: &Lab, name: &str, bytes: &[u8]) {
    let path = lab.path(name);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, bytes).unwrap();
}

/// One run of one epoch, without the git settings of the user.
fn training(lab: &Lab) -> Command {
    let mut command =
        lab.jem(&["run", "sweep.toml", "-q", "--set", "train.epochs=1", "--set", "grid.method=[\"GAN-CLS-INT\"]"]);
    command.envs([("GIT_CONFIG_GLOBAL", "/dev/null"), ("GIT_CONFIG_NOSYSTEM", "1")]);
    command
}

fn trained(command: &mut Command) -> Output {
    let output = command.output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    output
}

/// The provenance of the only attempt.
fn recorded(lab: &Lab) -> Value {
    let run = lab.store().runs("sweep").unwrap()[0].id;
    let mut kept = lab.store().provenance(run).unwrap();
    assert_eq!(kept.len(), 1);
    let kept = kept.remove(0);
    assert!(!kept.to_string().contains(WORD), "{kept}");
    kept
}

/// Trains, and returns the recorded git provenance.
fn state(lab: &Lab) -> Value {
    trained(&mut training(lab));
    recorded(lab)["git"].clone()
}

fn text<'a>(state: &'a Value, key: &str) -> &'a str {
    state[key].as_str().unwrap_or_else(|| panic!("{key}: {state}"))
}

/// The names of omitted files.
fn withheld(state: &Value) -> Vec<&str> {
    let lines = state["withheld"].as_array().unwrap().iter();
    lines.map(|line| line.as_str().unwrap().split(": ").next().unwrap()).collect()
}

/// Checks that the diff turns the commit into the current files, except for those in `without`.
fn assert_applies(lab: &Lab, state: &Value, without: &[&str]) {
    let kept = |tree: Tree| -> Tree {
        let ours = |name: &[u8]| name.starts_with(b"jem.") || name.starts_with(b"reports/");
        let apart = |name: &[u8]| without.iter().any(|without| name == without.as_bytes());
        tree.into_iter().filter(|(name, _)| !ours(name) && !apart(name)).collect()
    };
    let made = kept(applied(&lab.path(""), text(state, "commit"), text(state, "diff")));
    assert!(made == kept(tree(&lab.path(""))), "{}", text(state, "diff"));
}

#[test]
fn every_attempt_has_provenance_without_secrets() {
    let lab = Lab::new();
    let repository = has_git();
    if repository {
        commit_all(&lab.path(""));
    }
    write(&lab, "sweep.toml", format!("{EXPERIMENT}\n# a thought\n").as_bytes());
    write(&lab, ".env", b"PASSWORD=hunter2secret");
    let mut command = training(&lab);
    trained(command.env("AWS_SECRET_ACCESS_KEY", WORD).env("JEM_SET_TRAIN__BATCH", "4"));

    let kept = recorded(&lab);
    assert_eq!(kept["version"], env!("CARGO_PKG_VERSION"));
    assert_eq!(kept["device"], "cpu");
    assert_eq!(kept["executable"].as_str().unwrap().len(), 64);
    assert_eq!(kept["command"][1], "run");
    assert_eq!(kept["command"][5], "train.epochs=1");
    assert_eq!(kept["environment"]["JEM_SET_TRAIN__BATCH"], "4");
    assert!(kept["machine"]["memory"].as_u64().unwrap() > 0);
    if repository {
        let state = &kept["git"];
        assert_eq!((text(state, "commit").len(), &state["dirty"]), (40, &Value::Bool(true)));
        assert!(text(state, "diff").contains("+# a thought"));
        assert_eq!(withheld(state), [".env"], "the database is not a change of the repository");
    }
}

#[test]
fn without_a_repository_there_is_no_git_provenance() {
    let lab = Lab::new();
    let output = trained(&mut training(&lab));
    assert_eq!(recorded(&lab)["git"], Value::Null);
    let messages = String::from_utf8_lossy(&output.stderr);
    assert!(!messages.contains("recorded") && !messages.contains("repository"), "{messages}");
}

#[test]
fn a_private_file_is_omitted_with_every_git_configuration() {
    let Some(lab) = repository(&[(".env", b"API_KEY=old\n"), ("a b/.env", b"API_KEY=old\n")]) else { return };
    write(&lab, ".env", b"API_KEY=hunter2secret\n");
    write(&lab, "a b/.env", b"API_KEY=hunter2secret\n");
    let settings = [("color.ui", "always"), ("diff.dstPrefix", "new/"), ("diff.srcPrefix", "old/")];
    for (key, value) in settings {
        git(&lab.path(""), &["config", key, value], b"");
    }
    let state = state(&lab);
    assert_eq!((text(&state, "diff"), withheld(&state)), ("", vec![".env", "a b/.env"]));
    assert_eq!(state["dirty"], true);
}

#[test]
fn diff_tools_and_colours_of_git_have_no_effect() {
    let Some(lab) = repository(&[(".gitattributes", b"*.toml diff=upper\n")]) else { return };
    write(&lab, "sweep.toml", format!("{EXPERIMENT}# changed\n").as_bytes());
    let settings = [("diff.external", "true"), ("color.ui", "always"), ("diff.upper.textconv", "tr a-z A-Z <")];
    for (key, value) in settings {
        git(&lab.path(""), &["config", key, value], b"");
    }
    let state = state(&lab);
    assert_eq!((&state["dirty"], &state["error"]), (&Value::Bool(true), &Value::Null));
    assert!(text(&state, "diff").contains("\n+# changed\n"));
    assert_applies(&lab, &state, &[]);
}

#[test]
fn git_variables_of_the_environment_are_ignored() {
    let Some(lab) = repository(&[]) else { return };
    let other = tempfile::tempdir().unwrap();
    commit_all(other.path());
    write(&lab, "sweep.toml", format!("{EXPERIMENT}# changed\n").as_bytes());
    let mut command = training(&lab);
    command.env("GIT_DIR", other.path().join(".git")).env("GIT_WORK_TREE", other.path());
    command.env("GIT_INDEX_FILE", other.path().join(".git/index"));
    command.envs([("GIT_EXTERNAL_DIFF", "true"), ("GIT_DIFF_OPTS", "--unified=0"), ("GIT_TRACE", "1")]);
    command.envs([("GIT_CONFIG_COUNT", "1"), ("GIT_CONFIG_KEY_0", "diff.noprefix"), ("GIT_CONFIG_VALUE_0", "true")]);
    trained(&mut command);
    let state = &recorded(&lab)["git"];
    assert_eq!(
        text(state, "commit"),
        String::from_utf8(git(&lab.path(""), &["rev-parse", "HEAD"], b"")).unwrap().trim()
    );
    assert!(text(state, "diff").contains("+# changed"));
    assert_applies(&lab, state, &[]);
}

#[test]
fn changed_binary_files_are_restored_exactly() {
    let Some(lab) = repository(&[("b.bin", b"\0\x01a"), ("latin.txt", b"caf\xe9\n")]) else { return };
    write(&lab, "b.bin", b"\0\x02b");
    write(&lab, "latin.txt", b"caf\xe9s\r\n");
    write(&lab, "new.bin", &[0, 159, 146, 150]);
    write(&lab, "a b/\"new\"\n.toml", b"no newline");
    let state = state(&lab);
    assert_eq!((withheld(&state), &state["cut"]), (vec![], &Value::Bool(false)));
    assert_applies(&lab, &state, &[]);
}

#[test]
fn symbolic_links_are_recorded_and_not_followed() {
    let Some(lab) = repository(&[]) else { return };
    let outside = tempfile::tempdir().unwrap();
    std::fs::write(outside.path().join("file"), WORD).unwrap();
    write(&lab, ".env", b"API_KEY=hunter2secret");
    symlink(".env", lab.path("settings.txt")).unwrap();
    symlink(outside.path().join("file"), lab.path("outside.txt")).unwrap();
    symlink(outside.path(), lab.path("folder")).unwrap();
    let state = state(&lab);
    assert_eq!(withheld(&state), [".env"]);
    assert!(text(&state, "diff").contains("\n+.env\n"));
    assert_applies(&lab, &state, &[".env"]);
}

#[test]
fn secrets_in_new_files_are_removed_and_the_files_listed() {
    let Some(lab) = repository(&[]) else { return };
    write(&lab, "conf.yml", b"user: me\npassword: hunter2secret\n");
    write(&lab, "w.toml", b"wandb_api_key = \"0123456789abcdef0123456789abcdef01234567\"\n");
    write(&lab, "key.txt", b"-----BEGIN OPENSSH PRIVATE KEY-----\nhunter2secret\n");
    write(&lab, "train.py", b"login(token=\"hunter2secret\")\n");
    write(&lab, "plain.py", b"token = tokenizer.next()\n");
    let state = state(&lab);
    let names = ["conf.yml", "key.txt", "train.py", "w.toml"];
    assert_eq!(withheld(&state), names);
    assert!(text(&state, "redacted").contains("+user: me"));
    assert!(!state.to_string().contains("0123456789abcdef"), "{state}");
    assert_applies(&lab, &state, &names);
}

#[test]
fn a_change_in_a_submodule_is_recorded() {
    let Some(lab) = repository(&[]) else { return };
    let library = tempfile::tempdir().unwrap();
    std::fs::write(library.path().join("lib.rs"), "let a = 1;\n").unwrap();
    commit_all(library.path());
    git(&lab.path(""), &["submodule", "--quiet", "add", library.path().to_str().unwrap(), "lib"], b"");
    commit_all(&lab.path(""));
    git(&lab.path(""), &["config", "diff.ignoreSubmodules", "all"], b"");
    write(&lab, "lib/lib.rs", b"let a = 2;\n");
    let state = state(&lab);
    assert_eq!((&state["dirty"], text(&state, "diff")), (&Value::Bool(true), ""));
    let submodule = &state["submodules"][0];
    assert_eq!((&submodule["path"], &submodule["recorded"]), (&Value::from("lib"), &submodule["git"]["commit"]));
    let made = applied(library.path(), text(&submodule["git"], "commit"), text(&submodule["git"], "diff"));
    assert_eq!(made[&b"lib.rs"[..]].1, b"let a = 2;\n");
}

/// Trains, and checks that the reason for incomplete provenance is recorded, and written once to standard error and
/// once to the log.
fn assert_reason(lab: &Lab, command: &mut Command, reason: &str) {
    let output = trained(command);
    let state = &recorded(lab)["git"];
    assert!(text(state, "error").contains(reason), "{state}");
    assert_eq!(state["dirty"], Value::Null);
    let log = std::fs::read_to_string(lab.store().log(lab.store().runs("sweep").unwrap()[0].id)).unwrap();
    for printed in [&log, &*String::from_utf8_lossy(&output.stderr)] {
        assert_eq!(printed.matches(reason).count(), 1, "{printed}");
    }
}

#[test]
fn the_reason_why_git_refuses_a_repository_is_recorded() {
    if !has_git() {
        return;
    }
    let lab = Lab::new();
    write(&lab, ".git", b"gitdir: /nonexistent");
    assert_reason(&lab, &mut training(&lab), "/nonexistent");
}

#[test]
fn a_repository_of_another_user_has_the_remedy() {
    let Some(lab) = repository(&[]) else { return };
    for name in ["", ".git"] {
        if std::os::unix::fs::chown(lab.path(name), Some(12_345), Some(12_345)).is_err() {
            return eprintln!("SKIPPED: this user cannot give files away");
        }
    }
    assert_reason(&lab, &mut training(&lab), "git config --global --add safe.directory");
}

#[test]
fn a_missing_git_is_reported_inside_a_repository() {
    let lab = Lab::new();
    write(&lab, ".git/HEAD", b"ref: refs/heads/main\n");
    assert_reason(&lab, training(&lab).env("PATH", lab.path("flowers")), "git cannot be started");
}

/// A folder with a program named `git` that runs `script`.
fn fake_git(folder: &Path, script: &str) {
    let path = folder.join("git");
    std::fs::write(&path, format!("#!/bin/sh\n{script}\n")).unwrap();
    std::fs::set_permissions(path, PermissionsExt::from_mode(0o755)).unwrap();
}

#[test]
fn a_hanging_git_is_killed_after_seconds() {
    let lab = Lab::new();
    write(&lab, ".git/HEAD", b"ref: refs/heads/main\n");
    let folder = tempfile::tempdir().unwrap();
    // A child of the started process keeps the pipe open.
    fake_git(folder.path(), "sleep 613.77 &\nwait");
    let path = format!("{}:{}", folder.path().display(), std::env::var("PATH").unwrap());
    let begun = Instant::now();
    assert_reason(&lab, training(&lab).env("PATH", path), "git did not answer");
    assert!(begun.elapsed() < Duration::from_secs(120), "{:?}", begun.elapsed());
    let processes = std::fs::read_dir("/proc").unwrap().filter_map(Result::ok);
    let lines: Vec<Vec<u8>> =
        processes.filter_map(|process| std::fs::read(process.path().join("cmdline")).ok()).collect();
    assert!(!lines.iter().any(|line| line.starts_with(b"sleep\x00613.77")), "it was left running");
}

#[test]
fn the_output_of_git_before_it_hangs_is_kept() {
    let Some(lab) = repository(&[]) else { return };
    write(&lab, "sweep.toml", format!("{EXPERIMENT}# changed\n").as_bytes());
    let folder = tempfile::tempdir().unwrap();
    let real = String::from_utf8(Command::new("sh").args(["-c", "command -v git"]).output().unwrap().stdout).unwrap();
    let script = format!("case \" $* \" in *' diff-files '*) exec sleep 600;; esac\nexec {} \"$@\"", real.trim());
    fake_git(folder.path(), &script);
    let path = format!("{}:{}", folder.path().display(), std::env::var("PATH").unwrap());
    trained(training(&lab).env("PATH", path));
    let state = &recorded(&lab)["git"];
    assert_eq!((text(state, "commit").len(), &state["dirty"]), (40, &Value::Bool(true)));
    assert_eq!((withheld(state), text(state, "diff")), (vec!["sweep.toml"], ""));
    assert!(text(state, "error").contains("git did not answer"));
}
