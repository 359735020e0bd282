//! The source of the weights of a network.

use super::error::VisionError;
use super::weights_file::WeightsFormat;
use std::fmt;
use std::path::{Path, PathBuf};

/// Random weights, or a weights file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Weights {
    /// He-normal weights and zero biases.
    Random {
        /// The seed.
        seed: u64,
    },
    /// A state dict: `.pth` or `.pt` as PyTorch saves it, or `.safetensors`.
    File {
        /// Its path.
        path: PathBuf,
    },
}

impl Weights {
    /// Parses `random:<seed>` or a path. It does not check that the file exists.
    ///
    /// # Errors
    ///
    /// If the seed is not an integer, or the path does not end in `.pth`, `.pt` or `.safetensors`.
    pub fn parse(text: &str) -> Result<Self, VisionError> {
        let weights = match text.strip_prefix("random:") {
            Some(seed) => seed.parse().ok().map(|seed| Weights::Random { seed }),
            None => WeightsFormat::from_path(Path::new(text)).map(|_| Weights::File { path: text.into() }),
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
    fn weights_are_a_seed_or_a_file_in_a_known_format() {
        assert_eq!(Weights::parse("random:7").unwrap(), Weights::Random { seed: 7 });
        for path in ["w/alexnet.pth", "vgg16.safetensors", "a.pt"] {
            assert_eq!(Weights::parse(path).unwrap(), Weights::File { path: path.into() });
            assert_eq!(Weights::parse(path).unwrap().to_string(), path);
        }
        for text in ["random:", "random:x", "random:-1", "", "weights.bin", ".pth"] {
            let error = Weights::parse(text).unwrap_err();
            assert_eq!(error.to_string(), format!("`{text}` is neither random:<seed> nor a weights file"));
            assert!(error.help().unwrap().contains(".safetensors"));
        }
    }
}
