//! The log of a run: the messages of its training processes, one a line, in the folder of the run's files.

use std::fs::File;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use crate::screen::{note, visible};

use super::TrainError;

/// The log of a run, open for appending. Messages can also go to standard error.
#[derive(Clone)]
pub struct RunLog {
    path: PathBuf,
    label: String,
    quiet: bool,
}

impl RunLog {
    /// The log at `path`, created if it does not exist. `label` begins each line on standard error. With `quiet`, only
    /// warnings go there.
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

    /// Writes to the file only.
    pub fn write(&self, text: &str) {
        append(&self.path, text);
    }

    /// Writes to the file, and to standard error unless quiet.
    pub fn info(&self, text: &str) {
        self.write(text);
        if !self.quiet {
            self.print(text);
        }
    }

    /// Writes to the file and to standard error, even if quiet.
    pub fn warn(&self, text: &str) {
        self.write(text);
        self.print(text);
    }

    /// Prints one line with one write, so that lines of several processes do not mix.
    fn print(&self, text: &str) {
        note(format!("{}: {text}", self.label));
    }
}

/// Appends lines to the log at `path`, with the time. If it cannot be written, training continues.
pub fn append(path: &Path, text: &str) {
    let time = chrono::Utc::now().to_rfc3339_opts(chrono::SecondsFormat::Millis, true);
    // The file may be read in a terminal.
    let lines: String = visible(text).lines().map(|line| format!("{time} {line}\n")).collect();
    let written = File::options().create(true).append(true).open(path).and_then(|mut file| {
        // One write, so that lines of another process do not come between.
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
    fn every_line_of_a_log_has_a_time_and_earlier_lines_are_kept() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("7/log.txt");
        for text in ["begins", "panicked\nat a line"] {
            RunLog::open(&path, "run 7".into(), true).unwrap().info(text);
        }
        let text = std::fs::read_to_string(&path).unwrap();
        let messages: Vec<&str> = text.lines().map(|line| line.split_once("Z ").unwrap().1).collect();
        assert_eq!(messages, ["begins", "panicked", "at a line"]);
    }
}
