use std::collections::BTreeSet;
use std::process::ExitCode;

use clap::Args;

use crate::report::comparison::{Comparison, Finding, Measure, matched, title};
use crate::report::{Analysis, Cell};
use crate::stats::{mean, sd, seeds_for_power, seeds_needed};

use super::cells::{Results, labels, measure};
use super::format::{Field, Format, FormatArgs, Records, print};
use super::{CliError, Global};

/// The least number of pairs from which a standard deviation can be estimated.
const MIN_PAIRS: usize = 2;

/// The differences in the table without `--difference`, as multiples of the observed one.
const MULTIPLES: [f64; 4] = [0.25, 0.5, 1.0, 2.0];

#[derive(Args)]
pub struct PowerArgs {
    /// The name of the experiment
    experiment: String,
    /// The two methods, or cells by their label or id; or the beginnings of these
    #[arg(required = true, num_args = 2, value_name = "METHOD")]
    methods: Vec<String>,
    /// The metric whose last values are compared, or `convergence` [default: the metric of convergence]
    #[arg(long, value_name = "NAME")]
    metric: Option<String>,
    /// The difference to find, in the unit of the metric or in epochs [default: 0.25, 0.5, 1 and 2 times the observed
    /// difference]
    #[arg(long, value_name = "NUMBER", allow_negative_numbers = true)]
    difference: Option<f64>,
    /// The probability with which the difference is found, above 0 and below 1
    #[arg(long, value_name = "PROBABILITY", default_value_t = 0.8)]
    power: f64,
    /// The significance level of the whole family of tests, above 0 and below 1
    #[arg(long, value_name = "LEVEL", default_value_t = 0.05)]
    alpha: f64,
    /// The number of tests in the family: each is made at the level divided by it
    #[arg(long, value_name = "NUMBER", default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..))]
    comparisons: u32,
    #[command(flatten)]
    format: FormatArgs,
}

/// The paired differences of finished runs.
struct Differences {
    n: usize,
    mean: f64,
    sd: f64,
    /// The pairs without a difference, since a run diverged or has no finite value.
    worst: usize,
}

/// Estimates the number of seeds that a difference needs.
pub fn run(global: &Global, args: &PowerArgs) -> Result<ExitCode, CliError> {
    for (option, value) in [("--power", args.power), ("--alpha", args.alpha)] {
        if !(value > 0.0 && value < 1.0) {
            return Err(usage(format!("{option} is {value}, not above 0 and below 1"), "0.8 and 0.05 are usual"));
        }
    }
    if let Some(difference) = args.difference.filter(|difference| !difference.is_finite() || *difference == 0.0) {
        return Err(usage(
            format!("--difference is {difference}, not a finite number other than 0"),
            "any number of seeds is too small for a difference of 0",
        ));
    }
    let store = global.open_to_read()?;
    let results = Results::read(&store, &args.experiment, &args.methods)?;
    let measure = match &args.metric {
        Some(name) => measure(&store, name)?,
        None => Measure::Metric(results.spec.convergence.metric),
    };
    let analysis = Analysis::new(&results.input, &results.spec)?;
    let (a, b) = pair(&results, &analysis, args)?;
    let comparison = Comparison::new(&analysis, a, b, measure);
    let finding = comparison.result.as_ref().map_err(|refusal| {
        let help = "`jem status` shows which runs have finished; both methods need the same seeds";
        usage(refusal.sentence(measure).trim_end_matches('.').to_owned(), help)
    })?;
    let differences = differences(finding, measure, [a, b])?;
    let wanted = wanted(args, &differences, [a, b])?;
    match args.format.format {
        Format::Table => {
            let mut text = summary(args, &comparison, finding, &differences);
            text += &format!("{}\n", records(args, &comparison, &differences, &wanted).table());
            print(&text)?;
        }
        format => records(args, &comparison, &differences, &wanted).print(format)?,
    }
    Ok(ExitCode::SUCCESS)
}

fn usage(what: String, help: impl Into<String>) -> CliError {
    CliError::Usage { what, help: help.into() }
}

/// The two cells. Several pairs of cells with equal settings are an error.
fn pair<'c, 's>(
    results: &Results,
    analysis: &'c Analysis<'s>,
    args: &PowerArgs,
) -> Result<(&'c Cell<'s>, &'c Cell<'s>), CliError> {
    let (a, b) = (results.cells(analysis, 0), results.cells(analysis, 1));
    let help = || format!("name two different cells: {}", labels(&[a.clone(), b.clone()].concat()));
    match matched(&a, &b, &BTreeSet::from(["method"]))[..] {
        [pair] => Ok(pair),
        [] => Err(usage(
            format!("no cells of `{}` and `{}` have equal settings", args.methods[0], args.methods[1]),
            help(),
        )),
        ref pairs => Err(usage(
            format!("`{}` and `{}` have {} pairs of cells", args.methods[0], args.methods[1], pairs.len()),
            help(),
        )),
    }
}

fn differences(finding: &Finding, measure: Measure, [a, b]: [&Cell; 2]) -> Result<Differences, CliError> {
    let finite: Vec<f64> = finding.by_seed.iter().filter_map(|(_, difference)| *difference).collect();
    let too_few = || {
        let what = format!(
            "{} of {} and {}: {} with finished runs and finite values, and at least {MIN_PAIRS} are needed",
            title(measure),
            a.label,
            b.label,
            match finite.len() {
                1 => "1 pair of seeds".to_owned(),
                n => format!("{n} pairs of seeds"),
            }
        );
        usage(
            what,
            "the standard deviation of the differences is estimated from pairs: train both methods with more seeds",
        )
    };
    let (Some(mean), Some(sd)) = (mean(&finite), sd(&finite)) else { return Err(too_few()) };
    if sd == 0.0 {
        return Err(usage(
            format!("{} of {} and {} differs by {mean} for every seed", title(measure), a.label, b.label),
            "without a spread there is no power to compute",
        ));
    }
    Ok(Differences { n: finite.len(), mean, sd, worst: finding.by_seed.len() - finite.len() })
}

/// The differences of the table.
fn wanted(args: &PowerArgs, observed: &Differences, [a, b]: [&Cell; 2]) -> Result<Vec<f64>, CliError> {
    match args.difference {
        Some(difference) => Ok(vec![difference.abs()]),
        None if observed.mean == 0.0 => {
            let what = format!("the observed difference of {} and {} is 0", a.label, b.label);
            Err(usage(what, "give the difference to find with `--difference`"))
        }
        None => Ok(MULTIPLES.iter().map(|multiple| multiple * observed.mean.abs()).collect()),
    }
}

fn summary(args: &PowerArgs, comparison: &Comparison, finding: &Finding, observed: &Differences) -> String {
    let number = |value: f64| Field::Number(value).to_display();
    let of = match finding.restricted_to() {
        Some(limit) => format!("Epoch of convergence, restricted to {limit}"),
        None => format!("{}, last value", title(comparison.measure)),
    };
    let mut text = format!(
        "{of}: {} minus {}, experiment {}: mean {}, standard deviation {}, {} pairs of seeds.\n",
        comparison.a.label,
        comparison.b.label,
        args.experiment,
        number(observed.mean),
        number(observed.sd),
        observed.n
    );
    if observed.worst > 0 {
        text += &format!("{} more pairs have a run without a finite value and are left out.\n", observed.worst);
    }
    text += &format!(
        "Seeds for a paired test to find a difference with probability {} at the level {}{}. The standard deviation is \
         itself an estimate from {} pairs.\n",
        args.power,
        args.alpha,
        if args.comparisons > 1 { format!(" for {} tests together", args.comparisons) } else { String::new() },
        observed.n
    );
    text
}

fn records(args: &PowerArgs, comparison: &Comparison, observed: &Differences, wanted: &[f64]) -> Records {
    let mut records = Records::default();
    for key in ["a", "b", "measure"] {
        records.add_data_column(key);
    }
    records.add_column("difference", "difference");
    records.add_column("d_z", "d_z");
    records.add_column("seeds", "seeds");
    for key in ["observed_difference", "sd", "pairs", "power", "alpha", "comparisons"] {
        records.add_data_column(key);
    }
    let level = args.alpha / f64::from(args.comparisons);
    for &difference in wanted {
        let seeds = seeds_for_power(observed.sd, difference, level, args.power);
        let seeds = seeds.map(|seeds| seeds.max(seeds_needed(args.comparisons, args.alpha)));
        records.push(vec![
            Field::text(&comparison.a.label),
            Field::text(&comparison.b.label),
            Field::text(comparison.measure.as_str()),
            Field::Number(difference),
            Field::Number(difference / observed.sd),
            Field::integer(seeds),
            Field::Number(observed.mean),
            Field::Number(observed.sd),
            Field::integer(i64::try_from(observed.n).ok()),
            Field::Number(args.power),
            Field::Number(args.alpha),
            Field::Integer(i64::from(args.comparisons)),
        ]);
    }
    records
}
