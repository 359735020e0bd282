//! The state of a run as files: both networks, both optimizers, and the position.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use burn::module::Module;
use burn::store::ModuleRecord;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use crate::gan::{Generator, Pair};
use crate::measure::{Epoch, metric};
use crate::spec::Value;

use super::TrainError;

/// The version of the files' form. Form 1 knew whole epochs only, and form 2 no settings: both are read. A later one
/// is refused.
const FORMAT: u32 = 3;
const FILES: [&str; 5] =
    ["generator.bpk", "discriminator.bpk", "generator-adam.bpk", "discriminator-adam.bpk", "position.json"];
/// The mean of the generator's past weights, where it is kept.
const AVERAGE: &str = "generator-mean.bpk";

/// The settings that make a run what it is, by key: those that count and are not the built-in default.
pub type Identity = BTreeMap<String, Value>;

/// What a step measured: metric name and value.
pub type StepValues = Vec<(&'static str, f64)>;

/// How far a run has come.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Position {
    /// Whole epochs that are done.
    pub epoch: Epoch,
    /// Steps that are done, those of the epoch in progress among them.
    pub step: u64,
    /// What each step of the epoch in progress measured so far: as many as were made. All of it is finite.
    pub partial: Vec<StepValues>,
    /// Evaluations in a row, up to now, at which diversity was below its floor.
    pub poor: usize,
}

#[derive(Serialize, Deserialize)]
struct StoredPosition {
    format: u32,
    epoch: Epoch,
    step: u64,
    #[serde(default)]
    partial: Vec<Vec<(String, f64)>>,
    #[serde(default)]
    poor: usize,
    #[serde(default)]
    settings: Option<Identity>,
}

impl StoredPosition {
    fn new(position: &Position, settings: &Identity) -> Self {
        let named = |values: &StepValues| values.iter().map(|&(name, value)| (name.to_owned(), value)).collect();
        let partial = position.partial.iter().map(named).collect();
        let Position { epoch, step, poor, .. } = *position;
        Self { format: FORMAT, epoch, step, partial, poor, settings: Some(settings.clone()) }
    }

    /// The position, or what is wrong with it for a run of `settings`.
    fn checked(self, settings: &Identity) -> Result<Position, String> {
        if !(1..=FORMAT).contains(&self.format) {
            return Err(format!("it has format {}, and this jem reads formats 1 to {FORMAT}", self.format));
        }
        if let Some(other) = self.settings.as_ref().filter(|other| *other != settings) {
            return Err(format!("it is of another run: {}", differing(other, settings)));
        }
        let known = |(name, value): (String, f64)| match metric(&name) {
            Some(metric) => Ok((metric.name, value)),
            None => Err(format!("it holds values of `{name}`, which this jem does not measure")),
        };
        let partial = self.partial.into_iter().map(|values| values.into_iter().map(known).collect());
        let partial = partial.collect::<Result<_, _>>()?;
        Ok(Position { epoch: self.epoch, step: self.step, partial, poor: self.poor })
    }
}

/// The keys in which two runs differ, with both values.
fn differing(there: &Identity, here: &Identity) -> String {
    let keys: BTreeSet<&String> = there.keys().chain(here.keys()).collect();
    let word = |value: Option<&Value>| value.map_or("the default".to_owned(), ToString::to_string);
    let told = keys.into_iter().filter(|key| there.get(*key) != here.get(*key));
    let told: Vec<String> =
        told.map(|key| format!("{key} is {} there and {} here", word(there.get(key)), word(here.get(key)))).collect();
    told.join(", ")
}

/// What was written.
#[derive(Clone, Debug)]
pub struct Saved {
    /// SHA-256 over the files, in order.
    pub sha256: String,
    /// Their sizes, added up.
    pub bytes: u64,
}

/// Writes the state to a folder beside `folder` and renames it there when all of it is on the disk.
pub fn save(pair: &Pair, position: &Position, settings: &Identity, folder: &Path) -> Result<Saved, TrainError> {
    let unwritten =
        |error: &dyn std::fmt::Display| TrainError::Unwritten { path: folder.to_owned(), why: error.to_string() };
    write_whole(folder, &files(pair), |draft| {
        let file = |i: usize| draft.join(FILES[i]);
        // Only `valid` brings the running statistics of batch norm up to the last step.
        pair.generator.valid().into_record().save(file(0)).map_err(|error| unwritten(&error))?;
        pair.discriminator.valid().into_record().save(file(1)).map_err(|error| unwritten(&error))?;
        pair.generator_adam.save(file(2)).map_err(|error| unwritten(&error))?;
        pair.discriminator_adam.save(file(3)).map_err(|error| unwritten(&error))?;
        if let Some(average) = &pair.average {
            average.valid().into_record().save(draft.join(AVERAGE)).map_err(|error| unwritten(&error))?;
        }
        std::fs::write(file(4), serde_json::to_vec(&StoredPosition::new(position, settings))?).map_err(at(folder))
    })
}

/// The files of a whole state.
fn files(pair: &Pair) -> Vec<&'static str> {
    FILES.into_iter().chain(pair.average.as_ref().map(|_| AVERAGE)).collect()
}

/// Writes the generator alone, as it draws, in the same way.
pub fn save_generator(generator: &Generator, folder: &Path) -> Result<Saved, TrainError> {
    write_whole(folder, &FILES[..1], |draft| {
        let saved = generator.valid().into_record().save(draft.join(FILES[0]));
        saved.map_err(|error| TrainError::Unwritten { path: folder.to_owned(), why: error.to_string() })
    })
}

/// Has `write` make `files` in a draft, and gives the draft its name when all of it is on the disk.
fn write_whole(
    folder: &Path,
    files: &[&str],
    write: impl FnOnce(&Path) -> Result<(), TrainError>,
) -> Result<Saved, TrainError> {
    let parent = folder.parent().unwrap_or(Path::new("."));
    std::fs::create_dir_all(parent).map_err(at(parent))?;
    let draft = tempfile::Builder::new().prefix(".draft-").tempdir_in(parent).map_err(at(parent))?;
    write(draft.path())?;
    let saved = digest(draft.path(), files)?;
    for name in files {
        let path = draft.path().join(name);
        File::open(&path).and_then(|file| file.sync_all()).map_err(at(&path))?;
    }
    // A folder of that name is from an attempt that died before its row was written: nothing lives in it.
    if folder.exists() {
        std::fs::remove_dir_all(folder).map_err(at(folder))?;
    }
    std::fs::rename(draft.keep(), folder).map_err(at(folder))?;
    File::open(parent).and_then(|parent| parent.sync_all()).map_err(at(parent))?;
    Ok(saved)
}

/// Reads a generator that was written alone into `generator`, which must have the same shapes.
pub fn load_generator(generator: Generator, folder: &Path, sha256: &str) -> Result<Generator, TrainError> {
    check(folder, &FILES[..1], sha256)?;
    let record = ModuleRecord::load(folder.join(FILES[0])).map_err(|error| refused(folder, error))?;
    generator.try_load_record(record).map_err(|error| refused(folder, error))
}

/// Reads the generator of a whole state into `generator`, which must have the same shapes: the mean of past weights where
/// that is kept. `pair` says which files there are.
pub fn load_shown(pair: Pair, folder: &Path, sha256: &str) -> Result<Generator, TrainError> {
    check(folder, &files(&pair), sha256)?;
    let (generator, name) = match pair.average {
        Some(average) => (average, AVERAGE),
        None => (pair.generator, FILES[0]),
    };
    let record = ModuleRecord::load(folder.join(name)).map_err(|error| refused(folder, error))?;
    generator.try_load_record(record).map_err(|error| refused(folder, error))
}

/// Reads the state in `folder` into `pair`, which must have the same shapes and be of a run of the same `settings`.
pub fn load(pair: Pair, settings: &Identity, folder: &Path, sha256: &str) -> Result<(Pair, Position), TrainError> {
    check(folder, &files(&pair), sha256)?;
    let stored = std::fs::read(folder.join(FILES[4])).map_err(at(folder))?;
    let stored: StoredPosition = serde_json::from_slice(&stored).map_err(|error| refused(folder, error))?;
    let position = stored.checked(settings).map_err(|why| refused(folder, why))?;
    let record = |name: &str| ModuleRecord::load(folder.join(name)).map_err(|error| refused(folder, error));
    let generator = pair.generator.try_load_record(record(FILES[0])?).map_err(|error| refused(folder, error))?;
    let discriminator =
        pair.discriminator.try_load_record(record(FILES[1])?).map_err(|error| refused(folder, error))?;
    let generator_adam = pair.generator_adam.load(folder.join(FILES[2])).map_err(|error| refused(folder, error))?;
    let discriminator_adam =
        pair.discriminator_adam.load(folder.join(FILES[3])).map_err(|error| refused(folder, error))?;
    let average = match pair.average {
        None => None,
        Some(average) => {
            let loaded = average.try_load_record(record(AVERAGE)?);
            Some(loaded.map_err(|error| refused(folder, error))?)
        }
    };
    let pair = Pair { generator, discriminator, generator_adam, discriminator_adam, average };
    Ok((pair, position))
}

/// SHA-256 over the files of a whole state, whichever of them there have to be.
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

/// Refuses files that are not there or not those that were written. Any other trouble in reading them may pass, and
/// says nothing about them.
fn check(folder: &Path, files: &[&str], sha256: &str) -> Result<(), TrainError> {
    let damaged = |why: String| TrainError::Damaged { path: folder.to_owned(), why };
    // Without the folder that all of a run lies in, its disk may be away.
    let is_there = folder.parent().is_some_and(Path::is_dir);
    let found = digest(folder, files).map_err(|error| match error {
        TrainError::Checkpoint { source, .. } if is_there && is_missing(&source) && !folder.is_dir() => {
            damaged("it is not there".to_owned())
        }
        TrainError::Checkpoint { path, source } if is_there && is_missing(&source) => {
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            damaged(format!("its file {name} is not there"))
        }
        error => error,
    })?;
    match found.sha256 == sha256 {
        true => Ok(()),
        false => Err(damaged("its files are not the ones that were written".to_owned())),
    }
}

/// Whether there is no such file, be it that something else has its name.
fn is_missing(error: &std::io::Error) -> bool {
    matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory | ErrorKind::IsADirectory)
}

/// That what was written, and is whole, cannot be used here.
fn refused(folder: &Path, why: impl ToString) -> TrainError {
    TrainError::Refused { path: folder.to_owned(), why: why.to_string() }
}

fn digest(folder: &Path, files: &[&str]) -> Result<Saved, TrainError> {
    let mut digest = Sha256::new();
    let mut bytes = 0;
    for name in files {
        let path = folder.join(name);
        let content = std::fs::read(&path).map_err(at(&path))?;
        bytes += content.len() as u64;
        digest.update(Sha256::digest(&content));
    }
    Ok(Saved { sha256: hex::encode(digest.finalize()), bytes })
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
    fn a_position_within_an_epoch_comes_back_to_the_last_bit() {
        let values = |third: f64| vec![("d_loss", third), ("g_loss", f64::from(0.1f32))];
        let position = Position {
            epoch: Epoch(3),
            step: 11,
            partial: vec![values(f64::from(1.0f32 / 3.0)), values(1e-45)],
            poor: 2,
        };
        let text = serde_json::to_string(&StoredPosition::new(&position, &Identity::new())).unwrap();
        assert_eq!(read(&text), Ok(position));
    }

    #[test]
    fn the_first_form_knew_whole_epochs_and_is_still_read() {
        let position = Position { epoch: Epoch(4), step: 12, partial: Vec::new(), poor: 0 };
        assert_eq!(read(r#"{"format":1,"epoch":4,"step":12}"#), Ok(position));
    }

    #[test]
    fn a_checkpoint_of_other_settings_is_refused_by_the_key_that_differs() {
        let settings = |batch| Identity::from([("train.batch".to_owned(), Value::Integer(batch))]);
        let text = serde_json::to_string(&StoredPosition::new(&Position::default(), &settings(8))).unwrap();
        let read = |settings: &Identity| serde_json::from_str::<StoredPosition>(&text).unwrap().checked(settings);
        assert!(read(&settings(8)).is_ok());
        let refused = read(&settings(16)).unwrap_err();
        assert!(refused.contains("train.batch is 8 there and 16 here"), "{refused}");
        let refused = read(&Identity::new()).unwrap_err();
        assert!(refused.contains("train.batch is 8 there and the default here"), "{refused}");
    }

    #[test]
    fn a_later_form_and_an_unknown_metric_are_refused_by_name() {
        let later = read(r#"{"format":4,"epoch":4,"step":12,"partial":[]}"#).unwrap_err();
        assert!(later.contains("format 4") && later.contains("1 to 3"), "{later}");
        let unknown = read(r#"{"format":2,"epoch":4,"step":12,"partial":[[["charm",1.0]]]}"#).unwrap_err();
        assert!(unknown.contains("charm"), "{unknown}");
    }
}
