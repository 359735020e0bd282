use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;

use crate::store::Filter;

use super::super::format::print;
use super::super::size::Size;
use super::{CliError, Global};

#[derive(Args)]
pub struct BackupArgs {
    /// The file to make; one that is there is not replaced
    file: PathBuf,
}

/// Copies the database as it stands at one moment. Checkpoints are files of their own and are not copied.
pub fn run(global: &Global, args: &BackupArgs) -> Result<ExitCode, CliError> {
    let store = global.open_to_read()?;
    let bytes = store.backup(&args.file)?;
    let runs = store.list(&Filter { older: true, ..Filter::default() })?.len();
    let folders = store.artifacts()?.len();
    print(&format!(
        "{}: {runs} runs, {}; {folders} checkpoints stay in {} and are not part of it\n",
        args.file.display(),
        Size(bytes),
        store.files().display(),
    ))?;
    Ok(ExitCode::SUCCESS)
}
