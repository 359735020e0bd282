use std::process::ExitCode;

use clap::Args;

use crate::store::{Change, Filter, RunId};

use super::selection::unknown_runs;
use super::{CliError, Global, format};

#[derive(Args)]
pub struct NoteArgs {
    /// The number of the run, as in `jem list`
    run: i64,
    /// The note, which replaces the previous one; "" removes it
    text: String,
}

/// Sets the note of a run.
pub fn run(global: &Global, args: &NoteArgs) -> Result<ExitCode, CliError> {
    let store = global.open()?;
    let filter = Filter { runs: vec![RunId(args.run)], ..Filter::default() };
    let changed = store.change(&filter, &Change::Note { text: args.text.trim().to_owned() }, false)?;
    if !changed.unknown.is_empty() {
        return Err(unknown_runs(&store, &changed.unknown));
    }
    format::print(match (changed.changed.is_empty(), args.text.trim().is_empty()) {
        (true, _) => "1 run unchanged (it has this note)\n",
        (false, true) => "note removed from 1 run\n",
        (false, false) => "note set for 1 run\n",
    })?;
    Ok(ExitCode::SUCCESS)
}
