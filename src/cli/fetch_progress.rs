//! The progress of fetching and unpacking files.

use std::cell::RefCell;

use crate::fetch::Event;
use crate::screen::note;

use super::CliError;
use super::format::print;
use super::progress::{StageProgress, Unit};
use super::size::Size;

/// Warns that files from a mirror are not verified.
pub fn warn_of_mirror(from: Option<&str>) {
    if let Some(from) = from {
        note(format!(
            "warning: {from} is a mirror: files that differ from the published checksums are used, with a warning"
        ));
    }
}

/// Receives the events of fetching, writes progress to standard error and results to standard output.
pub struct FetchProgress {
    quiet: bool,
    current: RefCell<Option<StageProgress>>,
    /// The first error of writing to standard output.
    output_error: RefCell<Option<CliError>>,
}

impl FetchProgress {
    /// Writes only warnings and results if `quiet`.
    pub fn new(quiet: bool) -> Self {
        Self { quiet, current: RefCell::new(None), output_error: RefCell::new(None) }
    }

    /// Writes an event of the file `name`.
    pub fn report(&self, name: &str, event: &Event<'_>) {
        let is_verified = matches!(
            event,
            Event::MatchesPublished(_)
                | Event::DiffersFromPublished(_)
                | Event::MatchesLock { .. }
                | Event::Trusted { .. }
        );
        if is_verified {
            self.finish_stage();
        }
        match *event {
            Event::Existing => self.print(&format!("kept {name}\n")),
            Event::Started { url, existing, total } => self.start(name, url, existing, total),
            Event::Progress(bytes) => self.set(bytes),
            Event::Restarted { discarded } => {
                self.warn(name, &format!("the download starts again: {} were discarded", Size(discarded)));
            }
            Event::Retry { reason, delay } => {
                self.warn(name, &format!("{reason}; next attempt in {:.1} s", delay.as_secs_f64()));
            }
            Event::MatchesPublished(published) => self.note(name, &format!("{published}, the published checksum")),
            Event::DiffersFromPublished(other) => self.warn(name, &format!("not the published file: {other}")),
            Event::MatchesLock { sha256, lock } => self.note(name, &format!("SHA-256 {sha256}, as recorded in {lock}")),
            Event::Trusted { sha256, lock } => self.warn(
                name,
                &format!(
                    "no published checksum exists for it: SHA-256 {sha256} is recorded in {lock} for later checks"
                ),
            ),
            Event::Completed { files } => {
                self.print(&format!("fetched {name}: {files} {}\n", if files == 1 { "file" } else { "files" }));
            }
        }
    }

    fn start(&self, name: &str, url: &str, initial: u64, total: Option<u64>) {
        let size = total.map_or_else(|| "unknown size".to_owned(), |total| Size(total).to_string());
        let resumed = if initial > 0 { format!(", resumed at {}", Size(initial)) } else { String::new() };
        self.note(name, &format!("{size}{resumed} from {url}"));
        let stage = StageProgress::resumed(self.quiet, format!("fetch: {name}"), Unit::Bytes, total, initial);
        self.current.replace(Some(stage));
    }

    fn set(&self, bytes: u64) {
        let is_complete = self.current.borrow().as_ref().is_some_and(|stage| {
            stage.set(bytes);
            stage.is_complete()
        });
        if is_complete {
            self.finish_stage();
        }
    }

    fn finish_stage(&self) {
        if let Some(stage) = self.current.take() {
            stage.finish();
        }
    }

    /// Writes how many files of the archive `name` are unpacked.
    pub fn unpacked(&self, name: &str, done: usize, total: usize) {
        if done == 1 {
            let stage = format!("unpack: {name}");
            let stage = StageProgress::new(self.quiet, stage, Unit::Items("files"), Some(total as u64));
            self.current.replace(Some(stage));
        }
        self.set(done as u64);
    }

    /// Writes to standard output. Fetching continues if nobody reads it.
    fn print(&self, line: &str) {
        if let Err(error) = print(line) {
            self.output_error.borrow_mut().get_or_insert(error);
        }
    }

    /// Must be called after the last event.
    ///
    /// # Errors
    ///
    /// If standard output could not be written.
    pub fn finish(self) -> Result<(), CliError> {
        self.output_error.into_inner().map_or(Ok(()), Err)
    }

    fn note(&self, name: &str, text: &str) {
        if !self.quiet {
            self.above_the_bar(&format!("fetch: {name}: {text}"));
        }
    }

    /// Writes a warning, with `quiet` too.
    pub fn warn(&self, name: &str, text: &str) {
        self.above_the_bar(&format!("warning: {name}: {text}"));
    }

    fn above_the_bar(&self, line: &str) {
        match &*self.current.borrow() {
            Some(stage) => stage.print(line),
            None => note(line),
        }
    }
}
