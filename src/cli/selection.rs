//! Options that choose runs, shared by the commands that list and change them.

use clap::Args;

use crate::label;
use crate::store::{BadCondition, Condition, Filter, Key, RunId, Standing, Store, nearest, unknown_metric};

use super::CliError;

/// Options that narrow down which runs are meant.
#[derive(Args, Default)]
pub struct FilterArgs {
    /// Only runs under this label; may be repeated
    #[arg(long, value_name = "NAME")]
    pub method: Vec<String>,
    /// Only runs that stand here: queued, running, stale, finished, diverged, failed, cancelled; may be repeated
    #[arg(long, value_name = "STATE")]
    pub state: Vec<String>,
    /// Only runs with this tag; may be repeated, and then all are needed
    #[arg(long, value_name = "TAG")]
    pub tag: Vec<String>,
    /// Only runs of which this holds, as in "train.batch >= 32" or "metric.ssim.best > 0.3"; may be repeated
    #[arg(long = "where", value_name = "CONDITION")]
    pub conditions: Vec<String>,
    /// Also runs that only older revisions have
    #[arg(long)]
    pub all: bool,
    /// Only runs that no newest revision of any experiment has
    #[arg(long)]
    pub superseded: bool,
}

impl FilterArgs {
    /// Whether no option narrows anything down.
    pub fn is_empty(&self) -> bool {
        let words = [&self.method, &self.state, &self.tag, &self.conditions];
        words.into_iter().all(Vec::is_empty) && !self.superseded
    }

    /// The filter, with every word checked against what there is.
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
            for asked in &self.method {
                methods.extend(known.iter().filter(|known| label::normal(known) == label::normal(asked)).cloned());
            }
            let is_unknown =
                |asked: &&String| methods.iter().all(|method| label::normal(method) != label::normal(asked));
            if let Some(unknown) = self.method.iter().find(is_unknown) {
                let help = match nearest(unknown, &known) {
                    Some(likely) => format!("is `{likely}` meant?"),
                    None => format!("the methods: {}", known.join(", ")),
                };
                return Err(CliError::Usage { what: format!("no run has the method `{unknown}`"), help });
            }
        }
        Ok(Filter {
            runs: Vec::new(),
            experiment: experiment.map(ToOwned::to_owned),
            methods,
            states: states(&self.state)?,
            tags: self.tag.iter().map(|tag| label::normal(tag)).collect(),
            conditions: conditions(store, &self.conditions)?,
            older: self.all,
            superseded: self.superseded,
        })
    }
}

/// Refuses a name that no experiment here has.
///
/// # Errors
///
/// If the name is unknown, with those that there are.
pub fn known_experiment(store: &Store, name: &str) -> Result<(), CliError> {
    let known = store.experiments()?;
    match known.iter().any(|experiment| experiment == name) {
        true => Ok(()),
        false => Err(CliError::Usage {
            what: format!("{}: no experiment `{name}`", store.path().display()),
            help: format!("the experiments in this database: {}", known.join(", ")),
        }),
    }
}

fn states(words: &[String]) -> Result<Vec<Standing>, CliError> {
    let known: Vec<&str> = Standing::ALL.iter().map(|standing| standing.as_str()).collect();
    let parse = |word: &String| {
        word.parse().map_err(|error| CliError::Usage {
            what: format!("{error}"),
            help: format!("the states: {}", known.join(", ")),
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

/// Reads the key that runs are sorted by.
///
/// # Errors
///
/// If it is unknown.
pub fn key(store: &Store, text: &str) -> Result<Key, CliError> {
    Key::parse(text, &store.metric_names()?).map_err(usage)
}

/// The metrics that are asked for, each checked to be one.
///
/// # Errors
///
/// If one is unknown.
pub fn metrics(store: &Store, asked: &[String]) -> Result<Vec<String>, CliError> {
    let known = store.metric_names()?;
    match asked.iter().find(|name| !known.contains(name)) {
        Some(name) => Err(usage(unknown_metric(name, &known))),
        None => Ok(asked.to_vec()),
    }
}

fn usage(error: BadCondition) -> CliError {
    CliError::Usage { what: error.to_string(), help: error.help().to_owned() }
}

/// The refusal of run numbers that do not exist.
pub fn unknown_runs(store: &Store, runs: &[RunId]) -> CliError {
    let numbers: Vec<String> = runs.iter().map(ToString::to_string).collect();
    let word = if runs.len() == 1 { "run" } else { "runs" };
    CliError::Usage {
        what: format!("{}: no {word} {}", store.path().display(), numbers.join(", ")),
        help: "`jem list` shows the runs there are".to_owned(),
    }
}
