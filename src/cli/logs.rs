use std::collections::VecDeque;
use std::fs::File;
use std::io::{BufRead as _, BufReader, ErrorKind, Read as _, Seek as _, SeekFrom};
use std::path::Path;
use std::process::ExitCode;
use std::time::Duration;

use clap::Args;

use crate::screen::note;
use crate::store::{Filter, RunId, Standing, Store};

use super::format::print;
use super::selection::unknown_runs;
use super::{CliError, Global};

/// How often a log that is followed is looked at.
const PAUSE: Duration = Duration::from_millis(250);

/// Bytes that are printed at a time.
const CHUNK: u64 = 1 << 16;

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
        note(format!("run {run} is {standing} and has logged nothing yet: there is no {}", path.display()));
        return Ok(ExitCode::SUCCESS);
    }
    let mut at = 0;
    if path.exists() {
        at = start(&path, args.lines)?;
    }
    loop {
        // Asked before reading, so that what is written between the two is printed in the next round or by this one.
        let ended = self::standing(&store, run)?.is_none_or(Standing::has_ended);
        at = copy_from(&path, at, ended || !args.follow)?;
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

/// Prints the file from `at` on, and says how far it was printed. A file that became shorter was begun anew and is
/// printed from its beginning; one that is not there yet has nothing. A letter of which only the first bytes are
/// there waits for the others, unless the log has `ended`.
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
        let whole = if read == 0 && ended { unprinted.len() } else { whole_letters(&unprinted) };
        print(&String::from_utf8_lossy(&unprinted[..whole]))?;
        unprinted.drain(..whole);
        at += whole as u64;
        if read == 0 {
            return Ok(at);
        }
    }
}

/// The length of `bytes` without the beginning of a letter at its end.
fn whole_letters(bytes: &[u8]) -> usize {
    // A letter has four bytes at most, and the first of several says how many.
    let starts = (1..=3.min(bytes.len())).map(|back| bytes.len() - back);
    let is_cut = |at: &usize| {
        std::str::from_utf8(&bytes[*at..]).is_err_and(|error| error.valid_up_to() == 0 && error.error_len().is_none())
    };
    starts.into_iter().find(is_cut).unwrap_or(bytes.len())
}

fn unreadable(error: std::io::Error) -> CliError {
    CliError::Usage { what: format!("the log cannot be read: {error}"), help: "see who may read it".to_owned() }
}

#[cfg(test)]
mod tests {
    use super::whole_letters;

    #[test]
    fn a_letter_that_is_cut_waits_for_its_end() {
        let text = "aé花🌸".as_bytes();
        let found: Vec<usize> = (0..=text.len()).map(|end| whole_letters(&text[..end])).collect();
        assert_eq!(found, [0, 1, 1, 3, 3, 3, 6, 6, 6, 6, 10]);
        assert_eq!(whole_letters(b"a\xff"), 2, "what is no letter is not waited for");
    }
}
