//! The Fréchet distance.

use std::process::ExitCode;

use clap::Args;

use crate::metric::{Extrapolation, Frechet, MetricError, Moments, extrapolated_frechet, frechet_distance};

use super::super::format::{Field, FormatArgs, Sheet};
use super::answer::{Answer, Details};
use super::name::name;
use super::network::NetworkArgs;
use super::pair::Pair;
use super::{CliError, Global, SidesArgs};

#[derive(Args)]
pub struct FidArgs {
    #[command(flatten)]
    sides: SidesArgs,
    #[command(flatten)]
    network: NetworkArgs,
    /// Also extrapolate to infinitely many generated pictures (Chong and Forsyth 2020); the real side stays as it is
    #[arg(long)]
    infinity: bool,
    /// The smallest sample to extrapolate from
    #[arg(long, default_value_t = 5000, value_name = "N", requires = "infinity")]
    from: usize,
    /// How many sample sizes to extrapolate from
    #[arg(long, default_value_t = 15, value_name = "N", requires = "infinity")]
    points: usize,
    /// What the samples are drawn by
    #[arg(long, default_value_t = 1, value_name = "SEED", requires = "infinity")]
    seed: u64,
    #[command(flatten)]
    format: FormatArgs,
}

pub fn run(global: &Global, args: &FidArgs) -> Result<ExitCode, CliError> {
    let pair = Pair::open(global, &args.sides, &args.network)?;
    let (from, points) = (args.from, args.points);
    if args.infinity {
        let count = pair.generated.rows()?;
        // Said before hours of work, not behind.
        if from < 2 || points < 3 || count < from.saturating_add(points) {
            return Err(too_few(MetricError::Extrapolation { count, from, points }));
        }
    }
    let (real, real_party) = pair.real_moments()?;
    let (found, extrapolation, party) = if args.infinity {
        let (features, party) = pair.features(&pair.generated)?;
        let found = frechet_distance(&Moments::of(&features.rows()), &real)?;
        let line = extrapolated_frechet(&real, &features.rows(), from, points, args.seed).map_err(too_few)?;
        (found, Some(line), party)
    } else {
        let (generated, party) = pair.generated_moments()?;
        (frechet_distance(&generated, &real)?, None, party)
    };
    let mut answer = Answer::new(pair.origin());
    if let Some(line) = &extrapolation {
        extrapolated(&mut answer, &name(pair.origin(), "FID∞", "FD∞"), line, args);
    }
    answer.value(name(pair.origin(), "FID", "FD"), found.distance);
    answer.sides(&party, Some(&real_party));
    pair.notes().into_iter().chain(singular(&found)).for_each(|note| answer.note(note));
    if extrapolation.is_some() {
        let count = real_party.count.map_or("pictures".to_owned(), super::pictures);
        answer.note(format!(
            "the real side is taken as it is, with its {count}: only the generated side is extrapolated"
        ));
    }
    answer.print(args.format.format)?;
    Ok(ExitCode::SUCCESS)
}

fn too_few(error: MetricError) -> CliError {
    match error {
        MetricError::Extrapolation { .. } => CliError::Usage {
            what: error.to_string(),
            help: "lower --from (2 at least) or --points (3 at least), or generate more".to_owned(),
        },
        other => other.into(),
    }
}

fn extrapolated(answer: &mut Answer, name: &str, line: &Extrapolation, args: &FidArgs) {
    answer.spread(name, line.intercept, line.error, "standard error of the intercept");
    answer.setting("from", args.from);
    answer.setting("points", args.points);
    answer.setting("seed", args.seed);
    answer.setting("slope", line.slope);
    let mut sheet = Sheet::new(&["pictures", "distance"]);
    for (size, distance) in &line.points {
        sheet.push(vec![Field::integer(i64::try_from(*size).ok()), Field::Number(*distance)]);
    }
    answer.details(Details { key: "points", sheet, for_people: true, for_csv: false });
}

/// What a singular covariance means for the number.
fn singular(found: &Frechet) -> Vec<String> {
    let mut notes = Vec::new();
    let d = found.dimension;
    for (at, side) in ["generated", "real"].into_iter().enumerate() {
        let (count, rank) = (found.counts[at], found.ranks[at]);
        if let Some(count) = count
            && found.few()[at]
        {
            notes.push(format!(
                "the covariance of the {side} side is singular, since {count} pictures are no more than the {d} dimensions: \
                 the value is exact for these pictures, but biased upward by their small number"
            ));
        } else if found.singular()[at] {
            notes.push(format!(
                "the covariance of the {side} side is singular, of rank {rank} in {d} dimensions: some features never \
                 vary, or vary together; the value is exact"
            ));
        }
    }
    notes
}
