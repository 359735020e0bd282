//! The encoder that was published with the paper (<https://github.com/ryankiros/skip-thoughts>).

use std::io::BufReader;
use std::path::Path;

use burn::tensor::Device;

use super::encoder::{SkipModel, SkipThought, Variant};
use super::error::SkipThoughtError;
use super::gru::Gru;
use super::npz;
use super::pickle::{PyValue, read_options};
use super::table_file::open_table;
use super::tokens::Tokeniser;
use super::vocabulary::Vocabulary;
use crate::file_error::FileError;
use crate::file_kind::FileKind;
use crate::text::TextError;

/// Opens the published encoder in `folder` with the models of `variant`. The files are `dictionary.txt`; for uni-skip
/// `utable.npy`, `uni_skip.npz` and its options `uni_skip.npz.pkl` (or the same as JSON, `uni_skip.npz.json`); for
/// bi-skip the same with `btable.npy` and `bi_skip`. Each table is converted once to a plain array, which is stored in
/// the folder `tables` under the hash of the table's file. `sha256` returns the hash of a file in hexadecimal.
///
/// # Errors
///
/// If a file is missing, damaged or invalid, the files do not match each other, or `sha256` fails.
pub fn open_published<E: From<TextError>>(
    folder: &Path,
    tables: &Path,
    variant: Variant,
    device: &Device,
    sha256: &dyn Fn(&Path) -> Result<String, E>,
) -> Result<SkipThought, E> {
    let vocabulary = Vocabulary::read(&folder.join("dictionary.txt")).map_err(TextError::from)?;
    let model = |files: &ModelFiles| -> Result<SkipModel, E> {
        let units = files.units(folder, device)?;
        let path = folder.join(files.table);
        let table = open_table(&path, &sha256(&path)?, vocabulary.len(), tables).map_err(TextError::from)?;
        Ok(SkipModel { table, units })
    };
    let uni = variant.has_uni().then(|| model(&UNI)).transpose()?;
    let bi = variant.has_bi().then(|| model(&BI)).transpose()?;
    Ok(SkipThought::new(vocabulary, uni, bi, Tokeniser::Nltk, device).map_err(TextError::from)?)
}

/// The files of a published model.
struct ModelFiles {
    /// The word vectors.
    table: &'static str,
    /// The weights of the units.
    weights: &'static str,
    /// The prefix of the weights of each unit.
    prefixes: &'static [&'static str],
}

const UNI: ModelFiles = ModelFiles { table: "utable.npy", weights: "uni_skip.npz", prefixes: &["encoder"] };
const BI: ModelFiles = ModelFiles { table: "btable.npy", weights: "bi_skip.npz", prefixes: &["encoder", "encoder_r"] };

impl ModelFiles {
    fn units(&self, folder: &Path, device: &Device) -> Result<Vec<Gru>, TextError> {
        let archive = folder.join(self.weights);
        let options = Options::read(&archive)?;
        let parts = npz::units(&archive, self.prefixes, options.input, options.hidden)?;
        parts.iter().map(|parts| Gru::from_parts(parts, device)).collect()
    }
}

/// The names of the published files that determine the vectors of a variant. The options are not among them: they
/// contain only the shapes of arrays.
pub fn published_files(variant: Variant) -> Vec<&'static str> {
    let names = |files: &ModelFiles| [files.table, files.weights];
    let models = [variant.has_uni().then_some(UNI), variant.has_bi().then_some(BI)];
    ["dictionary.txt"].into_iter().chain(models.iter().flatten().flat_map(names)).collect()
}

/// The dimension of the vectors of a variant, from the options of the published files.
///
/// # Errors
///
/// If the options are missing or invalid.
pub fn published_dimension(folder: &Path, variant: Variant) -> Result<usize, TextError> {
    let dimension = |files: ModelFiles| {
        Ok::<_, TextError>(files.prefixes.len() * Options::read(&folder.join(files.weights))?.hidden)
    };
    let uni = variant.has_uni().then(|| dimension(UNI)).transpose()?;
    let bi = variant.has_bi().then(|| dimension(BI)).transpose()?;
    Ok(uni.unwrap_or(0) + bi.unwrap_or(0))
}

/// The options of a published model.
struct Options {
    /// The dimension of the word vectors.
    input: usize,
    /// The length of a state.
    hidden: usize,
}

impl Options {
    /// Reads the options of an archive, from the file with the further extension `.pkl` or `.json`.
    fn read(archive: &Path) -> Result<Self, SkipThoughtError> {
        let [pickle, json] = ["pkl", "json"].map(|extension| archive.with_added_extension(extension));
        let path = if pickle.exists() || !json.exists() { pickle } else { json };
        let invalid = |why: String| SkipThoughtError::Options { path: path.clone(), why };
        FileError::check_kind(&path, "the options of an encoder", &[FileKind::Json])?;
        let file = BufReader::new(std::fs::File::open(&path).map_err(FileError::read(&path))?);
        let (input, hidden, unit) = if path.extension().is_some_and(|extension| extension == "pkl") {
            let found = read_options(file).map_err(|source| SkipThoughtError::Pickle { path: path.clone(), source })?;
            let int = |name: &str| match found.get(name) {
                Some(PyValue::Int(value)) => Some(*value),
                _ => None,
            };
            let unit = found.get("encoder").map(|unit| match unit {
                PyValue::Text(unit) => unit.clone(),
                other => format!("{other:?}"),
            });
            (int("dim_word"), int("dim"), unit)
        } else {
            let found: serde_json::Value = serde_json::from_reader(file).map_err(|error| invalid(error.to_string()))?;
            let unit = found.get("encoder").map(|unit| unit.as_str().map_or_else(|| unit.to_string(), str::to_owned));
            (found["dim_word"].as_i64(), found["dim"].as_i64(), unit)
        };
        if let Some(unit) = unit.filter(|unit| unit != "gru") {
            return Err(invalid(format!("`encoder` is {unit:?}, expected \"gru\"")));
        }
        let length = |name: &str, value: Option<i64>| {
            let value = value.and_then(|value| usize::try_from(value).ok());
            let value = value.filter(|value| (1..=1 << 15).contains(value));
            value.ok_or_else(|| invalid(format!("`{name}` is not an int between 1 and 32768")))
        };
        Ok(Self { input: length("dim_word", input)?, hidden: length("dim", hidden)? })
    }
}

#[cfg(test)]
mod tests;
