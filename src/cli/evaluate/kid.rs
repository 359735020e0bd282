//! The kernel distance.

use std::process::ExitCode;

use clap::Args;

use crate::metric::{MetricError, kernel_distance, kid_subsets};

use super::super::format::FormatArgs;
use super::answer::Answer;
use super::name::name;
use super::network::NetworkArgs;
use super::pair::Pair;
use super::{CliError, Global, SidesArgs};

#[derive(Args)]
pub struct KidArgs {
    #[command(flatten)]
    sides: SidesArgs,
    #[command(flatten)]
    network: NetworkArgs,
    /// How many pairs of subsets
    #[arg(long, default_value_t = 100, value_name = "N")]
    subsets: usize,
    /// How many pictures in a subset
    #[arg(long, default_value_t = 1000, value_name = "N")]
    subset_size: usize,
    /// What the subsets are drawn by
    #[arg(long, default_value_t = 1, value_name = "SEED")]
    seed: u64,
    #[command(flatten)]
    format: FormatArgs,
}

pub fn run(global: &Global, args: &KidArgs) -> Result<ExitCode, CliError> {
    let pair = Pair::open(global, &args.sides, &args.network)?;
    let drawn =
        |generated, real| kid_subsets(generated, real, args.subsets, args.subset_size, args.seed).map_err(too_large);
    // Said before hours of work, not behind.
    drawn(pair.generated.rows()?, pair.real.rows()?)?;
    let (generated, party) = pair.features(&pair.generated)?;
    let (real, real_party) = pair.features(&pair.real)?;
    let subsets = drawn(generated.rows().count(), real.rows().count())?;
    let found = kernel_distance(&generated.rows(), &real.rows(), &subsets)?;
    let mut answer = Answer::new(pair.origin());
    let name = name(pair.origin(), "KID", "KD");
    answer.spread(name, found.mean, found.deviation, "standard deviation over subsets");
    answer.setting("subsets", args.subsets);
    answer.setting("subset_size", args.subset_size);
    answer.setting("seed", args.seed);
    // Unbiased, so that nothing is to be said about how many pictures there are.
    answer.party("generated", &party);
    answer.party("real", &real_party);
    pair.notes().into_iter().for_each(|note| answer.note(note));
    answer.print(args.format.format)?;
    Ok(ExitCode::SUCCESS)
}

fn too_large(error: MetricError) -> CliError {
    let help = match &error {
        MetricError::SubsetSize { count, .. } => {
            format!("--subset-size {count} is the most that there can be, or add pictures")
        }
        MetricError::Subset { .. } => "--subset-size is 2 at least".to_owned(),
        _ => return error.into(),
    };
    CliError::Usage { what: error.to_string(), help }
}
