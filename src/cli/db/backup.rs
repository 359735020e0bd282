use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;

use crate::store::Filter;

use super::super::format::print;
use super::super::size::Size;
use super::{CliError, Global};

#[derive(Args)]
pub struct BackupArgs {
    /// The file to write, which must not exist
    file: PathBuf,
}

/// Copies a consistent state of the database. Checkpoints are separate files and are not copied.
pub fn run(global: &Global, args: &BackupArgs) -> Result<ExitCode, CliError> {
    let store = global.open_to_read()?;
    let bytes = store.backup(&args.file)?;
    let runs = store.list(&Filter { older: true, ..Filter::default() })?.len();
    let folders = store.artifacts()?.len();
    print(&format!(
        "{}: {runs} runs, {}; the {folders} checkpoints in {} are not part of the backup\n",
        args.file.display(),
        Size(bytes),
        store.files().display(),
    ))?;
    Ok(ExitCode::SUCCESS)
}
