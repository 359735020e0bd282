//! A run's own log: what its training processes said, a line each, beside the run's other files.

use std::fs::File;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use crate::screen::{note, visible};

use super::TrainError;

/// The log of a run, open to be added to. What is said also goes to standard error.
#[derive(Clone)]
pub struct RunLog {
    path: PathBuf,
    label: String,
    quiet: bool,
}

impl RunLog {
    /// The log at `path`, made when there is none. `label` opens each line on standard error; nothing of ordinary
    /// progress goes there when `quiet`.
    ///
    /// # Errors
    ///
    /// If the file cannot be written.
    pub fn open(path: &Path, label: String, quiet: bool) -> Result<Self, TrainError> {
        let fail = |source| TrainError::Log { path: path.to_owned(), source };
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder).map_err(fail)?;
        }
        File::options().create(true).append(true).open(path).map_err(fail)?;
        Ok(Self { path: path.to_owned(), label, quiet })
    }

    /// Writes to the file alone.
    pub fn note(&self, text: &str) {
        append(&self.path, text);
    }

    /// Writes to the file, and to standard error unless quiet.
    pub fn say(&self, text: &str) {
        self.note(text);
        if !self.quiet {
            self.tell(text);
        }
    }

    /// Writes to the file, and to standard error in any case.
    pub fn warn(&self, text: &str) {
        self.note(text);
        self.tell(text);
    }

    /// One write a line, so that the lines of several processes do not mix.
    fn tell(&self, text: &str) {
        note(format!("{}: {text}", self.label));
    }
}

/// Adds a line to the log at `path`, with the time. A log that cannot be written stops no training.
pub fn append(path: &Path, text: &str) {
    let time = chrono::Utc::now().to_rfc3339_opts(chrono::SecondsFormat::Millis, true);
    // People read the file too, with whatever shows text.
    let lines: String = visible(text).lines().map(|line| format!("{time} {line}\n")).collect();
    let written = File::options().create(true).append(true).open(path).and_then(|mut file| {
        // One write: a line of another process does not come between.
        file.write_all(lines.as_bytes())
    });
    if let Err(error) = written {
        note(format!("note: {}: the log cannot be written: {error}", path.display()));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_of_a_log_has_its_time_and_nothing_written_before_is_lost() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("7/log.txt");
        for text in ["begins", "panicked\nat a line"] {
            RunLog::open(&path, "run 7".into(), true).unwrap().say(text);
        }
        let text = std::fs::read_to_string(&path).unwrap();
        let said: Vec<&str> = text.lines().map(|line| line.split_once("Z ").unwrap().1).collect();
        assert_eq!(said, ["begins", "panicked", "at a line"]);
    }
}
