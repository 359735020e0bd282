use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Args;

use crate::fit::FittedWeights;
use crate::fit::skip_thought::TrainedEncoder;
use crate::prepare::{FittedNetwork, PrepareError, fit_networks};

use super::super::format::{Format, FormatArgs, print, print_json};
use super::super::prepare_progress::PrepareProgress;
use super::super::{CliError, DeviceArgs, Global, SetArgs, experiment};

#[derive(Args)]
pub struct FitArgs {
    /// The network to fit
    #[arg(value_parser = ["alexnet", "vgg16", "vgg19", SKIP_THOUGHT])]
    network: String,
    /// Start from this file of weights [default: random weights]
    #[arg(long, value_name = "FILE")]
    from: Option<PathBuf>,
    /// The text to train a skip-thought encoder on, one sentence per line, with blank lines between documents [default:
    /// the captions of the training images]
    #[arg(long, value_name = "FILE", conflicts_with = "from")]
    corpus: Option<PathBuf>,
    /// The file to write [default: weights/<network>-fitted-<hash>.safetensors]
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    #[command(flatten)]
    overrides: SetArgs,
    #[command(flatten)]
    device: DeviceArgs,
    #[command(flatten)]
    format: FormatArgs,
}

/// The name of the text encoder on the command line.
const SKIP_THOUGHT: &str = "skip-thought";

/// Fits a guide network on the classes of the training images, or a text encoder on sentences, and writes its weights.
pub fn run(global: &Global, args: &FitArgs) -> Result<ExitCode, CliError> {
    let is_text = args.network == SKIP_THOUGHT;
    if is_text && args.from.is_some() || !is_text && args.corpus.is_some() {
        let (option, of) = if is_text { ("--from", "guide networks") } else { ("--corpus", "skip-thought") };
        let what = format!("{option} is for {of}, not for {}", args.network);
        return Err(CliError::Usage { what, help: "leave it out".to_owned() });
    }
    let mut sets = args.overrides.set.clone();
    sets.extend(args.from.iter().map(|from| format!("guide.fit.from={}", from.display())));
    sets.extend(args.corpus.iter().map(|corpus| format!("text.fit.corpus={}", corpus.display())));
    let plan = experiment::scratch(&settings_to_fit(&args.network), &sets)?;
    let settings = experiment::settings(&plan.cells[0]);
    let device = args.device.choose(global.quiet)?.open()?;
    let progress = PrepareProgress::new(global.quiet);
    let on_event = |event| progress.report(event);
    let resolved = fit_networks(&settings, &global.cache(), &device, &on_event)?;
    let part = resolved.fitted.first().expect("the settings require a fitted network");
    let default = || PathBuf::from(format!("weights/{}-fitted-{}.safetensors", args.network, &part.sha256()[..8]));
    let out = args.out.clone().unwrap_or_else(default);
    let fitted = if is_text { &resolved.settings.text.weights } else { &resolved.settings.guide.weights };
    copy(Path::new(fitted), &out)?;
    let record = part.record().expect("a record contains text and finite numbers");
    match (args.format.format, part) {
        (Format::Json, _) => print_json(&serde_json::json!({ "path": out, "fitted": record }))?,
        (_, FittedNetwork::Guide(fitted)) => print(&text(fitted, &out, &settings))?,
        (_, FittedNetwork::Text(trained)) => print(&text_of_encoder(trained, &out, &settings))?,
    }
    Ok(ExitCode::SUCCESS)
}

/// The settings that require the fit.
fn settings_to_fit(network: &str) -> String {
    match network {
        SKIP_THOUGHT => "[text]\nencoder = \"skip-thought\"\nweights = \"fit\"\n".to_owned(),
        _ => format!("[guide]\nnetwork = \"{network}\"\nweights = \"fit\"\nsegmentation = \"none\"\n"),
    }
}

/// Copies a file atomically.
fn copy(from: &Path, to: &Path) -> Result<(), CliError> {
    let failed = |path: &Path, source| CliError::Prepare(PrepareError::Cache { path: path.to_owned(), source });
    let bytes = std::fs::read(from).map_err(|error| failed(from, error))?;
    crate::atomic_file::write(to, &bytes).map_err(|error| failed(to, error))
}

fn text(fitted: &FittedWeights, out: &Path, settings: &crate::spec::Settings) -> String {
    let mut text = String::from("epoch  validation loss  top-1  top-5\n");
    for (epoch, score) in (1..).zip(&fitted.history) {
        let best = if epoch == fitted.epoch { "  saved" } else { "" };
        text.push_str(&format!("{epoch:>5}  {:>15.3}  {:.3}  {:.3}{best}\n", score.loss, score.top1, score.top5));
    }
    let guide = &settings.guide;
    text.push_str(&format!("\n{}\n{}\n", out.display(), fitted.sha256));
    text.push_str(&format!("{}\n", fitted.summary()));
    text.push_str(&format!(
        "settings: guide.weights = \"{}\", guide.input = {}, guide.width = {}\n",
        out.display(),
        guide.input,
        guide.width
    ));
    text
}

fn text_of_encoder(trained: &TrainedEncoder, out: &Path, settings: &crate::spec::Settings) -> String {
    let mut text = String::from("epoch  training perplexity  validation perplexity\n");
    for (epoch, score) in (1..).zip(&trained.history) {
        let best = if epoch == trained.epoch { "  saved" } else { "" };
        text.push_str(&format!("{epoch:>5}  {:>19.2}  {:>21.2}{best}\n", score.train, score.held_out));
    }
    text.push_str(&format!("unigram perplexity: {:.2}\n", trained.unigram));
    text.push_str(&format!("\n{}\n{}\n{}\n", out.display(), trained.sha256, trained.summary()));
    let of = &settings.text;
    text.push_str(&format!(
        "settings: text.encoder = \"skip-thought\", text.weights = \"{}\", text.variant = \"{}\", text.use_eos = {}\n",
        out.display(),
        of.variant,
        of.use_eos
    ));
    text
}
