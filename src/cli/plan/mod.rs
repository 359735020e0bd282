mod estimate;
mod json;
mod outlook;
mod quantity;
mod table;

use std::process::ExitCode;

use clap::{Args, ValueEnum};

use crate::report::letters_not_in_the_font;
use crate::screen::note;
use crate::spec::{Fingerprints, Plan, cell_id, schema};
use crate::stats::Power;
use crate::train::worker::chain;

use super::format::{print, print_json};
use super::{CliError, DeviceArgs, ExperimentArgs, Global, experiment};
use estimate::Estimate;
use outlook::Outlook;

#[derive(Args)]
pub struct PlanArgs {
    /// A file, or the name of one: experiments/<NAME>.toml here, or one that comes with jem
    #[arg(required_unless_present = "schema")]
    experiment: Option<String>,
    /// Change a setting or an axis, as in `--set train.batch=32`; may be repeated
    #[arg(long, value_name = "KEY=VALUE")]
    set: Vec<String>,
    /// How to print it
    #[arg(long, value_enum, default_value_t = Format::Table)]
    format: Format,
    /// Print a JSON Schema of experiment files, for editors
    #[arg(long, conflicts_with_all = ["experiment", "set", "format"])]
    schema: bool,
    /// The device whose past runs say how long these would take
    #[command(flatten)]
    device: DeviceArgs,
}

#[derive(Clone, Copy, ValueEnum)]
enum Format {
    Table,
    Json,
}

/// What a plan is printed from.
struct Shown<'a> {
    plan: &'a Plan,
    /// The id of each cell.
    ids: Vec<String>,
    /// Whether the ids lack the contents of what the cells read.
    provisional: bool,
    /// What each cell asks for.
    outlooks: Vec<Outlook>,
    /// How long it would take, where past runs tell.
    estimate: Option<Estimate>,
    /// What the comparisons could show; nothing where there is one cell.
    power: Option<Power>,
    /// What a reader of the plan should know.
    notes: Vec<String>,
}

/// Prints the grid. Without the data, ids are provisional, and a line on standard error says why.
pub fn run(global: &Global, args: &PlanArgs) -> Result<ExitCode, CliError> {
    let Some(name) = args.experiment.clone() else {
        print_json(&schema())?;
        return Ok(ExitCode::SUCCESS);
    };
    let plan = experiment::read(&ExperimentArgs { experiment: name, set: args.set.clone() })?;
    let device = args.device.choose(true)?;
    let prints = match experiment::fingerprint_by(&plan, &global.cache().digests()) {
        Ok(prints) => Some(prints),
        // The data are there, and hold less than is asked for: `jem run` would end here too.
        Err(error) if error.is_about_numbers() => return Err(error.into()),
        Err(error) => {
            note(format!("note: ids are provisional: {}", chain(&error)));
            None
        }
    };
    let outlooks = outlook::outlooks(&plan);
    let shown = Shown {
        plan: &plan,
        ids: ids(&plan, prints.as_deref()),
        provisional: prints.is_none(),
        estimate: estimate::estimate(global, device, &outlooks)?,
        outlooks,
        power: power(&plan),
        notes: plan.notes.iter().cloned().chain(missing_letters(&plan)).collect(),
    };
    match args.format {
        Format::Table => print(&table::text(&shown))?,
        Format::Json => json::print(&shown)?,
    }
    Ok(ExitCode::SUCCESS)
}

/// The letters of methods that figures cannot show, which a reader should know before weeks of training.
fn missing_letters(plan: &Plan) -> Option<String> {
    let missing = letters_not_in_the_font(plan.methods.iter().map(String::as_str));
    (!missing.is_empty()).then(|| {
        format!("the font of figures lacks {}: figures name such a method `method 1` and the like", missing.join(" "))
    })
}

fn ids(plan: &Plan, prints: Option<&[Fingerprints]>) -> Vec<String> {
    let none = Fingerprints::new();
    let of = |i: usize| prints.and_then(|prints| prints.get(i)).unwrap_or(&none);
    plan.cells.iter().enumerate().map(|(i, cell)| cell_id(cell, of(i))).collect()
}

/// The family: every cell of another method against its cell of the first one; with one method, every other cell
/// against the first.
fn power(plan: &Plan) -> Option<Power> {
    let first = plan.methods.first()?;
    let others = plan.cells.iter().filter(|cell| cell.method != *first).count();
    let comparisons = if others > 0 { others } else { plan.cells.len().saturating_sub(1) };
    let count = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
    Power::new(count(plan.seeds.len()), count(comparisons))
}
