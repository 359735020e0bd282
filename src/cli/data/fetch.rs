use std::cell::{Cell, RefCell};
use std::io::IsTerminal as _;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Instant;

use clap::{Args, ValueEnum};
use indicatif::{ProgressBar, ProgressStyle};

use crate::data::fetch::{Event, Fetch, Patience};

use super::{CliError, Global, root};

#[derive(Args)]
pub struct FetchArgs {
    /// Which one
    set: Set,
    /// The folder to bring it to [default: oxford-102]
    #[arg(long, value_name = "FOLDER")]
    to: Option<PathBuf>,
    /// Fetch every file from this mirror, by its name; published checksums are compared, but not enforced
    #[arg(long, value_name = "BASE-URL")]
    from: Option<String>,
    /// The captions' archive (cvpr2016_flowers.tar.gz), where it was fetched by hand
    #[arg(long, value_name = "FILE")]
    captions: Option<PathBuf>,
    /// Keep the archives when they are unpacked
    #[arg(long)]
    keep_archives: bool,
}

#[derive(Clone, Copy, ValueEnum)]
enum Set {
    /// Oxford-102 Flowers with the captions of Reed et al. (CVPR 2016)
    #[value(name = "oxford-102")]
    Oxford102,
}

/// Brings what is not there yet.
pub fn run(global: &Global, args: &FetchArgs) -> Result<ExitCode, CliError> {
    let to = root(&args.to);
    if let Some(from) = &args.from {
        eprintln!(
            "warning: from {from}: published checksums count at the official addresses only; what comes is trusted"
        );
    }
    let fetch = Fetch {
        to: to.clone(),
        from: args.from.clone(),
        captions: args.captions.clone(),
        keep_archives: args.keep_archives,
        patience: Patience::default(),
    };
    let shown = Shown::new(global.quiet);
    match args.set {
        Set::Oxford102 => fetch.oxford_102(&|name, event| shown.tell(name, &event))?,
    }
    println!("{} is complete: jem data check {}", to.display(), to.display());
    Ok(ExitCode::SUCCESS)
}

/// Files of fewer bytes are there before a line about them is read.
const WORTH_A_LINE: u64 = 1 << 20;

/// Shows how far fetching has come: a bar on a terminal, a line a quarter elsewhere.
struct Shown {
    quiet: bool,
    terminal: bool,
    bar: RefCell<ProgressBar>,
    started: Cell<Instant>,
    /// Bytes that were there before, and of how many.
    held: Cell<(u64, Option<u64>)>,
    /// The last quarter that a line was printed for.
    quarter: Cell<u64>,
}

impl Shown {
    fn new(quiet: bool) -> Self {
        Self {
            quiet,
            terminal: std::io::stderr().is_terminal(),
            bar: RefCell::new(ProgressBar::hidden()),
            started: Cell::new(Instant::now()),
            held: Cell::new((0, None)),
            quarter: Cell::new(0),
        }
    }

    fn tell(&self, name: &str, event: &Event<'_>) {
        match *event {
            Event::Kept => println!("kept {name}"),
            Event::Coming { url, held, total } => self.coming(name, url, held, total),
            Event::Bytes(bytes) => self.bytes(name, bytes),
            Event::Again { dropped } => self.warn(name, &format!("begins again: {dropped} bytes were of no use")),
            Event::Retry { why, wait } => {
                self.warn(name, &format!("{why}; tried again in {:.1} s", wait.as_secs_f64()));
            }
            Event::Published { md5 } => self.say(name, &format!("MD5 {md5}, as published")),
            Event::NotPublished { expected, found } => {
                self.warn(name, &format!("not the published file: its MD5 is {found}, the published one {expected}"));
            }
            Event::AsBefore { sha256 } => self.say(name, &format!("SHA-256 {sha256}, as in jem-data.lock")),
            Event::Trusted { sha256 } => self.warn(
                name,
                &format!("no published checksum holds it: trusted as it came; jem-data.lock holds SHA-256 {sha256}"),
            ),
            Event::Unpacked { done, total } => self.unpacked(name, done, total),
            Event::PassedOver { entries, first } => {
                self.warn(name, &format!("not unpacked, having no place in the layout: {entries}, first {first}"));
            }
            Event::Placed { files } => {
                println!("fetched {name}: {files} {}", if files == 1 { "file" } else { "files" })
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

    fn unpacked(&self, name: &str, done: usize, total: usize) {
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
        self.bar.replace(bar.with_message(name.to_owned()));
    }

    fn say(&self, name: &str, what: &str) {
        if !self.quiet {
            self.bar.borrow().suspend(|| eprintln!("fetch: {name}: {what}"));
        }
    }

    /// What is said even to those who want to hear less.
    fn warn(&self, name: &str, what: &str) {
        self.bar.borrow().suspend(|| eprintln!("warning: {name}: {what}"));
    }
}

fn megabytes(bytes: u64) -> String {
    match bytes {
        0..100_000 => format!("{bytes} bytes"),
        _ => format!("{:.1} MB", bytes as f64 / 1e6),
    }
}
