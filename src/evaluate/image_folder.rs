//! The images in a folder.

use std::ops::Range;
use std::path::{Path, PathBuf};

use image::RgbImage;
use rayon::prelude::*;
use sha2::{Digest as _, Sha256};

use crate::data::{DataError, DigestCache, decode};
use crate::file_error::FileError;

use super::error::EvaluateError;
use super::image_source::ImageSource;

/// Extensions of image files, in lower or upper case: those of pytorch-fid, GIF and the other extensions of PNM. The
/// format of a file follows from its content, not from its extension.
const EXTENSIONS: [&str; 12] = ["bmp", "gif", "jpeg", "jpg", "pbm", "pgm", "png", "pnm", "ppm", "tif", "tiff", "webp"];

/// The extensions as text for messages.
pub(super) fn extensions() -> String {
    let (last, first) = EXTENSIONS.split_last().expect("the list is not empty");
    format!(".{} or .{last}", first.join(", ."))
}

/// The images in a folder, sorted by name; at least one.
pub struct ImageFolder {
    path: PathBuf,
    files: Vec<PathBuf>,
    other_files: Vec<String>,
}

impl ImageFolder {
    /// Lists a folder. Subfolders are not searched, and files with other extensions are ignored: see
    /// [`ImageSource::other_files`].
    ///
    /// # Errors
    ///
    /// If the folder cannot be read or contains no images.
    pub fn open(path: &Path) -> Result<Self, EvaluateError> {
        let io = FileError::read(path);
        if !path.is_dir() {
            return Err(if path.exists() {
                EvaluateError::NotAFolder { path: path.into() }
            } else {
                EvaluateError::Missing { path: path.into() }
            });
        }
        let (mut files, mut others, mut folders) = (Vec::new(), Vec::new(), Vec::new());
        for entry in std::fs::read_dir(path).map_err(io)? {
            let file = entry.map_err(io)?.path();
            let extension = file.extension().and_then(|extension| extension.to_str());
            let is_image =
                extension.is_some_and(|extension| EXTENSIONS.iter().any(|known| extension.eq_ignore_ascii_case(known)));
            match file.is_dir() {
                true => folders.push(format!("{}/", file_name(&file))),
                false if is_image => files.push(file),
                false => others.push(file_name(&file)),
            }
        }
        if files.is_empty() {
            let (others, folders) = (others.len(), folders.len());
            return Err(EvaluateError::NoImages { path: path.into(), files: others, folders });
        }
        files.sort();
        others.sort_unstable();
        folders.sort_unstable();
        others.extend(folders);
        Ok(Self { path: path.into(), files, other_files: others })
    }

    /// The image files.
    pub fn files(&self) -> &[PathBuf] {
        &self.files
    }

    /// Decodes some images in parallel with [`decode`]: grey becomes three equal channels, alpha is dropped, and 16
    /// bits are rounded to 8 by value.
    pub fn decode(&self, indices: impl Iterator<Item = usize>) -> Vec<Result<RgbImage, DataError>> {
        let files: Vec<&PathBuf> = indices.map(|index| &self.files[index]).collect();
        files.into_par_iter().map(|file| decode(file)).collect()
    }
}

impl ImageSource for ImageFolder {
    fn path(&self) -> &Path {
        &self.path
    }

    fn kind(&self) -> &'static str {
        "folder"
    }

    fn count(&self) -> usize {
        self.files.len()
    }

    /// Names of files with other extensions, then of subfolders with a slash at the end, each sorted.
    fn other_files(&self) -> &[String] {
        &self.other_files
    }

    fn name(&self, index: usize) -> String {
        file_name(&self.files[index])
    }

    fn load(&self, range: Range<usize>) -> Vec<Result<RgbImage, DataError>> {
        self.decode(range)
    }

    /// The SHA-256 of the names and contents of all images.
    fn digest(&self, digests: &DigestCache) -> Result<Option<[u8; 32]>, DataError> {
        let digests: Result<Vec<_>, _> = self.files.par_iter().map(|file| digests.sha256(file)).collect();
        let mut hash = Sha256::new();
        for (file, digest) in self.files.iter().zip(digests?) {
            hash.update(file.file_name().unwrap_or_default().as_encoded_bytes());
            // A separator: no file name contains a zero byte.
            hash.update([0]);
            hash.update(digest);
        }
        Ok(Some(hash.finalize().into()))
    }
}

fn file_name(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}
