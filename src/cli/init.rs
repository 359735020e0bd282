use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Args;

use crate::spec::EMBEDDED;

use super::CliError;
use super::format::print;

/// The files of `reports/` that come with jem.
const REPORTS: &[(&str, &str)] = &[
    ("oxford-small.toml", include_str!("../../reports/oxford-small.toml")),
    ("quickstart.toml", include_str!("../../reports/quickstart.toml")),
];

#[derive(Args)]
pub struct InitArgs {
    /// Where to write experiments/ and reports/
    #[arg(default_value = ".")]
    folder: PathBuf,
    /// Overwrite files that differ
    #[arg(long)]
    force: bool,
}

/// What is to be done about one file.
enum Fate {
    Write,
    Keep,
    Differs,
}

/// Writes what is not there yet. A file that was edited is never overwritten unasked, and then nothing is written.
pub fn run(args: &InitArgs) -> Result<ExitCode, CliError> {
    let experiments = EMBEDDED.iter().map(|file| (Path::new("experiments").join(file.path), file.text));
    let reports = REPORTS.iter().map(|(path, text)| (Path::new("reports").join(path), *text));
    let mut files = Vec::new();
    for (path, text) in experiments.chain(reports) {
        let path = args.folder.join(path);
        let fate = fate(&path, text)?;
        files.push((path, text, fate));
    }
    let differing: Vec<String> = files
        .iter()
        .filter(|(_, _, fate)| matches!(fate, Fate::Differs) && !args.force)
        .map(|(path, ..)| path.display().to_string())
        .collect();
    if !differing.is_empty() {
        return Err(CliError::Usage {
            what: format!("not what comes with jem, and left alone: {}", differing.join(", ")),
            help: "nothing was written; --force overwrites them, and another folder takes a fresh copy".to_owned(),
        });
    }
    for (path, text, fate) in files {
        match fate {
            Fate::Keep => print(&format!("kept {}\n", path.display()))?,
            Fate::Write | Fate::Differs => {
                write(&path, text).map_err(|error| refused(&path, "written", &error))?;
                print(&format!("wrote {}\n", path.display()))?;
            }
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn fate(path: &Path, text: &str) -> Result<Fate, CliError> {
    match std::fs::read(path) {
        Ok(there) if there == text.as_bytes() => Ok(Fate::Keep),
        Ok(_) => Ok(Fate::Differs),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(Fate::Write),
        Err(error) => Err(refused(path, "read", &error)),
    }
}

fn write(path: &Path, text: &str) -> std::io::Result<()> {
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder)?;
    }
    std::fs::write(path, text)
}

fn refused(path: &Path, what: &str, error: &std::io::Error) -> CliError {
    CliError::Usage {
        what: format!("{}: cannot be {what}: {error}", path.display()),
        help: "choose a folder that you may write to: jem init FOLDER".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_report_file_comes_with_jem() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("reports");
        let names = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
        let mut names: Vec<String> = names.filter(|name| name.ends_with(".toml")).collect();
        names.sort();
        let known: Vec<&str> = REPORTS.iter().map(|(path, _)| *path).collect();
        assert_eq!(names, known);
    }
}
