use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Args;

use crate::fit::Fitted;
use crate::prepare::{PrepareError, fit_alone};
use crate::spec::{ExperimentSpec, Plan};

use super::super::format::{Format, FormatArgs, print, print_json};
use super::super::progress::Preparing;
use super::super::{CliError, DeviceArgs, Global, experiment};

#[derive(Args)]
pub struct FitArgs {
    /// The network
    #[arg(value_parser = ["alexnet", "vgg16", "vgg19"])]
    network: String,
    /// Start from this file of weights instead of drawn ones
    #[arg(long, value_name = "FILE")]
    from: Option<PathBuf>,
    /// Where the fitted weights go [default: weights/<network>-fitted-<hash>.safetensors]
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Change a setting, as in `--set data.root=flowers --set guide.width=0.25 --set guide.fit.epochs=20`; may be repeated
    #[arg(long, value_name = "KEY=VALUE")]
    set: Vec<String>,
    #[command(flatten)]
    device: DeviceArgs,
    #[command(flatten)]
    format: FormatArgs,
}

/// Fits a backbone on the classes of the split's training images, and writes its weights.
pub fn run(global: &Global, args: &FitArgs) -> Result<ExitCode, CliError> {
    let plan = plan(args)?;
    let settings = experiment::settings(&plan.cells[0]);
    let device = args.device.choose(global.quiet)?.open()?;
    let preparing = Preparing::new(global.quiet);
    let tell = |stage, done, total| preparing.tell(stage, done, total);
    let resolved = fit_alone(&settings, &global.cache(), &device, &tell)?;
    let fitted = resolved.fitted.expect("the settings ask for a fitted network");
    let default = || PathBuf::from(format!("weights/{}-fitted-{}.safetensors", args.network, &fitted.sha256[..8]));
    let out = args.out.clone().unwrap_or_else(default);
    copy(Path::new(&resolved.settings.guide.weights), &out)?;
    match args.format.format {
        Format::Json => print_json(&serde_json::json!({ "path": out, "fitted": fitted }))?,
        _ => print(&text(&fitted, &out, &settings))?,
    }
    Ok(ExitCode::SUCCESS)
}

/// An experiment of one cell, whose guide is the network that is to be fitted.
fn plan(args: &FitArgs) -> Result<Plan, CliError> {
    let folder = tempfile::tempdir().map_err(|source| PrepareError::Cache { path: std::env::temp_dir(), source })?;
    let path = folder.path().join("weights-fit.toml");
    let text = format!(
        "extends = \"base/jem.toml\"\nseeds = [1]\n[guide]\nnetwork = \"{}\"\nweights = \"fit\"\nsegmentation = \"none\"\n",
        args.network
    );
    std::fs::write(&path, text).map_err(|source| PrepareError::Cache { path: path.clone(), source })?;
    let mut sets = args.set.clone();
    sets.extend(args.from.iter().map(|from| format!("guide.fit.from={}", from.display())));
    let spec = ExperimentSpec::read(&path.to_string_lossy(), &sets, std::env::vars())?;
    Ok(Plan::new(spec)?)
}

/// Copies a file to where it has its name only when it is whole.
fn copy(from: &Path, to: &Path) -> Result<(), CliError> {
    let failed = |source| CliError::Prepare(PrepareError::Cache { path: to.to_owned(), source });
    let folder = to.parent().filter(|folder| *folder != Path::new("")).unwrap_or(Path::new("."));
    std::fs::create_dir_all(folder).map_err(failed)?;
    let draft = tempfile::Builder::new().prefix(".draft-").tempfile_in(folder).map_err(failed)?;
    std::fs::copy(from, draft.path()).map_err(failed)?;
    draft.as_file().sync_all().map_err(failed)?;
    draft.persist(to).map_err(|error| failed(error.error))?;
    Ok(())
}

fn text(fitted: &Fitted, out: &Path, settings: &crate::spec::Settings) -> String {
    let mut text = String::from("epoch  loss   top-1  top-5\n");
    for (epoch, score) in (1..).zip(&fitted.history) {
        let best = if epoch == fitted.epoch { "  kept" } else { "" };
        text.push_str(&format!("{epoch:>5}  {:.3}  {:.3}  {:.3}{best}\n", score.loss, score.top1, score.top5));
    }
    let guide = &settings.guide;
    text.push_str(&format!("\n{}\n{}\n", out.display(), fitted.sha256));
    text.push_str(&format!("{}\n", fitted.about()));
    text.push_str(&format!(
        "use it: guide.weights = \"{}\", guide.input = {}, guide.width = {}\n",
        out.display(),
        guide.input,
        guide.width
    ));
    text
}
