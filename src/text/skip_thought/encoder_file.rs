//! The file of a text encoder that jem trained, in the safetensors format. Equal encoders have bit-identical files.

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

/// The only metadata entry: the order of several entries would be random.
const ENTRY: &str = "skip_thought";
/// The version of the file format.
const FORMAT: u32 = 1;
/// The first two words: the end of a sentence, and unknown words.
const SPECIAL: [&str; 2] = ["<eos>", "UNK"];
/// The names of a unit's arrays and the number of their dimensions.
const ARRAYS: [(&str, usize); 6] = [("w", 2), ("u", 2), ("b", 1), ("wx", 2), ("ux", 2), ("bx", 1)];

/// The contents of the file: the tensors `embedding` `[words, d]`, `forward.w`, `.u`, `.b`, `.wx`, `.ux`, `.bx` and,
/// for bi-skip, the same of `backward`. The words, the tokeniser and the other fields are in the metadata, as JSON.
#[derive(Clone, Debug, PartialEq)]
pub struct EncoderFile {
    /// The word of each row, `<eos>` and `UNK` first.
    pub words: Vec<String>,
    /// The vectors of the words, `[words, dimension]`, row-major.
    pub embedding: Vec<f32>,
    /// The dimension of the word vectors.
    pub dimension: usize,
    /// The unit that reads forward.
    pub forward: GruParts,
    /// The unit that reads backward; `None` for uni-skip.
    pub backward: Option<GruParts>,
    /// The name of the tokeniser.
    pub tokeniser: String,
    /// Whether sentences end with `<eos>`.
    pub use_eos: bool,
    /// How the encoder was trained.
    pub about: String,
    /// SHA-256 of the file; empty before the file is written or read.
    pub sha256: String,
}

/// The metadata.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    #[serde(rename = "form")]
    format: u32,
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
    /// If an array does not match its shape, a value is not finite, or the words are invalid.
    pub fn to_bytes(&self) -> Result<(Vec<u8>, String), EncoderFileError> {
        self.check()?;
        let arrays: Vec<(String, Vec<usize>, Vec<u8>)> = self
            .arrays()
            .into_iter()
            .map(|(name, shape, values)| (name, shape, values.iter().flat_map(|value| value.to_le_bytes()).collect()))
            .collect();
        let views = arrays.iter().map(|(name, shape, bytes)| {
            (name, TensorView::new(Dtype::F32, shape.clone(), bytes).expect("the number of bytes matches the shape"))
        });
        let entry = Entry {
            format: FORMAT,
            tokeniser: self.tokeniser.clone(),
            use_eos: self.use_eos,
            about: self.about.clone(),
            words: self.words.clone(),
        };
        let entry = serde_json::to_string(&entry).expect("the entry contains text, integers and lists of text");
        let bytes = safetensors::serialize(views, Some(HashMap::from([(ENTRY.to_owned(), entry)])))
            .map_err(|error| EncoderFileError::Format(error.to_string()))?;
        let sha256 = hex::encode(Sha256::digest(&bytes));
        Ok((bytes, sha256))
    }

    /// Writes the file atomically and returns its SHA-256.
    ///
    /// # Errors
    ///
    /// If the encoder is invalid ([`EncoderFile::to_bytes`]), or the file cannot be written.
    pub fn write(&self, path: &Path) -> Result<String, TextError> {
        let file_error = |source| TextError::Encoder { path: path.into(), source };
        let (bytes, sha256) = self.to_bytes().map_err(file_error)?;
        crate::atomic_file::write(path, &bytes).map_err(|error| file_error(error.into()))?;
        Ok(sha256)
    }

    /// Reads a file that was written by [`EncoderFile::write`].
    ///
    /// # Errors
    ///
    /// If the file cannot be read, or its contents are invalid.
    pub fn read(path: &Path) -> Result<Self, TextError> {
        let file_error = |source| TextError::Encoder { path: path.into(), source };
        let bytes = std::fs::read(path).map_err(|error| file_error(error.into()))?;
        WrongKind::check(&bytes, "a safetensors file of an encoder", &[]).map_err(|error| file_error(error.into()))?;
        let mut file = from_bytes(&bytes).map_err(file_error)?;
        file.sha256 = hex::encode(Sha256::digest(&bytes));
        Ok(file)
    }

    /// The dimension of sentence vectors.
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
        let mut distinct = HashSet::new();
        match self.words.iter().find(|word| !distinct.insert(word.as_str())) {
            Some(word) => Err(EncoderFileError::Duplicate { word: word.clone() }),
            None => Ok(()),
        }
    }
}

fn from_bytes(bytes: &[u8]) -> Result<EncoderFile, EncoderFileError> {
    let format = |error: safetensors::SafeTensorError| EncoderFileError::Format(error.to_string());
    let (_, metadata) = SafeTensors::read_metadata(bytes).map_err(format)?;
    let entry = metadata.metadata().as_ref().and_then(|entries| entries.get(ENTRY)).ok_or(EncoderFileError::NoEntry)?;
    let entry: Entry = serde_json::from_str(entry).map_err(|error| EncoderFileError::Entry(error.to_string()))?;
    if entry.format != FORMAT {
        return Err(EncoderFileError::Entry(format!("format {}, expected {FORMAT}", entry.format)));
    }
    let tensors = SafeTensors::deserialize(bytes).map_err(format)?;
    let mut arrays = BTreeMap::new();
    for (name, view) in tensors.tensors() {
        if view.dtype() != Dtype::F32 {
            return Err(EncoderFileError::Type { name, found: format!("{:?}", view.dtype()) });
        }
        let values: Vec<f32> = view.data().as_chunks::<4>().0.iter().map(|&four| f32::from_le_bytes(four)).collect();
        arrays.insert(name, (view.shape().to_vec(), values));
    }
    let is_bi = arrays.keys().any(|name| name.starts_with("backward."));
    let (shape, embedding) = take(&mut arrays, "embedding", 2)?;
    if shape[0] != entry.words.len() {
        let expected = format!("[{}, …], a row for each word", entry.words.len());
        return Err(EncoderFileError::Shape { name: "embedding".into(), found: shape, expected });
    }
    let file = EncoderFile {
        dimension: shape[1],
        words: entry.words,
        embedding,
        forward: unit(&mut arrays, "forward")?,
        backward: if is_bi { Some(unit(&mut arrays, "backward")?) } else { None },
        tokeniser: entry.tokeniser,
        use_eos: entry.use_eos,
        about: entry.about,
        sha256: String::new(),
    };
    if let Some((name, _)) = arrays.pop_first() {
        return Err(EncoderFileError::Unexpected(name));
    }
    file.check()?;
    Ok(file)
}

/// Shapes and values of arrays by name.
type Arrays = BTreeMap<String, (Vec<usize>, Vec<f32>)>;

/// Removes an array, which must have the given number of dimensions.
fn take(arrays: &mut Arrays, name: &str, dimensions: usize) -> Result<(Vec<usize>, Vec<f32>), EncoderFileError> {
    let (shape, values) = arrays.remove(name).ok_or_else(|| EncoderFileError::Missing(name.to_owned()))?;
    match shape.len() == dimensions {
        true => Ok((shape, values)),
        false => {
            let expected = format!("{dimensions} dimensions");
            Err(EncoderFileError::Shape { name: name.to_owned(), found: shape, expected })
        }
    }
}

/// Removes the arrays of a unit, whose shapes must match the shape of `wx`.
fn unit(arrays: &mut Arrays, unit: &str) -> Result<GruParts, EncoderFileError> {
    let mut found = Vec::with_capacity(ARRAYS.len());
    for (name, dimensions) in ARRAYS {
        found.push(take(arrays, &format!("{unit}.{name}"), dimensions)?);
    }
    let (shapes, values): (Vec<_>, Vec<_>) = found.into_iter().unzip();
    let (input, hidden) = (shapes[3][0], shapes[3][1]);
    let mut values = values.into_iter();
    let mut next = || values.next().expect("a unit has six arrays");
    let parts = GruParts { input, hidden, w: next(), u: next(), b: next(), wx: next(), ux: next(), bx: next() };
    for ((name, expected, _), found) in parts.arrays().into_iter().zip(shapes) {
        if found != expected {
            let expected = format!("{expected:?} because `{unit}.wx` has shape [{input}, {hidden}]");
            return Err(EncoderFileError::Shape { name: format!("{unit}.{name}"), found, expected });
        }
    }
    Ok(parts)
}

#[cfg(test)]
mod tests;
