//! Preemption: signals to all processes of a job, kills, and the limit of restarts.

use std::fs::File;
use std::process::{Command, Stdio};

use jem::store::{RunId, RunState};
use rustix::process::{Pid, Signal, kill_process};

use crate::lab::Lab;
use crate::queue::{ENDLESS, ONE_METHOD, Work, end, send, wait_for};
use crate::training::record;

/// Evaluated rarely, so that its epochs are short.
const RARELY: [&str; 2] = ["--set", "eval.every=50"];

impl Lab {
    /// `jem work`, started with SIGHUP at its default or ignored as by `nohup`.
    fn work_with_hangup(&self, how: &str) -> Work {
        let jem = self.jem(&["work"]);
        let mut command = Command::new("env");
        command.arg(how).arg(jem.get_program()).args(jem.get_args()).current_dir(self.path(""));
        for (name, value) in jem.get_envs() {
            match value {
                Some(value) => command.env(name, value),
                None => command.env_remove(name),
            };
        }
        let messages = self.path("work-hangup.txt");
        let process = command.stdout(Stdio::null()).stderr(File::create(&messages).unwrap()).spawn().unwrap();
        Work { process, messages }
    }

    /// A run that trains for as long as a test needs.
    fn queue_endless(&self) {
        self.queue(&[&ENDLESS[..], &RARELY].concat());
    }

    /// Ends the run one epoch after its last recorded epoch, and compares it with an uninterrupted run.
    fn equals_an_uninterrupted_run(&self) {
        let epochs = self.store().run(RunId(1)).unwrap().unwrap().epoch.0 + 1;
        self.sql_text(format!("update run set horizon = {epochs}"));
        self.succeed(&["work"]);
        let uninterrupted = Lab::new();
        uninterrupted.queue(&[&ONE_METHOD[..], &RARELY, &["--set", &format!("train.epochs={epochs}")]].concat());
        uninterrupted.succeed(&["work"]);
        assert_eq!(record(&uninterrupted), record(self));
    }

    fn outcomes(&self) -> Vec<String> {
        let detail = self.store().detail(RunId(1)).unwrap().unwrap();
        detail.attempts.into_iter().map(|attempt| attempt.ending).collect()
    }
}

fn pid(work: &Work) -> Pid {
    Pid::from_raw(i32::try_from(work.process.id()).unwrap()).unwrap()
}

#[test]
fn a_run_that_progresses_between_kills_never_fails() {
    let lab = Lab::new();
    lab.queue_endless();
    let supervisor = lab.work(&["--retries", "1"]);
    for attempt in 1..=4 {
        kill_process(lab.training(1, attempt), Signal::KILL).unwrap();
    }
    lab.training(1, 5);
    send(&supervisor, Signal::TERM);
    let (code, error) = end(supervisor);
    assert_eq!(code, Some(130), "{error}");
    assert_eq!(lab.outcomes(), ["lost", "lost", "lost", "lost", "interrupted"]);
    lab.equals_an_uninterrupted_run();
}

#[test]
fn repeated_power_failures_lose_no_run() {
    let lab = Lab::new();
    lab.queue_endless();
    for attempt in 1..=4 {
        let supervisor = lab.work(&["--retries", "1"]);
        let process = lab.training(1, attempt);
        for pid in [process, pid(&supervisor)] {
            kill_process(pid, Signal::KILL).unwrap();
        }
        end(supervisor);
    }
    lab.equals_an_uninterrupted_run();
    assert_eq!(lab.outcomes(), ["lost", "lost", "lost", "lost", "finished"]);
}

#[test]
fn signals_to_all_processes_of_a_job_save_the_run() {
    use Signal as S;
    let stopped = Lab::new();
    stopped.queue_endless();
    let rounds: [&[Signal]; 7] = [
        &[S::USR1],
        &[S::USR2],
        &[S::TERM],
        &[S::HUP],
        // Before the limit, at the limit, and after the grace period of a preemption.
        &[S::USR1, S::TERM, S::TERM],
        &[S::USR2, S::CONT, S::TERM, S::USR1],
        &[S::INT],
    ];
    for (attempt, signals) in (1..).zip(rounds) {
        let supervisor = stopped.work_with_hangup("--default-signal=HUP");
        let process = stopped.training(1, attempt);
        for &signal in signals {
            // The supervisor is first in one round, and its training process in the next.
            let mut both = [pid(&supervisor), process];
            both.rotate_left(attempt % 2);
            for one in both {
                // A process that has stopped needs no second signal.
                let _gone = kill_process(one, signal);
            }
        }
        let (code, error) = end(supervisor);
        assert_eq!(code, Some(130), "{signals:?}: {error}\n{}", stopped.log(1));
        assert_eq!(stopped.outcomes().last().unwrap(), "interrupted", "{signals:?}: {}", stopped.log(1));
        assert!(!stopped.log(1).contains("without saving"), "{signals:?}: {}", stopped.log(1));
        assert_eq!(stopped.state(1), RunState::Queued);
    }
    stopped.equals_an_uninterrupted_run();
}

#[test]
fn the_exit_of_the_supervisor_counts_as_one_stop_request() {
    let orphaned = Lab::new();
    orphaned.queue_endless();
    for (attempt, also) in (1..).zip([None, Some(Signal::USR1), Some(Signal::TERM)]) {
        let supervisor = orphaned.work(&[]);
        let process = orphaned.training(1, attempt);
        if let Some(signal) = also {
            kill_process(process, signal).unwrap();
        }
        send(&supervisor, Signal::KILL);
        end(supervisor);
        wait_for(|| orphaned.log(1).matches("ends: interrupted").count() == attempt);
        assert_eq!(orphaned.state(1), RunState::Queued);
    }
    orphaned.equals_an_uninterrupted_run();
    assert_eq!(orphaned.outcomes(), ["interrupted", "interrupted", "interrupted", "finished"]);
}

#[test]
fn a_closing_terminal_does_not_stop_a_run_under_nohup() {
    let lab = Lab::new();
    lab.queue(&ENDLESS);
    let supervisor = lab.work_with_hangup("--ignore-signal=HUP");
    let process = lab.training(1, 1);
    for one in [pid(&supervisor), process] {
        kill_process(one, Signal::HUP).unwrap();
    }
    let before = lab.store().run(RunId(1)).unwrap().unwrap().epoch;
    wait_for(|| lab.store().run(RunId(1)).unwrap().unwrap().epoch.0 > before.0 + 2);
    send(&supervisor, Signal::TERM);
    let (code, error) = end(supervisor);
    assert_eq!(code, Some(130), "{error}");
    assert_eq!(lab.outcomes(), ["interrupted"]);
}
