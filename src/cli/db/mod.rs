//! The commands for the database file: check and back up.

mod backup;
mod check;

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
}

/// Runs a command for the database.
pub fn run(global: &Global, args: &DbArgs) -> Result<ExitCode, CliError> {
    match &args.command {
        DbCommand::Check(args) => check::run(global, args),
        DbCommand::Backup(args) => backup::run(global, args),
    }
}
