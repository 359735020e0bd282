//! What a file holds, without following it elsewhere.

use std::fs::File;
use std::io::Read as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use rustix::fs::{Mode, OFlags, open, readlink};

use super::patch;

/// What a file holds.
pub struct Content {
    /// Its mode as git has it.
    pub mode: &'static str,
    /// Its bytes, or what the link says.
    pub bytes: Vec<u8>,
}

/// The bytes of a file, or what a symbolic link says: it is not followed.
///
/// # Errors
///
/// If it cannot be read, or is neither; [`std::io::ErrorKind::FileTooLarge`] with more than `limit` bytes.
pub fn content(path: &Path, limit: u64) -> std::io::Result<Content> {
    if path.symlink_metadata()?.is_symlink() {
        let bytes = readlink(path, Vec::new())?.into_bytes();
        return Ok(Content { mode: patch::LINK, bytes });
    }
    // It may have become a link or a pipe since.
    let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
    let file = File::from(open(path, flags, Mode::empty())?);
    let data = file.metadata()?;
    if !data.is_file() {
        return Err(std::io::Error::other("it is no file"));
    }
    let mut bytes = Vec::new();
    file.take(limit + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > limit {
        return Err(std::io::ErrorKind::FileTooLarge.into());
    }
    let mode = if data.permissions().mode() & 0o100 == 0 { "100644" } else { "100755" };
    Ok(Content { mode, bytes })
}
