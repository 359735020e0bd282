//! jem's own file of a trained encoder: one safetensors file, which the same encoder always makes the same bytes of.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::path::Path;

use safetensors::SafeTensors;
use safetensors::tensor::{Dtype, TensorView};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::super::error::TextError;
use super::gru::GruParts;
use crate::file_kind::WrongKind;

mod error;

pub use error::EncoderFileError;

/// The one entry of the file's metadata: a file of several has them in an order of chance.
const ENTRY: &str = "skip_thought";
/// The form of the file.
const FORM: u32 = 1;
/// What the first two words are: the end of a sentence, and every word that has no row.
const SPECIAL: [&str; 2] = ["<eos>", "UNK"];
/// A unit's arrays by their names, and how many dimensions each has.
const ARRAYS: [(&str, usize); 6] = [("w", 2), ("u", 2), ("b", 1), ("wx", 2), ("ux", 2), ("bx", 1)];

/// An encoder, as it is written: `embedding` `[words, d]`, `forward.w`, `.u`, `.b`, `.wx`, `.ux`, `.bx`, and for an encoder
/// that reads both ways the same of `backward`; words, tokeniser and the rest in the metadata, as JSON.
#[derive(Clone, Debug, PartialEq)]
pub struct EncoderFile {
    /// The words in the order of their rows, `<eos>` and `UNK` first.
    pub words: Vec<String>,
    /// Each word's vector, row after row.
    pub embedding: Vec<f32>,
    /// How many numbers a row has.
    pub dimension: usize,
    /// What reads a sentence from its beginning.
    pub forward: GruParts,
    /// What reads it from its end, where something does.
    pub backward: Option<GruParts>,
    /// How sentences were cut into words, by a word of the one that did it.
    pub tokeniser: String,
    /// Whether `<eos>` was read after a sentence's words.
    pub use_eos: bool,
    /// How it came about.
    pub about: String,
    /// SHA-256 of the file; empty until it was written or read.
    pub sha256: String,
}

/// The metadata.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    form: u32,
    tokeniser: String,
    use_eos: bool,
    about: String,
    words: Vec<String>,
}

impl EncoderFile {
    /// The file's bytes, and their SHA-256.
    ///
    /// # Errors
    ///
    /// If it is not an encoder: if arrays are not of their shapes, a number is not finite, or the words are not as they
    /// should be; by the first mistake.
    pub fn to_bytes(&self) -> Result<(Vec<u8>, String), EncoderFileError> {
        self.check()?;
        let arrays: Vec<(String, Vec<usize>, Vec<u8>)> = self
            .arrays()
            .into_iter()
            .map(|(name, shape, values)| (name, shape, values.iter().flat_map(|value| value.to_le_bytes()).collect()))
            .collect();
        let views = arrays.iter().map(|(name, shape, bytes)| {
            (name, TensorView::new(Dtype::F32, shape.clone(), bytes).expect("as many bytes as the shape says"))
        });
        let entry = Entry {
            form: FORM,
            tokeniser: self.tokeniser.clone(),
            use_eos: self.use_eos,
            about: self.about.clone(),
            words: self.words.clone(),
        };
        let entry = serde_json::to_string(&entry).expect("text, numbers and lists of text");
        let bytes = safetensors::serialize(views, Some(HashMap::from([(ENTRY.to_owned(), entry)])))
            .map_err(|error| EncoderFileError::Format(error.to_string()))?;
        let sha256 = hex::encode(Sha256::digest(&bytes));
        Ok((bytes, sha256))
    }

    /// Writes it to a file that has its name only when it is whole, and gives its SHA-256.
    ///
    /// # Errors
    ///
    /// If it is no encoder, or cannot be written.
    pub fn write(&self, path: &Path) -> Result<String, TextError> {
        let wrong = |source| TextError::Encoder { path: path.into(), source };
        let (bytes, sha256) = self.to_bytes().map_err(wrong)?;
        crate::whole::write(path, &bytes).map_err(|error| wrong(error.into()))?;
        Ok(sha256)
    }

    /// Reads a file that [`EncoderFile::write`] wrote.
    ///
    /// # Errors
    ///
    /// If it cannot be read, holds anything else, or lacks anything: by name.
    pub fn read(path: &Path) -> Result<Self, TextError> {
        let wrong = |source| TextError::Encoder { path: path.into(), source };
        let bytes = std::fs::read(path).map_err(|error| wrong(error.into()))?;
        WrongKind::unless(&bytes, "a safetensors file of an encoder", &[]).map_err(|error| wrong(error.into()))?;
        let mut file = from_bytes(&bytes).map_err(wrong)?;
        file.sha256 = hex::encode(Sha256::digest(&bytes));
        Ok(file)
    }

    /// The length of a sentence's vector.
    pub fn hidden(&self) -> usize {
        self.forward.hidden + self.backward.as_ref().map_or(0, |parts| parts.hidden)
    }

    fn arrays(&self) -> Vec<(String, Vec<usize>, &[f32])> {
        let mut arrays = vec![("embedding".to_owned(), vec![self.words.len(), self.dimension], &self.embedding[..])];
        let units = [("forward", Some(&self.forward)), ("backward", self.backward.as_ref())];
        for (unit, parts) in units.into_iter().filter_map(|(unit, parts)| Some((unit, parts?))) {
            arrays.extend(parts.arrays().map(|(name, shape, values)| (format!("{unit}.{name}"), shape, values)));
        }
        arrays
    }

    fn check(&self) -> Result<(), EncoderFileError> {
        for (name, shape, values) in self.arrays() {
            let count: usize = shape.iter().product();
            if values.len() != count || count == 0 {
                return Err(EncoderFileError::Shape {
                    name,
                    found: vec![values.len()],
                    expected: format!("{shape:?}"),
                });
            }
            if values.iter().any(|value| !value.is_finite()) {
                return Err(EncoderFileError::NotFinite { name });
            }
        }
        for (unit, parts) in [("forward", Some(&self.forward)), ("backward", self.backward.as_ref())] {
            if let Some(parts) = parts.filter(|parts| parts.input != self.dimension) {
                let (name, found) = (format!("{unit}.w"), vec![parts.input, 2 * parts.hidden]);
                return Err(EncoderFileError::Shape { name, found, expected: format!("[{}, …]", self.dimension) });
            }
        }
        for (row, expected) in SPECIAL.into_iter().enumerate() {
            let found = self.words.get(row).cloned().unwrap_or_default();
            if found != expected {
                return Err(EncoderFileError::Special { row, found, expected });
            }
        }
        let mut seen = HashSet::new();
        match self.words.iter().find(|word| !seen.insert(word.as_str())) {
            Some(word) => Err(EncoderFileError::Twice { word: word.clone() }),
            None => Ok(()),
        }
    }
}

fn from_bytes(bytes: &[u8]) -> Result<EncoderFile, EncoderFileError> {
    let format = |error: safetensors::SafeTensorError| EncoderFileError::Format(error.to_string());
    let (_, metadata) = SafeTensors::read_metadata(bytes).map_err(format)?;
    let entry = metadata.metadata().as_ref().and_then(|entries| entries.get(ENTRY)).ok_or(EncoderFileError::NoEntry)?;
    let entry: Entry = serde_json::from_str(entry).map_err(|error| EncoderFileError::Entry(error.to_string()))?;
    if entry.form != FORM {
        return Err(EncoderFileError::Entry(format!("form {}, not {FORM}", entry.form)));
    }
    let tensors = SafeTensors::deserialize(bytes).map_err(format)?;
    let mut held = BTreeMap::new();
    for (name, view) in tensors.tensors() {
        if view.dtype() != Dtype::F32 {
            return Err(EncoderFileError::Type { name, found: format!("{:?}", view.dtype()) });
        }
        let values: Vec<f32> = view.data().as_chunks::<4>().0.iter().map(|&four| f32::from_le_bytes(four)).collect();
        held.insert(name, (view.shape().to_vec(), values));
    }
    let is_both = held.keys().any(|name| name.starts_with("backward."));
    let (shape, embedding) = take(&mut held, "embedding", 2)?;
    if shape[0] != entry.words.len() {
        let expected = format!("[{}, …], as there are words", entry.words.len());
        return Err(EncoderFileError::Shape { name: "embedding".into(), found: shape, expected });
    }
    let file = EncoderFile {
        dimension: shape[1],
        words: entry.words,
        embedding,
        forward: unit(&mut held, "forward")?,
        backward: if is_both { Some(unit(&mut held, "backward")?) } else { None },
        tokeniser: entry.tokeniser,
        use_eos: entry.use_eos,
        about: entry.about,
        sha256: String::new(),
    };
    if let Some((name, _)) = held.pop_first() {
        return Err(EncoderFileError::Unused(name));
    }
    file.check()?;
    Ok(file)
}

type Held = BTreeMap<String, (Vec<usize>, Vec<f32>)>;

fn take(held: &mut Held, name: &str, dimensions: usize) -> Result<(Vec<usize>, Vec<f32>), EncoderFileError> {
    let (shape, values) = held.remove(name).ok_or_else(|| EncoderFileError::Missing(name.to_owned()))?;
    match shape.len() == dimensions {
        true => Ok((shape, values)),
        false => {
            let expected = format!("of {dimensions} dimensions");
            Err(EncoderFileError::Shape { name: name.to_owned(), found: shape, expected })
        }
    }
}

/// A unit whose arrays have the shapes that its `wx` asks for.
fn unit(held: &mut Held, unit: &str) -> Result<GruParts, EncoderFileError> {
    let mut found = Vec::with_capacity(ARRAYS.len());
    for (name, dimensions) in ARRAYS {
        found.push(take(held, &format!("{unit}.{name}"), dimensions)?);
    }
    let (shapes, values): (Vec<_>, Vec<_>) = found.into_iter().unzip();
    let (input, hidden) = (shapes[3][0], shapes[3][1]);
    let mut values = values.into_iter();
    let mut next = || values.next().expect("there are six");
    let parts = GruParts { input, hidden, w: next(), u: next(), b: next(), wx: next(), ux: next(), bx: next() };
    for ((name, expected, _), found) in parts.arrays().into_iter().zip(shapes) {
        if found != expected {
            let expected = format!("{expected:?}, as `{unit}.wx` is [{input}, {hidden}]");
            return Err(EncoderFileError::Shape { name: format!("{unit}.{name}"), found, expected });
        }
    }
    Ok(parts)
}

#[cfg(test)]
mod tests;
