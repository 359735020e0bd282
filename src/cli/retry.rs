use std::process::ExitCode;

use clap::Args;

use crate::store::{Change, RunState, RunStatus};

use super::change::{SelectArgs, change, no_selection};
use super::{CliError, Global};

#[derive(Args)]
pub struct RetryArgs {
    #[command(flatten)]
    select: SelectArgs,
    /// Select failed runs
    #[arg(long)]
    failed: bool,
    /// Select stale runs: running, but with an expired lease
    #[arg(long)]
    stale: bool,
    /// Delete the checkpoint and all metrics, and train from the beginning
    #[arg(long)]
    from_start: bool,
}

/// Queues failed, cancelled and stale runs again. They resume from their last checkpoint, or start from the beginning.
pub fn run(global: &Global, args: &RetryArgs) -> Result<ExitCode, CliError> {
    if args.select.is_empty() && !args.failed && !args.stale {
        return Err(no_selection("retry"));
    }
    let states = [(args.failed, RunStatus::State(RunState::Failed)), (args.stale, RunStatus::Stale)];
    let selected = states.into_iter().filter(|(is_selected, _)| *is_selected).map(|(_, status)| status);
    let (how, verb) = match args.from_start {
        true => (Change::RetryFromStart, "queued again, from the beginning"),
        false => (Change::Retry, "queued again"),
    };
    change(global, &args.select, |filter| filter.states.extend(selected), &how, verb)?;
    Ok(ExitCode::SUCCESS)
}
