//! Where a network's weights come from.

use super::error::VisionError;
use super::strict::Kind;
use sha2::{Digest as _, Sha256};
use std::fmt;
use std::io::Read as _;
use std::path::{Path, PathBuf};

/// Bytes read at once: the files are hundreds of megabytes.
const BLOCK: usize = 1 << 20;

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

    /// The SHA-256 of the file, as hex; `None` for drawn weights, whose seed says it all.
    ///
    /// # Errors
    ///
    /// If the file cannot be read.
    pub fn sha256(&self) -> Result<Option<String>, VisionError> {
        let Weights::File { path } = self else { return Ok(None) };
        let failed = |source| VisionError::Read { path: path.clone(), source };
        let mut file = std::fs::File::open(path).map_err(failed)?;
        let mut hash = Sha256::new();
        let mut block = vec![0; BLOCK];
        loop {
            match file.read(&mut block).map_err(failed)? {
                0 => return Ok(Some(hex::encode(hash.finalize()))),
                read => hash.update(&block[..read]),
            }
        }
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

    #[test]
    fn a_file_is_known_by_its_digest() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.pth");
        std::fs::write(&path, "abc").unwrap();
        // The SHA-256 of "abc", FIPS 180-4's first example.
        let expected = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assert_eq!(Weights::File { path: path.clone() }.sha256().unwrap().unwrap(), expected);
        assert_eq!(Weights::Random { seed: 1 }.sha256().unwrap(), None);
        std::fs::remove_file(&path).unwrap();
        assert!(Weights::File { path }.sha256().unwrap_err().to_string().ends_with("a.pth: cannot be read"));
    }
}
