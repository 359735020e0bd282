//! The weights of frozen networks: fetched.

mod fetch;

use std::process::ExitCode;

use clap::{Args, Subcommand};

use super::{CliError, Global};

#[derive(Args)]
pub struct WeightsArgs {
    #[command(subcommand)]
    command: WeightsCommand,
}

#[derive(Subcommand)]
enum WeightsCommand {
    /// Bring weights from where they are published, and hold them against published checksums
    Fetch(fetch::FetchArgs),
}

/// Carries out what is to be done with weights.
pub fn run(global: &Global, args: &WeightsArgs) -> Result<ExitCode, CliError> {
    match &args.command {
        WeightsCommand::Fetch(args) => fetch::run(global, args),
    }
}
