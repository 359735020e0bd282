//! The folder of prepared arrays: found by what they hold, made once, and kept within bounds.

use std::fs::{File, FileTimes};
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use super::PrepareError;
use super::array::{Array, ArraySpec, ENDING, Found, PART, path_of};
use super::making::Making;
use crate::data::Digests;

/// A folder of arrays, and how large it may grow.
#[derive(Clone, Debug)]
pub struct Cache {
    folder: PathBuf,
    limit: u64,
}

/// A file of the cache.
#[derive(Clone, Debug)]
pub struct CacheFile {
    /// Where it is.
    pub path: PathBuf,
    /// Its size on disk, in bytes: an array in the making has holes.
    pub bytes: u64,
    /// When it was last used, or written to.
    pub used: SystemTime,
    /// Whether it was left half made.
    pub partial: bool,
}

impl Cache {
    /// The cache in `folder`, which need not be there yet, of at most `limit` bytes.
    pub fn new(folder: PathBuf, limit: u64) -> Self {
        Self { folder, limit }
    }

    /// Where it is.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// The digests of files that are remembered here.
    pub fn digests(&self) -> Digests {
        Digests::open(&self.folder)
    }

    /// How large it may grow, in bytes.
    pub fn limit(&self) -> u64 {
        self.limit
    }

    /// The array of `spec`, made by `make` where it is not there yet or is not what was written.
    ///
    /// `make` gives the little-endian bytes of a range of rows. It is asked for one chunk after another, and only for
    /// those that are missing: what another process, or this one before it was killed, has made is kept. Several
    /// processes may come here at once: one makes the array while the others wait.
    ///
    /// # Errors
    ///
    /// If `make` fails, the folder cannot be written, or the cache would grow beyond its limit.
    pub fn array<E: From<PrepareError>>(
        &self,
        spec: &ArraySpec,
        mut make: impl FnMut(Range<usize>) -> Result<Vec<u8>, E>,
    ) -> Result<Array, E> {
        let path = path_of(&self.folder, spec);
        loop {
            if let Found::Whole(array) = Array::look(&path, spec)? {
                touch(&path);
                return Ok(array);
            }
            self.make_room(spec)?;
            let Some(making) = Making::take(&self.folder, spec)? else { continue };
            for &chunk in &making.missing {
                making.write(chunk, &make(spec.chunk_rows(chunk))?)?;
            }
            making.finish()?;
        }
    }

    /// Every array and every half-made one, the moments of pictures and the tables of text encoders, the longest unused first.
    ///
    /// # Errors
    ///
    /// If the folder is there and cannot be read.
    pub fn files(&self) -> Result<Vec<CacheFile>, PrepareError> {
        let mut files = listed(&self.folder, &[ENDING, PART])?;
        // Half a table is held by the lock beside it: who makes it clears it away.
        for (below, ending) in [("moments", ENDING), ("tables", "npy")] {
            files.extend(listed(&self.folder.join(below), &[ending])?);
        }
        files.sort_by(|a, b| (a.used, &a.path).cmp(&(b.used, &b.path)));
        Ok(files)
    }

    /// The files that would have to go for the others to stay within the limit, the longest unused first; what somebody
    /// holds stays.
    ///
    /// # Errors
    ///
    /// As [`Cache::files`].
    pub fn superfluous(&self) -> Result<Vec<CacheFile>, PrepareError> {
        let files = self.files()?;
        let mut total: u64 = files.iter().map(|file| file.bytes).sum();
        let mut going = Vec::new();
        for file in files {
            if total <= self.limit {
                break;
            }
            if !file.is_held() {
                total -= file.bytes;
                going.push(file);
            }
        }
        Ok(going)
    }

    /// Clears away what has been unused for longest, so that the array of `spec` fits.
    fn make_room(&self, spec: &ArraySpec) -> Result<(), PrepareError> {
        let (path, needed) = (path_of(&self.folder, spec), spec.bytes());
        // Its own beginnings are part of what it needs, and are not cleared away.
        let own = [path.with_extension(PART), path];
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
            return Err(PrepareError::Full { folder: self.folder.clone(), needed, held: total, limit: self.limit });
        }
        Ok(())
    }
}

impl CacheFile {
    fn at(path: PathBuf) -> Option<Self> {
        use std::os::unix::fs::MetadataExt as _;
        let metadata = std::fs::metadata(&path).ok()?;
        let partial = path.extension().is_some_and(|ending| ending == PART);
        let used = metadata.modified().unwrap_or(SystemTime::UNIX_EPOCH);
        // Blocks of 512 bytes, whatever the file system's own are (stat(2)).
        Some(Self { bytes: metadata.blocks() * 512, path, used, partial })
    }

    /// Whether a process reads or makes it now.
    pub fn is_held(&self) -> bool {
        File::open(&self.path).is_ok_and(|file| file.try_lock().is_err())
    }

    /// Removes the file unless somebody holds it; whether it is gone.
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

/// The files of a folder that end so. One that is gone by now is none of them.
fn listed(folder: &Path, endings: &[&str]) -> Result<Vec<CacheFile>, PrepareError> {
    let io = |source| PrepareError::Cache { path: folder.to_owned(), source };
    let entries = match std::fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(io(error)),
    };
    let mut files = Vec::new();
    for entry in entries {
        let path = entry.map_err(io)?.path();
        if path.extension().and_then(|ending| ending.to_str()).is_some_and(|ending| endings.contains(&ending)) {
            files.extend(CacheFile::at(path));
        }
    }
    Ok(files)
}

/// Notes that a file is used now. If its time cannot be set, it is cleared away earlier and made again.
fn touch(path: &Path) {
    if let Ok(file) = File::open(path) {
        let _ = file.set_times(FileTimes::new().set_modified(SystemTime::now()));
    }
}

#[cfg(test)]
mod tests;
