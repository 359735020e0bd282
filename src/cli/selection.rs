//! Options that select runs, for the commands that list and change them.

use clap::Args;

use crate::label;
use crate::store::{Condition, ConditionError, Filter, RunId, RunKey, RunStatus, Store, nearest, unknown_metric};

use super::CliError;

/// Filters of runs.
#[derive(Args, Default)]
pub struct FilterArgs {
    /// Only runs of this method; may be repeated
    #[arg(long, value_name = "NAME")]
    pub method: Vec<String>,
    /// Only runs in this state: queued, running, stale, finished, diverged, failed, cancelled; may be repeated
    #[arg(long, value_name = "STATE")]
    pub state: Vec<String>,
    /// Only runs with this tag; if repeated, only runs with all tags
    #[arg(long, value_name = "TAG")]
    pub tag: Vec<String>,
    /// Only runs that satisfy this condition, as in "train.batch >= 32" or "metric.ssim.best > 0.3"; may be repeated
    #[arg(long = "where", value_name = "CONDITION")]
    pub conditions: Vec<String>,
    /// Include runs that are only in older revisions of an experiment
    #[arg(long)]
    pub all: bool,
    /// Only runs that are in no newest revision of any experiment
    #[arg(long)]
    pub superseded: bool,
}

impl FilterArgs {
    /// Whether no filter is set.
    pub fn is_empty(&self) -> bool {
        let words = [&self.method, &self.state, &self.tag, &self.conditions];
        words.into_iter().all(Vec::is_empty) && !self.superseded
    }

    /// The filter, after a check that its experiment, methods, states, settings and metrics exist.
    ///
    /// # Errors
    ///
    /// If an experiment, method, state, setting or metric is unknown.
    pub fn filter(&self, store: &Store, experiment: Option<&str>) -> Result<Filter, CliError> {
        if let Some(name) = experiment {
            known_experiment(store, name)?;
        }
        let mut methods = Vec::with_capacity(self.method.len());
        if !self.method.is_empty() {
            let known = store.methods(experiment)?;
            for name in &self.method {
                methods.extend(known.iter().filter(|known| label::normalize(known) == label::normalize(name)).cloned());
            }
            let is_unknown =
                |name: &&String| methods.iter().all(|method| label::normalize(method) != label::normalize(name));
            if let Some(unknown) = self.method.iter().find(is_unknown) {
                let help = match nearest(unknown, &known) {
                    Some(similar) => format!("did you mean `{similar}`?"),
                    None => format!("existing methods: {}", known.join(", ")),
                };
                return Err(CliError::Usage { what: format!("no run has the method `{unknown}`"), help });
            }
        }
        Ok(Filter {
            runs: Vec::new(),
            experiment: experiment.map(ToOwned::to_owned),
            methods,
            states: states(&self.state)?,
            tags: self.tag.iter().map(|tag| label::normalize(tag)).collect(),
            conditions: conditions(store, &self.conditions)?,
            older: self.all,
            superseded: self.superseded,
        })
    }
}

/// Checks that an experiment exists.
///
/// # Errors
///
/// If it does not exist. The error lists the experiments of the database.
pub fn known_experiment(store: &Store, name: &str) -> Result<(), CliError> {
    let known = store.experiments()?;
    match known.iter().any(|experiment| experiment == name) {
        true => Ok(()),
        false => Err(CliError::Usage {
            what: format!("{}: no experiment `{name}`", store.path().display()),
            help: format!("experiments in this database: {}", known.join(", ")),
        }),
    }
}

fn states(words: &[String]) -> Result<Vec<RunStatus>, CliError> {
    let known: Vec<&str> = RunStatus::ALL.iter().map(|status| status.as_str()).collect();
    let parse = |word: &String| {
        word.parse().map_err(|error| CliError::Usage {
            what: format!("{error}"),
            help: format!("states: {}", known.join(", ")),
        })
    };
    words.iter().map(parse).collect()
}

fn conditions(store: &Store, texts: &[String]) -> Result<Vec<Condition>, CliError> {
    if texts.is_empty() {
        return Ok(Vec::new());
    }
    let metrics = store.metric_names()?;
    texts.iter().map(|text| Condition::parse(text, &metrics).map_err(usage)).collect()
}

/// Parses a key to sort by.
///
/// # Errors
///
/// If it is unknown.
pub fn key(store: &Store, text: &str) -> Result<RunKey, CliError> {
    RunKey::parse(text, &store.metric_names()?).map_err(usage)
}

/// The requested metrics, after a check that each exists.
///
/// # Errors
///
/// If one does not exist.
pub fn metrics(store: &Store, requested: &[String]) -> Result<Vec<String>, CliError> {
    let known = store.metric_names()?;
    match requested.iter().find(|name| !known.contains(name)) {
        Some(name) => Err(usage(unknown_metric(name, &known))),
        None => Ok(requested.to_vec()),
    }
}

fn usage(error: ConditionError) -> CliError {
    CliError::Usage { what: error.to_string(), help: error.help().to_owned() }
}

/// The error for runs that do not exist.
pub fn unknown_runs(store: &Store, runs: &[RunId]) -> CliError {
    let numbers: Vec<String> = runs.iter().map(ToString::to_string).collect();
    let word = if runs.len() == 1 { "run" } else { "runs" };
    CliError::Usage {
        what: format!("{}: no {word} {}", store.path().display(), numbers.join(", ")),
        help: "`jem list` shows the existing runs".to_owned(),
    }
}
