use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Args;
use serde_json::json;

use crate::prepare::{PrepareError, weights_fingerprint};
use crate::vision::{WeightsInspection, inspect};

use super::super::format::{Format, FormatArgs, print, print_json};
use super::super::{CliError, Global};

#[derive(Args)]
pub struct CheckArgs {
    /// A file of weights: .pth, .pt or .safetensors
    file: PathBuf,
    #[command(flatten)]
    format: FormatArgs,
}

/// Identifies the network of a file. If there are differences, it lists them, and the exit code is 3.
pub fn run(global: &Global, args: &CheckArgs) -> Result<ExitCode, CliError> {
    let found = inspect(&args.file).map_err(PrepareError::from)?;
    let digests = global.cache().digests();
    let sha256 = weights_fingerprint(&args.file, &digests)?;
    match args.format.format {
        Format::Json => print_json(&json!({
            "path": args.file, "sha256": sha256, "network": found.network.as_str(), "width": found.config.width,
            "tensors": found.tensors, "parameters": found.parameters, "classes": found.classes,
            "prefix": found.prefix.as_ref().map(|prefix| &prefix.prefix),
            "beside": found.prefix.as_ref().map_or(&[][..], |prefix| &prefix.other_keys),
            "last_layer": found.last, "absent": found.absent,
            "problems": found.problems.iter().map(ToString::to_string).collect::<Vec<_>>(),
        }))?,
        _ => print(&text(&args.file, &found, &sha256))?,
    }
    Ok(if found.problems.is_empty() { ExitCode::SUCCESS } else { ExitCode::from(3) })
}

fn text(path: &Path, found: &WeightsInspection, sha256: &str) -> String {
    let WeightsInspection { network, config, tensors, parameters, classes, problems, prefix, last, absent } = found;
    let named = format!("{network} at width {}", config.width);
    let what = match problems.len() {
        0 => named,
        _ if last.is_some() => format!("{named}, but some values are not finite"),
        count => format!("unknown network: {count} differences from the most similar one, {named}"),
    };
    let classes = classes.map_or("no classification layer".to_owned(), |classes| format!("{classes} classes"));
    let mut text = format!(
        "{}: {what}\n{tensors} tensors, {parameters} parameters, {classes}\nSHA-256 {sha256}\n",
        path.display()
    );
    if let Some(prefix) = prefix {
        text.push_str(&format!("note: {prefix}\n"));
    }
    if let Some(last) = last.as_ref().filter(|_| !absent.is_empty()) {
        text.push_str(&format!("note: missing: {}; features can be extracted up to {last}\n", few(absent)));
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
