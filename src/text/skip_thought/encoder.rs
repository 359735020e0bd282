//! The skip-thought encoder of captions.

use std::collections::BTreeMap;
use std::fmt;

use burn::tensor::{Device, Tensor, TensorData};
use rayon::prelude::*;

use super::encoder_file::EncoderFile;
use super::error::SkipThoughtError;
use super::gru::Gru;
use super::table::Table;
use super::tokens::Tokeniser;
use super::vocabulary::Vocabulary;
use crate::text::{Encoded, TextError};

/// The largest number of captions in a batch, as in the published code.
const MAX_CAPTIONS: usize = 128;
/// The largest number of words in a batch, which limits batches of long captions.
const MAX_WORDS: usize = 4096;

/// The variant of skip-thought vectors.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Variant {
    /// The vector of uni-skip, whose unit reads forward (dimension of the published model: 2400).
    Uni,
    /// The vector of bi-skip, whose units read forward and backward (dimension of the published model: 2 × 1200).
    Bi,
    /// The concatenation of both (dimension of the published models: 4800).
    Combine,
}

impl Variant {
    /// All variants.
    pub const ALL: [Self; 3] = [Self::Uni, Self::Bi, Self::Combine];

    /// The name in settings.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Uni => "uni",
            Self::Bi => "bi",
            Self::Combine => "combine",
        }
    }

    /// Whether the variant includes uni-skip.
    pub fn has_uni(self) -> bool {
        self != Self::Bi
    }

    /// Whether the variant includes bi-skip.
    pub fn has_bi(self) -> bool {
        self != Self::Uni
    }
}

impl fmt::Display for Variant {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

/// The uni-skip or the bi-skip model: word vectors and recurrent units.
#[derive(Debug)]
pub struct SkipModel {
    /// The vector of each word.
    pub table: Table,
    /// The unit that reads forward and, in bi-skip, the unit that reads backward.
    pub units: Vec<Gru>,
}

impl SkipModel {
    fn dimension(&self) -> usize {
        self.units.iter().map(Gru::hidden).sum()
    }

    /// The last states of captions of equal length. The states of two units are concatenated.
    fn states(&self, captions: &[&[usize]], device: &Device) -> Vec<Vec<f32>> {
        let length = captions.first().map_or(0, |caption| caption.len());
        let mut states = vec![Vec::with_capacity(self.dimension()); captions.len()];
        for (index, unit) in self.units.iter().enumerate() {
            let mut inputs = Vec::with_capacity(captions.len() * length * self.table.dimension());
            for caption in captions {
                let rows = (0..length).map(|at| caption[if index == 0 { at } else { length - 1 - at }]);
                rows.for_each(|row| inputs.extend_from_slice(self.table.row(row)));
            }
            let inputs = TensorData::new(inputs, [captions.len(), length, self.table.dimension()]);
            let last = unit.last(Tensor::<3>::from_data(inputs, device), None);
            let last = last.into_data().convert::<f32>().try_to_vec::<f32>().expect("just converted to f32");
            states.iter_mut().zip(last.chunks_exact(unit.hidden())).for_each(|(state, part)| state.extend(part));
        }
        states
    }
}

/// A skip-thought encoder.
#[derive(Debug)]
pub struct SkipThought {
    vocabulary: Vocabulary,
    uni: Option<SkipModel>,
    bi: Option<SkipModel>,
    tokeniser: Tokeniser,
    device: Device,
}

impl SkipThought {
    /// Creates an encoder from its parts. The units must be on `device`.
    ///
    /// # Errors
    ///
    /// If a table does not have a row for each word, or its dimension is not that of its units' inputs.
    pub fn new(
        vocabulary: Vocabulary,
        uni: Option<SkipModel>,
        bi: Option<SkipModel>,
        tokeniser: Tokeniser,
        device: &Device,
    ) -> Result<Self, SkipThoughtError> {
        for model in [&uni, &bi].into_iter().flatten() {
            if model.table.rows() != vocabulary.len() {
                let (words, rows) = (vocabulary.len(), model.table.rows());
                return Err(SkipThoughtError::Rows { words, table: "the table".into(), rows });
            }
            let found = model.table.dimension();
            if let Some(unit) = model.units.iter().find(|unit| unit.input() != found) {
                return Err(SkipThoughtError::Dimension { found, expected: unit.input() });
            }
        }
        let device = device.clone().without_autodiff();
        Ok(Self { vocabulary, uni, bi, tokeniser, device })
    }

    /// Creates an encoder from a file that jem trained: bi-skip if the file has a unit that reads backward, else
    /// uni-skip.
    ///
    /// # Errors
    ///
    /// If the parts of the file do not match, or the tokeniser is unknown.
    pub fn from_file(file: EncoderFile, device: &Device) -> Result<Self, TextError> {
        let tokeniser = Tokeniser::named(&file.tokeniser)
            .ok_or_else(|| SkipThoughtError::Tokeniser { name: file.tokeniser.clone() })?;
        let device = device.clone().without_autodiff();
        let vocabulary = Vocabulary::new(&file.words)?;
        let (values, dimension) = (file.embedding.len(), file.dimension);
        let table = Table::in_memory(file.embedding, dimension);
        let (words, rows) = (vocabulary.len(), values.checked_div(dimension).unwrap_or(0));
        let table = table.ok_or_else(|| SkipThoughtError::Rows { words, table: "the embedding".into(), rows })?;
        let parts = [Some(&file.forward), file.backward.as_ref()].into_iter().flatten();
        let units = parts.map(|parts| Gru::from_parts(parts, &device)).collect::<Result<Vec<_>, _>>()?;
        let is_bi = units.len() == 2;
        let model = SkipModel { table, units };
        let (uni, bi) = if is_bi { (None, Some(model)) } else { (Some(model), None) };
        Ok(Self::new(vocabulary, uni, bi, tokeniser, &device)?)
    }

    /// The tokeniser.
    pub fn tokeniser(&self) -> Tokeniser {
        self.tokeniser
    }

    /// The vocabulary.
    pub fn vocabulary(&self) -> &Vocabulary {
        &self.vocabulary
    }

    /// The dimension of the vectors of a variant.
    ///
    /// # Errors
    ///
    /// If the encoder does not have the models of the variant.
    pub fn dimension(&self, variant: Variant) -> Result<usize, SkipThoughtError> {
        Ok(self.models(variant)?.into_iter().map(SkipModel::dimension).sum())
    }

    /// The vectors of captions, in order. The vectors of uni-skip and of bi-skip each have Euclidean length 1. Unknown
    /// words are encoded as `UNK`. With `use_eos`, `<eos>` is added to each caption; without it, the vector of an empty
    /// caption is 0. [`Encoded::unknown`] is the number of captions without a known word.
    ///
    /// # Errors
    ///
    /// If the encoder does not have the models of the variant.
    pub fn encode_all<S: AsRef<str> + Sync>(
        &self,
        captions: &[S],
        variant: Variant,
        use_eos: bool,
    ) -> Result<Encoded, SkipThoughtError> {
        let models = self.models(variant)?;
        let rows: Vec<(Vec<usize>, bool)> =
            captions.par_iter().map(|caption| self.rows(caption.as_ref(), use_eos)).collect();
        let unknown = rows.iter().filter(|(_, known)| !known).count();
        let mut by_length: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
        for (index, (rows, _)) in rows.iter().enumerate() {
            by_length.entry(rows.len()).or_default().push(index);
        }
        let dimension = models.iter().map(|model| model.dimension()).sum();
        let mut vectors = vec![Vec::new(); captions.len()];
        for (length, indices) in by_length {
            if length == 0 {
                indices.into_iter().for_each(|index| vectors[index] = vec![0.0; dimension]);
                continue;
            }
            for batch in indices.chunks((MAX_WORDS / length).clamp(1, MAX_CAPTIONS)) {
                let captions: Vec<&[usize]> = batch.iter().map(|&index| rows[index].0.as_slice()).collect();
                for model in &models {
                    for (&index, state) in batch.iter().zip(model.states(&captions, &self.device)) {
                        vectors[index].extend(unit_length(state));
                    }
                }
            }
        }
        Ok(Encoded { vectors, unknown })
    }

    /// The rows of the words of a caption, and whether one of them is known.
    fn rows(&self, caption: &str, use_eos: bool) -> (Vec<usize>, bool) {
        let words = self.tokeniser.split(caption);
        let found: Vec<Option<usize>> = words.iter().map(|word| self.vocabulary.row(word)).collect();
        let known = found.iter().any(Option::is_some);
        let mut rows: Vec<usize> = found.into_iter().map(|row| row.unwrap_or(self.vocabulary.unknown())).collect();
        rows.extend(use_eos.then_some(self.vocabulary.eos()));
        (rows, known)
    }

    fn models(&self, variant: Variant) -> Result<Vec<&SkipModel>, SkipThoughtError> {
        let required = [
            variant.has_uni().then_some((&self.uni, Variant::Uni)),
            variant.has_bi().then_some((&self.bi, Variant::Bi)),
        ];
        let required = required.into_iter().flatten();
        required.map(|(model, variant)| model.as_ref().ok_or(SkipThoughtError::Variant { variant })).collect()
    }
}

/// Divides a vector by its Euclidean length, unless it is 0.
fn unit_length(mut vector: Vec<f32>) -> Vec<f32> {
    let length = vector.iter().map(|&entry| f64::from(entry).powi(2)).sum::<f64>().sqrt();
    if length > 0.0 {
        vector.iter_mut().for_each(|entry| *entry = (f64::from(*entry) / length) as f32);
    }
    vector
}

#[cfg(test)]
mod tests;
