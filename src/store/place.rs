//! Where a database lies: its resolved path, whether it may be written there, and whether it still is the open file.

use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use rustix::fs::Access;

use super::StoreError;

/// Links that are followed before a path is given up as a circle, as Linux does.
const LINKS: usize = 40;

/// The database that `path` names, with links followed.
///
/// SQLite follows a link to the database for its log; the lock, the files and the cache must lie beside the same file,
/// or two names of one database would have two of each. Only the last part of the path matters for that: a link to
/// a folder leads to one and the same folder.
///
/// # Errors
///
/// [`StoreError::InMemory`] for SQLite's name of a database in memory, which would be gone with the process, and
/// [`StoreError::NoFile`] for an empty name, a folder, or a circle of links.
pub fn resolve(path: &Path) -> Result<PathBuf, StoreError> {
    let no_file = |why: &'static str| StoreError::NoFile { path: path.to_owned(), why };
    if path == Path::new(":memory:") {
        return Err(StoreError::InMemory);
    }
    if path == Path::new("") {
        return Err(no_file("an empty name"));
    }
    let mut resolved = path.to_owned();
    for _ in 0..LINKS {
        let Ok(target) = std::fs::read_link(&resolved) else {
            return if resolved.is_dir() { Err(no_file("a folder")) } else { Ok(resolved) };
        };
        // An absolute target takes the place of the whole path.
        resolved = folder(&resolved).join(target);
    }
    Err(no_file("a circle of links"))
}

/// The folder that a file lies in.
pub(super) fn folder(path: &Path) -> &Path {
    path.parent().filter(|folder| *folder != Path::new("")).unwrap_or(Path::new("."))
}

/// `path` with `suffix` after its whole name: `jem.db` and `.files` give `jem.db.files`.
pub fn sibling(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    PathBuf::from(name)
}

/// `path` as SQLite takes it for a file name: a leading `file:` would make it an address.
pub(super) fn file_name(path: &Path) -> PathBuf {
    if path.is_absolute() { path.to_owned() } else { Path::new(".").join(path) }
}

/// Why the database at `path` cannot be written, if so. Write-ahead logging makes files beside the database, so that
/// its folder has to be writable too.
pub(super) fn is_read_only(path: &Path) -> Option<PathBuf> {
    let places = [path, folder(path)];
    places.into_iter().find(|place| rustix::fs::access(*place, Access::WRITE_OK).is_err()).map(Path::to_owned)
}

/// WAL needs memory that is shared between processes.
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

/// A file apart from its name: its device and number there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct FileIdentity {
    device: u64,
    number: u64,
}

impl FileIdentity {
    /// The file that has the name `path` now, if any.
    pub(super) fn of(path: &Path) -> Option<Self> {
        let data = std::fs::metadata(path).ok()?;
        Some(Self { device: data.dev(), number: data.ino() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn network_file_systems_are_known_by_number() {
        assert_eq!(network_name(0x6969), Some("NFS"));
        assert_eq!(network_name(0xef53), None);
    }

    #[test]
    fn a_link_is_followed_to_the_file_that_it_names_also_when_that_is_not_there_yet() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        std::fs::create_dir(at("real")).unwrap();
        std::os::unix::fs::symlink("real/jem.db", at("second")).unwrap();
        std::os::unix::fs::symlink(at("second"), at("first")).unwrap();
        assert_eq!(resolve(&at("first")).unwrap(), at("real/jem.db"));
        std::fs::write(at("real/jem.db"), "").unwrap();
        assert_eq!(resolve(&at("first")).unwrap(), at("real/jem.db"));
        assert_eq!(resolve(Path::new("jem.db")).unwrap(), Path::new("jem.db"), "a plain name stays as it was given");
    }

    #[test]
    fn what_is_no_file_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let circle = folder.path().join("circle");
        std::os::unix::fs::symlink("circle", &circle).unwrap();
        for path in [Path::new(""), folder.path(), &circle] {
            assert!(matches!(resolve(path), Err(StoreError::NoFile { .. })), "{}", path.display());
        }
        assert!(matches!(resolve(Path::new(":memory:")), Err(StoreError::InMemory)));
    }

    #[test]
    fn a_name_that_sqlite_would_take_for_an_address_is_a_file_name() {
        assert_eq!(file_name(Path::new("file:jem.db")), Path::new("./file:jem.db"));
    }
}
