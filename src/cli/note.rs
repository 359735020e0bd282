use std::process::ExitCode;

use clap::Args;

use crate::store::{Change, Filter, RunId};

use super::selection::unknown_runs;
use super::{CliError, Global, format};

#[derive(Args)]
pub struct NoteArgs {
    /// The run's number, as `jem list` shows it
    run: i64,
    /// The note, in place of the one before; "" for none
    text: String,
}

/// Notes something about a run.
pub fn run(global: &Global, args: &NoteArgs) -> Result<ExitCode, CliError> {
    let store = global.open()?;
    let filter = Filter { runs: vec![RunId(args.run)], ..Filter::default() };
    let changed = store.change(&filter, &Change::Note { text: args.text.trim().to_owned() }, false)?;
    if !changed.unknown.is_empty() {
        return Err(unknown_runs(&store, &changed.unknown));
    }
    format::print(match (changed.changed.is_empty(), args.text.trim().is_empty()) {
        (true, _) => "1 run left as it is (noted so already)\n",
        (false, true) => "1 run has no note any more\n",
        (false, false) => "1 run noted\n",
    })?;
    Ok(ExitCode::SUCCESS)
}
