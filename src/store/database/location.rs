//! The location of a database: its resolved path, whether it can be written there, and whether the file was replaced.

use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use rustix::fs::Access;

use crate::store::StoreError;

/// The most links to follow, as in Linux; a path with more is a circle.
const LINKS: usize = 40;

/// The database that `path` names, with links followed.
///
/// SQLite follows a link to the database for its log. The lock, the files and the cache must be beside the same file,
/// or two names of one database would have two of each. Only the last part of the path is resolved: a link to a folder
/// leads to the same folder anyway.
///
/// # Errors
///
/// [`StoreError::InMemory`] for SQLite's name of a database in memory, which would be lost with the process, and
/// [`StoreError::NotAFile`] for an empty name, a folder, or a circle of links.
pub fn resolve(path: &Path) -> Result<PathBuf, StoreError> {
    let not_a_file = |why: &'static str| StoreError::NotAFile { path: path.to_owned(), why };
    if path == Path::new(":memory:") {
        return Err(StoreError::InMemory);
    }
    if path == Path::new("") {
        return Err(not_a_file("an empty name"));
    }
    let mut resolved = path.to_owned();
    for _ in 0..LINKS {
        let Ok(target) = std::fs::read_link(&resolved) else {
            return if resolved.is_dir() { Err(not_a_file("a folder")) } else { Ok(resolved) };
        };
        // An absolute target replaces the whole path.
        resolved = folder(&resolved).join(target);
    }
    Err(not_a_file("a circle of links"))
}

/// The folder of a file.
pub(super) fn folder(path: &Path) -> &Path {
    path.parent().filter(|folder| *folder != Path::new("")).unwrap_or(Path::new("."))
}

/// `path` with `suffix` appended: `jem.db` and `.files` give `jem.db.files`.
pub fn sibling(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    PathBuf::from(name)
}

/// `path` in a form that SQLite takes as a file name: a leading `file:` would make it a URI.
pub(super) fn file_name(path: &Path) -> PathBuf {
    if path.is_absolute() { path.to_owned() } else { Path::new(".").join(path) }
}

/// The file or folder that is read-only, if the database at `path` cannot be written. Write-ahead logging creates files
/// beside the database, so its folder must be writable too.
pub(super) fn read_only_part(path: &Path) -> Option<PathBuf> {
    let places = [path, folder(path)];
    places.into_iter().find(|place| rustix::fs::access(*place, Access::WRITE_OK).is_err()).map(Path::to_owned)
}

/// Refuses network file systems: write-ahead logging needs shared memory.
pub(super) fn refuse_network(path: &Path) -> Result<(), StoreError> {
    let folder = folder(path);
    let io = |source: rustix::io::Errno| StoreError::Io { path: folder.to_owned(), source: source.into() };
    let kind = rustix::fs::statfs(folder).map_err(io)?.f_type;
    match network_name(kind as u64 & 0xffff_ffff) {
        Some(kind) => Err(StoreError::NetworkFileSystem { path: path.to_owned(), kind }),
        None => Ok(()),
    }
}

/// The network file systems by their magic numbers (statfs(2), linux/magic.h).
fn network_name(magic: u64) -> Option<&'static str> {
    match magic {
        0x6969 => Some("NFS"),
        0x517b | 0xff53_4d42 | 0xfe53_4d42 => Some("SMB"),
        0x5346_414f => Some("AFS"),
        0x00c3_6400 => Some("Ceph"),
        0x0bd0_0bd0 => Some("Lustre"),
        0x4750_4653 => Some("GPFS"),
        0x1983_0326 => Some("BeeGFS"),
        _ => None,
    }
}

/// The identity of a file, independent of its name: its device and inode.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct FileIdentity {
    device: u64,
    inode: u64,
}

impl FileIdentity {
    /// The file at `path`, if there is one.
    pub(super) fn of(path: &Path) -> Option<Self> {
        let data = std::fs::metadata(path).ok()?;
        Some(Self { device: data.dev(), inode: data.ino() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn network_file_systems_are_detected() {
        assert_eq!(network_name(0x6969), Some("NFS"));
        assert_eq!(network_name(0xef53), None);
    }

    #[test]
    fn a_link_is_followed_even_if_its_target_is_missing() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        std::fs::create_dir(at("real")).unwrap();
        std::os::unix::fs::symlink("real/jem.db", at("second")).unwrap();
        std::os::unix::fs::symlink(at("second"), at("first")).unwrap();
        assert_eq!(resolve(&at("first")).unwrap(), at("real/jem.db"));
        std::fs::write(at("real/jem.db"), "").unwrap();
        assert_eq!(resolve(&at("first")).unwrap(), at("real/jem.db"));
        assert_eq!(resolve(Path::new("jem.db")).unwrap(), Path::new("jem.db"), "a plain name is unchanged");
    }

    #[test]
    fn a_path_that_is_not_a_file_is_an_error() {
        let folder = tempfile::tempdir().unwrap();
        let circle = folder.path().join("circle");
        std::os::unix::fs::symlink("circle", &circle).unwrap();
        for path in [Path::new(""), folder.path(), &circle] {
            assert!(matches!(resolve(path), Err(StoreError::NotAFile { .. })), "{}", path.display());
        }
        assert!(matches!(resolve(Path::new(":memory:")), Err(StoreError::InMemory)));
    }

    #[test]
    fn a_name_that_sqlite_would_take_as_a_uri_is_a_file_name() {
        assert_eq!(file_name(Path::new("file:jem.db")), Path::new("./file:jem.db"));
    }
}
