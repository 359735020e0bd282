use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Args;

use crate::fit::Fitted;
use crate::fit::skip_thought::Trained;
use crate::prepare::{FittedPart, PrepareError, fit_alone};

use super::super::format::{Format, FormatArgs, print, print_json};
use super::super::progress::Preparing;
use super::super::{CliError, DeviceArgs, Global, experiment};

#[derive(Args)]
pub struct FitArgs {
    /// The network
    #[arg(value_parser = ["alexnet", "vgg16", "vgg19", SKIP_THOUGHT])]
    network: String,
    /// Start from this file of weights instead of drawn ones
    #[arg(long, value_name = "FILE")]
    from: Option<PathBuf>,
    /// Train a skip-thought encoder on this text, one sentence a line, blank lines between documents [default: the captions of
    /// the split's training images]
    #[arg(long, value_name = "FILE", conflicts_with = "from")]
    corpus: Option<PathBuf>,
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

/// What the text encoder is called beside the networks.
const SKIP_THOUGHT: &str = "skip-thought";

/// Fits a backbone on the classes of the split's training images, or a text encoder on sentences, and writes its weights.
pub fn run(global: &Global, args: &FitArgs) -> Result<ExitCode, CliError> {
    let is_text = args.network == SKIP_THOUGHT;
    if is_text && args.from.is_some() || !is_text && args.corpus.is_some() {
        let (option, of) = if is_text { ("--from", "a guide's network") } else { ("--corpus", "skip-thought") };
        let what = format!("{option} belongs to {of}, not to {}", args.network);
        return Err(CliError::Usage { what, help: "leave it out".to_owned() });
    }
    let mut sets = args.set.clone();
    sets.extend(args.from.iter().map(|from| format!("guide.fit.from={}", from.display())));
    sets.extend(args.corpus.iter().map(|corpus| format!("text.fit.corpus={}", corpus.display())));
    let plan = experiment::scratch(&asked(&args.network), &sets)?;
    let settings = experiment::settings(&plan.cells[0]);
    let device = args.device.choose(global.quiet)?.open()?;
    let preparing = Preparing::new(global.quiet);
    let tell = |news| preparing.tell(news);
    let resolved = fit_alone(&settings, &global.cache(), &device, &tell)?;
    let part = resolved.fitted.first().expect("the settings ask for a fitted network");
    let default = || PathBuf::from(format!("weights/{}-fitted-{}.safetensors", args.network, &part.sha256()[..8]));
    let out = args.out.clone().unwrap_or_else(default);
    let made = if is_text { &resolved.settings.text.weights } else { &resolved.settings.guide.weights };
    copy(Path::new(made), &out)?;
    let record = part.record().expect("a record holds text and finite numbers");
    match (args.format.format, part) {
        (Format::Json, _) => print_json(&serde_json::json!({ "path": out, "fitted": record }))?,
        (_, FittedPart::Guide(fitted)) => print(&text(fitted, &out, &settings))?,
        (_, FittedPart::Text(trained)) => print(&text_of_encoder(trained, &out, &settings))?,
    }
    Ok(ExitCode::SUCCESS)
}

/// The settings that ask for it.
fn asked(network: &str) -> String {
    match network {
        SKIP_THOUGHT => "[text]\nencoder = \"skip-thought\"\nweights = \"fit\"\n".to_owned(),
        _ => format!("[guide]\nnetwork = \"{network}\"\nweights = \"fit\"\nsegmentation = \"none\"\n"),
    }
}

/// Copies a file to where it has its name only when it is whole.
fn copy(from: &Path, to: &Path) -> Result<(), CliError> {
    let failed = |path: &Path, source| CliError::Prepare(PrepareError::Cache { path: path.to_owned(), source });
    let bytes = std::fs::read(from).map_err(|error| failed(from, error))?;
    crate::whole::write(to, &bytes).map_err(|error| failed(to, error))
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

fn text_of_encoder(trained: &Trained, out: &Path, settings: &crate::spec::Settings) -> String {
    let mut text = String::from("epoch  perplexity: learned  held out\n");
    for (epoch, score) in (1..).zip(&trained.history) {
        let best = if epoch == trained.epoch { "  kept" } else { "" };
        text.push_str(&format!("{epoch:>5}  {:>19.2}  {:>8.2}{best}\n", score.learned, score.held_out));
    }
    text.push_str(&format!("frequencies of words alone  {:>8.2}\n", trained.unigram));
    text.push_str(&format!("\n{}\n{}\n{}\n", out.display(), trained.sha256, trained.about()));
    let of = &settings.text;
    text.push_str(&format!(
        "use it: text.encoder = \"skip-thought\", text.weights = \"{}\", text.variant = \"{}\", text.use_eos = {}\n",
        out.display(),
        of.variant,
        of.use_eos
    ));
    text
}
