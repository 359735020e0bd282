//! Files that are either complete or missing: a killed process leaves only a temporary file of another name.

use std::fs::Permissions;
use std::io::{BufWriter, Result, Write};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

/// A file that is written in parts to a temporary file and renamed when all of it is on the disk. If it is dropped
/// before [`AtomicFile::commit`], the temporary file is deleted.
#[derive(Debug)]
pub struct AtomicFile {
    path: PathBuf,
    file: BufWriter<NamedTempFile>,
}

impl AtomicFile {
    /// Starts the file at `path`; its folder is created.
    ///
    /// # Errors
    ///
    /// If the folder cannot be created or written.
    pub fn create(path: &Path) -> Result<Self> {
        let folder = path.parent().filter(|folder| *folder != Path::new("")).unwrap_or(Path::new("."));
        std::fs::create_dir_all(folder)?;
        // By default only the owner may read a temporary file.
        let permissions = Permissions::from_mode(0o666);
        let file = tempfile::Builder::new().prefix(".draft-").permissions(permissions).tempfile_in(folder)?;
        Ok(Self { path: path.to_owned(), file: BufWriter::new(file) })
    }

    /// Renames the file to its path; an existing file is replaced.
    ///
    /// # Errors
    ///
    /// If the file cannot be written, for example because the disk is full.
    pub fn commit(self) -> Result<()> {
        let file = self.file.into_inner().map_err(std::io::IntoInnerError::into_error)?;
        file.as_file().sync_all()?;
        file.persist(&self.path).map_err(|error| error.error)?;
        Ok(())
    }
}

impl Write for AtomicFile {
    fn write(&mut self, bytes: &[u8]) -> Result<usize> {
        self.file.write(bytes)
    }

    fn flush(&mut self) -> Result<()> {
        self.file.flush()
    }
}

/// Writes a file atomically; an existing file is replaced. Its folder is created.
///
/// # Errors
///
/// If the folder cannot be created or written, or the disk is full.
pub fn write(path: &Path, bytes: &[u8]) -> Result<()> {
    let mut file = AtomicFile::create(path)?;
    file.write_all(bytes)?;
    file.commit()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_replaced_completely_and_leaves_no_temporary_file() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("below/it.txt");
        write(&path, b"first, and longer").unwrap();
        write(&path, b"second").unwrap();
        assert_eq!(std::fs::read(&path).unwrap(), b"second");
        assert_eq!(std::fs::read_dir(path.parent().unwrap()).unwrap().count(), 1);
        assert_ne!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o044, 0, "others may read it");
        assert!(write(&path.join("beneath a file"), b"").is_err());
    }

    #[test]
    fn a_dropped_file_leaves_the_existing_one() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("it.txt");
        write(&path, b"first").unwrap();
        let mut file = AtomicFile::create(&path).unwrap();
        file.write_all(b"half of the second").unwrap();
        file.flush().unwrap();
        drop(file);
        assert_eq!(std::fs::read(&path).unwrap(), b"first");
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
        let mut file = AtomicFile::create(&path).unwrap();
        for part in [b"in ", b"two"] {
            file.write_all(part).unwrap();
        }
        assert_eq!(std::fs::read(&path).unwrap(), b"first", "not before it is complete");
        file.commit().unwrap();
        assert_eq!(std::fs::read(&path).unwrap(), b"in two");
    }
}
