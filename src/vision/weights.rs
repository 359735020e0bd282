//! Where a network's weights come from.

use super::error::VisionError;
use super::strict::Kind;
use std::fmt;
use std::path::{Path, PathBuf};

/// Drawn weights, or a file of published ones.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Weights {
    /// He-normal weights and zero biases, drawn by a seed.
    Random {
        /// The seed.
        seed: u64,
    },
    /// A state dict: `.pth` and `.pt` as PyTorch saves it, or `.safetensors`.
    File {
        /// Where it is.
        path: PathBuf,
    },
}

impl Weights {
    /// Reads `random:<seed>` or a path. Whether the file is there is seen when it is loaded.
    ///
    /// # Errors
    ///
    /// If the seed is not a whole number, or the path does not end in `.pth`, `.pt` or `.safetensors`.
    pub fn parse(text: &str) -> Result<Self, VisionError> {
        let weights = match text.strip_prefix("random:") {
            Some(seed) => seed.parse().ok().map(|seed| Weights::Random { seed }),
            None => Kind::of(Path::new(text)).map(|_| Weights::File { path: text.into() }),
        };
        weights.ok_or_else(|| VisionError::Weights { text: text.into() })
    }
}

impl fmt::Display for Weights {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Weights::Random { seed } => write!(out, "random:{seed}"),
            Weights::File { path } => write!(out, "{}", path.display()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weights_are_a_seed_or_a_file_of_a_known_kind() {
        assert_eq!(Weights::parse("random:7").unwrap(), Weights::Random { seed: 7 });
        for path in ["w/alexnet.pth", "vgg16.safetensors", "a.pt"] {
            assert_eq!(Weights::parse(path).unwrap(), Weights::File { path: path.into() });
            assert_eq!(Weights::parse(path).unwrap().to_string(), path);
        }
        for text in ["random:", "random:x", "random:-1", "", "weights.bin", ".pth"] {
            let error = Weights::parse(text).unwrap_err();
            assert_eq!(error.to_string(), format!("`{text}` names no weights"));
            assert!(error.help().unwrap().contains(".safetensors"));
        }
    }
}
