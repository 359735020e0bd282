use std::process::ExitCode;

use clap::Args;

use crate::store::{Change, RunState, Standing};

use super::change::{SelectArgs, change, nothing_chosen};
use super::{CliError, Global};

#[derive(Args)]
pub struct RetryArgs {
    #[command(flatten)]
    select: SelectArgs,
    /// The failed ones
    #[arg(long)]
    failed: bool,
    /// The ones whose worker is gone
    #[arg(long)]
    stale: bool,
    /// Drop the checkpoint and everything that was measured, and train from the beginning
    #[arg(long)]
    from_start: bool,
}

/// Queues failed, cancelled and stale runs again. They go on from their last checkpoint, unless they are to begin anew.
pub fn run(global: &Global, args: &RetryArgs) -> Result<ExitCode, CliError> {
    if args.select.is_empty() && !args.failed && !args.stale {
        return Err(nothing_chosen("retry"));
    }
    let states = [(args.failed, Standing::Is(RunState::Failed)), (args.stale, Standing::Stale)];
    let asked = states.into_iter().filter(|(asked, _)| *asked).map(|(_, standing)| standing);
    let (how, verb) = match args.from_start {
        true => (Change::RetryFromStart, "queued again, from the beginning"),
        false => (Change::Retry, "queued again"),
    };
    change(global, &args.select, |filter| filter.states.extend(asked), &how, verb)?;
    Ok(ExitCode::SUCCESS)
}
