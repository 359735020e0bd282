//! The commands for data sets: download, generate and check.

mod check;
mod draw;
mod fetch;

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
    /// Download a data set and unpack it into the layout that `data.root` requires
    Fetch(fetch::FetchArgs),
    /// Generate a data set of drawn flowers in the layout of Oxford-102, with masks and parameters of each image
    Draw(draw::DrawArgs),
    /// Read all files of a data set and list all errors
    Check(check::CheckArgs),
}

/// Runs a command for data sets.
pub fn run(global: &Global, args: &DataArgs) -> Result<ExitCode, CliError> {
    match &args.command {
        DataCommand::Fetch(args) => fetch::run(global, args),
        DataCommand::Draw(args) => draw::run(global, args),
        DataCommand::Check(args) => check::run(global, args),
    }
}

/// `data.root` of the recipes that come with jem.
const DEFAULT_ROOT: &str = "oxford-102";
