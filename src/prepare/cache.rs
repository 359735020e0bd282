//! The cache: a folder of prepared arrays with a limit on its size.

use std::fs::{File, FileTimes};
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use sha2::{Digest as _, Sha256};

use super::PrepareError;
use super::array::{Array, ArrayFile, ArraySpec, EXTENSION, PARTIAL_EXTENSION, path_of};
use super::partial_array::PartialArray;
use crate::data::DigestCache;

/// A folder of arrays and its size limit.
#[derive(Clone, Debug)]
pub struct Cache {
    folder: PathBuf,
    limit: u64,
}

/// A file of the cache.
#[derive(Clone, Debug)]
pub struct CacheFile {
    /// Its path.
    pub path: PathBuf,
    /// Its size on disk, in bytes. The file of a partial array is sparse.
    pub bytes: u64,
    /// When it was last used or written.
    pub last_used: SystemTime,
    /// Whether it is a partial array.
    pub partial: bool,
}

impl Cache {
    /// The cache in `folder`, of at most `limit` bytes. The folder need not exist.
    pub fn new(folder: PathBuf, limit: u64) -> Self {
        Self { folder, limit }
    }

    /// Its folder.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// The cached digests of files.
    pub fn digests(&self) -> DigestCache {
        DigestCache::open(&self.folder)
    }

    /// Its size limit in bytes.
    pub fn limit(&self) -> u64 {
        self.limit
    }

    /// The folder of the fit with this recipe.
    pub(super) fn fit_folder(&self, recipe: &str) -> PathBuf {
        self.folder.join("fits").join(hex::encode(&Sha256::digest(recipe.as_bytes())[..16]))
    }

    /// The array of `spec`, computed by `compute` if it is missing or damaged.
    ///
    /// `compute` gives the little-endian bytes of a range of rows. It is called for each missing chunk in turn. Chunks that
    /// another process, or this one before it was killed, has written are kept. If several processes need the array, one
    /// computes it while the others wait.
    ///
    /// # Errors
    ///
    /// If `compute` fails, the folder cannot be written, or the cache would exceed its limit.
    pub fn array<E: From<PrepareError>>(
        &self,
        spec: &ArraySpec,
        mut compute: impl FnMut(Range<usize>) -> Result<Vec<u8>, E>,
    ) -> Result<Array, E> {
        let path = path_of(&self.folder, spec);
        loop {
            if let ArrayFile::Complete(array) = Array::open(&path, spec)? {
                touch(&path);
                return Ok(array);
            }
            self.evict_for(spec)?;
            let Some(partial) = PartialArray::open(&self.folder, spec)? else { continue };
            for &chunk in &partial.missing {
                partial.write(chunk, &compute(spec.chunk_rows(chunk))?)?;
            }
            partial.finish()?;
        }
    }

    /// All arrays and partial arrays, moments of reference images and tables of text encoders, least recently used
    /// first.
    ///
    /// # Errors
    ///
    /// If the folder exists and cannot be read.
    pub fn files(&self) -> Result<Vec<CacheFile>, PrepareError> {
        let mut files = list_files(&self.folder, &[EXTENSION, PARTIAL_EXTENSION])?;
        // A partial table has a lock file, and is removed by the process that computes it.
        for (subfolder, extension) in [("moments", EXTENSION), ("tables", "npy")] {
            files.extend(list_files(&self.folder.join(subfolder), &[extension])?);
        }
        files.sort_by(|a, b| (a.last_used, &a.path).cmp(&(b.last_used, &b.path)));
        Ok(files)
    }

    /// The files that must be removed so that the others are within the limit, least recently used first. Files in use
    /// are not among them.
    ///
    /// # Errors
    ///
    /// As [`Cache::files`].
    pub fn above_limit(&self) -> Result<Vec<CacheFile>, PrepareError> {
        let files = self.files()?;
        let mut total: u64 = files.iter().map(|file| file.bytes).sum();
        let mut above = Vec::new();
        for file in files {
            if total <= self.limit {
                break;
            }
            if !file.is_in_use() {
                total -= file.bytes;
                above.push(file);
            }
        }
        Ok(above)
    }

    /// Removes the least recently used files, so that the array of `spec` fits.
    fn evict_for(&self, spec: &ArraySpec) -> Result<(), PrepareError> {
        let (path, needed) = (path_of(&self.folder, spec), spec.bytes());
        // Its own partial array counts towards it and is not removed.
        let own = [path.with_extension(PARTIAL_EXTENSION), path];
        let mut others = self.files()?;
        others.retain(|file| !own.contains(&file.path));
        let limit = self.limit.saturating_sub(needed);
        let mut total: u64 = others.iter().map(|file| file.bytes).sum();
        for file in others {
            if total <= limit {
                break;
            }
            if file.remove()? {
                total -= file.bytes;
            }
        }
        if needed > self.limit || total > limit {
            return Err(PrepareError::Full { folder: self.folder.clone(), needed, in_use: total, limit: self.limit });
        }
        Ok(())
    }
}

impl CacheFile {
    fn read(path: PathBuf) -> Option<Self> {
        use std::os::unix::fs::MetadataExt as _;
        let metadata = std::fs::metadata(&path).ok()?;
        let partial = path.extension().is_some_and(|extension| extension == PARTIAL_EXTENSION);
        let last_used = metadata.modified().unwrap_or(SystemTime::UNIX_EPOCH);
        // The unit is always 512 bytes (stat(2)).
        Some(Self { bytes: metadata.blocks() * 512, path, last_used, partial })
    }

    /// Whether a process reads or computes it now.
    pub fn is_in_use(&self) -> bool {
        File::open(&self.path).is_ok_and(|file| file.try_lock().is_err())
    }

    /// Removes the file unless it is in use. Returns whether it does not exist any more.
    ///
    /// # Errors
    ///
    /// If it cannot be removed.
    pub fn remove(&self) -> Result<bool, PrepareError> {
        let Ok(file) = File::open(&self.path) else { return Ok(true) };
        if file.try_lock().is_err() {
            return Ok(false);
        }
        match std::fs::remove_file(&self.path) {
            Err(source) if source.kind() != std::io::ErrorKind::NotFound => {
                Err(PrepareError::Cache { path: self.path.clone(), source })
            }
            _ => Ok(true),
        }
    }
}

/// The files of a folder with these extensions, without those that are removed meanwhile.
fn list_files(folder: &Path, extensions: &[&str]) -> Result<Vec<CacheFile>, PrepareError> {
    let io = |source| PrepareError::Cache { path: folder.to_owned(), source };
    let entries = match std::fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(io(error)),
    };
    let mut files = Vec::new();
    for entry in entries {
        let path = entry.map_err(io)?.path();
        if path.extension().and_then(|found| found.to_str()).is_some_and(|found| extensions.contains(&found)) {
            files.extend(CacheFile::read(path));
        }
    }
    Ok(files)
}

/// Sets the time of last use to now. If that fails, the file is evicted earlier and computed again.
fn touch(path: &Path) {
    if let Ok(file) = File::open(path) {
        let _ = file.set_times(FileTimes::new().set_modified(SystemTime::now()));
    }
}

#[cfg(test)]
mod tests;
