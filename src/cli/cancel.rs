use std::process::ExitCode;

use clap::Args;

use crate::store::Change;

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
    change(global, &args.select, |_| {}, &Change::Cancel, "cancelled")?;
    Ok(ExitCode::SUCCESS)
}
