//! The pictures of a folder.

use std::path::{Path, PathBuf};

use image::RgbImage;
use rayon::prelude::*;
use sha2::{Digest as _, Sha256};

use crate::data::{DataError, Digests, decode};

use super::error::EvaluateError;

/// How names of pictures end, in small or capital letters. What they are is told from their contents.
const ENDINGS: [&str; 3] = ["jpg", "jpeg", "png"];

/// A folder's own pictures, sorted by name; there is one at least.
pub struct PictureFolder {
    path: PathBuf,
    files: Vec<PathBuf>,
}

impl PictureFolder {
    /// Lists a folder. Folders in it are not looked into, and other files are left alone.
    ///
    /// # Errors
    ///
    /// If it cannot be read, or holds no pictures.
    pub fn open(path: &Path) -> Result<Self, EvaluateError> {
        let io = |source| EvaluateError::Read { path: path.into(), source };
        if !path.is_dir() {
            return Err(if path.exists() {
                EvaluateError::NoFolder { path: path.into() }
            } else {
                EvaluateError::NotThere { path: path.into() }
            });
        }
        let (mut files, mut others, mut folders) = (Vec::new(), 0, 0);
        for entry in std::fs::read_dir(path).map_err(io)? {
            let file = entry.map_err(io)?.path();
            let ending = file.extension().and_then(|ending| ending.to_str());
            let is_picture =
                ending.is_some_and(|ending| ENDINGS.iter().any(|known| ending.eq_ignore_ascii_case(known)));
            match file.is_dir() {
                true => folders += 1,
                false if is_picture => files.push(file),
                false => others += 1,
            }
        }
        if files.is_empty() {
            return Err(EvaluateError::NoPictures { path: path.into(), files: others, folders });
        }
        files.sort();
        Ok(Self { path: path.into(), files })
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// How many pictures it holds.
    pub fn count(&self) -> usize {
        self.files.len()
    }

    /// The pictures' files.
    pub fn files(&self) -> &[PathBuf] {
        &self.files
    }

    /// The name of a picture, which must be below the count.
    pub fn name(&self, at: usize) -> String {
        self.files[at].file_name().unwrap_or_default().to_string_lossy().into_owned()
    }

    /// Decodes some pictures at once, as [`decode`] does: grey as three equal channels, alpha dropped, 16 bits rounded to
    /// 8 by value.
    pub fn decode(&self, places: impl Iterator<Item = usize>) -> Vec<Result<RgbImage, DataError>> {
        let files: Vec<&PathBuf> = places.map(|at| &self.files[at]).collect();
        files.into_par_iter().map(|file| decode(file)).collect()
    }

    /// The SHA-256 of the names and contents of all pictures.
    ///
    /// # Errors
    ///
    /// If one cannot be read.
    pub fn digest(&self, digests: &Digests) -> Result<[u8; 32], DataError> {
        let found: Result<Vec<_>, _> = self.files.par_iter().map(|file| digests.of(file)).collect();
        let mut hash = Sha256::new();
        for (at, digest) in found?.into_iter().enumerate() {
            // No name holds a zero byte.
            hash.update(self.files[at].file_name().unwrap_or_default().as_encoded_bytes());
            hash.update([0]);
            hash.update(digest);
        }
        Ok(hash.finalize().into())
    }
}
