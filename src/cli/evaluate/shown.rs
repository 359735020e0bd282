//! How far looking at pictures has come, on standard error.

use std::path::Path;
use std::time::{Duration, Instant};

use indicatif::ProgressBar;

use crate::screen::note;

use super::super::progress::bar;
use super::pictures;

/// Between two plain lines.
const LINES_APART: Duration = Duration::from_secs(15);

/// A bar on a terminal; elsewhere a line now and then; nothing when quiet.
pub struct Shown {
    quiet: bool,
    folder: String,
    total: usize,
    bar: ProgressBar,
    started: Instant,
    said: Instant,
}

impl Shown {
    /// For so many pictures of a folder.
    pub fn new(quiet: bool, folder: &Path, total: usize) -> Self {
        let (started, said) = (Instant::now(), Instant::now());
        let bar = bar(quiet, "features", "pictures", total as u64);
        Self { quiet, folder: folder.display().to_string(), total, bar, started, said }
    }

    /// So many are done.
    pub fn tell(&mut self, done: usize) {
        self.bar.set_position(done as u64);
        if self.quiet {
            return;
        }
        let seconds = self.started.elapsed().as_secs_f64();
        let rate = done as f64 / seconds.max(1e-3);
        let (folder, total) = (&self.folder, self.total);
        if done == total {
            self.bar.finish_and_clear();
            note(format!("features: {} of {folder} in {seconds:.1} s, {rate:.1}/s", pictures(done)));
        } else if self.bar.is_hidden() && self.said.elapsed() >= LINES_APART {
            let left = (total - done) as f64 / rate;
            note(format!("features: {done} of {total} pictures of {folder}, {rate:.1}/s, {left:.0} s left"));
            self.said = Instant::now();
        }
    }
}
