//! The commands for weights: download, check, fit and expand.

mod check;
mod expand;
mod fetch;
mod fit;

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
    /// Download published weights and verify their checksums
    Fetch(fetch::FetchArgs),
    /// Identify the network of a file of weights, or list all differences from it
    Check(check::CheckArgs),
    /// Fit a guide network on the classes of training images, or a text encoder on sentences
    Fit(fit::FitArgs),
    /// Add the words of word2vec or GloVe to a skip-thought encoder
    Expand(expand::ExpandArgs),
}

/// Runs a command for weights.
pub fn run(global: &Global, args: &WeightsArgs) -> Result<ExitCode, CliError> {
    match &args.command {
        WeightsCommand::Fetch(args) => fetch::run(global, args),
        WeightsCommand::Check(args) => check::run(global, args),
        WeightsCommand::Fit(args) => fit::run(global, args),
        WeightsCommand::Expand(args) => expand::run(args),
    }
}
