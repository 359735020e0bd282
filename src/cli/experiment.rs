//! Functions for experiments that several commands share: read, fingerprint the inputs, and convert for the database.

use std::collections::BTreeMap;

use sha2::{Digest as _, Sha256};

use crate::data::DigestCache;
use crate::prepare::{Cache, PrepareError, fingerprints};
use crate::screen::note;
use crate::spec::{
    ExperimentSpec, Fingerprints, Kind, Plan, PlannedCell, Setting, Settings, Value, canonical, cell_id,
};
use crate::store::{NewCell, NewRevision};

use super::{CliError, ExperimentArgs};

/// Reads and checks an experiment, with the overrides of the environment and the command line.
pub fn read(args: &ExperimentArgs) -> Result<Plan, CliError> {
    let spec = ExperimentSpec::read(&args.experiment, &args.overrides.set, std::env::vars_os())?;
    Ok(Plan::new(spec)?)
}

/// The typed settings of a cell.
pub fn settings(cell: &PlannedCell) -> Settings {
    let values = cell.resolved.iter().map(|(key, (value, _))| (*key, value));
    Settings::from_values(values).expect("a plan has values of the right types")
}

/// The fingerprints of the inputs of every cell. Cells with equal inputs are fingerprinted once. Files with an
/// unchanged size and time are not read again.
pub fn fingerprint(plan: &Plan, cache: &Cache) -> Result<Vec<Fingerprints>, PrepareError> {
    let digests = cache.digests();
    let prints = fingerprint_by(plan, &digests)?;
    if let Err(error) = digests.save() {
        note(format!("note: {}: digests cannot be saved: {error}", cache.folder().display()));
    }
    Ok(prints)
}

/// The same, without saving the digests.
pub fn fingerprint_by(plan: &Plan, digests: &DigestCache) -> Result<Vec<Fingerprints>, PrepareError> {
    let mut known: BTreeMap<String, Fingerprints> = BTreeMap::new();
    let mut all = Vec::with_capacity(plan.cells.len());
    for cell in &plan.cells {
        let settings = settings(cell);
        let Settings { data, text, guide, segment, eval, train, .. } = &settings;
        let key = format!("{data:?} {text:?} {guide:?} {segment:?} {eval:?} {}", train.batch);
        let prints = match known.get(&key) {
            Some(prints) => prints.clone(),
            None => fingerprints(&settings, digests)?,
        };
        known.insert(key, prints.clone());
        all.push(prints);
    }
    Ok(all)
}

/// The plan as the database stores it.
///
/// # Errors
///
/// If two cells with different paths have files of equal content. They would be one cell with two labels.
pub fn revision(plan: &Plan, args: &ExperimentArgs, prints: &[Fingerprints]) -> Result<NewRevision, CliError> {
    let mut text = plan.text.clone();
    for set in &args.overrides.set {
        text.push_str(&format!("\n# --set {set}"));
    }
    let cells: Vec<NewCell> = plan.cells.iter().zip(prints).map(|(cell, prints)| new_cell(cell, prints)).collect();
    distinct(plan, &cells)?;
    let mut digest = Sha256::new();
    digest.update(&text);
    digest.update(format!("{:?} {cells:?}", plan.seeds));
    Ok(NewRevision {
        name: plan.name.clone(),
        title: plan.title.clone(),
        text,
        hash: hex::encode(digest.finalize()),
        cells,
        seeds: plan.seeds.clone(),
    })
}

/// An experiment of one cell, for commands without an experiment file: `base/jem.toml` with the settings of `text` and
/// `sets`.
///
/// # Errors
///
/// If the settings are invalid.
pub fn scratch(text: &str, sets: &[String]) -> Result<Plan, CliError> {
    let text = format!("extends = \"base/jem.toml\"\nname = \"settings\"\nseeds = [1]\n{text}");
    let spec = ExperimentSpec::from_text("the settings", &text, sets, std::env::vars_os())?;
    Ok(Plan::new(spec)?)
}

fn distinct(plan: &Plan, cells: &[NewCell]) -> Result<(), CliError> {
    let mut known: BTreeMap<&str, &NewCell> = BTreeMap::new();
    for cell in cells {
        if let Some(twin) = known.insert(&cell.id, cell) {
            let label = |cell: &NewCell| format!("{} {}", cell.method, cell.axes);
            return Err(CliError::Usage {
                what: format!("{}: {} and {} have inputs of equal content", plan.origin, label(twin), label(cell)),
                help: "data and weights are identified by their content, not by their path: remove one of the two"
                    .to_owned(),
            });
        }
    }
    Ok(())
}

#[derive(serde::Serialize)]
struct StoredSetting<'a> {
    value: Value,
    from: &'a str,
}

fn new_cell(cell: &PlannedCell, prints: &Fingerprints) -> NewCell {
    let stored: BTreeMap<&str, StoredSetting> = cell
        .resolved
        .iter()
        .map(|(key, (value, from))| (*key, StoredSetting { value: absolute(key, value), from }))
        .collect();
    let json = |result: Result<String, serde_json::Error>| result.expect("settings are text and finite numbers");
    NewCell {
        id: cell_id(cell, prints),
        identity: canonical(cell, prints),
        method: cell.method.clone(),
        axes: json(serde_json::to_string(&cell.axes)),
        settings: json(serde_json::to_string(&stored)),
        horizon: settings(cell).train.epochs,
    }
}

/// Paths are stored as absolute paths, so that a worker in another folder finds them.
fn absolute(key: &str, value: &Value) -> Value {
    let is_path = Setting::find(key).is_some_and(|setting| {
        matches!(setting.kind, Kind::Path | Kind::Weights | Kind::FittedWeights | Kind::FittedPath)
    });
    match value {
        // An empty path would become the current folder.
        Value::Text(text) if is_path && !text.is_empty() && text != "fit" && !text.starts_with("random:") => {
            match std::fs::canonicalize(text) {
                // An absolute path that is not UTF-8 cannot be stored; the relative path can.
                Ok(path) => path.to_str().map_or_else(|| value.clone(), |path| Value::Text(path.to_owned())),
                Err(_) => value.clone(),
            }
        }
        _ => value.clone(),
    }
}
