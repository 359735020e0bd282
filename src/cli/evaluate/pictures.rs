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

    /// The names of what lies beside them and is not looked at.
    fn beside(&self) -> &[String] {
        &[]
    }

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

/// How names of pictures end, in small or capital letters: those of pytorch-fid, GIF and the other endings of PNM. What they
/// are is told from their contents.
const ENDINGS: [&str; 12] = ["bmp", "gif", "jpeg", "jpg", "pbm", "pgm", "png", "pnm", "ppm", "tif", "tiff", "webp"];

/// How pictures' names end, in words.
pub fn endings() -> String {
    let (last, first) = ENDINGS.split_last().expect("there are some");
    format!(".{} or .{last}", first.join(", ."))
}

/// A folder's own pictures, sorted by name; there is one at least.
pub struct PictureFolder {
    path: PathBuf,
    files: Vec<PathBuf>,
    passed_over: Vec<String>,
}

impl PictureFolder {
    /// Lists a folder. Folders in it are not looked into, and files whose names end otherwise are left alone: see
    /// [`PictureFolder::passed_over`].
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
        let (mut files, mut others, mut folders) = (Vec::new(), Vec::new(), Vec::new());
        for entry in std::fs::read_dir(path).map_err(io)? {
            let file = entry.map_err(io)?.path();
            let ending = file.extension().and_then(|ending| ending.to_str());
            let is_picture =
                ending.is_some_and(|ending| ENDINGS.iter().any(|known| ending.eq_ignore_ascii_case(known)));
            let name = || file.file_name().unwrap_or_default().to_string_lossy().into_owned();
            match file.is_dir() {
                true => folders.push(format!("{}/", name())),
                false if is_picture => files.push(file),
                false => others.push(name()),
            }
        }
        if files.is_empty() {
            let (others, folders) = (others.len(), folders.len());
            return Err(EvaluateError::NoPictures { path: path.into(), files: others, folders });
        }
        files.sort();
        others.sort_unstable();
        folders.sort_unstable();
        others.extend(folders);
        Ok(Self { path: path.into(), files, passed_over: others })
    }

    /// What else is in the folder: the names of files that end in none of the known ways, then of folders with a stroke
    /// behind, each sorted.
    pub fn passed_over(&self) -> &[String] {
        &self.passed_over
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

    fn beside(&self) -> &[String] {
        self.passed_over()
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

/// What was passed over, in words: how many, and the first few names; `None` where there is nothing.
pub fn passed_over(names: &[String]) -> Option<String> {
    const FEW: usize = 5;
    let more = if names.len() > FEW { ", …" } else { "" };
    let first = names[..names.len().min(FEW)].join(", ");
    (!names.is_empty()).then(|| format!("{} passed over ({first}{more})", names.len()))
}
