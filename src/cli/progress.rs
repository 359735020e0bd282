//! Progress on standard error: a bar on a terminal, a few plain lines elsewhere.

use std::io::IsTerminal as _;
use std::sync::Mutex;
use std::time::Instant;

use indicatif::{ProgressBar, ProgressStyle};

use crate::prepare::Stage;

/// Shows how far preparing has come.
pub struct Preparing {
    quiet: bool,
    current: Mutex<Option<(Stage, Instant, ProgressBar)>>,
}

impl Preparing {
    /// Shows nothing when `quiet`.
    pub fn new(quiet: bool) -> Self {
        Self { quiet, current: Mutex::new(None) }
    }

    /// `done` of `total` are done.
    pub fn tell(&self, stage: Stage, done: usize, total: usize) {
        if self.quiet {
            return;
        }
        let Ok(mut current) = self.current.lock() else { return };
        if current.as_ref().is_none_or(|(shown, ..)| *shown != stage) {
            *current = Some((stage, Instant::now(), bar(stage, total)));
        }
        if let Some((_, started, bar)) = current.as_ref() {
            // Several threads tell, and their words may cross: the bar never goes back.
            bar.set_position(bar.position().max(done as u64));
            if done == total {
                bar.finish_and_clear();
                eprintln!("prepare: {total} {} in {:.1} s", stage.as_str(), started.elapsed().as_secs_f64());
                *current = None;
            }
        }
    }
}

fn bar(stage: Stage, total: usize) -> ProgressBar {
    if !std::io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let style = ProgressStyle::with_template("prepare: {msg} {bar:30} {pos}/{len} {per_sec}, {eta} left");
    let bar = ProgressBar::new(total as u64);
    bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
    bar.set_message(stage.as_str());
    bar
}
