//! What can be wrong with captions to fit on.

/// An error of the text layer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TextError {
    /// No caption to fit on holds a word.
    #[error("no word in {captions} captions to fit on")]
    NoWords {
        /// How many captions there were.
        captions: usize,
    },
    /// A sentence vector without an entry.
    #[error("sentence vectors of dimension 0")]
    NoDimension,
}

impl TextError {
    /// What to do about it, where something can be said.
    pub fn help(&self) -> Option<String> {
        match self {
            TextError::NoWords { .. } => Some("a word is a run of the letters a–z and the digits 0–9".into()),
            TextError::NoDimension => Some("the dimension is at least 1".into()),
        }
    }
}
