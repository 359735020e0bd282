//! The progress of preparation: one stage after the other, with the scores of fits.

use std::sync::{Mutex, PoisonError};
use std::time::Instant;

use crate::prepare::{Event, Stage};
use crate::screen::note;

use super::progress::{INTERVAL, StageProgress, Unit};

/// Receives the events of preparation and writes them to standard error.
pub struct PrepareProgress {
    quiet: bool,
    state: Mutex<State>,
}

struct State {
    current: Option<Current>,
    /// When the last stage ended. A fit starts here: its first report comes after its first epoch.
    idle_since: Instant,
}

struct Current {
    stage: Stage,
    progress: StageProgress,
    done: usize,
    /// The line with the scores of the last epoch, if it was not written yet.
    unwritten: Option<String>,
    /// When scores were last written.
    last_scores: Option<Instant>,
    /// Whether all units are done, and the event with the scores of the last epoch follows.
    awaits_scores: bool,
}

impl PrepareProgress {
    /// Writes nothing if `quiet`.
    pub fn new(quiet: bool) -> Self {
        Self { quiet, state: Mutex::new(State { current: None, idle_since: Instant::now() }) }
    }

    /// Writes an event. Threads may report at the same time.
    pub fn report(&self, event: Event) {
        if self.quiet {
            return;
        }
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        match event {
            Event::Progress { stage, done, total } => state.progress(stage, done, total),
            Event::Epoch { stage, epoch, epochs, scores } => {
                let line = format!("prepare: {}: epoch {epoch}/{epochs}, {scores}", stage.name());
                state.scores(line, &scores);
            }
            Event::Note(text) => {
                let line = format!("prepare: {text}");
                match &state.current {
                    Some(current) => current.progress.print(&line),
                    None => note(line),
                }
            }
        }
    }
}

impl State {
    fn progress(&mut self, stage: Stage, done: usize, total: usize) {
        let is_fit = matches!(stage, Stage::GuideFit(_) | Stage::TextFit);
        if self.current.as_ref().is_none_or(|current| current.stage != stage) {
            // Fits of guide networks report after their first unit, all other stages before it.
            let initial = if matches!(stage, Stage::GuideFit(_)) { done.saturating_sub(1) } else { done };
            let name = format!("prepare: {}", stage.name());
            let (unit, total) = (Unit::Items(stage.unit()), Some(total as u64));
            let progress = StageProgress::resumed(false, name, unit, total, initial as u64);
            let progress = if is_fit { progress.since(self.idle_since) } else { progress };
            self.current = Some(Current {
                stage,
                progress,
                done: initial,
                unwritten: None,
                last_scores: None,
                awaits_scores: false,
            });
        }
        let Some(current) = &mut self.current else { return };
        match stage {
            // Its lines have the scores of an epoch.
            Stage::GuideFit(_) => current.progress.set_bar(done as u64),
            _ => current.progress.set(done as u64),
        }
        let has_advanced = done > current.done;
        current.done = current.done.max(done);
        if done == total {
            // A fit that stops early reports its last epoch twice: the scores were received before the second report.
            current.awaits_scores = is_fit && has_advanced;
            if !current.awaits_scores {
                self.finish();
            }
        }
    }

    fn scores(&mut self, line: String, scores: &str) {
        let Some(current) = &mut self.current else { return note(line) };
        current.progress.set_details(&format!(", {scores}"));
        let is_due = !current.progress.has_bar() && current.last_scores.is_none_or(|last| last.elapsed() >= INTERVAL);
        if current.awaits_scores || is_due {
            current.progress.print(&line);
            (current.unwritten, current.last_scores) = (None, Some(Instant::now()));
        } else {
            current.unwritten = Some(line);
        }
        if current.awaits_scores {
            self.finish();
        }
    }

    fn finish(&mut self) {
        if let Some(current) = self.current.take() {
            if let Some(line) = current.unwritten {
                current.progress.print(&line);
            }
            current.progress.finish();
        }
        self.idle_since = Instant::now();
    }
}
