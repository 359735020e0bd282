//! A cache of file digests, so that a data set of gigabytes is read once and not on every start.

use std::collections::BTreeMap;
use std::fs::Metadata;
use std::io::Read as _;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

use sha2::{Digest as _, Sha256};

use crate::file_error::FileError;

/// A SHA-256 digest.
pub type Digest = [u8; 32];

/// The first line of the cache file. A file with another first line has another version and is ignored.
const FORMAT: &str = "jem digests 1";
/// Bytes per read: weights files have hundreds of megabytes.
const BLOCK: usize = 1 << 20;
/// A file that changed less than this time ago may change again without a change of its times, so it is not cached.
const MIN_AGE: Duration = Duration::from_secs(2);

/// The metadata by which a changed file is detected. No program can set `changed` (ctime); it can set `modified`
/// (mtime).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct FileState {
    size: u64,
    inode: u64,
    changed: (i64, i64),
    modified: (i64, i64),
}

impl FileState {
    fn of(metadata: &Metadata) -> Self {
        Self {
            size: metadata.len(),
            inode: metadata.ino(),
            changed: (metadata.ctime(), metadata.ctime_nsec()),
            modified: (metadata.mtime(), metadata.mtime_nsec()),
        }
    }

    /// Whether the last change is at least [`MIN_AGE`] ago.
    fn is_old_enough(self, now: SystemTime) -> bool {
        let seconds = u64::try_from(self.changed.0.max(self.modified.0)).unwrap_or(0);
        now.duration_since(SystemTime::UNIX_EPOCH).is_ok_and(|now| now > Duration::from_secs(seconds) + MIN_AGE)
    }
}

/// A cache of the SHA-256 digests of files. A file is read again only if its size, inode or times changed.
pub struct DigestCache {
    /// The cache file.
    file: PathBuf,
    state: Mutex<State>,
}

struct State {
    entries: Entries,
    /// The number of entries that are not saved yet.
    unsaved: usize,
}

/// The digest of each file, with the metadata that the file had when it was read.
type Entries = BTreeMap<PathBuf, (FileState, Digest)>;

impl DigestCache {
    /// Opens the cache in `folder`. If the cache file is missing or unreadable, the cache is empty.
    pub fn open(folder: &Path) -> Self {
        let file = folder.join("digests");
        let entries = read(&file).unwrap_or_default();
        Self { file, state: Mutex::new(State { entries, unsaved: 0 }) }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The SHA-256 of the contents of a file.
    ///
    /// # Errors
    ///
    /// If the file cannot be read.
    pub fn sha256(&self, path: &Path) -> Result<Digest, FileError> {
        let failed = FileError::read(path);
        let absolute = std::path::absolute(path).map_err(failed)?;
        let before = FileState::of(&std::fs::metadata(path).map_err(failed)?);
        if let Some((metadata, digest)) = self.state().entries.get(&absolute)
            && *metadata == before
        {
            return Ok(*digest);
        }
        let mut open = std::fs::File::open(path).map_err(failed)?;
        let (mut hash, mut block) = (Sha256::new(), vec![0; BLOCK.min(before.size as usize + 1)]);
        loop {
            match open.read(&mut block).map_err(failed)? {
                0 => break,
                read => hash.update(&block[..read]),
            }
        }
        let digest: Digest = hash.finalize().into();
        let after = FileState::of(&open.metadata().map_err(failed)?);
        if after == before && after.is_old_enough(SystemTime::now()) {
            let mut state = self.state();
            state.entries.insert(absolute, (after, digest));
            state.unsaved += 1;
        }
        Ok(digest)
    }

    /// Saves the new entries, together with those that another process saved in the meantime. Entries of files that do
    /// not exist any more are removed.
    ///
    /// # Errors
    ///
    /// If the folder cannot be written.
    pub fn save(&self) -> std::io::Result<()> {
        let mut state = self.state();
        if state.unsaved == 0 {
            return Ok(());
        }
        let mut all = read(&self.file).unwrap_or_default();
        all.extend(state.entries.clone());
        all.retain(|path, _| path.exists());
        let folder = self.file.parent().unwrap_or(Path::new("."));
        std::fs::create_dir_all(folder)?;
        // The name marks a file that an interrupted process left as incomplete.
        let temporary = tempfile::Builder::new().prefix("digests.").suffix(".part").tempfile_in(folder)?;
        std::fs::write(temporary.path(), to_text(&all))?;
        temporary.persist(&self.file).map_err(|error| error.error)?;
        state.unsaved = 0;
        Ok(())
    }
}

fn to_text(all: &Entries) -> String {
    let mut text = format!("{FORMAT}\n");
    for (path, (metadata, digest)) in all {
        // A path that is not one line of text is not saved; the file is read again every time.
        let Some(name) = path.to_str().filter(|name| !name.contains(['\n', '\r'])) else { continue };
        let (FileState { size, inode, changed, modified }, digest) = (metadata, hex::encode(digest));
        let [c, m] = [changed, modified].map(|(seconds, nanos)| format!("{seconds}.{nanos}"));
        text.push_str(&format!("{digest} {size} {inode} {c} {m} {name}\n"));
    }
    text
}

fn read(file: &Path) -> Option<Entries> {
    let text = std::fs::read_to_string(file).ok()?;
    let mut lines = text.lines();
    if lines.next()? != FORMAT {
        return None;
    }
    lines.map(parse_entry).collect()
}

fn parse_entry(line: &str) -> Option<(PathBuf, (FileState, Digest))> {
    let mut words = line.splitn(6, ' ');
    let digest = hex::decode(words.next()?).ok()?.try_into().ok()?;
    let size = words.next()?.parse().ok()?;
    let inode = words.next()?.parse().ok()?;
    let mut time = || {
        let (seconds, nanos) = words.next()?.split_once('.')?;
        Some((seconds.parse().ok()?, nanos.parse().ok()?))
    };
    let (changed, modified) = (time()?, time()?);
    Some((words.next()?.into(), (FileState { size, inode, changed, modified }, digest)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn state_of(path: &Path) -> FileState {
        FileState::of(&std::fs::metadata(path).unwrap())
    }

    /// Writes a cache with `digest` for a file in its current state.
    fn write_cache(folder: &Path, path: &Path, digest: Digest) {
        let all = [(path.to_path_buf(), (state_of(path), digest))].into();
        std::fs::write(folder.join("digests"), to_text(&all)).unwrap();
    }

    #[test]
    fn an_unchanged_file_is_not_read_again_and_a_changed_one_is() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a file");
        std::fs::write(&path, "abc").unwrap();
        write_cache(folder.path(), &path, [7; 32]);
        assert_eq!(DigestCache::open(folder.path()).sha256(&path).unwrap(), [7; 32]);
        std::fs::write(&path, "abd").unwrap();
        let expected: Digest = Sha256::digest("abd").into();
        assert_eq!(DigestCache::open(folder.path()).sha256(&path).unwrap(), expected);
    }

    #[test]
    fn a_file_that_replaces_another_with_the_same_times_is_read() {
        let folder = tempfile::tempdir().unwrap();
        let (path, other) = (folder.path().join("a"), folder.path().join("b"));
        std::fs::write(&path, "abc").unwrap();
        write_cache(folder.path(), &path, [7; 32]);
        std::fs::write(&other, "xyz").unwrap();
        let times = std::fs::metadata(&path).unwrap().modified().unwrap();
        std::fs::File::options().append(true).open(&other).unwrap().set_modified(times).unwrap();
        std::fs::rename(&other, &path).unwrap();
        let expected: Digest = Sha256::digest("xyz").into();
        assert_eq!(DigestCache::open(folder.path()).sha256(&path).unwrap(), expected);
    }

    #[test]
    fn a_new_file_is_not_cached_and_an_invalid_cache_is_ignored() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a");
        std::fs::write(&path, "abc").unwrap();
        std::fs::write(folder.path().join("digests"), format!("{FORMAT}\nnonsense\n")).unwrap();
        let digests = DigestCache::open(folder.path());
        // The SHA-256 of "abc", FIPS 180-4's first example.
        let expected = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assert_eq!(hex::encode(digests.sha256(&path).unwrap()), expected);
        assert_eq!(digests.state().unsaved, 0);
        assert!(digests.sha256(&folder.path().join("none")).unwrap_err().to_string().ends_with("none: cannot be read"));
    }
}
