use std::process::ExitCode;

use clap::Args;

use crate::store::{Change, Filter, RunState, RunStatus};

use super::change::{SelectArgs, change, no_selection};
use super::{CliError, Global};

#[derive(Args)]
pub struct CancelArgs {
    #[command(flatten)]
    select: SelectArgs,
}

/// Cancels queued and running runs. The worker of a running run loses its lease, writes nothing more and stops.
pub fn run(global: &Global, args: &CancelArgs) -> Result<ExitCode, CliError> {
    if args.select.is_empty() {
        return Err(no_selection("cancel"));
    }
    // Runs of older revisions that have ended are not listed as unchanged.
    let unfinished = |filter: &mut Filter| {
        if filter.superseded && filter.states.is_empty() && filter.runs.is_empty() {
            filter.states.extend([
                RunStatus::State(RunState::Queued),
                RunStatus::State(RunState::Running),
                RunStatus::Stale,
            ]);
        }
    };
    change(global, &args.select, unfinished, &Change::Cancel, "cancelled")?;
    Ok(ExitCode::SUCCESS)
}
