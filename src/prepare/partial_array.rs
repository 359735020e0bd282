//! Arrays that are being computed: written chunk by chunk to a file with another name, so that a kill loses one chunk
//! and a partial file is never read as a complete one.

use std::fs::{File, TryLockError};
use std::os::unix::fs::{FileExt as _, MetadataExt as _};
use std::path::{Path, PathBuf};
use std::time::Duration;

use memmap2::Mmap;
use sha2::{Digest as _, Sha256};

use super::PrepareError;
use super::array::{Array, ArrayFile, ArraySpec, PARTIAL_EXTENSION, damaged_chunks, path_of};

/// An array that is being computed. Its file is locked until it is dropped or the process ends.
pub(super) struct PartialArray<'a> {
    spec: &'a ArraySpec,
    file: File,
    part: PathBuf,
    complete: PathBuf,
    header: Vec<u8>,
    /// Chunks that are not written yet, ascending.
    pub(super) missing: Vec<usize>,
}

impl<'a> PartialArray<'a> {
    /// Opens or creates the partial array and locks it. If another process has the lock, waits until that process has
    /// ended its work, and returns `None`: the array may then be complete.
    pub(super) fn open(folder: &Path, spec: &'a ArraySpec) -> Result<Option<Self>, PrepareError> {
        let complete = path_of(folder, spec);
        let part = complete.with_extension(PARTIAL_EXTENSION);
        std::fs::create_dir_all(folder).map_err(|source| PrepareError::Cache { path: folder.into(), source })?;
        let Some(file) = lock(&part)? else { return Ok(None) };
        let header = spec.header();
        match Array::open(&complete, spec)? {
            ArrayFile::Complete(_) => {
                // The other process has renamed its file. This one was created by this process, and is empty.
                std::fs::remove_file(&part).map_err(|source| PrepareError::Cache { path: part.clone(), source })?;
                return Ok(None);
            }
            // Undamaged chunks are kept. Readers keep the file that they have opened.
            ArrayFile::Damaged => take_damaged(&complete, &part, &file)?,
            ArrayFile::Mismatched | ArrayFile::Missing => {}
        }
        let mut partial = Self { spec, file, part, complete, header, missing: Vec::new() };
        partial.missing = partial.initialise()?;
        Ok(Some(partial))
    }

    /// Writes the header unless it exists, and returns the missing chunks.
    fn initialise(&self) -> Result<Vec<usize>, PrepareError> {
        let (file, header) = (&self.file, &self.header);
        let mut first = vec![0; header.len()];
        let has_header = file.metadata().map_err(self.io())?.len() == self.spec.bytes()
            && file.read_exact_at(&mut first, 0).is_ok()
            && first == *header;
        if !has_header {
            file.set_len(0).map_err(self.io())?;
            file.set_len(self.spec.bytes()).map_err(self.io())?;
            file.write_all_at(header, 0).map_err(self.io())?;
            return Ok((0..self.spec.chunks()).collect());
        }
        // SAFETY: only this process has the lock, and it does not write while the map exists.
        let map = unsafe { Mmap::map(file) }.map_err(self.io())?;
        Ok(damaged_chunks(&map, self.spec, header.len()))
    }

    /// Writes the rows of a chunk, and then their digest.
    pub(super) fn write(&self, chunk: usize, rows: &[u8]) -> Result<(), PrepareError> {
        let place = self.spec.rows_range(self.header.len(), chunk);
        if rows.len() != place.len() {
            let why = format!("{} bytes were computed for rows of {} bytes", rows.len(), place.len());
            return Err(PrepareError::Damaged { path: self.part.clone(), why });
        }
        self.file.write_all_at(rows, place.start as u64).map_err(self.io())?;
        let digest = self.spec.digest_range(self.header.len(), chunk);
        self.file.write_all_at(&Sha256::digest(rows), digest.start as u64).map_err(self.io())
    }

    /// Renames the file of the complete array to its final name.
    pub(super) fn finish(self) -> Result<(), PrepareError> {
        self.file.sync_all().map_err(self.io())?;
        std::fs::rename(&self.part, &self.complete).map_err(self.io())
    }

    fn io(&self) -> impl Fn(std::io::Error) -> PrepareError + '_ {
        |source| PrepareError::Cache { path: self.part.clone(), source }
    }
}

/// The interval between attempts to lock the file.
const RETRY: Duration = Duration::from_millis(10);

/// Opens or creates the file at `part` and waits for its lock. `None` if another process renames or removes the file
/// meanwhile. It is then not created again: the array is usually complete, and a kill would leave an unused file.
///
/// The lock is polled: once the array is complete, its readers have a shared lock on the same file, and a blocking call
/// would wait until they end.
fn lock(part: &Path) -> Result<Option<File>, PrepareError> {
    let io = |source| PrepareError::Cache { path: part.into(), source };
    let file = File::options().read(true).write(true).create(true).truncate(false).open(part).map_err(io)?;
    let inode = file.metadata().map_err(io)?.ino();
    loop {
        let locked = match file.try_lock() {
            Ok(()) => true,
            Err(TryLockError::WouldBlock) => false,
            Err(TryLockError::Error(error)) => return Err(io(error)),
        };
        let is_named = std::fs::metadata(part).is_ok_and(|named| named.ino() == inode);
        match (is_named, locked) {
            (false, _) => return Ok(None),
            (true, true) => return Ok(Some(file)),
            (true, false) => std::thread::sleep(RETRY),
        }
    }
}

/// Copies a damaged array to its partial file for repair, and removes it.
fn take_damaged(complete: &Path, part: &Path, file: &File) -> Result<(), PrepareError> {
    let io = |source| PrepareError::Cache { path: part.into(), source };
    let mut from = File::open(complete).map_err(io)?;
    file.set_len(0).map_err(io)?;
    std::io::copy(&mut from, &mut &*file).map_err(io)?;
    std::fs::remove_file(complete).map_err(io)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waiting_for_an_array_does_not_wait_for_its_readers() {
        let folder = tempfile::tempdir().unwrap();
        let (part, complete) = (folder.path().join("a.part"), folder.path().join("a.array"));
        let owner = lock(&part).unwrap().unwrap();
        let (send, receive) = std::sync::mpsc::channel();
        let waited_for = part.clone();
        std::thread::spawn(move || send.send(lock(&waited_for).unwrap().is_some()).unwrap());
        assert!(receive.recv_timeout(RETRY * 5).is_err(), "it waits while the array is computed");
        // The array becomes complete and is used from the same moment.
        std::fs::rename(&part, &complete).unwrap();
        owner.lock_shared().unwrap();
        let is_locked = receive.recv_timeout(Duration::from_secs(60)).expect("it does not wait for a reader");
        assert!(!is_locked, "the array is complete");
        assert!(lock(&part).unwrap().is_some());
    }
}
