//! What several commands do with an experiment: read it, fingerprint its inputs, queue it.

use std::collections::BTreeMap;

use sha2::{Digest as _, Sha256};

use crate::data::Digests;
use crate::prepare::{Cache, PrepareError, fingerprints};
use crate::screen::note;
use crate::spec::{
    ExperimentSpec, Fingerprints, Kind, Plan, PlannedCell, Setting, Settings, Value, canonical, cell_id,
};
use crate::store::{NewCell, NewRevision};

use super::{CliError, ExperimentArgs};

/// Reads and checks an experiment, with what the environment and the command line change about it.
pub fn read(args: &ExperimentArgs) -> Result<Plan, CliError> {
    let spec = ExperimentSpec::read(&args.experiment, &args.set, std::env::vars_os())?;
    Ok(Plan::new(spec)?)
}

/// The typed settings of a cell.
pub fn settings(cell: &PlannedCell) -> Settings {
    let values = cell.resolved.iter().map(|(key, (value, _))| (*key, value));
    Settings::from_values(values).expect("the values of a plan fit their fields")
}

/// The fingerprints of every cell's inputs. Cells that read the same are fingerprinted once, and files that look as
/// they did when they were last read are not read again.
pub fn fingerprint(plan: &Plan, cache: &Cache) -> Result<Vec<Fingerprints>, PrepareError> {
    let digests = cache.digests();
    let prints = fingerprint_by(plan, &digests)?;
    if let Err(error) = digests.save() {
        note(format!("note: {}: digests cannot be remembered: {error}", cache.folder().display()));
    }
    Ok(prints)
}

/// The same, without remembering anything.
pub fn fingerprint_by(plan: &Plan, digests: &Digests) -> Result<Vec<Fingerprints>, PrepareError> {
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

/// The plan as the database keeps it.
///
/// # Errors
///
/// If two cells that differ in a path read the same content: they would be one cell under two labels.
pub fn revision(plan: &Plan, args: &ExperimentArgs, prints: &[Fingerprints]) -> Result<NewRevision, CliError> {
    let mut text = plan.text.clone();
    for set in &args.set {
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

/// An experiment of one cell for what is no experiment: JEM's recipe with what `text` and `sets` say.
///
/// # Errors
///
/// If they do not make one.
pub fn scratch(text: &str, sets: &[String]) -> Result<Plan, CliError> {
    let text = format!("extends = \"base/jem.toml\"\nname = \"settings\"\nseeds = [1]\n{text}");
    let spec = ExperimentSpec::of_text("the settings", &text, sets, std::env::vars_os())?;
    Ok(Plan::new(spec)?)
}

fn distinct(plan: &Plan, cells: &[NewCell]) -> Result<(), CliError> {
    let mut known: BTreeMap<&str, &NewCell> = BTreeMap::new();
    for cell in cells {
        if let Some(twin) = known.insert(&cell.id, cell) {
            let label = |cell: &NewCell| format!("{} {}", cell.method, cell.axes);
            return Err(CliError::Usage {
                what: format!("{}: {} and {} read the same content", plan.origin, label(twin), label(cell)),
                help: "data and weights count by what they hold, not by their path: remove one of the two".to_owned(),
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
        .map(|(key, (value, from))| (*key, StoredSetting { value: anchored(key, value), from }))
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

/// Paths are stored from the root on, so that a worker started elsewhere finds them.
fn anchored(key: &str, value: &Value) -> Value {
    let is_path = Setting::find(key).is_some_and(|setting| {
        matches!(setting.kind, Kind::Path | Kind::Weights | Kind::FittedWeights | Kind::FittedPath)
    });
    match value {
        // The current folder is what an empty path would become.
        Value::Text(text) if is_path && !text.is_empty() && text != "fit" && !text.starts_with("random:") => {
            match std::fs::canonicalize(text) {
                // A path that is no text cannot be written down from the root on; as it was given, it can.
                Ok(path) => path.to_str().map_or_else(|| value.clone(), |path| Value::Text(path.to_owned())),
                Err(_) => value.clone(),
            }
        }
        _ => value.clone(),
    }
}
