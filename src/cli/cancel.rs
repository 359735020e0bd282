use std::process::ExitCode;

use clap::Args;

use crate::store::{Change, Filter, RunState, Standing};

use super::change::{SelectArgs, change, nothing_chosen};
use super::{CliError, Global};

#[derive(Args)]
pub struct CancelArgs {
    #[command(flatten)]
    select: SelectArgs,
}

/// Takes queued runs out of the queue. A running one loses its worker, which writes nothing more and stops.
pub fn run(global: &Global, args: &CancelArgs) -> Result<ExitCode, CliError> {
    if args.select.is_empty() {
        return Err(nothing_chosen("cancel"));
    }
    // Of older revisions, what is over stays in the record and need not be named.
    let going = |filter: &mut Filter| {
        if filter.superseded && filter.states.is_empty() && filter.runs.is_empty() {
            filter.states.extend([Standing::Is(RunState::Queued), Standing::Is(RunState::Running), Standing::Stale]);
        }
    };
    change(global, &args.select, going, &Change::Cancel, "cancelled")?;
    Ok(ExitCode::SUCCESS)
}
