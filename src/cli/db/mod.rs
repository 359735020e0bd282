//! The record as a file: checked, and copied.

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
    /// Check that the database and its files are whole, and say what to do about what is not
    Check(check::CheckArgs),
    /// Copy the database to a file, also while runs train
    Backup(backup::BackupArgs),
}

/// Carries out what is to be done with the database.
pub fn run(global: &Global, args: &DbArgs) -> Result<ExitCode, CliError> {
    match &args.command {
        DbCommand::Check(args) => check::run(global, args),
        DbCommand::Backup(args) => backup::run(global, args),
    }
}
