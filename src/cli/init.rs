use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Args;

use crate::report::EMBEDDED_REPORTS;
use crate::spec::EMBEDDED;

use super::CliError;
use super::format::print;

#[derive(Args)]
pub struct InitArgs {
    /// The folder in which to write experiments/ and reports/
    #[arg(default_value = ".")]
    folder: PathBuf,
    /// Overwrite files that were changed
    #[arg(long)]
    force: bool,
}

/// What to do with a file.
enum FileAction {
    /// It is missing.
    Write,
    /// It is equal.
    Keep,
    /// It was changed: only `--force` overwrites it.
    Overwrite,
}

/// Writes missing files. If a file was changed, nothing is written without `--force`.
pub fn run(args: &InitArgs) -> Result<ExitCode, CliError> {
    let experiments = EMBEDDED.iter().map(|file| (Path::new("experiments").join(file.path), file.text));
    let reports = EMBEDDED_REPORTS.iter().map(|(path, text)| (Path::new("reports").join(path), *text));
    let mut files = Vec::new();
    for (path, text) in experiments.chain(reports) {
        let path = args.folder.join(path);
        let action = action(&path, text)?;
        files.push((path, text, action));
    }
    let changed: Vec<String> = files
        .iter()
        .filter(|(_, _, action)| matches!(action, FileAction::Overwrite) && !args.force)
        .map(|(path, ..)| path.display().to_string())
        .collect();
    if !changed.is_empty() {
        return Err(CliError::Usage {
            what: format!("these files differ from those that come with jem: {}", changed.join(", ")),
            help: "nothing was written; overwrite them with --force, or choose another folder".to_owned(),
        });
    }
    for (path, text, action) in files {
        match action {
            FileAction::Keep => print(&format!("kept {}\n", path.display()))?,
            FileAction::Write | FileAction::Overwrite => {
                write(&path, text).map_err(|error| inaccessible(&path, "written", &error))?;
                print(&format!("wrote {}\n", path.display()))?;
            }
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn action(path: &Path, text: &str) -> Result<FileAction, CliError> {
    match std::fs::read(path) {
        Ok(bytes) if bytes == text.as_bytes() => Ok(FileAction::Keep),
        Ok(_) => Ok(FileAction::Overwrite),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(FileAction::Write),
        Err(error) => Err(inaccessible(path, "read", &error)),
    }
}

fn write(path: &Path, text: &str) -> std::io::Result<()> {
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder)?;
    }
    std::fs::write(path, text)
}

fn inaccessible(path: &Path, what: &str, error: &std::io::Error) -> CliError {
    CliError::Usage {
        what: format!("{}: cannot be {what}: {error}", path.display()),
        help: "choose a writable folder: jem init FOLDER".to_owned(),
    }
}
