//! Pictures that a network can look at, and those of a folder.

use std::ops::Range;
use std::path::{Path, PathBuf};

use image::RgbImage;
use rayon::prelude::*;
use sha2::{Digest as _, Sha256};

use crate::data::{DataError, Digests, decode};

use super::error::EvaluateError;

/// Pictures in an order of theirs.
pub trait Pictures: Sync {
    /// Where they are, as a person names them.
    fn path(&self) -> &Path;

    /// What they are, in a word.
    fn kind(&self) -> &'static str;

    /// How many there are, those that cannot be read included.
    fn count(&self) -> usize;

    /// The name of a picture, which must be below the count.
    fn name(&self, at: usize) -> String;

    /// Some of them, which must be below the count.
    fn load(&self, places: Range<usize>) -> Vec<Result<RgbImage, DataError>>;

    /// A hash of all that they show; `None` where it is not worth to know them again.
    ///
    /// # Errors
    ///
    /// If one cannot be read.
    fn digest(&self, digests: &Digests) -> Result<Option<[u8; 32]>, DataError>;
}

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

    /// The pictures' files.
    pub fn files(&self) -> &[PathBuf] {
        &self.files
    }

    /// Decodes some pictures at once, as [`decode`] does: grey as three equal channels, alpha dropped, 16 bits rounded to
    /// 8 by value.
    pub fn decode(&self, places: impl Iterator<Item = usize>) -> Vec<Result<RgbImage, DataError>> {
        let files: Vec<&PathBuf> = places.map(|at| &self.files[at]).collect();
        files.into_par_iter().map(|file| decode(file)).collect()
    }
}

impl Pictures for PictureFolder {
    fn path(&self) -> &Path {
        &self.path
    }

    fn kind(&self) -> &'static str {
        "folder"
    }

    fn count(&self) -> usize {
        self.files.len()
    }

    fn name(&self, at: usize) -> String {
        self.files[at].file_name().unwrap_or_default().to_string_lossy().into_owned()
    }

    fn load(&self, places: Range<usize>) -> Vec<Result<RgbImage, DataError>> {
        self.decode(places)
    }

    /// The SHA-256 of the names and contents of all pictures.
    fn digest(&self, digests: &Digests) -> Result<Option<[u8; 32]>, DataError> {
        let found: Result<Vec<_>, _> = self.files.par_iter().map(|file| digests.of(file)).collect();
        let mut hash = Sha256::new();
        for (at, digest) in found?.into_iter().enumerate() {
            // No name holds a zero byte.
            hash.update(self.files[at].file_name().unwrap_or_default().as_encoded_bytes());
            hash.update([0]);
            hash.update(digest);
        }
        Ok(Some(hash.finalize().into()))
    }
}
