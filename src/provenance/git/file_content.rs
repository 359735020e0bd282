//! Reading a file without following links.

use std::fs::File;
use std::io::Read as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use rustix::fs::{Mode, OFlags, open, readlink};

use super::patch;

/// The content of a file.
pub struct FileContent {
    /// Its mode in git.
    pub mode: &'static str,
    /// Its bytes, or the target of a symbolic link.
    pub bytes: Vec<u8>,
}

/// Reads the bytes of a file, or the target of a symbolic link.
///
/// # Errors
///
/// If it cannot be read, or is neither a file nor a link; [`std::io::ErrorKind::FileTooLarge`] for more than `limit`
/// bytes.
pub fn read_content(path: &Path, limit: u64) -> std::io::Result<FileContent> {
    if path.symlink_metadata()?.is_symlink() {
        let bytes = readlink(path, Vec::new())?.into_bytes();
        return Ok(FileContent { mode: patch::LINK, bytes });
    }
    // It may have been replaced by a link or a pipe in the meantime.
    let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
    let file = File::from(open(path, flags, Mode::empty())?);
    let data = file.metadata()?;
    if !data.is_file() {
        return Err(std::io::Error::other("not a regular file"));
    }
    let mut bytes = Vec::new();
    file.take(limit + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > limit {
        return Err(std::io::ErrorKind::FileTooLarge.into());
    }
    let mode = if data.permissions().mode() & 0o100 == 0 { "100644" } else { "100755" };
    Ok(FileContent { mode, bytes })
}
