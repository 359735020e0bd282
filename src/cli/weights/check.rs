use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Args;
use serde_json::json;

use crate::prepare::{PrepareError, weights_print};
use crate::vision::{Inspected, inspect};

use super::super::format::{Format, FormatArgs, print, print_json};
use super::super::{CliError, Global};

#[derive(Args)]
pub struct CheckArgs {
    /// The file of weights: .pth, .pt or .safetensors
    file: PathBuf,
    #[command(flatten)]
    format: FormatArgs,
}

/// Says which network a file holds, or all that keeps it from being one; exit code 3 then.
pub fn run(global: &Global, args: &CheckArgs) -> Result<ExitCode, CliError> {
    let found = inspect(&args.file).map_err(PrepareError::from)?;
    let digests = global.cache().digests();
    let sha256 = weights_print(&args.file, &digests)?;
    match args.format.format {
        Format::Json => print_json(&json!({
            "path": args.file, "sha256": sha256, "network": found.network.as_str(), "width": found.config.width,
            "tensors": found.tensors, "parameters": found.parameters, "classes": found.classes,
            "prefix": found.nesting.as_ref().map(|nesting| &nesting.prefix),
            "beside": found.nesting.as_ref().map_or(&[][..], |nesting| &nesting.beside),
            "last_layer": found.last, "absent": found.absent,
            "problems": found.problems.iter().map(ToString::to_string).collect::<Vec<_>>(),
        }))?,
        _ => print(&text(&args.file, &found, &sha256))?,
    }
    Ok(if found.problems.is_empty() { ExitCode::SUCCESS } else { ExitCode::from(3) })
}

fn text(path: &Path, found: &Inspected, sha256: &str) -> String {
    let Inspected { network, config, tensors, parameters, classes, problems, nesting, last, absent } = found;
    let named = format!("{network} at width {}", config.width);
    let what = match problems.len() {
        0 => named,
        _ if last.is_some() => format!("{named}, whose numbers are not all finite"),
        count => format!("no network: {count} differences from {named}, which it is closest to"),
    };
    let classes = classes.map_or("no layer of classes".to_owned(), |classes| format!("{classes} classes"));
    let mut text = format!(
        "{}: {what}\n{tensors} tensors, {parameters} parameters, {classes}\nSHA-256 {sha256}\n",
        path.display()
    );
    if let Some(nesting) = nesting {
        text.push_str(&format!("note: {nesting}\n"));
    }
    if let Some(last) = last.as_ref().filter(|_| !absent.is_empty()) {
        text.push_str(&format!("note: absent: {}; features can be taken up to {last}\n", few(absent)));
    }
    problems.iter().for_each(|problem| text.push_str(&format!("  {problem}\n")));
    text
}

/// The first few names, and how many more there are.
fn few(names: &[String]) -> String {
    const FEW: usize = 6;
    match names.len() {
        0..=FEW => names.join(", "),
        count => format!("{} and {} more", names[..FEW].join(", "), count - FEW),
    }
}
