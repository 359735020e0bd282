//! Digests of files, remembered, so that a data set of gigabytes is read once and then only looked at.

use std::collections::BTreeMap;
use std::fs::Metadata;
use std::io::Read as _;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

use sha2::{Digest as _, Sha256};

use super::error::DataError;

/// A SHA-256.
pub type Digest = [u8; 32];

/// The first line of the file; another one is a file of another version, which is forgotten.
const FORMAT: &str = "jem digests 1";
/// Bytes read at once: files of weights are hundreds of megabytes.
const BLOCK: usize = 1 << 20;
/// A file that changed so shortly ago may change again without its times showing it, and is not remembered.
const SETTLED: Duration = Duration::from_secs(2);

/// What a file looks like from outside. The time of its last change cannot be set by anyone, unlike that of its
/// last modification.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Look {
    size: u64,
    inode: u64,
    changed: (i64, i64),
    modified: (i64, i64),
}

impl Look {
    fn of(metadata: &Metadata) -> Self {
        Self {
            size: metadata.len(),
            inode: metadata.ino(),
            changed: (metadata.ctime(), metadata.ctime_nsec()),
            modified: (metadata.mtime(), metadata.mtime_nsec()),
        }
    }

    fn settled(self, now: SystemTime) -> bool {
        let seconds = u64::try_from(self.changed.0.max(self.modified.0)).unwrap_or(0);
        now.duration_since(SystemTime::UNIX_EPOCH).is_ok_and(|now| now > Duration::from_secs(seconds) + SETTLED)
    }
}

/// The SHA-256 of files, each read once for as long as it looks the same (size, inode and times).
pub struct Digests {
    /// Where they are remembered.
    file: PathBuf,
    memory: Mutex<Memory>,
}

struct Memory {
    known: Known,
    /// How many were not remembered before.
    learned: usize,
}

type Known = BTreeMap<PathBuf, (Look, Digest)>;

impl Digests {
    /// What `folder` remembers. Nothing, if it has never been written or is not readable: everything is then read.
    pub fn open(folder: &Path) -> Self {
        let file = folder.join("digests");
        let known = read(&file).unwrap_or_default();
        Self { file, memory: Mutex::new(Memory { known, learned: 0 }) }
    }

    fn memory(&self) -> MutexGuard<'_, Memory> {
        self.memory.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The SHA-256 of a file.
    ///
    /// # Errors
    ///
    /// If it cannot be read.
    pub fn of(&self, path: &Path) -> Result<Digest, DataError> {
        let failed = |source| DataError::Read { path: path.into(), source };
        let absolute = std::path::absolute(path).map_err(failed)?;
        let before = Look::of(&std::fs::metadata(path).map_err(failed)?);
        if let Some((look, digest)) = self.memory().known.get(&absolute)
            && *look == before
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
        let after = Look::of(&open.metadata().map_err(failed)?);
        if after == before && after.settled(SystemTime::now()) {
            let mut memory = self.memory();
            memory.known.insert(absolute, (after, digest));
            memory.learned += 1;
        }
        Ok(digest)
    }

    /// Remembers what was learned, together with what another process has learned meanwhile. Files that are gone are
    /// forgotten.
    ///
    /// # Errors
    ///
    /// If the folder cannot be written.
    pub fn save(&self) -> std::io::Result<()> {
        let mut memory = self.memory();
        if memory.learned == 0 {
            return Ok(());
        }
        let mut all = read(&self.file).unwrap_or_default();
        all.extend(memory.known.clone());
        all.retain(|path, _| path.exists());
        let folder = self.file.parent().unwrap_or(Path::new("."));
        std::fs::create_dir_all(folder)?;
        // By its name, what a kill leaves of it is known for something half made.
        let beside = tempfile::Builder::new().prefix("digests.").suffix(".part").tempfile_in(folder)?;
        std::fs::write(beside.path(), written(&all))?;
        beside.persist(&self.file).map_err(|error| error.error)?;
        memory.learned = 0;
        Ok(())
    }
}

fn written(all: &Known) -> String {
    let mut text = format!("{FORMAT}\n");
    for (path, (look, digest)) in all {
        // A name that is no line of text is read again every time.
        let Some(name) = path.to_str().filter(|name| !name.contains(['\n', '\r'])) else { continue };
        let (Look { size, inode, changed, modified }, digest) = (look, hex::encode(digest));
        let [c, m] = [changed, modified].map(|(seconds, nanos)| format!("{seconds}.{nanos}"));
        text.push_str(&format!("{digest} {size} {inode} {c} {m} {name}\n"));
    }
    text
}

fn read(file: &Path) -> Option<Known> {
    let text = std::fs::read_to_string(file).ok()?;
    let mut lines = text.lines();
    if lines.next()? != FORMAT {
        return None;
    }
    lines.map(entry).collect()
}

fn entry(line: &str) -> Option<(PathBuf, (Look, Digest))> {
    let mut words = line.splitn(6, ' ');
    let digest = hex::decode(words.next()?).ok()?.try_into().ok()?;
    let size = words.next()?.parse().ok()?;
    let inode = words.next()?.parse().ok()?;
    let mut time = || {
        let (seconds, nanos) = words.next()?.split_once('.')?;
        Some((seconds.parse().ok()?, nanos.parse().ok()?))
    };
    let (changed, modified) = (time()?, time()?);
    Some((words.next()?.into(), (Look { size, inode, changed, modified }, digest)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn old(path: &Path) -> Look {
        Look::of(&std::fs::metadata(path).unwrap())
    }

    /// Remembers `digest` for a file that looks as it does now, as if it had been read long ago.
    fn remember(folder: &Path, path: &Path, digest: Digest) {
        let all = [(path.to_path_buf(), (old(path), digest))].into();
        std::fs::write(folder.join("digests"), written(&all)).unwrap();
    }

    #[test]
    fn a_file_that_looks_the_same_is_not_read_again_and_one_that_does_not_is() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a file");
        std::fs::write(&path, "abc").unwrap();
        remember(folder.path(), &path, [7; 32]);
        assert_eq!(Digests::open(folder.path()).of(&path).unwrap(), [7; 32]);
        std::fs::write(&path, "abd").unwrap();
        let expected: Digest = Sha256::digest("abd").into();
        assert_eq!(Digests::open(folder.path()).of(&path).unwrap(), expected);
    }

    #[test]
    fn a_file_put_in_the_place_of_another_with_its_times_is_read() {
        let folder = tempfile::tempdir().unwrap();
        let (path, other) = (folder.path().join("a"), folder.path().join("b"));
        std::fs::write(&path, "abc").unwrap();
        remember(folder.path(), &path, [7; 32]);
        std::fs::write(&other, "xyz").unwrap();
        let times = std::fs::metadata(&path).unwrap().modified().unwrap();
        std::fs::File::options().append(true).open(&other).unwrap().set_modified(times).unwrap();
        std::fs::rename(&other, &path).unwrap();
        let expected: Digest = Sha256::digest("xyz").into();
        assert_eq!(Digests::open(folder.path()).of(&path).unwrap(), expected);
    }

    #[test]
    fn what_was_just_written_is_not_remembered_and_a_bad_memory_is_none() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a");
        std::fs::write(&path, "abc").unwrap();
        std::fs::write(folder.path().join("digests"), format!("{FORMAT}\nnonsense\n")).unwrap();
        let digests = Digests::open(folder.path());
        // The SHA-256 of "abc", FIPS 180-4's first example.
        let expected = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assert_eq!(hex::encode(digests.of(&path).unwrap()), expected);
        assert_eq!(digests.memory().learned, 0);
        assert!(digests.of(&folder.path().join("none")).unwrap_err().to_string().ends_with("none: cannot be read"));
    }
}
