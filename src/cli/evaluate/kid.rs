//! `jem eval kid`: the kernel distance.

use std::process::ExitCode;

use clap::Args;

use crate::evaluate::{EvaluateError, KernelResult, SUBSET_SIZE, SUBSETS, measure_name};
use crate::metric::{MetricError, kid_subsets};

use super::super::format::FormatArgs;
use super::network::NetworkArgs;
use super::result::EvalResult;
use super::{CliError, Global, SourceArgs, origin_notes, show_event};

#[derive(Args)]
pub struct KidArgs {
    #[command(flatten)]
    sources: SourceArgs,
    #[command(flatten)]
    network: NetworkArgs,
    /// The number of pairs of subsets
    #[arg(long, default_value_t = SUBSETS, value_name = "N")]
    subsets: usize,
    /// The number of images in a subset
    #[arg(long, default_value_t = SUBSET_SIZE, value_name = "N")]
    subset_size: usize,
    /// The seed of the subsets
    #[arg(long, default_value_t = 1, value_name = "SEED")]
    seed: u64,
    #[command(flatten)]
    format: FormatArgs,
}

pub fn run(global: &Global, args: &KidArgs) -> Result<ExitCode, CliError> {
    let (cache, on_event) = (global.cache(), show_event(global.quiet));
    let comparison = args.sources.open(global, &args.network, &cache, &on_event)?;
    let (generated, real) = (comparison.generated.rows()?, comparison.real.rows()?);
    // Checked here, because feature extraction may take hours.
    kid_subsets(generated, real, args.subsets, args.subset_size, args.seed).map_err(|error| usage(error.into()))?;
    let KernelResult { distance, generated, real } =
        comparison.kernel(args.subsets, args.subset_size, args.seed).map_err(usage)?;
    let origin = comparison.origin();
    let mut result = EvalResult::new(origin);
    let name = measure_name(origin, "KID", "KD");
    result.uncertain_value(name, distance.mean, distance.deviation, "standard deviation over subsets");
    result.setting("subsets", args.subsets);
    result.setting("subset_size", args.subset_size);
    result.setting("seed", args.seed);
    // The estimate is unbiased: no note on the number of images.
    result.source("generated", &generated);
    result.source("real", &real);
    origin_notes(&comparison).into_iter().for_each(|note| result.note(note));
    result.print(args.format.format)?;
    Ok(ExitCode::SUCCESS)
}

fn usage(error: EvaluateError) -> CliError {
    let EvaluateError::Metric(error) = error else { return error.into() };
    let help = match &error {
        MetricError::SubsetSize { count, .. } => {
            format!("the largest possible value is --subset-size {count}; or add images")
        }
        MetricError::Subset { .. } => "--subset-size must be at least 2".to_owned(),
        _ => return error.into(),
    };
    CliError::Usage { what: error.to_string(), help }
}
