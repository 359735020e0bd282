//! The commands for the database file: check, back up, and compute convergence again.

mod backup;
mod check;
mod converge;

use std::process::ExitCode;

use clap::{Args, Subcommand};

use super::{CliError, Global};

#[derive(Args)]
pub struct DbArgs {
    #[command(subcommand)]
    command: DbCommand,
}

#[derive(Subcommand)]
enum DbCommand {
    /// Check the database and its checkpoints, and list faults with remedies
    Check(check::CheckArgs),
    /// Copy the database to a file, even while runs train
    Backup(backup::BackupArgs),
    /// Compute the convergence of finished and diverged runs by a rule, store it, and print it by cell; without training
    Converge(converge::ConvergeArgs),
}

/// Runs a command for the database.
pub fn run(global: &Global, args: &DbArgs) -> Result<ExitCode, CliError> {
    match &args.command {
        DbCommand::Check(args) => check::run(global, args),
        DbCommand::Backup(args) => backup::run(global, args),
        DbCommand::Converge(args) => converge::run(global, args),
    }
}
