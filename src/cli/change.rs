//! The selection of runs and the output of the commands that change runs.

use std::collections::BTreeMap;

use clap::Args;

use crate::store::{Change, ChangeResult, Filter, RunId, Store};
use crate::train::remove_folder;

use super::selection::{self, FilterArgs};
use super::{CliError, Global, format};

/// The runs that a command changes.
#[derive(Args)]
pub struct SelectArgs {
    /// Numbers of runs, as in `jem list`
    runs: Vec<i64>,
    /// Only runs of this experiment [default: all]
    #[arg(long, value_name = "NAME")]
    experiment: Option<String>,
    #[command(flatten)]
    filter: FilterArgs,
    /// Print what would be changed, and change nothing
    #[arg(long)]
    dry_run: bool,
}

impl SelectArgs {
    /// Whether no option selects runs.
    pub fn is_empty(&self) -> bool {
        self.runs.is_empty() && self.experiment.is_none() && self.filter.is_empty()
    }

    /// The filter that the options describe.
    ///
    /// # Errors
    ///
    /// If an option names something that does not exist.
    pub fn filter(&self, store: &Store) -> Result<Filter, CliError> {
        let filter = self.filter.filter(store, self.experiment.as_deref())?;
        Ok(Filter { runs: self.runs.iter().map(|&run| RunId(run)).collect(), ..filter })
    }
}

/// The error of a command without a selection: no command changes all runs by default.
pub fn no_selection(command: &str) -> CliError {
    CliError::Usage {
        what: format!("`jem {command}` requires a selection of runs"),
        help: format!(
            "give their numbers, or select runs with {}--experiment, --state, --method, --tag, --where or --superseded",
            if command == "retry" { "--failed, --stale, " } else { "" }
        ),
    }
}

/// Changes the selected runs and prints which ones changed. `verb` is the change as a participle: `queued again`.
///
/// # Errors
///
/// If a run does not exist or the database cannot be written. Then no run is changed.
pub fn change(
    global: &Global,
    select: &SelectArgs,
    more: impl FnOnce(&mut Filter),
    change: &Change,
    verb: &str,
) -> Result<(), CliError> {
    let store = global.open()?;
    let mut filter = select.filter(&store)?;
    more(&mut filter);
    let changed = store.change(&filter, change, select.dry_run)?;
    if !changed.unknown.is_empty() {
        return Err(selection::unknown_runs(&store, &changed.unknown));
    }
    changed.unreferenced.iter().for_each(|path| remove_folder(&store.files().join(path)));
    let verb = if select.dry_run { format!("would be {verb}") } else { verb.to_owned() };
    format::print(&describe(&changed, &verb))
}

fn describe(changed: &ChangeResult, verb: &str) -> String {
    let mut text = sentence(&changed.changed, verb);
    let mut unchanged: BTreeMap<&str, Vec<RunId>> = BTreeMap::new();
    for (run, why) in &changed.unchanged {
        unchanged.entry(why).or_default().push(*run);
    }
    for (why, runs) in unchanged {
        text.push_str(&sentence(&runs, &format!("unchanged ({why})")));
    }
    text
}

fn sentence(runs: &[RunId], what: &str) -> String {
    let word = if runs.len() == 1 { "run" } else { "runs" };
    let numbers = if runs.is_empty() { String::new() } else { format!(": {}", ranges(runs)) };
    format!("{} {word} {what}{numbers}\n", runs.len())
}

/// Numbers of runs in order, with consecutive ones as ranges: `1-3, 7`.
fn ranges(runs: &[RunId]) -> String {
    let mut ranges: Vec<(i64, i64)> = Vec::new();
    for run in runs {
        match ranges.last_mut() {
            Some((_, last)) if *last + 1 == run.0 => *last = run.0,
            _ => ranges.push((run.0, run.0)),
        }
    }
    let words = ranges.into_iter().map(|(first, last)| match last - first {
        0 => first.to_string(),
        1 => format!("{first}, {last}"),
        _ => format!("{first}-{last}"),
    });
    words.collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn consecutive_runs_are_listed_as_ranges() {
        let runs = [1, 2, 3, 5, 6, 9].map(RunId);
        assert_eq!(ranges(&runs), "1-3, 5, 6, 9");
    }

    #[test]
    fn unchanged_runs_are_counted_by_reason() {
        let unchanged = vec![(RunId(4), "running"), (RunId(5), "finished"), (RunId(6), "running")];
        let changed = ChangeResult { changed: vec![RunId(1)], unchanged, ..ChangeResult::default() };
        assert_eq!(
            describe(&changed, "queued again"),
            "1 run queued again: 1\n1 run unchanged (finished): 5\n2 runs unchanged (running): 4, 6\n"
        );
    }
}
