//! Making an array: chunk by chunk under another name, so that a kill loses a chunk, and never half a file taken for
//! a whole one.

use std::fs::{File, TryLockError};
use std::os::unix::fs::{FileExt as _, MetadataExt as _};
use std::path::{Path, PathBuf};
use std::time::Duration;

use memmap2::Mmap;
use sha2::{Digest as _, Sha256};

use super::PrepareError;
use super::array::{Array, ArraySpec, Found, PART, damaged, path_of};

/// An array in the making. The lock on its file is this process's until it is dropped, or the process dies.
pub(super) struct Making<'a> {
    spec: &'a ArraySpec,
    file: File,
    part: PathBuf,
    whole: PathBuf,
    header: Vec<u8>,
    /// Chunks that are not there yet, ascending.
    pub(super) missing: Vec<usize>,
}

impl<'a> Making<'a> {
    /// Takes the array over, waiting for whoever is making it; `None` when that one has ended, and the array may be
    /// whole.
    pub(super) fn take(folder: &Path, spec: &'a ArraySpec) -> Result<Option<Self>, PrepareError> {
        let whole = path_of(folder, spec);
        let part = whole.with_extension(PART);
        std::fs::create_dir_all(folder).map_err(|source| PrepareError::Cache { path: folder.into(), source })?;
        let Some(file) = lock(&part)? else { return Ok(None) };
        let header = spec.header();
        match Array::look(&whole, spec)? {
            Found::Whole(_) => {
                // Whoever made it has taken the other name away with it; this one is ours, and empty.
                std::fs::remove_file(&part).map_err(|source| PrepareError::Cache { path: part.clone(), source })?;
                return Ok(None);
            }
            // What of it is sound is kept. Readers keep the file that they have.
            Found::Damaged => replace(&whole, &part, &file)?,
            Found::Foreign | Found::Nothing => {}
        }
        let mut making = Self { spec, file, part, whole, header, missing: Vec::new() };
        making.missing = making.begin()?;
        Ok(Some(making))
    }

    /// Lays the file out, unless that was done before, and finds what is missing of it.
    fn begin(&self) -> Result<Vec<usize>, PrepareError> {
        let (file, header) = (&self.file, &self.header);
        let mut first = vec![0; header.len()];
        let laid_out = file.metadata().map_err(self.io())?.len() == self.spec.bytes()
            && file.read_exact_at(&mut first, 0).is_ok()
            && first == *header;
        if !laid_out {
            file.set_len(0).map_err(self.io())?;
            file.set_len(self.spec.bytes()).map_err(self.io())?;
            file.write_all_at(header, 0).map_err(self.io())?;
            return Ok((0..self.spec.chunks()).collect());
        }
        // SAFETY: this process alone holds the lock, and it writes nothing while the map is there.
        let map = unsafe { Mmap::map(file) }.map_err(self.io())?;
        Ok(damaged(&map, self.spec, header.len()))
    }

    /// Writes the rows of a chunk, and then that they are there.
    pub(super) fn write(&self, chunk: usize, rows: &[u8]) -> Result<(), PrepareError> {
        let place = self.spec.rows_at(self.header.len(), chunk);
        if rows.len() != place.len() {
            let why = format!("{} bytes were made for rows of {}", rows.len(), place.len());
            return Err(PrepareError::Damaged { path: self.part.clone(), why });
        }
        self.file.write_all_at(rows, place.start as u64).map_err(self.io())?;
        let digest = self.spec.digest_at(self.header.len(), chunk);
        self.file.write_all_at(&Sha256::digest(rows), digest.start as u64).map_err(self.io())
    }

    /// Gives the whole array its name.
    pub(super) fn finish(self) -> Result<(), PrepareError> {
        self.file.sync_all().map_err(self.io())?;
        std::fs::rename(&self.part, &self.whole).map_err(self.io())
    }

    fn io(&self) -> impl Fn(std::io::Error) -> PrepareError + '_ {
        |source| PrepareError::Cache { path: self.part.clone(), source }
    }
}

/// Between two tries to take the lock.
const RETRY: Duration = Duration::from_millis(10);

/// The file at `part`, made if it is not there, once its lock is this process's; `None` when whoever held it has
/// renamed or removed it meanwhile. It is then not made anew: most often the array is whole, and a kill would leave
/// behind what nobody needs.
///
/// The lock is tried again and again, not waited for: once the array is whole, those who train with it hold a shared lock
/// on the same file, and a process that waited for its own would wait until they have ended.
fn lock(part: &Path) -> Result<Option<File>, PrepareError> {
    let io = |source| PrepareError::Cache { path: part.into(), source };
    let file = File::options().read(true).write(true).create(true).truncate(false).open(part).map_err(io)?;
    let ours = file.metadata().map_err(io)?.ino();
    loop {
        let locked = match file.try_lock() {
            Ok(()) => true,
            Err(TryLockError::WouldBlock) => false,
            Err(TryLockError::Error(error)) => return Err(io(error)),
        };
        let is_named = std::fs::metadata(part).is_ok_and(|named| named.ino() == ours);
        match (is_named, locked) {
            (false, _) => return Ok(None),
            (true, true) => return Ok(Some(file)),
            (true, false) => std::thread::sleep(RETRY),
        }
    }
}

/// Copies a damaged array to where it is mended, and takes it out of use.
fn replace(whole: &Path, part: &Path, file: &File) -> Result<(), PrepareError> {
    let io = |source| PrepareError::Cache { path: part.into(), source };
    let mut from = File::open(whole).map_err(io)?;
    file.set_len(0).map_err(io)?;
    std::io::copy(&mut from, &mut &*file).map_err(io)?;
    std::fs::remove_file(whole).map_err(io)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_waits_for_an_array_does_not_wait_for_those_who_use_it() {
        let folder = tempfile::tempdir().unwrap();
        let (part, whole) = (folder.path().join("a.part"), folder.path().join("a.array"));
        let maker = lock(&part).unwrap().unwrap();
        let (send, receive) = std::sync::mpsc::channel();
        let waited_for = part.clone();
        std::thread::spawn(move || send.send(lock(&waited_for).unwrap().is_some()).unwrap());
        assert!(receive.recv_timeout(RETRY * 5).is_err(), "it waits while the array is made");
        // It is whole, and used from now on, with no moment between.
        std::fs::rename(&part, &whole).unwrap();
        maker.lock_shared().unwrap();
        let is_taken = receive.recv_timeout(Duration::from_secs(60)).expect("it does not wait for a reader");
        assert!(!is_taken, "what it waited for is whole");
        assert!(lock(&part).unwrap().is_some());
    }
}
