use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::OnceLock;

use clap::Args;
use serde_json::json;

use crate::data::check::{CheckReport, Severity, check};

use super::super::format::{Field, Format, FormatArgs, Records, print, print_json};
use super::super::progress::{StageProgress, Unit};
use super::{CliError, DEFAULT_ROOT, Global};

#[derive(Args)]
pub struct CheckArgs {
    /// The folder of the data set
    #[arg(default_value = DEFAULT_ROOT)]
    folder: PathBuf,
    /// Write the SHA-256 of every file to this file, for `sha256sum -c` in the folder of the data set [default: none]
    #[arg(long, value_name = "FILE")]
    manifest: Option<PathBuf>,
    #[command(flatten)]
    format: FormatArgs,
}

/// Lists all findings. The exit code is 3 if there are errors, which would stop training.
pub fn run(global: &Global, args: &CheckArgs) -> Result<ExitCode, CliError> {
    let progress = OnceLock::new();
    let checked = check(&args.folder, &|done, total| {
        let stage = || StageProgress::new(global.quiet, "check", Unit::Items("images"), Some(total as u64));
        progress.get_or_init(stage).set(done as u64);
    })?;
    if let Some(progress) = progress.get() {
        progress.finish();
    }
    if let Some(file) = &args.manifest {
        write(file, &checked.manifest())?;
    }
    let records = records(&checked);
    match args.format.format {
        Format::Table if records.is_empty() => print(&format!("{}\n", summary(&args.folder, &checked)))?,
        Format::Table => print(&format!("{}\n\n{}\n", records.table(), summary(&args.folder, &checked)))?,
        Format::Json => print_json(&json!({ "summary": numbers(&checked), "findings": records.json() }))?,
        Format::Csv => records.print(Format::Csv)?,
    }
    Ok(if checked.count(Severity::Error) > 0 { ExitCode::from(3) } else { ExitCode::SUCCESS })
}

/// A row for each finding.
fn records(checked: &CheckReport) -> Records {
    let mut records = Records::new(&["severity", "file", "line", "kind", "what"]);
    for finding in &checked.findings {
        records.push(vec![
            Field::text(finding.severity.as_str()),
            Field::text(&finding.file),
            Field::integer(finding.line.and_then(|line| i64::try_from(line).ok())),
            Field::text(finding.kind.as_str()),
            Field::text(&finding.message),
        ]);
    }
    records.hide_if_empty("line");
    records
}

fn summary(folder: &Path, checked: &CheckReport) -> String {
    let sum = &checked.summary;
    let many = |count: usize, one: &str, more: &str| format!("{count} {}", if count == 1 { one } else { more });
    format!(
        "{}: {}, {}, {}, {}, {}; {}, {}",
        folder.display(),
        many(sum.images, "image", "images"),
        many(sum.classes, "class", "classes"),
        many(sum.captions, "caption", "captions"),
        many(sum.blank_lines, "blank line", "blank lines"),
        many(sum.duplicates, "duplicate", "duplicates"),
        many(checked.count(Severity::Error), "error", "errors"),
        many(checked.count(Severity::Warning), "warning", "warnings"),
    )
}

fn numbers(checked: &CheckReport) -> serde_json::Value {
    let sum = &checked.summary;
    json!({
        "images": sum.images,
        "classes": sum.classes,
        "captions": sum.captions,
        "blank_lines": sum.blank_lines,
        "duplicates": sum.duplicates,
        "errors": checked.count(Severity::Error),
        "warnings": checked.count(Severity::Warning),
    })
}

fn write(file: &Path, text: &str) -> Result<(), CliError> {
    std::fs::write(file, text).map_err(|error| CliError::Usage {
        what: format!("{}: cannot be written: {error}", file.display()),
        help: "choose a writable file: --manifest FILE".to_owned(),
    })
}
