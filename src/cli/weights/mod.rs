//! The weights of frozen networks: fetched, checked, and fitted.

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
    /// Bring weights from where they are published, and hold them against published checksums
    Fetch(fetch::FetchArgs),
    /// Say which network a file of weights holds, or all that keeps it from being one
    Check(check::CheckArgs),
    /// Fit a network on the classes of a data set's training images, or a text encoder on sentences
    Fit(fit::FitArgs),
    /// Give a skip-thought encoder the words of word2vec or GloVe
    Expand(expand::ExpandArgs),
}

/// Carries out what is to be done with weights.
pub fn run(global: &Global, args: &WeightsArgs) -> Result<ExitCode, CliError> {
    match &args.command {
        WeightsCommand::Fetch(args) => fetch::run(global, args),
        WeightsCommand::Check(args) => check::run(global, args),
        WeightsCommand::Fit(args) => fit::run(global, args),
        WeightsCommand::Expand(args) => expand::run(args),
    }
}
