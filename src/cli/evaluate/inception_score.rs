//! The inception score.

use std::process::ExitCode;

use clap::Args;

use crate::metric::{FeatureSet, MetricError, Rows, inception_score};

use super::super::format::FormatArgs;
use super::answer::{Answer, Party};
use super::error::EvaluateError;
use super::name::name;
use super::network::NetworkArgs;
use super::observer::{LOGITS, Observer};
use super::runs::Runs;
use super::source::Source;
use super::{CliError, Global};

#[derive(Args)]
pub struct InceptionScoreArgs {
    /// Generated pictures: a folder of them, a file of features (.safetensors), or a run's samples:
    /// run:<number>, run:<number>@best
    #[arg(value_name = "GENERATED")]
    generated: String,
    /// How many samples a run draws [default: its eval.samples]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(2..=10_000_000))]
    samples: Option<u32>,
    #[command(flatten)]
    network: NetworkArgs,
    /// How many parts the pictures are scored in
    #[arg(long, default_value_t = 10, value_name = "N")]
    splits: usize,
    /// What their order is drawn by
    #[arg(long, default_value_t = 1, value_name = "SEED")]
    seed: u64,
    #[command(flatten)]
    format: FormatArgs,
}

pub fn run(global: &Global, args: &InceptionScoreArgs) -> Result<ExitCode, CliError> {
    let source = Source::open(&args.generated, &Runs::new(global, &args.network.device, args.samples))?;
    let (splits, rows) = (args.splits, source.rows()?);
    if splits == 0 || splits > rows {
        return Err(split(MetricError::Splits { splits, rows }));
    }
    let (set, skipped) = match &source {
        Source::Features { set, .. } => (set.clone(), 0),
        Source::Pictures(pictures) => {
            let digests = global.cache().digests();
            let observer = Observer::new(&args.network, &digests, global.quiet)?;
            if !observer.has_logits() {
                return Err(EvaluateError::NoLogits { what: observer.origin().network.clone() }.into());
            }
            let seen = observer.look(&**pictures, true)?;
            // What cannot be remembered is hashed again next time.
            let _ = digests.save();
            (seen.features, seen.skipped)
        }
        Source::Moments { path, .. } => return Err(EvaluateError::OnlyMoments { path: path.clone() }.into()),
    };
    let no_logits = || EvaluateError::NoLogits { what: source.path().display().to_string() };
    let logits = logits(&set).ok_or_else(no_logits)?;
    let found = inception_score(&logits, splits, args.seed).map_err(split)?;
    let mut answer = Answer::new(set.origin());
    let name = name(set.origin(), "IS", "score");
    answer.spread(name, found.mean, found.deviation, "standard deviation over splits");
    answer.setting("splits", splits);
    answer.setting("seed", args.seed);
    answer.sides(&Party { count: Some(logits.count()), skipped, ..Party::of(&source) }, None);
    if set.origin().is_none() {
        answer.note("how the features were made is not known");
    }
    answer.print(args.format.format)?;
    Ok(ExitCode::SUCCESS)
}

/// Where the set has them: beside the features, or as these.
fn logits(set: &FeatureSet) -> Option<Rows<'_>> {
    let are_features = set.origin().is_some_and(|origin| origin.layer == LOGITS);
    set.layer(LOGITS).or_else(|| are_features.then(|| set.rows()))
}

fn split(error: MetricError) -> CliError {
    match &error {
        MetricError::Splits { rows, .. } => CliError::Usage {
            what: error.to_string(),
            help: format!("ask for 1 to {rows} by --splits, or add pictures"),
        },
        _ => error.into(),
    }
}
