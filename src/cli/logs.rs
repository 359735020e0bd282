use std::collections::VecDeque;
use std::fs::File;
use std::io::{BufRead as _, BufReader, ErrorKind, Read as _, Seek as _, SeekFrom};
use std::path::Path;
use std::process::ExitCode;
use std::time::Duration;

use clap::Args;

use crate::screen::note;
use crate::store::{Filter, RunId, RunStatus, Store};

use super::format::print;
use super::selection::unknown_runs;
use super::{CliError, Global};

/// The time between two reads of a followed log.
const PAUSE: Duration = Duration::from_millis(250);

/// The number of bytes that are printed at a time.
const CHUNK: u64 = 1 << 16;

#[derive(Args)]
pub struct LogsArgs {
    /// The number of the run, as in `jem list`
    run: i64,
    /// Print new lines as they are written, until the run has ended
    #[arg(short, long)]
    follow: bool,
    /// Print only the last N lines [default: all]
    #[arg(long, value_name = "N")]
    lines: Option<usize>,
}

/// Prints the log of a run.
pub fn run(global: &Global, args: &LogsArgs) -> Result<ExitCode, CliError> {
    let store = global.open_to_read()?;
    let run = RunId(args.run);
    let status = status(&store, run)?.ok_or_else(|| unknown_runs(&store, &[run]))?;
    let path = store.files().join(run.to_string()).join("log.txt");
    let waits = args.follow && !status.has_ended();
    if !path.exists() && !waits {
        note(format!("run {run} is {status} and has no log yet: {} does not exist", path.display()));
        return Ok(ExitCode::SUCCESS);
    }
    let mut at = 0;
    if path.exists() {
        at = start(&path, args.lines)?;
    }
    loop {
        // Queried before the log is read, so that the last lines of a run that ends now are still printed.
        let ended = self::status(&store, run)?.is_none_or(RunStatus::has_ended);
        at = copy_from(&path, at, ended || !args.follow)?;
        if ended || !args.follow {
            return Ok(ExitCode::SUCCESS);
        }
        std::thread::sleep(PAUSE);
    }
}

fn status(store: &Store, run: RunId) -> Result<Option<RunStatus>, CliError> {
    let listed = store.list(&Filter { runs: vec![run], ..Filter::default() })?;
    Ok(listed.first().map(|run| run.status))
}

/// The offset of the last `lines` lines; 0 for all lines.
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

/// Prints the file from the offset `at`, and returns the offset of its end. A file that is shorter than `at` was
/// recreated and is printed from its start. A missing file is empty. The first bytes of an incomplete character are not
/// printed before the others are there, unless the log has `ended`.
fn copy_from(path: &Path, at: u64, ended: bool) -> Result<u64, CliError> {
    let mut file = match File::open(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(0),
        opened => opened.map_err(unreadable)?,
    };
    let length = file.metadata().map_err(unreadable)?.len();
    let mut at = if length < at { 0 } else { at };
    file.seek(SeekFrom::Start(at)).map_err(unreadable)?;
    let mut file = file.take(length - at);
    let mut unprinted = Vec::new();
    loop {
        let read = file.by_ref().take(CHUNK).read_to_end(&mut unprinted).map_err(unreadable)?;
        let complete = if read == 0 && ended { unprinted.len() } else { complete_characters(&unprinted) };
        print(&String::from_utf8_lossy(&unprinted[..complete]))?;
        unprinted.drain(..complete);
        at += complete as u64;
        if read == 0 {
            return Ok(at);
        }
    }
}

/// The length of `bytes` without an incomplete UTF-8 character at the end.
fn complete_characters(bytes: &[u8]) -> usize {
    // A character has at most four bytes, and its first byte determines how many.
    let starts = (1..=3.min(bytes.len())).map(|back| bytes.len() - back);
    let is_incomplete = |at: &usize| {
        std::str::from_utf8(&bytes[*at..]).is_err_and(|error| error.valid_up_to() == 0 && error.error_len().is_none())
    };
    starts.into_iter().find(is_incomplete).unwrap_or(bytes.len())
}

fn unreadable(error: std::io::Error) -> CliError {
    CliError::Usage {
        what: format!("the log cannot be read: {error}"),
        help: "check the permissions of the file".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::complete_characters;

    #[test]
    fn an_incomplete_character_is_not_printed() {
        let text = "aé花🌸".as_bytes();
        let found: Vec<usize> = (0..=text.len()).map(|end| complete_characters(&text[..end])).collect();
        assert_eq!(found, [0, 1, 1, 3, 3, 3, 6, 6, 6, 6, 10]);
        assert_eq!(complete_characters(b"a\xff"), 2, "an invalid byte is printed");
    }
}
