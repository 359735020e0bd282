//! The encoder that was published with the paper (<https://github.com/ryankiros/skip-thoughts>), from its own files.

use std::io::BufReader;
use std::path::Path;

use burn::tensor::Device;

use super::encoder::{Half, SkipThought, Variant};
use super::error::{SkipThoughtError, expect};
use super::gru::Gru;
use super::npz;
use super::pickle::{Plain, options};
use super::table_file::table;
use super::tokens::Tokeniser;
use super::words::Words;
use crate::file_kind::FileKind;
use crate::text::TextError;

/// The published encoder of a folder, as far as `variant` needs it: `dictionary.txt`, and for uni-skip `utable.npy`,
/// `uni_skip.npz` and its options `uni_skip.npz.pkl` (or the same as JSON, `uni_skip.npz.json`), for bi-skip the same with
/// `btable.npy` and `bi_skip`. The tables are put down once, as plain arrays under the hashes of their files, in `tables`;
/// `sha256` gives a file's in hexadecimal.
///
/// # Errors
///
/// If a file is missing, damaged or not of this form, they do not belong together, or `sha256` fails.
pub fn published<E: From<TextError>>(
    folder: &Path,
    tables: &Path,
    variant: Variant,
    device: &Device,
    sha256: &dyn Fn(&Path) -> Result<String, E>,
) -> Result<SkipThought, E> {
    let words = Words::read(&folder.join("dictionary.txt")).map_err(TextError::from)?;
    let half = |of: &Archive| -> Result<Half, E> {
        let units = of.units(folder, device)?;
        let path = folder.join(of.table);
        let table = table(&path, &sha256(&path)?, words.len(), tables).map_err(TextError::from)?;
        Ok(Half { table, units })
    };
    let uni = variant.has_uni().then(|| half(&UNI)).transpose()?;
    let bi = variant.has_bi().then(|| half(&BI)).transpose()?;
    Ok(SkipThought::new(words, uni, bi, Tokeniser::Nltk, device).map_err(TextError::from)?)
}

/// One of the two models that were published.
struct Archive {
    /// Its word vectors.
    table: &'static str,
    /// Its weights.
    weights: &'static str,
    /// What the names of each unit's weights begin with.
    prefixes: &'static [&'static str],
}

const UNI: Archive = Archive { table: "utable.npy", weights: "uni_skip.npz", prefixes: &["encoder"] };
const BI: Archive = Archive { table: "btable.npy", weights: "bi_skip.npz", prefixes: &["encoder", "encoder_r"] };

impl Archive {
    fn units(&self, folder: &Path, device: &Device) -> Result<Vec<Gru>, TextError> {
        let archive = folder.join(self.weights);
        let options = options_of(&archive)?;
        let parts = npz::units(&archive, self.prefixes, options.input, options.hidden)?;
        parts.iter().map(|parts| Gru::from_parts(parts, device)).collect()
    }
}

/// The names of the published files whose contents decide what vectors a variant has; options only say what shapes arrays
/// have.
pub fn published_files(variant: Variant) -> Vec<&'static str> {
    let of = |archive: &Archive| [archive.table, archive.weights];
    let parts = [variant.has_uni().then_some(UNI), variant.has_bi().then_some(BI)];
    ["dictionary.txt"].into_iter().chain(parts.iter().flatten().flat_map(of)).collect()
}

/// The number of entries of a variant's vectors, by the options that lie beside the published files.
///
/// # Errors
///
/// If options are missing or not of their form.
pub fn published_length(folder: &Path, variant: Variant) -> Result<usize, TextError> {
    let of = |archive: Archive| {
        Ok::<_, TextError>(archive.prefixes.len() * options_of(&folder.join(archive.weights))?.hidden)
    };
    let uni = variant.has_uni().then(|| of(UNI)).transpose()?;
    let bi = variant.has_bi().then(|| of(BI)).transpose()?;
    Ok(uni.unwrap_or(0) + bi.unwrap_or(0))
}

struct Options {
    /// The numbers of a word's vector.
    input: usize,
    /// The numbers of a state.
    hidden: usize,
}

/// The options that lie beside an archive.
fn options_of(archive: &Path) -> Result<Options, SkipThoughtError> {
    let beside = |ending: &str| archive.with_added_extension(ending);
    let [pickle, json] = [beside("pkl"), beside("json")];
    let path = if pickle.exists() || !json.exists() { pickle } else { json };
    let read = |source| SkipThoughtError::Read { path: path.clone(), source };
    let wrong = |why: String| SkipThoughtError::Options { path: path.clone(), why };
    expect(&path, "the options of an encoder", &[FileKind::Json])?;
    let file = BufReader::new(std::fs::File::open(&path).map_err(read)?);
    let (input, hidden, unit) = if path.extension().is_some_and(|ending| ending == "pkl") {
        let found = options(file).map_err(|source| SkipThoughtError::Pickle { path: path.clone(), source })?;
        let int = |name: &str| match found.get(name) {
            Some(Plain::Int(value)) => Some(*value),
            _ => None,
        };
        let unit = found.get("encoder").map(|unit| match unit {
            Plain::Text(unit) => unit.clone(),
            other => format!("{other:?}"),
        });
        (int("dim_word"), int("dim"), unit)
    } else {
        let found: serde_json::Value = serde_json::from_reader(file).map_err(|error| wrong(error.to_string()))?;
        let unit = found.get("encoder").map(|unit| unit.as_str().map_or_else(|| unit.to_string(), str::to_owned));
        (found["dim_word"].as_i64(), found["dim"].as_i64(), unit)
    };
    if let Some(unit) = unit.filter(|unit| unit != "gru") {
        return Err(wrong(format!("`encoder` is {unit:?}, not \"gru\"")));
    }
    let length = |name: &str, value: Option<i64>| {
        let value = value.and_then(|value| usize::try_from(value).ok()).filter(|value| (1..=1 << 15).contains(value));
        value.ok_or_else(|| wrong(format!("`{name}` is no int between 1 and 32768")))
    };
    Ok(Options { input: length("dim_word", input)?, hidden: length("dim", hidden)? })
}

#[cfg(test)]
mod tests;
