mod applies;
mod command;
mod errors;
mod private;
mod scratch;
mod settings;
mod submodules;

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::{IgnoredPaths, Repository};
use scratch::{Tree, applied, commit_all, git, has_git, tree};

/// A temporary folder with a repository.
struct Scratch {
    folder: tempfile::TempDir,
}

impl Scratch {
    /// A repository with `files` committed; `None` if git is not installed.
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

    /// The record of the repository. The time limit is long, so that tests pass on a busy machine.
    fn record(&self) -> Repository {
        record(self.path())
    }

    /// The record, after a check that it is complete and its diff gives all files of the folder.
    fn complete_record(&self) -> Repository {
        let record = self.record();
        assert_eq!((record.error.as_deref(), &record.withheld[..], record.cut), (None, &[][..], false));
        self.assert_applies(&record, &[]);
        record
    }

    /// Checks that the diff gives the files of the folder, except those whose names begin with one of `without`.
    fn assert_applies(&self, record: &Repository, without: &[&str]) {
        let compared = |tree: Tree| -> Tree {
            let is_excluded = |name: &[u8]| without.iter().any(|without| name.starts_with(without.as_bytes()));
            tree.into_iter().filter(|(name, _)| !is_excluded(name)).collect()
        };
        let found = compared(applied(self.path(), &record.commit, &record.diff));
        let expected = compared(tree(self.path()));
        let names = |tree: &Tree| tree.keys().map(|name| super::lossy(name)).collect::<Vec<_>>();
        assert_eq!(names(&found), names(&expected), "{}", record.diff);
        for (name, content) in &expected {
            assert_eq!(&found[name], content, "{}\n{}", super::lossy(name), record.diff);
        }
    }
}

fn record(folder: &Path) -> Repository {
    Repository::within(Duration::from_secs(60), folder, &IgnoredPaths::default()).unwrap()
}
