//! Data sets: drawn, fetched and checked.

mod check;
mod draw;
mod fetch;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Subcommand};

use super::{CliError, Global};

#[derive(Args)]
pub struct DataArgs {
    #[command(subcommand)]
    command: DataCommand,
}

#[derive(Subcommand)]
enum DataCommand {
    /// Bring a data set from where it is published into the layout that `data.root` wants
    Fetch(fetch::FetchArgs),
    /// Write flowers that jem draws, in the official layout, with masks and the truth about each
    Draw(draw::DrawArgs),
    /// Read all of a data set and say everything that is wrong with it
    Check(check::CheckArgs),
}

/// Carries out what is to be done with a data set.
pub fn run(global: &Global, args: &DataArgs) -> Result<ExitCode, CliError> {
    match &args.command {
        DataCommand::Fetch(args) => fetch::run(global, args),
        DataCommand::Draw(args) => draw::run(global, args),
        DataCommand::Check(args) => check::run(global, args),
    }
}

/// Where `data.root` of the recipes that come with jem points to.
fn root(named: &Option<PathBuf>) -> PathBuf {
    named.clone().unwrap_or_else(|| PathBuf::from("oxford-102"))
}
