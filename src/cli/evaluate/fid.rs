//! `jem eval fid`: the Fréchet distance.

use std::process::ExitCode;

use clap::Args;

use crate::evaluate::{
    EXTRAPOLATION_POINTS, EXTRAPOLATION_START, EvaluateError, Extrapolate, FrechetResult, measure_name,
};
use crate::metric::{Extrapolation, Frechet, MetricError};

use super::super::format::{Field, FormatArgs, Records};
use super::network::NetworkArgs;
use super::result::{Details, EvalResult};
use super::{CliError, Global, SourceArgs, image_count, origin_notes, show_event};

#[derive(Args)]
pub struct FidArgs {
    #[command(flatten)]
    sources: SourceArgs,
    #[command(flatten)]
    network: NetworkArgs,
    /// Also extrapolate to infinitely many generated images (Chong and Forsyth 2020); the real images stay as they are
    #[arg(long)]
    infinity: bool,
    /// The smallest sample size of the extrapolation
    #[arg(long, default_value_t = EXTRAPOLATION_START, value_name = "N", requires = "infinity")]
    from: usize,
    /// The number of sample sizes of the extrapolation
    #[arg(long, default_value_t = EXTRAPOLATION_POINTS, value_name = "N", requires = "infinity")]
    points: usize,
    /// The seed of the samples
    #[arg(long, default_value_t = 1, value_name = "SEED", requires = "infinity")]
    seed: u64,
    #[command(flatten)]
    format: FormatArgs,
}

pub fn run(global: &Global, args: &FidArgs) -> Result<ExitCode, CliError> {
    let (cache, on_event) = (global.cache(), show_event(global.quiet));
    let comparison = args.sources.open(global, &args.network, &cache, &on_event)?;
    let extrapolate = args.infinity.then_some(Extrapolate { start: args.from, points: args.points, seed: args.seed });
    if let Some(Extrapolate { start, points, .. }) = extrapolate {
        let count = comparison.generated.rows()?;
        // Checked here, because feature extraction may take hours.
        if start < 2 || points < 3 || count < start.saturating_add(points) {
            return Err(usage(MetricError::Extrapolation { count, from: start, points }.into()));
        }
    }
    let FrechetResult { distance, extrapolation, generated, real } = comparison.frechet(extrapolate).map_err(usage)?;
    let origin = comparison.origin();
    let mut result = EvalResult::new(origin);
    if let Some(line) = &extrapolation {
        add_extrapolation(&mut result, &measure_name(origin, "FID∞", "FD∞"), line, args);
    }
    result.value(measure_name(origin, "FID", "FD"), distance.distance);
    result.sources(&generated, Some(&real));
    origin_notes(&comparison).into_iter().chain(singular_notes(&distance)).for_each(|note| result.note(note));
    if extrapolation.is_some() {
        let count = real.count.map_or("images".to_owned(), image_count);
        result.note(format!("only the generated set is extrapolated; the real set keeps its {count}"));
    }
    result.print(args.format.format)?;
    Ok(ExitCode::SUCCESS)
}

fn usage(error: EvaluateError) -> CliError {
    match error {
        EvaluateError::Metric(error @ MetricError::Extrapolation { .. }) => CliError::Usage {
            what: error.to_string(),
            help: "lower --from (at least 2) or --points (at least 3), or add generated images".to_owned(),
        },
        other => other.into(),
    }
}

fn add_extrapolation(result: &mut EvalResult, name: &str, line: &Extrapolation, args: &FidArgs) {
    result.uncertain_value(name, line.intercept, line.error, "standard error of the intercept");
    result.setting("from", args.from);
    result.setting("points", args.points);
    result.setting("seed", args.seed);
    result.setting("slope", line.slope);
    let mut records = Records::new(&[]);
    records.add_column("pictures", "images");
    records.add_column("distance", "distance");
    for (size, distance) in &line.points {
        records.push(vec![Field::integer(i64::try_from(*size).ok()), Field::Number(*distance)]);
    }
    result.details(Details { key: "points", records, in_text: true, in_csv: false });
}

/// Notes on singular covariances.
fn singular_notes(found: &Frechet) -> Vec<String> {
    let mut notes = Vec::new();
    let dimension = found.dimension;
    for (k, set) in ["generated", "real"].into_iter().enumerate() {
        let (count, rank) = (found.counts[k], found.ranks[k]);
        if let Some(count) = count
            && found.has_few_images()[k]
        {
            notes.push(format!(
                "the covariance of the {set} set is singular, because it has {} and features have {dimension} \
                 dimensions: the value is exact for these images, but biased upward",
                image_count(count)
            ));
        } else if found.is_singular()[k] {
            notes.push(format!(
                "the covariance of the {set} set is singular (rank {rank} of {dimension}): some features are \
                 constant or linearly dependent; the value is exact"
            ));
        }
    }
    notes
}
