//! The database is one file, however processes end and wherever it is.

use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use jem::store::{RunId, RunState, Store};
use rustix::process::{Pid, Signal, kill_process, kill_process_group};

use crate::lab::Lab;
use crate::queue::{ENDLESS, ONE_METHOD, end, send, wait_for};
use crate::training::record;

const SHORT: [&str; 4] = ["--set", "grid.method=[\"GAN-CLS-INT\"]", "--set", "train.epochs=2"];

impl Lab {
    /// The files next to the database with its name, except for its files folder and its lock.
    fn logs(&self) -> Vec<String> {
        let entries = std::fs::read_dir(self.path("")).unwrap().map(|entry| entry.unwrap().file_name());
        let names = entries.map(|name| name.to_string_lossy().into_owned());
        names.filter(|name| name.starts_with("jem.db-") || name.starts_with("jem.db.new")).collect()
    }

    /// The database is one file, and a copy of it alone lists the same runs.
    fn is_one_file(&self, after: &str) {
        assert_eq!(self.logs(), Vec::<String>::new(), "after {after}");
        std::fs::copy(self.path("jem.db"), self.path("copy.db")).unwrap();
        let list = |database: &str| self.succeed(&["--database", database, "list", "--format", "json"]);
        assert_eq!(list("copy.db"), list("jem.db"), "after {after}");
        std::fs::remove_file(self.path("copy.db")).unwrap();
    }

    /// The bytes of the database.
    fn bytes(&self) -> Vec<u8> {
        std::fs::read(self.path("jem.db")).unwrap()
    }

    /// Creates a SQLite database at `name` with these statements, and returns its bytes.
    fn sqlite(&self, name: &str, statements: &'static str) -> Vec<u8> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            use sqlx::{ConnectOptions as _, Connection as _};
            let options = sqlx::sqlite::SqliteConnectOptions::new().filename(self.path(name)).create_if_missing(true);
            let mut connection = options.connect().await.unwrap();
            sqlx::raw_sql(statements).execute(&mut connection).await.unwrap();
            connection.close().await.unwrap();
        });
        std::fs::read(self.path(name)).unwrap()
    }

    /// jem as a user without write permission; `None` if the test cannot change its user.
    fn as_another_user(&self, arguments: &[&str]) -> Option<Command> {
        let as_nobody = |program: &str| {
            let mut command = Command::new("setpriv");
            command.args(["--reuid=65534", "--regid=65534", "--clear-groups", program]);
            command
        };
        if !rustix::process::geteuid().is_root() || !as_nobody("true").status().is_ok_and(|status| status.success()) {
            eprintln!("skipped: only root can become another user, and by `setpriv`");
            return None;
        }
        let mut command = as_nobody(env!("CARGO_BIN_EXE_jem"));
        command.args(arguments).current_dir(self.path(""));
        for name in ["JEM_DATABASE", "JEM_CACHE", "JEM_DEVICE"] {
            command.env_remove(name);
        }
        // The other user may have no access to the executable.
        command.output().is_ok_and(|output| output.status.code() != Some(126)).then_some(command)
    }
}

/// A database of the first schema and one of another program, with rows only in the WAL, as after a kill.
fn old_database_with_a_log(lab: &Lab) {
    std::fs::create_dir(lab.path("old")).unwrap();
    let cases = [
        ("jem.db", include_str!("first_schema/jem.sql"), "update run set note = 'noted in the log'"),
        ("study.db", "create table studies (name text)", "insert into studies values ('s')"),
    ];
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    for (name, schema, change) in cases {
        runtime.block_on(async {
            use sqlx::{ConnectOptions as _, Connection as _};
            let whole = lab.path(&format!("making-{name}"));
            let options = sqlx::sqlite::SqliteConnectOptions::new().filename(&whole).create_if_missing(true);
            let mut connection = options.journal_mode(sqlx::sqlite::SqliteJournalMode::Wal).connect().await.unwrap();
            sqlx::raw_sql(schema).execute(&mut connection).await.unwrap();
            sqlx::raw_sql("pragma wal_checkpoint(truncate)").execute(&mut connection).await.unwrap();
            sqlx::raw_sql(change).execute(&mut connection).await.unwrap();
            for suffix in ["", "-wal"] {
                let from = lab.path(&format!("making-{name}{suffix}"));
                std::fs::copy(from, lab.path(&format!("old/{name}{suffix}"))).unwrap();
            }
            connection.close().await.unwrap();
        });
    }
}

/// Makes `path` and everything below it read-only for all users.
fn make_read_only(path: &Path) {
    let done = Command::new("chmod").args(["-R", "a=rX"]).arg(path).status();
    assert!(done.unwrap().success());
}

#[test]
fn every_command_leaves_one_file() {
    let lab = Lab::new();
    lab.succeed(&[&["queue", "sweep.toml"], &SHORT[..]].concat());
    lab.is_one_file("queue");
    lab.succeed(&["work"]);
    lab.is_one_file("work");
    lab.succeed(&["tag", "1", "--add", "good"]);
    lab.is_one_file("tag");
    lab.succeed(&["note", "1", "a note"]);
    lab.is_one_file("note");
    lab.succeed(&[&["run", "sweep.toml", "--set", "train.batch=2"], &SHORT[..]].concat());
    lab.is_one_file("run");
    lab.succeed(&["report", "sweep"]);
    lab.is_one_file("report");
    lab.fail(2, &["tag", "99", "--add", "good"]);
    lab.is_one_file("an error");
    lab.fail(2, &["list", "--where", "nonsense = 1"]);
    lab.is_one_file("an error of a reader");
}

#[test]
fn a_stopped_queue_leaves_one_file() {
    let lab = Lab::new();
    lab.queue(&ENDLESS);
    for (attempt, signal) in [(1, Signal::INT), (2, Signal::TERM)] {
        let supervisor = lab.work(&[]);
        lab.training(1, attempt);
        send(&supervisor, signal);
        end(supervisor);
        lab.is_one_file("a stop");
    }
}

#[test]
fn the_first_command_after_a_kill_leaves_one_file() {
    let lab = Lab::new();
    lab.queue(&ENDLESS);
    let mut command = lab.jem(&["work"]);
    let mut supervisor = command.process_group(0).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    lab.training(1, 1);
    let group = Pid::from_raw(i32::try_from(supervisor.id()).unwrap()).unwrap();
    kill_process_group(group, Signal::KILL).unwrap();
    supervisor.wait().unwrap();
    // No process may have the file open.
    wait_for(|| lab.processes_have_exited(1));
    lab.succeed(&["status"]);
    lab.is_one_file("a kill");
}

impl Lab {
    fn processes_have_exited(&self, run: i64) -> bool {
        let begins = |line: &str| Some(line.split_once("begins: process ")?.1.split_once(' ')?.0.to_owned());
        let mut processes = self.log(run).lines().filter_map(begins).collect::<Vec<_>>().into_iter();
        processes.all(|pid| !Path::new(&format!("/proc/{pid}")).exists())
    }
}

#[test]
fn no_command_changes_a_database_of_another_program() {
    let lab = Lab::new();
    let study = lab.sqlite("study.db", "create table studies (study_name text); insert into studies values ('s')");
    let clash = lab.sqlite("clash.db", "create table runs (run_uuid text)");
    let empty: Vec<u8> = Vec::new();
    let page = b"<!DOCTYPE html><html></html>".to_vec();
    std::fs::write(lab.path("empty.db"), &empty).unwrap();
    std::fs::write(lab.path("page.db"), &page).unwrap();
    let files = || {
        let entries = std::fs::read_dir(lab.path("")).unwrap();
        entries.filter(|entry| entry.as_ref().unwrap().path().is_file()).count()
    };
    let before = files();
    let commands: [&[&str]; 9] = [
        &["list"],
        &["status"],
        &["show", "1"],
        &["report", "sweep"],
        &["work"],
        &["tag", "1", "--add", "good"],
        &["db", "check"],
        &["db", "backup", "other.db"],
        &["queue", "sweep.toml"],
    ];
    for (name, bytes) in [("study.db", study), ("clash.db", clash), ("empty.db", empty), ("page.db", page)] {
        for command in commands {
            let error = lab.fail(4, &[&["--database", name], command].concat());
            assert!(error.contains(name) && error.contains("help:"), "{command:?}: {error}");
        }
        assert_eq!(std::fs::read(lab.path(name)).unwrap(), bytes, "{name}");
    }
    assert_eq!(files(), before);
}

#[test]
fn only_queue_and_run_create_a_database() {
    let lab = Lab::new();
    let commands: [&[&str]; 8] = [
        &["work"],
        &["list"],
        &["status"],
        &["tag", "1", "--add", "good"],
        &["note", "1", "text"],
        &["retry", "--failed"],
        &["cancel", "1"],
        &["db", "check"],
    ];
    for command in commands {
        let error = lab.fail(4, &[&["--database", "typo.db"], command].concat());
        assert!(error.contains("typo.db"), "{error}");
    }
    assert!(!lab.path("typo.db").exists() && !lab.path("typo.db.lock").exists());
    for name in [":memory:", "flowers"] {
        lab.fail(4, &["--database", name, "queue", "sweep.toml"]);
    }
    lab.fail(4, &["--database", "nowhere/jem.db", "queue", "sweep.toml"]);
    assert!(!lab.path(":memory:.lock").exists());
    // A name that SQLite could read as a URI is an ordinary name.
    lab.succeed(&["--database", "file:a.db", "queue", "sweep.toml"]);
    assert!(lab.path("file:a.db").exists());
}

#[test]
fn a_symbolic_link_to_a_database_shares_its_lock_and_files() {
    let lab = Lab::new();
    std::fs::create_dir(lab.path("real")).unwrap();
    std::os::unix::fs::symlink("real/jem.db", lab.path("jem.db")).unwrap();
    lab.queue(&[&ONE_METHOD[..], &["--set", "train.epochs=4"]].concat());
    assert!(lab.path("real/jem.db").is_file());
    let supervisor = lab.work(&[]);
    wait_for(|| {
        std::fs::read_to_string(lab.path("real/jem.db.files/1/log.txt")).is_ok_and(|log| log.contains(" epoch "))
    });
    send(&supervisor, Signal::INT);
    end(supervisor);
    // It resumes with its real name and from another folder.
    let real = lab.path("real/jem.db");
    let mut command = lab.jem(&["--database", "jem.db", "work"]);
    assert!(command.current_dir(lab.path("real")).status().unwrap().success());
    assert_eq!(Store::open_to_read(&real).unwrap().run(RunId(1)).unwrap().unwrap().state, RunState::Finished);
    let mut names: Vec<String> = std::fs::read_dir(lab.path(""))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned())
        .filter(|name| name.starts_with("jem.db"))
        .collect();
    names.sort();
    assert_eq!(names, ["jem.db"]);
}

#[test]
fn a_deleted_or_replaced_database_ends_training_with_an_error() {
    for replaced in [false, true] {
        let lab = Lab::new();
        lab.queue(&ENDLESS);
        std::fs::copy(lab.path("jem.db"), lab.path("other.db")).unwrap();
        let supervisor = lab.work(&[]);
        lab.training(1, 1);
        if replaced {
            std::fs::rename(lab.path("other.db"), lab.path("jem.db")).unwrap();
        } else {
            for name in ["jem.db", "jem.db-wal", "jem.db-shm"] {
                std::fs::remove_file(lab.path(name)).unwrap();
            }
        }
        let (code, error) = end(supervisor);
        assert_eq!(code, Some(4), "{error}");
        assert!(error.contains("jem.db: was deleted, renamed or replaced"), "{error}");
        assert!(!error.contains("and saved"), "{error}");
        assert_eq!(lab.path("jem.db").exists(), replaced);
    }
}

#[test]
fn a_read_only_database_can_be_read() {
    let lab = Lab::new();
    lab.succeed(&[&["run", "sweep.toml"], &SHORT[..]].concat());
    let expected = lab.succeed(&["list", "--format", "json"]);
    let before = lab.bytes();
    // As after a kill: rows only in the WAL, and no shared memory file.
    std::fs::create_dir(lab.path("killed")).unwrap();
    let store = Store::open(&lab.path("jem.db")).unwrap();
    store.set_priority("sweep", 3).unwrap();
    store.requeue_failed("sweep").unwrap();
    let note = jem::store::Change::Note { text: "in the log".into() };
    store.change(&jem::store::Filter { runs: vec![RunId(1)], ..Default::default() }, &note, false).unwrap();
    for name in ["jem.db", "jem.db-wal"] {
        std::fs::copy(lab.path(name), lab.path(&format!("killed/{name}"))).unwrap();
    }
    drop(store);
    old_database_with_a_log(&lab);
    make_read_only(&lab.path(""));
    let commands: [&[&str]; 5] =
        [&["list", "--format", "json"], &["show", "1"], &["status"], &["compare", "1", "1"], &["db", "check"]];
    for command in commands {
        let Some(mut jem) = lab.as_another_user(command) else { return };
        let output = jem.output().unwrap();
        let error = String::from_utf8_lossy(&output.stderr);
        // The files of the data set are readable.
        assert!(output.status.success(), "{command:?}: {error}");
        if command[0] == "list" {
            assert!(String::from_utf8_lossy(&output.stdout).contains("\"state\": \"finished\""), "{expected}");
        }
    }
    let mut killed = lab.as_another_user(&["--database", "killed/jem.db", "show", "1"]).unwrap();
    let output = killed.output().unwrap();
    assert!(String::from_utf8_lossy(&output.stdout).contains("in the log"), "{output:?}");
    let mut old = lab.as_another_user(&["--database", "old/jem.db", "show", "1"]).unwrap();
    let output = old.output().unwrap();
    assert!(String::from_utf8_lossy(&output.stdout).contains("noted in the log"), "{output:?}");
    let mut foreign = lab.as_another_user(&["--database", "old/study.db", "list"]).unwrap();
    let output = foreign.output().unwrap();
    let error = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(error.contains("old/study.db: is a SQLite database of another program"), "{error}");
    for command in [&["tag", "1", "--add", "good"][..], &["queue", "sweep.toml"], &["work"]] {
        let output = lab.as_another_user(command).unwrap().output().unwrap();
        let error = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.code() == Some(4) && error.contains("read-only"), "{command:?}: {error}");
    }
    assert_eq!(std::fs::read_dir(lab.path("killed")).unwrap().count(), 2);
    assert_ne!(lab.bytes(), before, "the note is in it");
    assert_eq!(lab.logs(), Vec::<String>::new());
    let restored = Command::new("chmod").args(["-R", "u+w"]).arg(lab.path("")).status();
    assert!(restored.unwrap().success());
}

#[test]
fn training_waits_for_a_database_lock() {
    let (uninterrupted, locked) = (Lab::new(), Lab::new());
    let sets = ["--set", "grid.method=[\"GAN-CLS-INT\"]", "--set", "train.epochs=8", "--set", "seeds=[1, 2]"];
    for lab in [&uninterrupted, &locked] {
        lab.queue(&sets);
    }
    uninterrupted.succeed(&["work", "--workers", "2"]);
    let supervisor = locked.work(&["--workers", "2"]);
    locked.training(1, 1);
    // Longer than the busy timeout of SQLite, so that the wait is repeated.
    locked.lock_for(Duration::from_secs(6));
    let (code, error) = end(supervisor);
    assert_eq!(code, Some(0), "{error}");
    assert_eq!(record(&uninterrupted), record(&locked));
    assert!(!locked.log(1).contains("was lost"), "{}", locked.log(1));
}

#[test]
fn a_run_stopped_while_the_database_is_locked_is_queued_again() {
    let (uninterrupted, locked) = (Lab::new(), Lab::new());
    let sets = [&ONE_METHOD[..], &["--set", "train.epochs=12"]].concat();
    for lab in [&uninterrupted, &locked] {
        lab.queue(&sets);
    }
    uninterrupted.succeed(&["work"]);
    let supervisor = locked.work(&["--retries", "0"]);
    locked.training(1, 1);
    let signalled = std::thread::scope(|scope| {
        let stop = scope.spawn(|| {
            std::thread::sleep(Duration::from_secs(1));
            send(&supervisor, Signal::TERM);
        });
        locked.lock_for(Duration::from_secs(7));
        stop.join()
    });
    signalled.unwrap();
    end(supervisor);
    // The next worker resumes it, whether its end was recorded or not.
    locked.succeed(&["work"]);
    assert_eq!(record(&uninterrupted), record(&locked));
}

impl Lab {
    /// Has the write lock.
    fn lock_for(&self, time: Duration) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            use sqlx::{ConnectOptions as _, Connection as _};
            let options = sqlx::sqlite::SqliteConnectOptions::new().filename(self.path("jem.db"));
            let mut connection = options.busy_timeout(Duration::from_secs(60)).connect().await.unwrap();
            sqlx::query("begin immediate").execute(&mut connection).await.unwrap();
            tokio::time::sleep(time).await;
            sqlx::query("rollback").execute(&mut connection).await.unwrap();
            connection.close().await.unwrap();
        });
    }
}

#[test]
fn a_wrong_clock_does_not_expire_the_lease_of_a_live_process() {
    let lab = Lab::new();
    lab.queue(&ENDLESS);
    let supervisor = lab.work(&["--lease", "8"]);
    lab.training(1, 1);
    // For a clock that is two days ahead, every lease is always expired.
    lab.sql(
        "create trigger ahead after update of lease_until on attempt when new.lease_until > '2001' begin
             update attempt set lease_until = '2000-01-01T00:00:00.000Z', started_at = '2099-01-01T00:00:00.000Z'
             where id = new.id;
         end",
    );
    lab.sql("update attempt set lease_until = '2002-01-01T00:00:00.000Z'");
    assert!(lab.succeed(&["list"]).contains("stale"));
    // It watches the lease until it is renewed. Then there is nothing to do.
    lab.succeed(&["work"]);
    assert_eq!(lab.log(1).matches("begins:").count(), 1, "{}", lab.log(1));
    send(&supervisor, Signal::INT);
    let (code, error) = end(supervisor);
    assert_eq!(code, Some(130), "{error}");
    let seconds = lab.store().run(RunId(1)).unwrap().unwrap().seconds;
    assert!(seconds > 0.0, "{seconds}");
}

#[test]
fn a_backup_during_training_is_complete() {
    let lab = Lab::new();
    lab.queue(&ENDLESS);
    let supervisor = lab.work(&[]);
    lab.training(1, 1);
    lab.succeed(&["db", "backup", "backup.db"]);
    lab.succeed(&["db", "check"]);
    send(&supervisor, Signal::INT);
    end(supervisor);
    assert!(lab.succeed(&["--database", "backup.db", "show", "1"]).contains("GAN-CLS-INT"));
    let error = lab.fail(4, &["db", "backup", "backup.db"]);
    assert!(error.contains("backup.db: exists already"), "{error}");
    let output = lab.run(&["--database", "backup.db", "db", "check", "--format", "json"]);
    assert_eq!(output.status.code(), Some(4));
    let findings: Vec<serde_json::Value> = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(findings.len(), 1, "{findings:?}");
    assert!(findings[0]["fault"].as_str().unwrap().contains("are missing"), "{findings:?}");
    assert!(!findings[0]["remedy"].as_str().unwrap().is_empty());
}

#[test]
fn a_check_finds_every_changed_file() {
    let lab = Lab::new();
    lab.succeed(&[&["run", "sweep.toml", "--set", "keep.every=1"], &SHORT[..]].concat());
    assert!(lab.succeed(&["db", "check"]).contains("no faults"));
    let folders = || lab.folder(1).into_iter().filter(|name| !name.ends_with(".txt"));
    let damaged = folders().next().unwrap();
    let file = lab.path(&format!("jem.db.files/1/{damaged}/generator.bpk"));
    let mut bytes = std::fs::read(&file).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    std::fs::write(&file, bytes).unwrap();
    let missing = folders().nth(1).unwrap();
    std::fs::remove_dir_all(lab.path(&format!("jem.db.files/1/{missing}"))).unwrap();
    let output = lab.run(&["db", "check", "--format", "json"]);
    assert_eq!(output.status.code(), Some(4));
    let findings: Vec<serde_json::Value> = serde_json::from_slice(&output.stdout).unwrap();
    let faults: Vec<&str> = findings.iter().map(|finding| finding["fault"].as_str().unwrap()).collect();
    assert_eq!(faults.len(), 2, "{faults:?}");
    assert!(faults.iter().any(|fault| fault.contains(&damaged) && fault.contains("not the ones")), "{faults:?}");
    assert!(faults.iter().any(|fault| fault.contains(&missing) && fault.contains("missing")), "{faults:?}");
}

#[test]
fn a_signal_to_a_reader_leaves_one_file() {
    let lab = Lab::new();
    lab.succeed(&[&["queue", "sweep.toml"], &SHORT[..]].concat());
    // It waits with an open database until its output is read.
    let mut logs = lab.jem(&["logs", "1", "--follow"]).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
    std::thread::sleep(Duration::from_millis(300));
    let _gone = kill_process(Pid::from_raw(i32::try_from(logs.id()).unwrap()).unwrap(), Signal::INT);
    logs.wait().unwrap();
    lab.is_one_file("a signal");
}
