//! The encoder that was published with the paper (<https://github.com/ryankiros/skip-thoughts>), from its own files.

use std::collections::BTreeMap;
use std::io::BufReader;
use std::path::{Path, PathBuf};

use burn::tensor::Device;

use super::encoder::{Half, SkipThought, Variant};
use super::error::SkipThoughtError;
use super::gru::Gru;
use super::npz;
use super::pickle::{Plain, options};
use super::table_file::{sha256, table};
use super::tokens::Tokeniser;
use super::words::Words;
use crate::text::TextError;

/// An encoder of published files, and what it was made of.
#[derive(Debug)]
pub struct Published {
    /// The encoder, with the halves that were asked for.
    pub encoder: SkipThought,
    /// The SHA-256 of each file that was read, by its name.
    pub files: BTreeMap<String, String>,
}

/// The published encoder of a folder, as far as `variant` needs it: `dictionary.txt`, and for uni-skip `utable.npy`,
/// `uni_skip.npz` and its options `uni_skip.npz.pkl` (or the same as JSON, `uni_skip.npz.json`), for bi-skip the same with
/// `btable.npy` and `bi_skip`. The tables are put down once, as plain arrays under the hashes of their files, in `tables`.
///
/// # Errors
///
/// If a file is missing, damaged or not of this form, or they do not belong together.
pub fn published(folder: &Path, tables: &Path, variant: Variant, device: &Device) -> Result<Published, TextError> {
    let mut files = BTreeMap::new();
    let dictionary = folder.join("dictionary.txt");
    let words = Words::read(&dictionary)?;
    files.insert("dictionary.txt".to_owned(), sha256(&dictionary)?);
    let mut half = |table_name: &str, name: &str, prefixes: &[&str]| -> Result<Half, TextError> {
        let archive = folder.join(name);
        let options = options_of(&archive)?;
        let parts = npz::units(&archive, prefixes, options.input, options.hidden)?;
        let units = parts.iter().map(|parts| Gru::from_parts(parts, device)).collect::<Result<_, _>>()?;
        let (table, hash) = table(&folder.join(table_name), words.len(), tables)?;
        files.insert(table_name.to_owned(), hash);
        for path in [archive, options.path] {
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            files.insert(name, sha256(&path)?);
        }
        Ok(Half { table, units })
    };
    let uni = variant.has_uni().then(|| half("utable.npy", "uni_skip.npz", &["encoder"])).transpose()?;
    let bi = variant.has_bi().then(|| half("btable.npy", "bi_skip.npz", &["encoder", "encoder_r"])).transpose()?;
    let encoder = SkipThought::new(words, uni, bi, Tokeniser::Nltk, device)?;
    Ok(Published { encoder, files })
}

/// The number of entries of a variant's vectors, by the options that lie beside the published files.
///
/// # Errors
///
/// If options are missing or not of their form.
pub fn published_length(folder: &Path, variant: Variant) -> Result<usize, TextError> {
    let of = |name: &str, units: usize| Ok::<_, TextError>(units * options_of(&folder.join(name))?.hidden);
    let uni = variant.has_uni().then(|| of("uni_skip.npz", 1)).transpose()?;
    let bi = variant.has_bi().then(|| of("bi_skip.npz", 2)).transpose()?;
    Ok(uni.unwrap_or(0) + bi.unwrap_or(0))
}

struct Options {
    path: PathBuf,
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
    Ok(Options { input: length("dim_word", input)?, hidden: length("dim", hidden)?, path: path.clone() })
}

#[cfg(test)]
mod tests;
