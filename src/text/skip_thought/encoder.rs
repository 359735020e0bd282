//! From captions to skip-thought vectors.

use std::collections::BTreeMap;
use std::fmt;

use burn::tensor::{Device, Tensor, TensorData};
use rayon::prelude::*;

use super::encoder_file::EncoderFile;
use super::error::SkipThoughtError;
use super::gru::Gru;
use super::table::Table;
use super::tokens::Tokeniser;
use super::words::Words;
use crate::text::{Encoded, TextError};

/// How many captions go through the units at once, as in the original.
const CAPTIONS: usize = 128;
/// How many words go through the units at once, where captions are long.
const WORDS: usize = 4096;

/// Which vectors of an encoder are wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Variant {
    /// Of the unit that reads forwards (published: 2400 numbers).
    Uni,
    /// Of two units, one of which reads backwards (published: 2 × 1200 numbers).
    Bi,
    /// Both, one behind the other (published: 4800 numbers).
    Combine,
}

impl Variant {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Uni, Self::Bi, Self::Combine];

    /// Its name in settings.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Uni => "uni",
            Self::Bi => "bi",
            Self::Combine => "combine",
        }
    }

    /// Whether it has uni-skip's part.
    pub fn has_uni(self) -> bool {
        self != Self::Bi
    }

    /// Whether it has bi-skip's part.
    pub fn has_bi(self) -> bool {
        self != Self::Uni
    }
}

impl fmt::Display for Variant {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

/// Word vectors and the units that read them: the second, if there is one, from the end.
#[derive(Debug)]
pub struct Half {
    /// A row for each word.
    pub table: Table,
    /// One unit, or two.
    pub units: Vec<Gru>,
}

impl Half {
    fn dimension(&self) -> usize {
        self.units.iter().map(Gru::hidden).sum()
    }

    /// The last states of captions of one length, one unit's beside the other's.
    fn states(&self, captions: &[&[usize]], device: &Device) -> Vec<Vec<f32>> {
        let length = captions.first().map_or(0, |caption| caption.len());
        let mut states = vec![Vec::with_capacity(self.dimension()); captions.len()];
        for (place, unit) in self.units.iter().enumerate() {
            let mut inputs = Vec::with_capacity(captions.len() * length * self.table.dimension());
            for caption in captions {
                let rows = (0..length).map(|at| caption[if place == 0 { at } else { length - 1 - at }]);
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

/// An encoder of captions.
#[derive(Debug)]
pub struct SkipThought {
    words: Words,
    uni: Option<Half>,
    bi: Option<Half>,
    tokeniser: Tokeniser,
    device: Device,
}

impl SkipThought {
    /// An encoder of its parts. The units have to be on `device`.
    ///
    /// # Errors
    ///
    /// If a table has not a row for each word, or not what its units read.
    pub fn new(
        words: Words,
        uni: Option<Half>,
        bi: Option<Half>,
        tokeniser: Tokeniser,
        device: &Device,
    ) -> Result<Self, SkipThoughtError> {
        for half in [&uni, &bi].into_iter().flatten() {
            if half.table.rows() != words.len() {
                let (words, rows) = (words.len(), half.table.rows());
                return Err(SkipThoughtError::Rows { words, table: "the table".into(), rows });
            }
            let found = half.table.dimension();
            if let Some(unit) = half.units.iter().find(|unit| unit.input() != found) {
                return Err(SkipThoughtError::Width { found, expected: unit.input() });
            }
        }
        let device = device.clone().without_autodiff();
        Ok(Self { words, uni, bi, tokeniser, device })
    }

    /// The encoder of one of jem's own files: uni-skip, or bi-skip if it has a unit that reads backwards.
    ///
    /// # Errors
    ///
    /// If its parts do not belong together, or its words were made in an unknown way.
    pub fn of_file(file: EncoderFile, device: &Device) -> Result<Self, TextError> {
        let tokeniser = Tokeniser::named(&file.tokeniser)
            .ok_or_else(|| SkipThoughtError::Tokeniser { name: file.tokeniser.clone() })?;
        let device = device.clone().without_autodiff();
        let words = Words::new(&file.words)?;
        let (numbers, dimension) = (file.embedding.len(), file.dimension);
        let table = Table::held(file.embedding, dimension);
        let rows = numbers.checked_div(dimension).unwrap_or(0);
        let table =
            table.ok_or_else(|| SkipThoughtError::Rows { words: words.len(), table: "the embedding".into(), rows })?;
        let parts = [Some(&file.forward), file.backward.as_ref()].into_iter().flatten();
        let units = parts.map(|parts| Gru::from_parts(parts, &device)).collect::<Result<Vec<_>, _>>()?;
        let both = units.len() == 2;
        let half = Half { table, units };
        let (uni, bi) = if both { (None, Some(half)) } else { (Some(half), None) };
        Ok(Self::new(words, uni, bi, tokeniser, &device)?)
    }

    /// How it cuts sentences into words.
    pub fn tokeniser(&self) -> Tokeniser {
        self.tokeniser
    }

    /// Its words.
    pub fn words(&self) -> &Words {
        &self.words
    }

    /// The number of entries of a variant's vectors.
    ///
    /// # Errors
    ///
    /// If the encoder has not the units for it.
    pub fn dimension(&self, variant: Variant) -> Result<usize, SkipThoughtError> {
        Ok(self.halves(variant)?.into_iter().map(Half::dimension).sum())
    }

    /// The vectors of captions, in order. Uni-skip's part and bi-skip's each have length 1; words that are not known are all one
    /// word. With `use_eos` the end of the sentence is read as a word, and an empty caption is that alone. Without it an
    /// empty caption's vector is zero. [`Encoded::unknown`] counts the captions without a known word.
    ///
    /// # Errors
    ///
    /// If the encoder has not the units for the variant. Nothing is computed then.
    pub fn encode_all<S: AsRef<str> + Sync>(
        &self,
        captions: &[S],
        variant: Variant,
        use_eos: bool,
    ) -> Result<Encoded, SkipThoughtError> {
        let halves = self.halves(variant)?;
        let rows: Vec<(Vec<usize>, bool)> =
            captions.par_iter().map(|caption| self.rows(caption.as_ref(), use_eos)).collect();
        let unknown = rows.iter().filter(|(_, known)| !known).count();
        let mut by_length: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
        for (index, (rows, _)) in rows.iter().enumerate() {
            by_length.entry(rows.len()).or_default().push(index);
        }
        let dimension = halves.iter().map(|half| half.dimension()).sum();
        let mut vectors = vec![Vec::new(); captions.len()];
        for (length, indices) in by_length {
            if length == 0 {
                indices.into_iter().for_each(|index| vectors[index] = vec![0.0; dimension]);
                continue;
            }
            for batch in indices.chunks((WORDS / length).clamp(1, CAPTIONS)) {
                let captions: Vec<&[usize]> = batch.iter().map(|&index| rows[index].0.as_slice()).collect();
                for half in &halves {
                    for (&index, state) in batch.iter().zip(half.states(&captions, &self.device)) {
                        vectors[index].extend(normalised(state));
                    }
                }
            }
        }
        Ok(Encoded { vectors, unknown })
    }

    /// The rows of a caption's words, and whether a word of it is known.
    fn rows(&self, caption: &str, use_eos: bool) -> (Vec<usize>, bool) {
        let words = self.tokeniser.split(caption);
        let found: Vec<Option<usize>> = words.iter().map(|word| self.words.row(word)).collect();
        let known = found.iter().any(Option::is_some);
        let mut rows: Vec<usize> = found.into_iter().map(|row| row.unwrap_or(self.words.unknown())).collect();
        rows.extend(use_eos.then_some(self.words.eos()));
        (rows, known)
    }

    fn halves(&self, variant: Variant) -> Result<Vec<&Half>, SkipThoughtError> {
        let wanted = [
            variant.has_uni().then_some((&self.uni, Variant::Uni)),
            variant.has_bi().then_some((&self.bi, Variant::Bi)),
        ];
        let wanted = wanted.into_iter().flatten();
        wanted.map(|(half, variant)| half.as_ref().ok_or(SkipThoughtError::Variant { variant })).collect()
    }
}

/// A vector of length 1; zero stays zero.
fn normalised(mut vector: Vec<f32>) -> Vec<f32> {
    let length = vector.iter().map(|&entry| f64::from(entry).powi(2)).sum::<f64>().sqrt();
    if length > 0.0 {
        vector.iter_mut().for_each(|entry| *entry = (f64::from(*entry) / length) as f32);
    }
    vector
}

#[cfg(test)]
mod tests;
