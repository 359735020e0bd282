//! `jem eval prdc`: precision, recall, density and coverage.

use std::process::ExitCode;

use clap::Args;

use crate::evaluate::{NEIGHBOURS_DC, NEIGHBOURS_PR, NeighbourResult};
use crate::metric::MetricError;

use super::super::format::FormatArgs;
use super::network::NetworkArgs;
use super::result::EvalResult;
use super::{CliError, Global, SourceArgs, origin_notes, show_event};

#[derive(Args)]
pub struct PrdcArgs {
    #[command(flatten)]
    sources: SourceArgs,
    #[command(flatten)]
    network: NetworkArgs,
    /// The number of neighbours of precision and recall (3 in Kynkäänniemi et al. 2019)
    #[arg(long, default_value_t = NEIGHBOURS_PR, value_name = "K")]
    neighbours_pr: usize,
    /// The number of neighbours of density and coverage (5 in Naeem et al. 2020)
    #[arg(long, default_value_t = NEIGHBOURS_DC, value_name = "K")]
    neighbours_dc: usize,
    #[command(flatten)]
    format: FormatArgs,
}

pub fn run(global: &Global, args: &PrdcArgs) -> Result<ExitCode, CliError> {
    let (cache, on_event) = (global.cache(), show_event(global.quiet));
    let comparison = args.sources.open(global, &args.network, &cache, &on_event)?;
    let (generated, real) = (comparison.generated.rows()?, comparison.real.rows()?);
    for (option, k, count) in
        [("--neighbours-pr", args.neighbours_pr, generated.min(real)), ("--neighbours-dc", args.neighbours_dc, real)]
    {
        // Checked here, because feature extraction may take hours.
        if k == 0 || k >= count {
            let help = format!("{option} must be from 1 to {}; or add images", count.saturating_sub(1));
            return Err(CliError::Usage { what: MetricError::Neighbour { k, count }.to_string(), help });
        }
    }
    let NeighbourResult { precision_recall, density_coverage, generated, real } =
        comparison.neighbours(args.neighbours_pr, args.neighbours_dc)?;
    let mut result = EvalResult::new(comparison.origin());
    result.value("precision", precision_recall.precision);
    result.value("recall", precision_recall.recall);
    result.value("density", density_coverage.density);
    result.value("coverage", density_coverage.coverage);
    result.setting("neighbours_pr", args.neighbours_pr);
    result.setting("neighbours_dc", args.neighbours_dc);
    result.sources(&generated, Some(&real));
    origin_notes(&comparison).into_iter().for_each(|note| result.note(note));
    result.print(args.format.format)?;
    Ok(ExitCode::SUCCESS)
}
