use std::collections::VecDeque;
use std::fs::File;
use std::io::{BufRead as _, BufReader, ErrorKind, Read as _, Seek as _, SeekFrom, Write as _};
use std::path::Path;
use std::process::ExitCode;
use std::time::Duration;

use clap::Args;

use crate::store::{Filter, RunId, Standing, Store};

use super::selection::unknown_runs;
use super::{CliError, Global};

/// How often a log that is followed is looked at.
const PAUSE: Duration = Duration::from_millis(250);

#[derive(Args)]
pub struct LogsArgs {
    /// The run's number, as `jem list` shows it
    run: i64,
    /// Go on printing what is added, until the run has ended
    #[arg(short, long)]
    follow: bool,
    /// Only the last N lines
    #[arg(long, value_name = "N")]
    lines: Option<usize>,
}

/// Prints the log of a run as it stands in its file.
pub fn run(global: &Global, args: &LogsArgs) -> Result<ExitCode, CliError> {
    let store = global.open_to_read()?;
    let run = RunId(args.run);
    let standing = standing(&store, run)?.ok_or_else(|| unknown_runs(&store, &[run]))?;
    let path = store.files().join(run.to_string()).join("log.txt");
    let waits = args.follow && !standing.has_ended();
    if !path.exists() && !waits {
        eprintln!("run {run} is {standing} and has logged nothing yet: there is no {}", path.display());
        return Ok(ExitCode::SUCCESS);
    }
    let mut at = 0;
    if path.exists() {
        at = start(&path, args.lines)?;
    }
    loop {
        // Asked before reading, so that what is written between the two is printed in the next round or by this one.
        let ended = self::standing(&store, run)?.is_none_or(Standing::has_ended);
        at = copy_from(&path, at)?;
        if ended || !args.follow {
            return Ok(ExitCode::SUCCESS);
        }
        std::thread::sleep(PAUSE);
    }
}

fn standing(store: &Store, run: RunId) -> Result<Option<Standing>, CliError> {
    let listed = store.list(&Filter { runs: vec![run], ..Filter::default() })?;
    Ok(listed.first().map(|run| run.standing))
}

/// Where the last `lines` lines begin; 0 for all of them.
fn start(path: &Path, lines: Option<usize>) -> Result<u64, CliError> {
    let Some(lines) = lines else { return Ok(0) };
    let mut reader = BufReader::new(File::open(path).map_err(unreadable)?);
    let (mut at, mut line) = (0, Vec::new());
    let mut starts = VecDeque::with_capacity(lines.min(1024));
    loop {
        line.clear();
        match reader.read_until(b'\n', &mut line).map_err(unreadable)? {
            0 => break,
            read => {
                starts.push_back(at);
                at += read as u64;
            }
        }
        if starts.len() > lines {
            starts.pop_front();
        }
    }
    Ok(starts.front().copied().unwrap_or(at))
}

/// Prints the file from `at` on, and says how far it goes. A file that became shorter
/// was begun anew and is printed from its beginning; one that is not there yet has nothing.
fn copy_from(path: &Path, at: u64) -> Result<u64, CliError> {
    let mut file = match File::open(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(0),
        opened => opened.map_err(unreadable)?,
    };
    let length = file.metadata().map_err(unreadable)?.len();
    let at = if length < at { 0 } else { at };
    file.seek(SeekFrom::Start(at)).map_err(unreadable)?;
    let mut out = std::io::stdout().lock();
    let copied = std::io::copy(&mut file.take(length - at), &mut out).and_then(|copied| out.flush().map(|()| copied));
    copied.map(|copied| at + copied).map_err(CliError::Output)
}

fn unreadable(error: std::io::Error) -> CliError {
    CliError::Usage { what: format!("the log cannot be read: {error}"), help: "see who may read it".to_owned() }
}
