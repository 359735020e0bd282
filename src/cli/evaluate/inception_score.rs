//! `jem eval is`: the inception score.

use std::process::ExitCode;

use clap::Args;

use crate::evaluate::{EvaluateError, FeatureExtraction, SCORE_SPLITS, ScoreResult, inception_score, measure_name};
use crate::metric::MetricError;

use super::super::format::FormatArgs;
use super::network::NetworkArgs;
use super::result::EvalResult;
use super::runs::RunSources;
use super::{CliError, Global, show_event};

#[derive(Args)]
pub struct InceptionScoreArgs {
    /// Generated images: a folder, a file of features (.safetensors), or samples of a run: run:<number>,
    /// run:<number>@best, run:<number>@<epoch>
    #[arg(value_name = "GENERATED")]
    generated: String,
    /// The number of samples of a run [default: its eval.samples]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(2..=10_000_000))]
    samples: Option<u32>,
    #[command(flatten)]
    network: NetworkArgs,
    /// The number of parts that the images are split into
    #[arg(long, default_value_t = SCORE_SPLITS, value_name = "N")]
    splits: usize,
    /// The seed of their order
    #[arg(long, default_value_t = 1, value_name = "SEED")]
    seed: u64,
    #[command(flatten)]
    format: FormatArgs,
}

pub fn run(global: &Global, args: &InceptionScoreArgs) -> Result<ExitCode, CliError> {
    let source = RunSources::new(global, &args.network.device, args.samples).open(&args.generated)?;
    let (splits, rows) = (args.splits, source.rows()?);
    // Checked here, because feature extraction may take hours.
    if splits == 0 || splits > rows {
        return Err(usage(MetricError::Splits { splits, rows }.into()));
    }
    let (digests, on_event) = (global.cache().digests(), show_event(global.quiet));
    let extraction = match source.is_images() {
        true => Some(FeatureExtraction::new(args.network.settings(global.quiet)?, &digests, &on_event)?),
        false => None,
    };
    let ScoreResult { score, origin, source } =
        inception_score(&source, extraction.as_ref(), splits, args.seed, &digests).map_err(usage)?;
    let mut result = EvalResult::new(origin.as_ref());
    let name = measure_name(origin.as_ref(), "IS", "score");
    result.uncertain_value(name, score.mean, score.deviation, "standard deviation over splits");
    result.setting("splits", splits);
    result.setting("seed", args.seed);
    result.sources(&source, None);
    if origin.is_none() {
        result.note("the network and layer of the features are not known");
    }
    result.print(args.format.format)?;
    Ok(ExitCode::SUCCESS)
}

fn usage(error: EvaluateError) -> CliError {
    match error {
        EvaluateError::Metric(error @ MetricError::Splits { rows, .. }) => CliError::Usage {
            what: error.to_string(),
            help: format!("--splits must be from 1 to {rows}; or add images"),
        },
        other => other.into(),
    }
}
