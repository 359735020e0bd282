//! Precision, recall, density and coverage.

use std::process::ExitCode;

use clap::Args;

use crate::metric::{MetricError, density_coverage, precision_recall};

use super::super::format::FormatArgs;
use super::answer::Answer;
use super::network::NetworkArgs;
use super::pair::Pair;
use super::{CliError, Global, SidesArgs};

#[derive(Args)]
pub struct PrdcArgs {
    #[command(flatten)]
    sides: SidesArgs,
    #[command(flatten)]
    network: NetworkArgs,
    /// How many neighbours precision and recall count (Kynkäänniemi et al. 2019 have 3)
    #[arg(long, default_value_t = 3, value_name = "K")]
    neighbours_pr: usize,
    /// How many neighbours density and coverage count (Naeem et al. 2020 have 5)
    #[arg(long, default_value_t = 5, value_name = "K")]
    neighbours_dc: usize,
    #[command(flatten)]
    format: FormatArgs,
}

pub fn run(global: &Global, args: &PrdcArgs) -> Result<ExitCode, CliError> {
    let pair = Pair::open(global, &args.sides, &args.network)?;
    let (generated, real) = (pair.generated.rows()?, pair.real.rows()?);
    let smaller = generated.min(real);
    for (option, k, count) in
        [("--neighbours-pr", args.neighbours_pr, smaller), ("--neighbours-dc", args.neighbours_dc, real)]
    {
        // Said before hours of work, not behind.
        if k == 0 || k >= count {
            let help = format!("{option} is from 1 to {}, or add pictures", count.saturating_sub(1));
            return Err(CliError::Usage { what: MetricError::Neighbour { k, count }.to_string(), help });
        }
    }
    let (generated, party) = pair.features(&pair.generated)?;
    let (real, real_party) = pair.features(&pair.real)?;
    let near = precision_recall(&real.rows(), &generated.rows(), args.neighbours_pr)?;
    let dense = density_coverage(&real.rows(), &generated.rows(), args.neighbours_dc)?;
    let mut answer = Answer::new(pair.origin());
    answer.value("precision", near.precision);
    answer.value("recall", near.recall);
    answer.value("density", dense.density);
    answer.value("coverage", dense.coverage);
    answer.setting("neighbours_pr", args.neighbours_pr);
    answer.setting("neighbours_dc", args.neighbours_dc);
    answer.sides(&party, Some(&real_party));
    pair.notes().into_iter().for_each(|note| answer.note(note));
    answer.print(args.format.format)?;
    Ok(ExitCode::SUCCESS)
}
