//! The queue with several processes that are killed or stopped: no run is trained twice or lost.

use std::fs::File;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use jem::store::{RunId, RunState};
use rustix::process::{Pid, Signal, kill_process};

use crate::lab::{EXPERIMENT, Lab};
use crate::training::record;

/// One cheap method.
pub const ONE_METHOD: [&str; 2] = ["--set", "grid.method=[\"GAN-CLS-INT\"]"];

/// A run that trains until it is stopped.
pub const ENDLESS: [&str; 4] = ["--set", "grid.method=[\"GAN-CLS-INT\"]", "--set", "train.epochs=100000"];

/// A run whose first step takes long enough for a test to act during it.
pub fn slow() -> Vec<&'static str> {
    let slow = ["image.resolution=64", "generator.width=24", "discriminator.width=24", "train.batch=8"];
    [&ENDLESS[..], &slow.iter().flat_map(|set| ["--set", set]).collect::<Vec<_>>()].concat()
}

/// `jem work`, and the file of its standard error.
pub struct Work {
    pub process: Child,
    pub messages: PathBuf,
}

/// A failed test leaves no process.
impl Drop for Work {
    fn drop(&mut self) {
        let _ended = self.process.kill();
        let _ended = self.process.wait();
    }
}

impl Lab {
    pub fn queue(&self, sets: &[&str]) -> String {
        self.succeed(&[&["queue", "sweep.toml"], sets].concat())
    }

    /// `jem work` in the background. Its standard error goes to a file, since a full pipe would stop it.
    pub fn work(&self, arguments: &[&str]) -> Work {
        static COUNT: AtomicUsize = AtomicUsize::new(0);
        let messages = self.path(&format!("work-{}.txt", COUNT.fetch_add(1, Ordering::SeqCst)));
        let mut command = self.jem(&[&["work"], arguments].concat());
        let process = command.stdout(Stdio::null()).stderr(File::create(&messages).unwrap()).spawn().unwrap();
        Work { process, messages }
    }

    pub fn log(&self, run: i64) -> String {
        std::fs::read_to_string(self.path(&format!("jem.db.files/{run}/log.txt"))).unwrap_or_default()
    }

    /// The process ids of all attempts, from the log of a run.
    pub fn processes(&self, run: i64) -> Vec<Pid> {
        let begins = |line: &str| Some(line.split_once("begins: process ")?.1.split_once(' ')?.0.parse().unwrap());
        self.log(run).lines().filter_map(begins).map(|pid| Pid::from_raw(pid).unwrap()).collect()
    }

    /// The process id of attempt `count`, after it has recorded an epoch.
    pub fn training(&self, run: i64, count: usize) -> Pid {
        let begun = |log: &str| log.rfind("begins:").is_some_and(|at| log[at..].contains(" epoch "));
        wait_for(|| self.processes(run).len() >= count && begun(&self.log(run)));
        self.processes(run)[count - 1]
    }

    pub fn state(&self, run: i64) -> RunState {
        self.store().run(RunId(run)).unwrap().unwrap().state
    }

    pub fn sql(&self, statement: &'static str) {
        self.sql_text(statement.to_owned());
    }

    /// Changes the database without jem.
    pub fn sql_text(&self, statement: String) {
        use sqlx::{Connection as _, SqliteConnection, sqlite::SqliteConnectOptions};
        let options = SqliteConnectOptions::new().filename(self.path("jem.db"));
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let mut connection = SqliteConnection::connect_with(&options).await.unwrap();
            sqlx::query(sqlx::AssertSqlSafe(statement)).execute(&mut connection).await.unwrap();
        });
    }

    /// The files in the folder of a run: its log and its checkpoints.
    pub fn folder(&self, run: i64) -> Vec<String> {
        let entries = std::fs::read_dir(self.path(&format!("jem.db.files/{run}"))).unwrap();
        let mut names: Vec<String> =
            entries.map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned()).collect();
        names.sort();
        names
    }

    /// Every run is finished, was started once, and has one checkpoint and its log.
    fn all_finished_once(&self) {
        for run in self.store().runs("sweep").unwrap() {
            let id = run.id.0;
            assert_eq!(run.state, RunState::Finished, "run {id}: {}\n{}", run.outcome, self.log(id));
            assert_eq!(self.processes(id).len(), 1, "run {id}:\n{}", self.log(id));
            assert_eq!(self.folder(id).len(), 2, "{:?}", self.folder(id));
        }
    }
}

/// The timeout of an event that usually takes a second or two, for a busy machine.
const PATIENCE: Duration = Duration::from_secs(200);

pub fn wait_for(condition: impl Fn() -> bool) {
    let until = Instant::now() + PATIENCE;
    while !condition() {
        assert!(Instant::now() < until, "timeout");
        std::thread::sleep(Duration::from_millis(5));
    }
}

pub fn send(work: &Work, signal: Signal) {
    kill_process(Pid::from_raw(i32::try_from(work.process.id()).unwrap()).unwrap(), signal).unwrap();
}

/// Waits for the exit, and returns the exit code, if there is one, and standard error.
pub fn end(mut work: Work) -> (Option<i32>, String) {
    let until = Instant::now() + PATIENCE;
    let status = loop {
        if let Some(status) = work.process.try_wait().unwrap() {
            break status;
        }
        if Instant::now() >= until {
            // Its training processes stop too.
            work.process.kill().unwrap();
            panic!("a process does not end");
        }
        std::thread::sleep(Duration::from_millis(5));
    };
    (status.code(), std::fs::read_to_string(&work.messages).unwrap())
}

#[test]
fn two_supervisors_with_two_workers_each_train_every_run_once() {
    let lab = Lab::new();
    lab.queue(&["--set", "seeds=[1,2,3,4]", "--set", "train.epochs=1"]);
    let supervisors = [lab.work(&["--workers", "2"]), lab.work(&["--workers", "2"])];
    for supervisor in supervisors {
        let (code, error) = end(supervisor);
        assert_eq!(code, Some(0), "{error}");
    }
    assert_eq!(lab.store().runs("sweep").unwrap().len(), 12);
    lab.all_finished_once();
}

#[test]
fn a_grid_that_loses_a_supervisor_is_finished_without_retraining() {
    let lab = Lab::new();
    let grid = |rates: &str, seeds: &str| {
        let file = format!("{EXPERIMENT}\n[grid]\n\"optimizer.generator.rate\" = {rates}\n");
        std::fs::write(lab.path("sweep.toml"), file.replace("seeds = [1]", seeds)).unwrap();
        lab.queue(&["--set", "train.epochs=2"])
    };
    assert!(grid("[1e-4, 2e-4]", "seeds = [1, 2]").contains("12 runs queued, 0 kept"));
    let (killed, other) = (lab.work(&["--workers", "2"]), lab.work(&["--workers", "2"]));
    let finished = || {
        let runs = lab.store().runs("sweep").unwrap();
        runs.iter().filter(|run| run.state == RunState::Finished).count()
    };
    wait_for(|| finished() >= 3);
    send(&killed, Signal::KILL);
    let messages = grid("[1e-4, 2e-4, 3e-4]", "seeds = [1, 2, 3]");
    assert!(messages.contains("15 runs queued, 12 kept"), "{messages}");
    end(killed);
    let (code, error) = end(other);
    assert_eq!(code, Some(0), "{error}");
    lab.succeed(&["work", "--workers", "2"]);

    let runs = lab.store().runs("sweep").unwrap();
    assert_eq!(runs.len(), 27);
    let mut again = 0;
    for run in &runs {
        assert_eq!(run.state, RunState::Finished, "{}\n{}", run.outcome, lab.log(run.id.0));
        assert_eq!(lab.log(run.id.0).matches("ends: finished").count(), 1, "{}", lab.log(run.id.0));
        assert_eq!(lab.folder(run.id.0).len(), 2, "{:?}", lab.folder(run.id.0));
        again += lab.processes(run.id.0).len() - 1;
    }
    assert!(again <= 2, "only the runs of the killed supervisor were begun again, not {again}");
}

#[test]
fn a_killed_run_is_restarted_and_fails_after_all_retries() {
    let lab = Lab::new();
    lab.queue(&slow());
    let supervisor = lab.work(&["--retries", "1"]);
    for attempt in [1, 2] {
        // Before it ends an epoch, so that it makes no progress.
        wait_for(|| lab.processes(1).len() == attempt);
        kill_process(lab.processes(1)[attempt - 1], Signal::KILL).unwrap();
    }
    let (code, error) = end(supervisor);
    assert_eq!(code, Some(1), "{error}");
    assert!(error.contains("retry 1 of 1") && error.contains("run 1 failed"), "{error}");
    let run = lab.store().run(RunId(1)).unwrap().unwrap();
    assert_eq!(run.state, RunState::Failed);
    for part in ["its process was lost 2 times", "the last time: signal 9"] {
        assert!(run.outcome.contains(part), "{}", run.outcome);
    }
    assert_eq!(lab.log(1).matches("was lost: signal 9").count(), 2, "{}", lab.log(1));
}

#[test]
fn a_killed_run_resumes_from_its_checkpoint() {
    let (uninterrupted, killed) = (Lab::new(), Lab::new());
    for lab in [&uninterrupted, &killed] {
        lab.queue(&ONE_METHOD);
    }
    uninterrupted.succeed(&["work"]);
    let supervisor = killed.work(&[]);
    // It may have ended already; then there was nothing to lose.
    let _gone = kill_process(killed.training(1, 1), Signal::KILL);
    let (code, error) = end(supervisor);
    assert_eq!(code, Some(0), "{error}");
    assert_eq!(record(&uninterrupted), record(&killed));
}

#[test]
fn a_stopped_run_resumes_within_the_epoch_with_the_same_bits() {
    let (uninterrupted, stopped) = (Lab::new(), Lab::new());
    let sets = [&ONE_METHOD[..], &["--set", "train.batch=2", "--set", "train.epochs=9"]].concat();
    for lab in [&uninterrupted, &stopped] {
        lab.queue(&sets);
    }
    uninterrupted.succeed(&["work"]);
    for (attempt, signal) in (1..).zip([Signal::INT, Signal::TERM, Signal::INT, Signal::TERM]) {
        let supervisor = stopped.work(&[]);
        stopped.training(1, attempt);
        // To the supervisor, which forwards it.
        send(&supervisor, signal);
        let (code, error) = end(supervisor);
        assert_eq!(code, Some(130), "{error}");
        assert_eq!(stopped.folder(1).len(), 2, "{:?}", stopped.folder(1));
    }
    assert_eq!(stopped.state(1), RunState::Queued);
    let log = stopped.log(1);
    assert!(log.contains("stopped within epoch"), "not one of four stops was within an epoch:\n{log}");
    // A stop request to the training process: its supervisor starts it again.
    let supervisor = stopped.work(&[]);
    let _gone = kill_process(stopped.training(1, 5), Signal::INT);
    let (code, error) = end(supervisor);
    assert_eq!(code, Some(0), "{error}\n{}", stopped.log(1));
    assert_eq!(record(&uninterrupted), record(&stopped));
    assert!(!stopped.log(1).contains("was lost"), "a stop is no crash:\n{}", stopped.log(1));
}

#[test]
fn ctrl_c_twice_exits_immediately_and_the_run_stays_queued() {
    let lab = Lab::new();
    lab.queue(&slow());
    let supervisor = lab.work(&[]);
    lab.training(1, 1);
    send(&supervisor, Signal::INT);
    // It reports the stop long before its training process has finished a step.
    wait_for(|| std::fs::read_to_string(&supervisor.messages).unwrap().contains("stopping"));
    send(&supervisor, Signal::INT);
    let (code, error) = end(supervisor);
    assert_eq!(code, Some(130), "{error}");
    assert_eq!(lab.state(1), RunState::Queued);
    assert!(lab.log(1).contains("exits without saving"), "{}", lab.log(1));
}

#[test]
fn a_process_with_an_expired_lease_writes_nothing() {
    let lab = Lab::new();
    lab.queue(&[&ONE_METHOD[..], &["--set", "train.epochs=40"]].concat());
    let sleeper = lab.work(&["--lease", "4"]);
    let process = lab.training(1, 1);
    kill_process(process, Signal::STOP).unwrap();
    // No worker claims the run before the lease expires; then one claims and finishes it.
    let output = || lab.succeed(&["work"]);
    wait_for(|| {
        output();
        lab.state(1) == RunState::Finished
    });
    let (before, folder) = (record(&lab), lab.folder(1));
    assert_eq!(lab.processes(1).len(), 2, "{}", lab.log(1));

    kill_process(process, Signal::CONT).unwrap();
    let (code, error) = end(sleeper);
    assert_eq!(code, Some(0), "nothing of the sleeper's is left to do: {error}");
    assert!(error.contains("the lease on run 1 was lost: it expired, and the run is now finished"), "{error}");
    assert_eq!(before, record(&lab));
    assert_eq!(folder, lab.folder(1));
    assert_eq!(folder.len(), 2, "{folder:?}");
}

#[test]
fn a_run_cancelled_in_training_stops_without_failing() {
    let lab = Lab::new();
    lab.queue(&ENDLESS);
    let supervisor = lab.work(&[]);
    lab.training(1, 1);
    lab.sql("update run set state = 'cancelled', fence = fence + 1 where id = 1");
    let before = record(&lab);
    let (code, error) = end(supervisor);
    assert_eq!(code, Some(0), "{error}");
    assert!(error.contains("stopped: the run was cancelled"), "{error}");
    assert_eq!(lab.state(1), RunState::Cancelled);
    assert_eq!(before, record(&lab));
    assert_eq!(lab.folder(1).len(), 2, "{:?}", lab.folder(1));
    assert!(lab.log(1).contains("the run was cancelled; nothing was written since"), "{}", lab.log(1));
}

#[test]
fn a_replaced_executable_does_not_stop_the_queue() {
    let lab = Lab::new();
    lab.queue(&["--set", "train.epochs=1"]);
    // Copied by another process: while this one writes it, a test beside this one could hand it on open to a child,
    // and a program that is open for writing cannot be started.
    let copied = Command::new("cp").arg(env!("CARGO_BIN_EXE_jem")).arg(lab.path("jem")).status();
    assert!(copied.unwrap().success());
    let mut command = Command::new(lab.path("jem"));
    let child = command.args(["--quiet", "work"]).current_dir(lab.path("")).spawn().unwrap();
    wait_for(|| !lab.processes(1).is_empty());
    std::fs::remove_file(lab.path("jem")).unwrap();
    assert!(child.wait_with_output().unwrap().status.success());
    lab.all_finished_once();
}

#[test]
fn a_higher_priority_is_trained_first() {
    let lab = Lab::new();
    lab.queue(&[&ONE_METHOD[..], &["--set", "train.epochs=1"]].concat());
    let file = EXPERIMENT.replace("seeds = [1]", "seeds = [2]");
    std::fs::write(lab.path("urgent.toml"), file).unwrap();
    let sets = [&["queue", "urgent.toml", "--priority", "3"], &ONE_METHOD[..], &["--set", "train.epochs=1"]];
    lab.succeed(&sets.concat());
    lab.succeed(&["work"]);
    let started = |name: &str| lab.store().runs(name).unwrap()[0].started_at.clone().unwrap();
    assert!(started("urgent") < started("sweep"));
}

#[test]
fn raised_epochs_between_two_evaluations_equal_one_longer_run() {
    let (longer, at_once) = (Lab::new(), Lab::new());
    let to = |epochs: &'static str| [&ONE_METHOD[..], &["--set", epochs]].concat();
    longer.queue(&to("train.epochs=5"));
    longer.succeed(&["work"]);
    let messages = longer.queue(&to("train.epochs=8"));
    assert!(messages.contains("1 of them continue to a later epoch"), "{messages}");
    longer.succeed(&["work"]);
    at_once.queue(&to("train.epochs=8"));
    at_once.succeed(&["work"]);
    assert_eq!(record(&longer), record(&at_once));

    let before = record(&longer);
    let messages = longer.queue(&to("train.epochs=3"));
    assert!(messages.contains("1 of them keep a last epoch that is later than in the file"), "{messages}");
    longer.succeed(&["work"]);
    assert_eq!(before, record(&longer));
}

#[test]
fn a_log_has_every_attempt_epoch_and_error() {
    let lab = Lab::new();
    lab.queue(&[&ONE_METHOD[..], &["--set", "train.epochs=2"]].concat());
    let mut command = lab.jem(&["work", "--workers", "2"]);
    assert!(command.env_remove("RAYON_NUM_THREADS").status().unwrap().success());
    let log = lab.log(1);
    let cores = std::thread::available_parallelism().unwrap().get();
    let threads = format!("on cpu, {} threads", (cores / 2).max(1));
    let parts = ["attempt 1 begins: process ", &threads, "epoch 0/2", "epoch 1/2, d loss", "attempt 1 ends: finished"];
    let places: Vec<Option<usize>> = parts.iter().map(|part| log.find(part)).collect();
    assert!(places.is_sorted() && places.iter().all(Option::is_some), "{places:?}\n{log}");
    assert!(log.contains("warning: ") && log.contains("blank"), "{log}");

    std::fs::write(lab.path("flowers/text_c10/class_00041/image_00001.txt"), "another flower\n").unwrap();
    lab.sql("update run set state = 'queued', horizon = 3");
    lab.fail(1, &["work"]);
    assert!(lab.log(1).contains("attempt 2 ends: data"), "{}", lab.log(1));
    let states: Vec<RunState> = lab.store().runs("sweep").unwrap().iter().map(|run| run.state).collect();
    assert_eq!(states, [RunState::Failed], "runs with invalid inputs are not restarted");
}
