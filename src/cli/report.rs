use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use clap::Args;

use crate::report::{ReportInput, ReportSpec, schema};
use crate::screen::note;
use crate::store::{Store, StoreError};

use super::format::{print, print_json};
use super::{CliError, Global};

#[derive(Args)]
pub struct ReportArgs {
    /// The name of a report file (reports/<NAME>.toml) or of an experiment; or the path of a report file, which
    /// contains a / or ends in .toml
    #[arg(required_unless_present = "schema")]
    report: Option<String>,
    /// Print the JSON Schema of report files, for editors
    #[arg(long, conflicts_with = "report")]
    schema: bool,
}

pub fn run(global: &Global, args: &ReportArgs) -> Result<ExitCode, CliError> {
    let Some(report) = &args.report else {
        print_json(&schema())?;
        return Ok(ExitCode::SUCCESS);
    };
    let store = Arc::new(global.open_to_read()?);
    write(global, &store, report.trim_end_matches('/'))?;
    Ok(ExitCode::SUCCESS)
}

/// Writes the report `name` to `reports/<name>/`, and prints the path of its text, or of the folder if it has none.
pub fn write(global: &Global, store: &Arc<Store>, name: &str) -> Result<(), CliError> {
    let spec = find(store, name)?;
    let folder = folder(&spec.name);
    crate::report::check_folder(&folder)?;
    let input = read_input(store, &spec)?;
    let written = crate::report::write(&input, &spec, &folder)?;
    if !written.missing_glyphs.is_empty() && !global.quiet {
        note(format!(
            "note: the font of figures lacks {}: the report lists the names that figures use instead",
            written.missing_glyphs.join(" ")
        ));
    }
    print(&format!("{}\n", written.text().unwrap_or(&folder).display()))
}

/// Checks before training that the report of the experiment `name` can be written.
///
/// # Errors
///
/// If it cannot be written, or the report file of that name is invalid.
pub fn check_folder(name: &str) -> Result<(), CliError> {
    let file = Path::new("reports").join(format!("{name}.toml"));
    let name = if file.is_file() { ReportSpec::read(&file)?.name } else { name.to_owned() };
    Ok(crate::report::check_folder(&folder(&name))?)
}

fn folder(name: &str) -> PathBuf {
    Path::new("reports").join(name)
}

fn find(store: &Store, name: &str) -> Result<ReportSpec, CliError> {
    // The name of an experiment does not select a file of that name in the current folder.
    let is_path = name.contains('/') || name.ends_with(".toml");
    let file = if is_path { PathBuf::from(name) } else { PathBuf::from(format!("reports/{name}.toml")) };
    // The path of an experiment file selects the experiment.
    if file.is_file() && !name.starts_with("experiments/") {
        return Ok(ReportSpec::read(&file)?);
    }
    let stem = Path::new(name).file_stem().filter(|_| is_path).map(|stem| stem.to_string_lossy().into_owned());
    match store.experiment(stem.as_deref().unwrap_or(name))? {
        Some(experiment) => Ok(ReportSpec::for_experiment(&experiment.name, &experiment.title)),
        None => Err(unknown(store, name)?),
    }
}

fn unknown(store: &Store, name: &str) -> Result<CliError, StoreError> {
    let known = store.experiments()?.join(", ");
    let is_file = Path::new(name).is_file() && !name.contains('/');
    let path =
        if is_file { format!("; write ./{name} for the file `{name}` in the current folder") } else { String::new() };
    Ok(CliError::Usage {
        what: format!("{}: no experiment `{name}`, and no report file of that name", store.path().display()),
        help: format!("experiments in this database: {known}{path}"),
    })
}

/// Reads the input of the report from the database.
fn read_input(store: &Arc<Store>, spec: &ReportSpec) -> Result<ReportInput, CliError> {
    let mut experiments = Vec::new();
    for name in &spec.experiments {
        let Some(experiment) = store.experiment(name)? else { return Err(unknown(store, name)?) };
        experiments.push(experiment);
    }
    Ok(ReportInput::read(store, spec, experiments)?)
}
