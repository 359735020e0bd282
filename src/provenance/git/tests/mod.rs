mod applies;
mod command;
mod private;
mod refusals;
mod scratch;
mod settings;
mod submodules;

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::{Apart, Repository};
use scratch::{Tree, applied, commit_all, git, has_git, tree};

/// A folder that becomes a repository.
struct Scratch {
    folder: tempfile::TempDir,
}

impl Scratch {
    /// A repository with what `files` writes committed; `None` where there is no git.
    fn new(files: &[(&str, &[u8])]) -> Option<Self> {
        has_git().then(|| {
            let scratch = Self { folder: tempfile::tempdir().unwrap() };
            files.iter().for_each(|(name, bytes)| scratch.write(name, bytes));
            commit_all(scratch.path());
            scratch
        })
    }

    fn path(&self) -> &Path {
        self.folder.path()
    }

    fn at(&self, name: impl AsRef<[u8]>) -> PathBuf {
        self.path().join(OsStr::from_bytes(name.as_ref()))
    }

    fn write(&self, name: impl AsRef<[u8]>, bytes: &[u8]) {
        let path = self.at(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, bytes).unwrap();
    }

    fn git(&self, arguments: &[&str]) -> String {
        String::from_utf8(git(self.path(), arguments, b"")).unwrap()
    }

    /// The record; the time is long, so that a busy machine fails no test.
    fn record(&self) -> Repository {
        record(self.path())
    }

    /// The record, after a check that its diff makes all of the files that are here.
    fn whole_record(&self) -> Repository {
        let record = self.record();
        assert_eq!((record.error.as_deref(), &record.withheld[..], record.cut), (None, &[][..], false));
        self.assert_applies(&record, &[]);
        record
    }

    /// Checks that the diff makes the files that are here, but for those that begin with one of `without`.
    fn assert_applies(&self, record: &Repository, without: &[&str]) {
        let kept = |tree: Tree| -> Tree {
            let apart = |name: &[u8]| without.iter().any(|without| name.starts_with(without.as_bytes()));
            tree.into_iter().filter(|(name, _)| !apart(name)).collect()
        };
        let (made, wanted) = (kept(applied(self.path(), &record.commit, &record.diff)), kept(tree(self.path())));
        let names = |tree: &Tree| tree.keys().map(|name| super::lossy(name)).collect::<Vec<_>>();
        assert_eq!(names(&made), names(&wanted), "{}", record.diff);
        for (name, content) in &wanted {
            assert_eq!(&made[name], content, "{}\n{}", super::lossy(name), record.diff);
        }
    }
}

fn record(folder: &Path) -> Repository {
    Repository::within(Duration::from_secs(60), folder, &Apart::default()).unwrap()
}
