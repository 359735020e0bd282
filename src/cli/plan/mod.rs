mod estimate;
mod forecast;
mod json;
mod table;

use std::process::ExitCode;

use clap::{Args, ValueEnum};

use crate::error_chain::error_chain;
use crate::report::missing_glyphs;
use crate::screen::note;
use crate::spec::{Fingerprints, Plan, cell_id, schema};
use crate::stats::Power;

use super::format::{print, print_json};
use super::{CliError, DeviceArgs, ExperimentArgs, Global, SetArgs, experiment};
use estimate::Estimate;
use forecast::Forecast;

#[derive(Args)]
pub struct PlanArgs {
    /// The path of an experiment file, or a name: experiments/<NAME>.toml in the current folder, or an experiment that
    /// comes with jem
    #[arg(required_unless_present = "schema")]
    experiment: Option<String>,
    #[command(flatten)]
    overrides: SetArgs,
    /// The output format
    #[arg(long, value_enum, default_value_t = Format::Table)]
    format: Format,
    /// Print the JSON Schema of experiment files, for editors
    #[arg(long, conflicts_with_all = ["experiment", "set", "format"])]
    schema: bool,
    #[command(flatten)]
    device: DeviceArgs,
}

#[derive(Clone, Copy, ValueEnum)]
enum Format {
    Table,
    Json,
}

/// The content of the output.
struct PlanOutput<'a> {
    plan: &'a Plan,
    /// The id of each cell.
    ids: Vec<String>,
    /// Whether the ids lack the fingerprints of the inputs.
    provisional: bool,
    /// The size of one run of each cell.
    forecasts: Vec<Forecast>,
    /// The expected time, if there are past runs.
    estimate: Option<Estimate>,
    /// The statistical power of the comparisons; `None` if there is only one cell.
    power: Option<Power>,
    /// Messages for the user.
    notes: Vec<String>,
}

/// Prints the grid. Without the data, ids are provisional, and a note gives the reason.
pub fn run(global: &Global, args: &PlanArgs) -> Result<ExitCode, CliError> {
    let Some(name) = args.experiment.clone() else {
        print_json(&schema())?;
        return Ok(ExitCode::SUCCESS);
    };
    let plan = experiment::read(&ExperimentArgs { experiment: name, overrides: args.overrides.clone() })?;
    let device = args.device.choose(true)?;
    let prints = match experiment::fingerprint_by(&plan, &global.cache().digests()) {
        Ok(prints) => Some(prints),
        // The data set is too small for the settings: `jem run` fails too.
        Err(error) if error.is_too_few_images() => return Err(error.into()),
        Err(error) => {
            note(format!("note: ids are provisional: {}", error_chain(&error)));
            None
        }
    };
    let forecasts = forecast::forecasts(&plan);
    let output = PlanOutput {
        plan: &plan,
        ids: ids(&plan, prints.as_deref()),
        provisional: prints.is_none(),
        estimate: estimate::estimate(global, device, &forecasts)?,
        forecasts,
        power: power(&plan),
        notes: plan.notes.iter().cloned().chain(missing_letters(&plan)).collect(),
    };
    match args.format {
        Format::Table => print(&table::text(&output))?,
        Format::Json => json::print(&output)?,
    }
    Ok(ExitCode::SUCCESS)
}

/// A message about letters of method names that the font of figures lacks.
fn missing_letters(plan: &Plan) -> Option<String> {
    let missing = missing_glyphs(plan.methods.iter().map(String::as_str));
    (!missing.is_empty()).then(|| {
        format!("the font of figures lacks {}: figures call such a method `method 1` and so on", missing.join(" "))
    })
}

fn ids(plan: &Plan, prints: Option<&[Fingerprints]>) -> Vec<String> {
    let none = Fingerprints::new();
    let of = |i: usize| prints.and_then(|prints| prints.get(i)).unwrap_or(&none);
    plan.cells.iter().enumerate().map(|(i, cell)| cell_id(cell, of(i))).collect()
}

/// The power of the comparisons: every cell of another method with its cell of the first method. If there is one
/// method: every other cell with the first cell.
fn power(plan: &Plan) -> Option<Power> {
    let first = plan.methods.first()?;
    let others = plan.cells.iter().filter(|cell| cell.method != *first).count();
    let comparisons = if others > 0 { others } else { plan.cells.len().saturating_sub(1) };
    let count = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
    Power::new(count(plan.seeds.len()), count(comparisons))
}
