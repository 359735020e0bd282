//! The progress of long work, in one form for all commands: `stage: done/total unit, rate, ETA`.
//!
//! A terminal gets a bar. Elsewhere a stage gets a line every 15 s and a line at its end. `--quiet` turns both off.

use std::io::IsTerminal as _;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressFinish, ProgressState, ProgressStyle};

use crate::screen::{note, visible};

use super::quantity::duration;
use super::size::Size;

/// The shortest time between two lines of one stage.
pub const INTERVAL: Duration = Duration::from_secs(15);

/// What a stage counts.
#[derive(Clone, Copy, Debug)]
pub enum Unit {
    /// Items, named in the plural: `images`.
    Items(&'static str),
    /// Bytes.
    Bytes,
}

impl Unit {
    /// `8189 captions`, `1 caption` or `12.3 MB`.
    fn count(self, count: u64) -> String {
        match self {
            Unit::Items(name) if count == 1 => format!("1 {}", name.strip_suffix('s').unwrap_or(name)),
            Unit::Items(name) => format!("{count} {name}"),
            Unit::Bytes => Size(count).to_string(),
        }
    }

    /// `1200/8189 captions` or `12.3 MB/60.0 MB`; without a total, `1200 captions`.
    fn fraction(self, done: u64, total: Option<u64>) -> String {
        match (self, total) {
            (_, None) => self.count(done),
            (Unit::Items(name), Some(total)) => format!("{done}/{total} {name}"),
            (Unit::Bytes, Some(total)) => format!("{}/{}", Size(done), Size(total)),
        }
    }

    /// `310/s` or `1.2 MB/s`.
    fn rate(self, per_second: f64) -> String {
        match self {
            Unit::Bytes => format!("{}/s", Size(per_second as u64)),
            Unit::Items(_) if per_second >= 9.95 => format!("{per_second:.0}/s"),
            Unit::Items(_) if per_second >= 0.995 => format!("{per_second:.1}/s"),
            Unit::Items(_) => format!("{per_second:.2}/s"),
        }
    }
}

/// The progress of one stage. Threads may share it.
pub struct StageProgress {
    quiet: bool,
    stage: String,
    unit: Unit,
    total: Option<u64>,
    /// What an earlier attempt or another process had done.
    initial: u64,
    started: Instant,
    bar: ProgressBar,
    state: Mutex<State>,
}

struct State {
    done: u64,
    /// When the last line was written.
    last_line: Option<Instant>,
}

impl StageProgress {
    /// A stage of `total` items, none of which is done. On a terminal it is a bar.
    pub fn new(quiet: bool, stage: impl Into<String>, unit: Unit, total: Option<u64>) -> Self {
        Self::resumed(quiet, stage, unit, total, 0)
    }

    /// A stage of which `initial` items were done earlier: they do not count for the rate.
    pub fn resumed(quiet: bool, stage: impl Into<String>, unit: Unit, total: Option<u64>, initial: u64) -> Self {
        let stage = stage.into();
        let is_shown = !quiet && std::io::stderr().is_terminal();
        let bar = if is_shown { bar(&stage, unit, total, initial) } else { ProgressBar::hidden() };
        let started = Instant::now();
        let state = Mutex::new(State { done: initial, last_line: Some(started) });
        Self { quiet, stage, unit, total, initial, started, bar, state }
    }

    /// A stage without a bar, for processes that share one terminal. Its first report gets a line.
    pub fn in_lines(quiet: bool, stage: impl Into<String>, unit: Unit, total: Option<u64>, initial: u64) -> Self {
        let (stage, started, bar) = (stage.into(), Instant::now(), ProgressBar::hidden());
        let state = Mutex::new(State { done: initial, last_line: None });
        Self { quiet, stage, unit, total, initial, started, bar, state }
    }

    /// The same stage, with a start before it was first reported.
    pub fn since(self, started: Instant) -> Self {
        Self { started, ..self }
    }

    /// Reports that `done` items are done. Reports of several threads may arrive in any order: the largest counts.
    pub fn set(&self, done: u64) {
        self.update(|old| old.max(done));
    }

    /// Reports that one more item is done.
    pub fn advance(&self) {
        self.update(|old| old + 1);
    }

    fn update(&self, done: impl FnOnce(u64) -> u64) {
        let mut state = self.state();
        state.done = done(state.done);
        self.bar.set_position(state.done);
        if self.is_due(&mut state) {
            note(self.line(state.done));
        }
    }

    /// Reports that `done` items are done, in the bar only.
    pub fn set_bar(&self, done: u64) {
        let mut state = self.state();
        state.done = state.done.max(done);
        self.bar.set_position(state.done);
    }

    /// Reports that `done` items are done. `details` follow in the line, which is written if it is due and for the last
    /// item.
    pub fn set_with(&self, done: u64, details: &str) {
        let mut state = self.state();
        state.done = state.done.max(done);
        let is_due = self.is_due(&mut state);
        if is_due || !self.quiet && Some(done) == self.total {
            note(format!("{}{details}", self.line(state.done)));
        }
    }

    /// Shows `details` at the end of the bar.
    pub fn set_details(&self, details: &str) {
        self.bar.set_message(visible(details).into_owned());
    }

    /// Whether the stage has a bar, and so needs no lines.
    pub fn has_bar(&self) -> bool {
        !self.bar.is_hidden()
    }

    /// Whether all items are done, as far as their number is known.
    pub fn is_complete(&self) -> bool {
        self.total.is_some_and(|total| self.state().done >= total)
    }

    /// Writes another line to standard error, above the bar.
    pub fn print(&self, line: &str) {
        self.bar.suspend(|| note(line));
    }

    /// Ends the stage: the bar becomes the line `stage: 8189 captions in 26.4 s`.
    pub fn finish(&self) {
        self.bar.finish_and_clear();
        if self.quiet {
            return;
        }
        let done = self.unit.count(self.state().done);
        let earlier = match (self.initial, self.unit) {
            (0, _) => String::new(),
            (initial, Unit::Items(_)) => format!(" ({initial} done earlier)"),
            (initial, Unit::Bytes) => format!(" ({} done earlier)", Size(initial)),
        };
        note(format!("{}: {done}{earlier} in {:.1} s", self.stage, self.started.elapsed().as_secs_f64()));
    }

    /// `stage: 1200/8189 captions, 310/s, ETA 23 s`; the rate and the ETA are left out if they are unknown.
    fn line(&self, done: u64) -> String {
        let mut line = format!("{}: {}", self.stage, self.unit.fraction(done, self.total));
        let rate = done.saturating_sub(self.initial) as f64 / self.started.elapsed().as_secs_f64().max(1e-3);
        if rate > 0.0 {
            line += &format!(", {}", self.unit.rate(rate));
            if let Some(left) = self.total.map(|total| total.saturating_sub(done)).filter(|left| *left > 0) {
                line += &format!(", ETA {}", duration(left as f64 / rate));
            }
        }
        line
    }

    fn is_due(&self, state: &mut State) -> bool {
        let has_waited = state.last_line.is_none_or(|last| last.elapsed() >= INTERVAL);
        let is_due = !self.quiet && self.bar.is_hidden() && has_waited;
        if is_due {
            state.last_line = Some(Instant::now());
        }
        is_due
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A bar with the text of a line.
fn bar(stage: &str, unit: Unit, total: Option<u64>, initial: u64) -> ProgressBar {
    let template = match total {
        Some(_) => "{prefix}: {bar:30} {fraction}, {rate}, ETA {remaining}{msg}",
        None => "{prefix}: {spinner} {fraction}, {rate}",
    };
    let style = ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar());
    let style = style
        .with_key("fraction", move |state: &ProgressState, text: &mut dyn std::fmt::Write| {
            let _unwritten = text.write_str(&unit.fraction(state.pos(), state.len()));
        })
        .with_key("rate", move |state: &ProgressState, text: &mut dyn std::fmt::Write| {
            let _unwritten = text.write_str(&unit.rate(state.per_sec()));
        })
        .with_key("remaining", |state: &ProgressState, text: &mut dyn std::fmt::Write| {
            let _unwritten = text.write_str(&duration(state.eta().as_secs_f64()));
        });
    let bar = total.map_or_else(ProgressBar::no_length, ProgressBar::new).with_style(style);
    let bar = bar.with_prefix(visible(stage).into_owned()).with_finish(ProgressFinish::AndClear);
    bar.set_position(initial);
    bar.reset_eta();
    bar
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stage(total: Option<u64>, initial: u64) -> StageProgress {
        let stage = StageProgress::in_lines(true, "prepare: text vectors", Unit::Items("captions"), total, initial);
        let started = Instant::now().checked_sub(Duration::from_secs(10)).unwrap();
        stage.since(started)
    }

    #[test]
    fn a_line_shows_the_fraction_the_rate_and_the_remaining_time() {
        assert_eq!(stage(Some(8189), 0).line(3100), "prepare: text vectors: 3100/8189 captions, 310/s, ETA 16 s");
        assert_eq!(stage(None, 0).line(25), "prepare: text vectors: 25 captions, 2.5/s");
        assert_eq!(stage(Some(10), 0).line(10), "prepare: text vectors: 10/10 captions, 1.0/s");
    }

    #[test]
    fn what_was_done_earlier_does_not_count_for_the_rate() {
        assert_eq!(stage(Some(200), 100).line(150), "prepare: text vectors: 150/200 captions, 5.0/s, ETA 10 s");
        assert_eq!(stage(Some(200), 100).line(100), "prepare: text vectors: 100/200 captions");
    }

    #[test]
    fn the_largest_of_crossing_reports_counts() {
        let stage = stage(Some(9), 0);
        [3, 5, 4].into_iter().for_each(|done| stage.set(done));
        stage.advance();
        assert_eq!(stage.state().done, 6);
    }

    #[test]
    fn counts_have_their_unit() {
        let images = Unit::Items("images");
        assert_eq!(
            [images.count(1), images.count(2), Unit::Bytes.count(12_300_000)],
            ["1 image", "2 images", "12.3 MB"]
        );
        assert_eq!(Unit::Bytes.fraction(1_500, Some(60_000_000)), "1.5 kB/60.0 MB");
        assert_eq!([0.25, 2.0, 310.4].map(|rate| images.rate(rate)), ["0.25/s", "2.0/s", "310/s"]);
    }
}
