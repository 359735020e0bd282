//! Files that are whole, or not there: a kill leaves a draft of another name.

use std::fs::Permissions;
use std::io::{Result, Write as _};
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

/// Writes a file that has its name only when all of it is on the disk; one that was there is replaced. Its folder is made.
///
/// # Errors
///
/// If the folder cannot be made or written, or the disk is full.
pub fn write(path: &Path, bytes: &[u8]) -> Result<()> {
    let folder = path.parent().filter(|folder| *folder != Path::new("")).unwrap_or(Path::new("."));
    std::fs::create_dir_all(folder)?;
    // A draft is for its owner alone unless it is said to be like any other file.
    let like_any_other = Permissions::from_mode(0o666);
    let mut draft = tempfile::Builder::new().prefix(".draft-").permissions(like_any_other).tempfile_in(folder)?;
    draft.write_all(bytes)?;
    draft.as_file().sync_all()?;
    draft.persist(path).map_err(|error| error.error)?;
    Ok(())
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
}
