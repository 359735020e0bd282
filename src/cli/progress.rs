//! Progress on standard error: a bar on a terminal, a few plain lines elsewhere.

use std::io::IsTerminal as _;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};

use crate::prepare::{News, Stage};
use crate::screen::{note, visible};

/// Shows how far preparing has come.
pub struct Preparing {
    quiet: bool,
    current: Mutex<Option<Shown>>,
}

/// A stage that is under way.
struct Shown {
    stage: Stage,
    started: Instant,
    bar: ProgressBar,
    /// When it was last spoken of, where there is no bar.
    said: Instant,
    /// What was done when it began: an earlier attempt's, or another process's.
    before: usize,
}

/// Between two plain lines about one stage.
const LINES_APART: Duration = Duration::from_secs(15);

impl Preparing {
    /// Shows nothing when `quiet`.
    pub fn new(quiet: bool) -> Self {
        Self { quiet, current: Mutex::new(None) }
    }

    /// Shows what is told.
    pub fn tell(&self, news: News) {
        if self.quiet {
            return;
        }
        let Ok(mut current) = self.current.lock() else { return };
        let (stage, done, total) = match news {
            News::Done { stage, done, total } => (stage, done, total),
            News::Epoch(words) | News::Note(words) => {
                let line = || note(format!("prepare: {words}"));
                return current.as_ref().map_or_else(line, |shown| shown.bar.suspend(line));
            }
        };
        if current.as_ref().is_none_or(|shown| shown.stage != stage) {
            let (started, said) = (Instant::now(), Instant::now());
            *current = Some(Shown {
                stage,
                started,
                bar: bar(false, "prepare", stage.as_str(), total as u64),
                said,
                before: done,
            });
        }
        let Some(shown) = current.as_mut() else { return };
        // Several threads tell, and their words may cross: the bar never goes back.
        shown.bar.set_position(shown.bar.position().max(done as u64));
        if done == total {
            shown.bar.finish_and_clear();
            let seconds = shown.started.elapsed().as_secs_f64();
            let before = if shown.before > 0 { format!(", {} of them before", shown.before) } else { String::new() };
            note(format!("prepare: {total} {}{before} in {seconds:.1} s", stage.as_str()));
            *current = None;
        } else if shown.bar.is_hidden() && shown.said.elapsed() >= LINES_APART {
            let rate = (done - shown.before) as f64 / shown.started.elapsed().as_secs_f64();
            let left = (total - done) as f64 / rate;
            note(format!("prepare: {done} of {total} {}, {rate:.1}/s, {left:.0} s left", stage.as_str()));
            shown.said = Instant::now();
        }
    }
}

/// A bar on a terminal, hidden elsewhere and when `quiet`: `what` is done to so many `things`.
pub fn bar(quiet: bool, what: &str, things: &str, total: u64) -> ProgressBar {
    if quiet || !std::io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let style = ProgressStyle::with_template("{prefix}: {bar:30} {pos}/{len} {msg} {per_sec}, {eta} left");
    let bar = ProgressBar::new(total).with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
    bar.with_prefix(what.to_owned()).with_message(visible(things).into_owned())
}
