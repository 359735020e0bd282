//! What the commands that change runs share: which runs are meant, and what is said afterwards.

use std::collections::BTreeMap;

use clap::Args;

use crate::store::{Change, Changed, Filter, RunId, Store};
use crate::train::drop_folder;

use super::selection::{self, FilterArgs};
use super::{CliError, Global, format};

/// Which runs a command changes.
#[derive(Args)]
pub struct SelectArgs {
    /// Run numbers, as `jem list` shows them
    runs: Vec<i64>,
    /// Only runs of this experiment
    #[arg(long, value_name = "NAME")]
    experiment: Option<String>,
    #[command(flatten)]
    filter: FilterArgs,
    /// Only say what would happen
    #[arg(long)]
    dry_run: bool,
}

impl SelectArgs {
    /// Whether nothing says which runs are meant.
    pub fn is_empty(&self) -> bool {
        self.runs.is_empty() && self.experiment.is_none() && self.filter.is_empty()
    }

    /// The filter that the options make.
    ///
    /// # Errors
    ///
    /// If a word among them is unknown.
    pub fn filter(&self, store: &Store) -> Result<Filter, CliError> {
        let filter = self.filter.filter(store, self.experiment.as_deref())?;
        Ok(Filter { runs: self.runs.iter().map(|&run| RunId(run)).collect(), ..filter })
    }
}

/// The refusal to change every run because nothing was said.
pub fn nothing_chosen(command: &str) -> CliError {
    CliError::Usage {
        what: format!("`jem {command}` needs to be told which runs"),
        help: "name their numbers, or choose them by --experiment, --state, --method, --tag, --where or --superseded"
            .to_owned(),
    }
}

/// Changes the runs and says which; `verb` is what has been done to them, as in `queued again`.
///
/// # Errors
///
/// If a run does not exist or the database cannot be written; nothing is then changed.
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
    changed.unnamed.iter().for_each(|path| drop_folder(&store.files().join(path)));
    let verb = if select.dry_run { format!("would be {verb}") } else { verb.to_owned() };
    format::print(&describe(&changed, &verb))
}

fn describe(changed: &Changed, verb: &str) -> String {
    let mut text = sentence(&changed.changed, verb);
    let mut left: BTreeMap<&str, Vec<RunId>> = BTreeMap::new();
    for (run, why) in &changed.left {
        left.entry(why).or_default().push(*run);
    }
    for (why, runs) in left {
        let left = if runs.len() == 1 { "left as it is" } else { "left as they are" };
        text.push_str(&sentence(&runs, &format!("{left} ({why})")));
    }
    text
}

fn sentence(runs: &[RunId], what: &str) -> String {
    let word = if runs.len() == 1 { "run" } else { "runs" };
    let numbers = if runs.is_empty() { String::new() } else { format!(": {}", ranges(runs)) };
    format!("{} {word} {what}{numbers}\n", runs.len())
}

/// Run numbers in order, neighbours as ranges: `1-3, 7`.
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
    fn neighbouring_runs_are_named_as_ranges() {
        let runs = [1, 2, 3, 5, 6, 9].map(RunId);
        assert_eq!(ranges(&runs), "1-3, 5, 6, 9");
    }

    #[test]
    fn runs_that_stay_are_counted_by_why() {
        let left = vec![(RunId(4), "running"), (RunId(5), "finished"), (RunId(6), "running")];
        let changed = Changed { changed: vec![RunId(1)], left, ..Changed::default() };
        assert_eq!(
            describe(&changed, "queued again"),
            "1 run queued again: 1\n1 run left as it is (finished): 5\n2 runs left as they are (running): 4, 6\n"
        );
    }
}
