//! Checkpoints: the state of a run as files of both networks, both optimizers, and the position.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use burn::module::Module;
use burn::store::ModuleRecord;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use crate::gan::{Gan, Generator};
use crate::measure::{Epoch, metric};
use crate::spec::Value;

use super::TrainError;

/// The version of the file format. Format 1 has complete epochs only, and format 2 no settings: both can be read. A
/// later one is rejected.
const FORMAT: u32 = 3;
const FILES: [&str; 5] =
    ["generator.bpk", "discriminator.bpk", "generator-adam.bpk", "discriminator-adam.bpk", "position.json"];
/// The exponential moving average of the generator's weights, if there is one.
const AVERAGE: &str = "generator-mean.bpk";

/// The settings that identify a run, by key: those that are hashed and differ from their default.
pub type Identity = BTreeMap<String, Value>;

/// The values of a step: metric name and value.
pub type StepValues = Vec<(&'static str, f64)>;

/// The position of a run in training.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Position {
    /// The complete epochs.
    pub epoch: Epoch,
    /// All steps, with those of the epoch in progress.
    pub step: u64,
    /// The values of each step of the epoch in progress. All of them are finite.
    pub partial: Vec<StepValues>,
    /// The number of consecutive evaluations, up to now, at which diversity was below its floor.
    pub low_diversity: usize,
}

#[derive(Serialize, Deserialize)]
struct StoredPosition {
    format: u32,
    epoch: Epoch,
    step: u64,
    #[serde(default)]
    partial: Vec<Vec<(String, f64)>>,
    #[serde(default, rename = "poor")]
    low_diversity: usize,
    #[serde(default)]
    settings: Option<Identity>,
}

impl StoredPosition {
    fn new(position: &Position, settings: &Identity) -> Self {
        let named = |values: &StepValues| values.iter().map(|&(name, value)| (name.to_owned(), value)).collect();
        let partial = position.partial.iter().map(named).collect();
        let Position { epoch, step, low_diversity, .. } = *position;
        Self { format: FORMAT, epoch, step, partial, low_diversity, settings: Some(settings.clone()) }
    }

    /// The position, or why it cannot be used for a run of `settings`.
    fn checked(self, settings: &Identity) -> Result<Position, String> {
        if !(1..=FORMAT).contains(&self.format) {
            return Err(format!("it has format {}, and this version of jem reads formats 1 to {FORMAT}", self.format));
        }
        if let Some(other) = self.settings.as_ref().filter(|other| *other != settings) {
            return Err(format!("it is of another run: {}", differing(other, settings)));
        }
        let known = |(name, value): (String, f64)| match metric(&name) {
            Some(metric) => Ok((metric.name, value)),
            None => Err(format!("it has values of the metric `{name}`, which this version of jem does not know")),
        };
        let partial = self.partial.into_iter().map(|values| values.into_iter().map(known).collect());
        let partial = partial.collect::<Result<_, _>>()?;
        Ok(Position { epoch: self.epoch, step: self.step, partial, low_diversity: self.low_diversity })
    }
}

/// The settings in which two runs differ, with both values.
fn differing(there: &Identity, here: &Identity) -> String {
    let keys: BTreeSet<&String> = there.keys().chain(here.keys()).collect();
    let word = |value: Option<&Value>| value.map_or("the default".to_owned(), ToString::to_string);
    let differing = keys.into_iter().filter(|key| there.get(*key) != here.get(*key));
    let texts: Vec<String> = differing
        .map(|key| format!("{key} is {} there and {} here", word(there.get(key)), word(here.get(key))))
        .collect();
    texts.join(", ")
}

/// The files that were written.
#[derive(Clone, Debug)]
pub struct SavedFiles {
    /// SHA-256 over the files, in order.
    pub sha256: String,
    /// The sum of their sizes.
    pub bytes: u64,
}

/// Writes the state to a temporary folder, and renames it to `folder` when all files are on the disk.
pub fn save(pair: &Gan, position: &Position, settings: &Identity, folder: &Path) -> Result<SavedFiles, TrainError> {
    let not_written =
        |error: &dyn std::fmt::Display| TrainError::NotWritten { path: folder.to_owned(), why: error.to_string() };
    write_atomically(folder, &files(pair), |draft| {
        let file = |i: usize| draft.join(FILES[i]);
        // Only `valid` brings the running statistics of batch norm up to the last step.
        pair.generator.valid().into_record().save(file(0)).map_err(|error| not_written(&error))?;
        pair.discriminator.valid().into_record().save(file(1)).map_err(|error| not_written(&error))?;
        pair.generator_adam.save(file(2)).map_err(|error| not_written(&error))?;
        pair.discriminator_adam.save(file(3)).map_err(|error| not_written(&error))?;
        if let Some(average) = &pair.average {
            average.valid().into_record().save(draft.join(AVERAGE)).map_err(|error| not_written(&error))?;
        }
        std::fs::write(file(4), serde_json::to_vec(&StoredPosition::new(position, settings))?).map_err(at(folder))
    })
}

/// The files of a complete state.
fn files(pair: &Gan) -> Vec<&'static str> {
    FILES.into_iter().chain(pair.average.as_ref().map(|_| AVERAGE)).collect()
}

/// Writes the generator alone, in inference mode, in the same way.
pub fn save_generator(generator: &Generator, folder: &Path) -> Result<SavedFiles, TrainError> {
    write_atomically(folder, &FILES[..1], |draft| {
        let saved = generator.valid().into_record().save(draft.join(FILES[0]));
        saved.map_err(|error| TrainError::NotWritten { path: folder.to_owned(), why: error.to_string() })
    })
}

/// Calls `write` to create `files` in a temporary folder, and renames it when all files are on the disk.
fn write_atomically(
    folder: &Path,
    files: &[&str],
    write: impl FnOnce(&Path) -> Result<(), TrainError>,
) -> Result<SavedFiles, TrainError> {
    let parent = folder.parent().unwrap_or(Path::new("."));
    std::fs::create_dir_all(parent).map_err(at(parent))?;
    let draft = tempfile::Builder::new().prefix(".draft-").tempdir_in(parent).map_err(at(parent))?;
    write(draft.path())?;
    let saved = digest(draft.path(), files)?;
    for name in files {
        let path = draft.path().join(name);
        File::open(&path).and_then(|file| file.sync_all()).map_err(at(&path))?;
    }
    // A folder of that name is from an attempt that was killed before its row was written. It is not used.
    if folder.exists() {
        std::fs::remove_dir_all(folder).map_err(at(folder))?;
    }
    std::fs::rename(draft.keep(), folder).map_err(at(folder))?;
    File::open(parent).and_then(|parent| parent.sync_all()).map_err(at(parent))?;
    Ok(saved)
}

/// Loads a generator that was written alone into `generator`, which must have the same shapes.
pub fn load_generator(generator: Generator, folder: &Path, sha256: &str) -> Result<Generator, TrainError> {
    check(folder, &FILES[..1], sha256)?;
    let record = ModuleRecord::load(folder.join(FILES[0])).map_err(|error| incompatible(folder, error))?;
    generator.try_load_record(record).map_err(|error| incompatible(folder, error))
}

/// Loads the generator of a complete state that samples are generated with: the moving average if there is one. `pair`
/// has the same shapes and determines the files.
pub fn load_sampling_generator(pair: Gan, folder: &Path, sha256: &str) -> Result<Generator, TrainError> {
    check(folder, &files(&pair), sha256)?;
    let (generator, name) = match pair.average {
        Some(average) => (average, AVERAGE),
        None => (pair.generator, FILES[0]),
    };
    let record = ModuleRecord::load(folder.join(name)).map_err(|error| incompatible(folder, error))?;
    generator.try_load_record(record).map_err(|error| incompatible(folder, error))
}

/// Loads the state in `folder` into `pair`, which must have the same shapes. The run must have the same `settings`.
pub fn load(pair: Gan, settings: &Identity, folder: &Path, sha256: &str) -> Result<(Gan, Position), TrainError> {
    check(folder, &files(&pair), sha256)?;
    let stored = std::fs::read(folder.join(FILES[4])).map_err(at(folder))?;
    let stored: StoredPosition = serde_json::from_slice(&stored).map_err(|error| incompatible(folder, error))?;
    let position = stored.checked(settings).map_err(|why| incompatible(folder, why))?;
    let record = |name: &str| ModuleRecord::load(folder.join(name)).map_err(|error| incompatible(folder, error));
    let generator = pair.generator.try_load_record(record(FILES[0])?).map_err(|error| incompatible(folder, error))?;
    let discriminator =
        pair.discriminator.try_load_record(record(FILES[1])?).map_err(|error| incompatible(folder, error))?;
    let generator_adam =
        pair.generator_adam.load(folder.join(FILES[2])).map_err(|error| incompatible(folder, error))?;
    let discriminator_adam =
        pair.discriminator_adam.load(folder.join(FILES[3])).map_err(|error| incompatible(folder, error))?;
    let average = match pair.average {
        None => None,
        Some(average) => {
            let loaded = average.try_load_record(record(AVERAGE)?);
            Some(loaded.map_err(|error| incompatible(folder, error))?)
        }
    };
    let pair = Gan { generator, discriminator, generator_adam, discriminator_adam, average };
    Ok((pair, position))
}

/// SHA-256 over the files of a complete state.
pub fn digest_of_state(folder: &Path) -> Result<String, TrainError> {
    let mut files = FILES.to_vec();
    if folder.join(AVERAGE).exists() {
        files.push(AVERAGE);
    }
    Ok(digest(folder, &files)?.sha256)
}

/// SHA-256 over the file of a generator that was written alone.
pub fn digest_of_generator(folder: &Path) -> Result<String, TrainError> {
    Ok(digest(folder, &FILES[..1])?.sha256)
}

/// Rejects files that are missing or not those that were written. Other errors of reading can be temporary, and are not
/// reported as damage.
fn check(folder: &Path, files: &[&str], sha256: &str) -> Result<(), TrainError> {
    let damaged = |why: String| TrainError::Damaged { path: folder.to_owned(), why };
    // If the folder of the run is missing too, its disk may not be mounted.
    let has_parent = folder.parent().is_some_and(Path::is_dir);
    let found = digest(folder, files).map_err(|error| match error {
        TrainError::Checkpoint { source, .. } if has_parent && is_missing(&source) && !folder.is_dir() => {
            damaged("it is missing".to_owned())
        }
        TrainError::Checkpoint { path, source } if has_parent && is_missing(&source) => {
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            damaged(format!("its file {name} is missing"))
        }
        error => error,
    })?;
    match found.sha256 == sha256 {
        true => Ok(()),
        false => Err(damaged("its files are not the ones that were written".to_owned())),
    }
}

/// Whether there is no such file. Something else can have its name.
fn is_missing(error: &std::io::Error) -> bool {
    matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory | ErrorKind::IsADirectory)
}

/// The error of a complete checkpoint that cannot be used here.
fn incompatible(folder: &Path, why: impl ToString) -> TrainError {
    TrainError::Incompatible { path: folder.to_owned(), why: why.to_string() }
}

fn digest(folder: &Path, files: &[&str]) -> Result<SavedFiles, TrainError> {
    let mut digest = Sha256::new();
    let mut bytes = 0;
    for name in files {
        let path = folder.join(name);
        let content = std::fs::read(&path).map_err(at(&path))?;
        bytes += content.len() as u64;
        digest.update(Sha256::digest(&content));
    }
    Ok(SavedFiles { sha256: hex::encode(digest.finalize()), bytes })
}

fn at(path: &Path) -> impl Fn(std::io::Error) -> TrainError + use<> {
    let path: PathBuf = path.to_owned();
    move |source| TrainError::Checkpoint { path: path.clone(), source }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Position, String> {
        serde_json::from_str::<StoredPosition>(text).unwrap().checked(&Identity::new())
    }

    #[test]
    fn a_position_within_an_epoch_is_restored_exactly() {
        let values = |third: f64| vec![("d_loss", third), ("g_loss", f64::from(0.1f32))];
        let position = Position {
            epoch: Epoch(3),
            step: 11,
            partial: vec![values(f64::from(1.0f32 / 3.0)), values(1e-45)],
            low_diversity: 2,
        };
        let text = serde_json::to_string(&StoredPosition::new(&position, &Identity::new())).unwrap();
        assert_eq!(read(&text), Ok(position));
    }

    #[test]
    fn a_position_of_format_1_can_be_read() {
        let position = Position { epoch: Epoch(4), step: 12, partial: Vec::new(), low_diversity: 0 };
        assert_eq!(read(r#"{"format":1,"epoch":4,"step":12}"#), Ok(position));
    }

    #[test]
    fn a_checkpoint_of_other_settings_is_rejected_with_the_keys_that_differ() {
        let settings = |batch| Identity::from([("train.batch".to_owned(), Value::Integer(batch))]);
        let text = serde_json::to_string(&StoredPosition::new(&Position::default(), &settings(8))).unwrap();
        let read = |settings: &Identity| serde_json::from_str::<StoredPosition>(&text).unwrap().checked(settings);
        assert!(read(&settings(8)).is_ok());
        let error = read(&settings(16)).unwrap_err();
        assert!(error.contains("train.batch is 8 there and 16 here"), "{error}");
        let error = read(&Identity::new()).unwrap_err();
        assert!(error.contains("train.batch is 8 there and the default here"), "{error}");
    }

    #[test]
    fn a_later_format_and_an_unknown_metric_are_rejected_by_name() {
        let later = read(r#"{"format":4,"epoch":4,"step":12,"partial":[]}"#).unwrap_err();
        assert!(later.contains("format 4") && later.contains("1 to 3"), "{later}");
        let unknown = read(r#"{"format":2,"epoch":4,"step":12,"partial":[[["charm",1.0]]]}"#).unwrap_err();
        assert!(unknown.contains("charm"), "{unknown}");
    }
}
