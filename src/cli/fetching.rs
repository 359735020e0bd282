//! What is shown of files on their way, whatever they are.

use std::cell::{Cell, RefCell};
use std::io::IsTerminal as _;
use std::time::Instant;

use indicatif::{ProgressBar, ProgressStyle};

use crate::fetch::Event;
use crate::screen::{note, visible};

use super::CliError;
use super::format::print;

/// Files of fewer bytes are there before a line about them is read.
const WORTH_A_LINE: u64 = 1 << 20;

/// Says what a mirror means for trust.
pub fn warn_of_mirror(from: Option<&str>) {
    if let Some(from) = from {
        note(format!(
            "warning: from {from}: published checksums count at the official addresses only; what comes is trusted"
        ));
    }
}

/// Shows how far fetching has come: a bar on a terminal, a line a quarter elsewhere.
pub struct Shown {
    quiet: bool,
    terminal: bool,
    bar: RefCell<ProgressBar>,
    started: Cell<Instant>,
    /// Bytes that were there before, and of how many.
    held: Cell<(u64, Option<u64>)>,
    /// The last quarter that a line was printed for.
    quarter: Cell<u64>,
    /// Why standard output could not be written, the first time that it could not.
    unwritten: RefCell<Option<CliError>>,
}

impl Shown {
    pub fn new(quiet: bool) -> Self {
        Self {
            quiet,
            terminal: std::io::stderr().is_terminal(),
            bar: RefCell::new(ProgressBar::hidden()),
            started: Cell::new(Instant::now()),
            held: Cell::new((0, None)),
            quarter: Cell::new(0),
            unwritten: RefCell::new(None),
        }
    }

    /// Shows what happened to a file.
    pub fn tell(&self, name: &str, event: &Event<'_>) {
        match *event {
            Event::Kept => self.print(&format!("kept {name}\n")),
            Event::Coming { url, held, total } => self.coming(name, url, held, total),
            Event::Bytes(bytes) => self.bytes(name, bytes),
            Event::Again { dropped } => self.warn(name, &format!("begins again: {dropped} bytes were of no use")),
            Event::Retry { why, wait } => {
                self.warn(name, &format!("{why}; tried again in {:.1} s", wait.as_secs_f64()));
            }
            Event::Published(published) => self.say(name, &format!("{published}, as published")),
            Event::NotPublished(other) => self.warn(name, &format!("not the published file: {other}")),
            Event::AsBefore { sha256, lock } => self.say(name, &format!("SHA-256 {sha256}, as in {lock}")),
            Event::Trusted { sha256, lock } => self.warn(
                name,
                &format!("no published checksum holds it: trusted as it came; {lock} holds SHA-256 {sha256}"),
            ),
            Event::Placed { files } => {
                self.print(&format!("fetched {name}: {files} {}\n", if files == 1 { "file" } else { "files" }));
            }
        }
    }

    fn coming(&self, name: &str, url: &str, held: u64, total: Option<u64>) {
        self.started.set(Instant::now());
        self.held.set((held, total));
        self.quarter.set(total.map_or(0, |total| 4 * held / total.max(1)));
        let size = total.map_or_else(|| "unknown size".to_owned(), megabytes);
        let rest = if held > 0 { format!(", from {} on", megabytes(held)) } else { String::new() };
        self.say(name, &format!("{size}{rest} from {url}"));
        let template = match total {
            Some(_) => "fetch: {msg} {bar:30} {bytes}/{total_bytes} {binary_bytes_per_sec}, {eta} left",
            None => "fetch: {msg} {spinner} {bytes} {binary_bytes_per_sec}",
        };
        self.show(name, template, total);
        self.bar.borrow().set_position(held);
        self.bar.borrow().reset_eta();
    }

    fn bytes(&self, name: &str, bytes: u64) {
        let bar = self.bar.borrow();
        bar.set_position(bytes);
        let (held, total) = self.held.get();
        let Some(total) = total else { return };
        let seconds = self.started.get().elapsed().as_secs_f64().max(1e-3);
        let rate = (bytes - held) as f64 / seconds;
        let quarter = 4 * bytes / total.max(1);
        let news = quarter > self.quarter.replace(quarter);
        if bytes >= total {
            bar.finish_and_clear();
            self.say(name, &format!("{} in {seconds:.1} s, {}/s", megabytes(bytes - held), megabytes(rate as u64)));
        } else if news && !self.terminal && total >= WORTH_A_LINE {
            let left = (total - bytes) as f64 / rate.max(1.0);
            self.say(name, &format!("{} %, {}/s, {left:.0} s left", 25 * quarter, megabytes(rate as u64)));
        }
    }

    /// Shows how far unpacking has come.
    pub fn unpacked(&self, name: &str, done: usize, total: usize) {
        if done == 1 {
            self.started.set(Instant::now());
            self.show(name, "unpack: {msg} {bar:30} {pos}/{len} files {per_sec}, {eta} left", Some(total as u64));
        }
        self.bar.borrow().set_position(done as u64);
        if done == total {
            self.bar.borrow().finish_and_clear();
            self.say(name, &format!("{total} files unpacked in {:.1} s", self.started.get().elapsed().as_secs_f64()));
        }
    }

    fn show(&self, name: &str, template: &str, total: Option<u64>) {
        self.bar.borrow().finish_and_clear();
        if self.quiet || !self.terminal {
            return;
        }
        let style = ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar());
        let bar = total.map_or_else(ProgressBar::no_length, ProgressBar::new).with_style(style);
        self.bar.replace(bar.with_message(visible(name).into_owned()));
    }

    fn print(&self, line: &str) {
        if let Err(error) = print(line) {
            self.unwritten.borrow_mut().get_or_insert(error);
        }
    }

    /// To be called when everything is there: fetching goes on when nobody reads what is printed of it.
    ///
    /// # Errors
    ///
    /// If standard output could not be written.
    pub fn finish(self) -> Result<(), CliError> {
        self.unwritten.into_inner().map_or(Ok(()), Err)
    }

    fn say(&self, name: &str, what: &str) {
        if !self.quiet {
            self.bar.borrow().suspend(|| note(format!("fetch: {name}: {what}")));
        }
    }

    /// What is said even to those who want to hear less.
    pub fn warn(&self, name: &str, what: &str) {
        self.bar.borrow().suspend(|| note(format!("warning: {name}: {what}")));
    }
}

fn megabytes(bytes: u64) -> String {
    match bytes {
        0..100_000 => format!("{bytes} bytes"),
        _ => format!("{:.1} MB", bytes as f64 / 1e6),
    }
}
