use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Instant;

use clap::Args;
use serde_json::json;

use crate::data::check::{Checked, Severity, check};
use crate::screen::note;

use super::super::format::{Field, Format, FormatArgs, Sheet, print, print_json};
use super::super::progress::bar;
use super::{CliError, Global, root};

#[derive(Args)]
pub struct CheckArgs {
    /// The data set's folder [default: oxford-102]
    folder: Option<PathBuf>,
    /// Also write a line `<SHA-256>  <path>` a file, for `sha256sum -c` in the data set's folder
    #[arg(long, value_name = "FILE")]
    manifest: Option<PathBuf>,
    #[command(flatten)]
    format: FormatArgs,
}

/// Says everything that is wrong. The exit code is 3 if any of it would stop training.
pub fn run(global: &Global, args: &CheckArgs) -> Result<ExitCode, CliError> {
    let folder = root(&args.folder);
    let start = Instant::now();
    let bar = bar(global.quiet, "check", "images", 0);
    let checked = check(&folder, &|done, total| {
        bar.set_length(total as u64);
        // Several threads tell, and their words may cross: the bar never goes back.
        bar.set_position(bar.position().max(done as u64));
    })?;
    bar.finish_and_clear();
    if !global.quiet {
        let (images, seconds) = (checked.summary.images, start.elapsed().as_secs_f64());
        note(format!("check: {images} images in {seconds:.1} s"));
    }
    if let Some(file) = &args.manifest {
        write(file, &checked.manifest())?;
    }
    let sheet = sheet(&checked);
    match args.format.format {
        Format::Table if sheet.is_empty() => print(&format!("{}\n", summary(&folder, &checked)))?,
        Format::Table => print(&format!("{}\n\n{}\n", sheet.table(), summary(&folder, &checked)))?,
        Format::Json => print_json(&json!({ "summary": numbers(&checked), "findings": sheet.json() }))?,
        Format::Csv => sheet.print(Format::Csv)?,
    }
    Ok(if checked.count(Severity::Error) > 0 { ExitCode::from(3) } else { ExitCode::SUCCESS })
}

/// A row a finding.
fn sheet(checked: &Checked) -> Sheet {
    let mut sheet = Sheet::new(&["severity", "file", "line", "kind", "what"]);
    for finding in &checked.findings {
        sheet.push(vec![
            Field::text(finding.severity.as_str()),
            Field::text(&finding.file),
            Field::integer(finding.line.and_then(|line| i64::try_from(line).ok())),
            Field::text(finding.kind.as_str()),
            Field::text(&finding.what),
        ]);
    }
    sheet.hide_if_empty("line");
    sheet
}

fn summary(folder: &Path, checked: &Checked) -> String {
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

fn numbers(checked: &Checked) -> serde_json::Value {
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
        help: "name a file that you may write: --manifest FILE".to_owned(),
    })
}
