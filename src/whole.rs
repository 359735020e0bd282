//! Files that are whole, or not there: a kill leaves a draft of another name.

use std::fs::Permissions;
use std::io::{BufWriter, Result, Write};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

/// A file that is written piece by piece and has its name only when all of it is on the disk; dropped before
/// [`Draft::finish`] it leaves nothing behind.
#[derive(Debug)]
pub struct Draft {
    path: PathBuf,
    file: BufWriter<NamedTempFile>,
}

impl Draft {
    /// Begins the file that is to be at `path`; its folder is made.
    ///
    /// # Errors
    ///
    /// If the folder cannot be made or written.
    pub fn begin(path: &Path) -> Result<Self> {
        let folder = path.parent().filter(|folder| *folder != Path::new("")).unwrap_or(Path::new("."));
        std::fs::create_dir_all(folder)?;
        // A draft is for its owner alone unless it is said to be like any other file.
        let like_any_other = Permissions::from_mode(0o666);
        let file = tempfile::Builder::new().prefix(".draft-").permissions(like_any_other).tempfile_in(folder)?;
        Ok(Self { path: path.to_owned(), file: BufWriter::new(file) })
    }

    /// Gives the file its name; one that was there is replaced.
    ///
    /// # Errors
    ///
    /// If the disk is full.
    pub fn finish(self) -> Result<()> {
        let file = self.file.into_inner().map_err(std::io::IntoInnerError::into_error)?;
        file.as_file().sync_all()?;
        file.persist(&self.path).map_err(|error| error.error)?;
        Ok(())
    }
}

impl Write for Draft {
    fn write(&mut self, bytes: &[u8]) -> Result<usize> {
        self.file.write(bytes)
    }

    fn flush(&mut self) -> Result<()> {
        self.file.flush()
    }
}

/// Writes a file that has its name only when all of it is on the disk; one that was there is replaced. Its folder is made.
///
/// # Errors
///
/// If the folder cannot be made or written, or the disk is full.
pub fn write(path: &Path, bytes: &[u8]) -> Result<()> {
    let mut draft = Draft::begin(path)?;
    draft.write_all(bytes)?;
    draft.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_replaced_whole_and_leaves_no_draft() {
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
    fn a_draft_that_is_given_up_leaves_what_was_there() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("it.txt");
        write(&path, b"first").unwrap();
        let mut draft = Draft::begin(&path).unwrap();
        draft.write_all(b"half of the second").unwrap();
        draft.flush().unwrap();
        drop(draft);
        assert_eq!(std::fs::read(&path).unwrap(), b"first");
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
        let mut draft = Draft::begin(&path).unwrap();
        for piece in [b"in ", b"two"] {
            draft.write_all(piece).unwrap();
        }
        assert_eq!(std::fs::read(&path).unwrap(), b"first", "not before it is whole");
        draft.finish().unwrap();
        assert_eq!(std::fs::read(&path).unwrap(), b"in two");
    }
}
