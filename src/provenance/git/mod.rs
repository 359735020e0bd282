//! The state of the git repository that contains a folder: the commit, and all uncommitted changes.

mod add;
mod command;
mod file_content;
mod hidden;
mod ignored;
mod patch;
mod patches;
mod status;
#[cfg(test)]
mod tests;
mod tracked;
mod untracked;

use std::collections::HashSet;
use std::ffi::OsString;
use std::os::unix::ffi::{OsStrExt as _, OsStringExt as _};
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::Serialize;

pub use ignored::IgnoredPaths;

use super::secret::redacted;
use add::Budget;
use command::{Git, GitCommand, GitError};
use status::{TrackedChange, changes, entries};

/// The time limit of all git commands for one attempt.
const TIME_LIMIT: Duration = Duration::from_secs(5);

/// Bytes that are read of a list of names.
const MAX_LIST: usize = 32 << 20;

/// The state of a repository.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Repository {
    /// The commit that is checked out; empty before the first commit, or if git fails.
    pub commit: String,
    /// The branch; empty if none is checked out.
    pub branch: String,
    /// The URL of `origin`, without user and password; empty if there is none.
    pub remote: String,
    /// Whether anything differs from the commit, new files included; `None` if git fails.
    pub dirty: Option<bool>,
    /// The patches of tracked files, then of new files. Applied to the commit with `git apply`, they give the files,
    /// except those listed in `withheld`.
    pub diff: String,
    /// The patches of files with a likely secret, which is replaced by `[redacted]`. They do not apply.
    pub redacted: String,
    /// The names of the first new files.
    pub untracked: Vec<String>,
    /// The number of new files.
    pub untracked_count: usize,
    /// Files whose changes are not in `diff`, and why.
    pub withheld: Vec<String>,
    /// Whether something is missing because of a size limit.
    pub cut: bool,
    /// Submodules and nested repositories that differ from the commit.
    pub submodules: Vec<Submodule>,
    /// The first error of git, if the record is incomplete.
    pub error: Option<String>,
    /// The number of lines left out of `withheld`.
    #[serde(skip)]
    unlisted: usize,
}

/// A submodule or a nested repository.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Submodule {
    /// Its folder, relative to the root of the outer repository.
    pub path: String,
    /// The commit that the outer repository records for it; empty if there is none.
    pub recorded: String,
    /// Its state; `None` if its folder is missing.
    pub git: Option<Repository>,
}

impl Repository {
    /// The repository that contains `folder`, an absolute path; `None` if there is none. Environment variables that
    /// select a repository are ignored. The time limit is [`TIME_LIMIT`].
    pub fn containing(folder: &Path, ignored: &IgnoredPaths) -> Option<Self> {
        Self::within(TIME_LIMIT, folder, ignored)
    }

    fn within(time: Duration, folder: &Path, ignored: &IgnoredPaths) -> Option<Self> {
        // Git gives the same message for no repository and for a damaged one.
        let is_repository = |folder: &Path| folder.join(".git").symlink_metadata().is_ok();
        folder.ancestors().any(is_repository).then(|| {
            let ignored = ignored.resolved(folder);
            Self::read(&Git::with_limit(time), folder, &ignored, &mut Budget::default())
        })
    }

    fn read(git: &Git, folder: &Path, ignored: &IgnoredPaths, budget: &mut Budget) -> Self {
        let mut repository = Self::default();
        if let Err(error) = repository.fill(git, folder, ignored, budget) {
            repository.record_error(&error);
        }
        repository.finish_withheld();
        repository
    }

    fn fill(&mut self, git: &Git, folder: &Path, ignored: &IgnoredPaths, budget: &mut Budget) -> Result<(), GitError> {
        let root = PathBuf::from(OsString::from_vec(git.line(folder, &["rev-parse", "--show-toplevel"])?));
        let text = |arguments: &[&str]| git.line(&root, arguments).map(|line| lossy(&line));
        self.commit = text(&["rev-parse", "--verify", "--quiet", "HEAD"])?;
        self.branch = text(&["symbolic-ref", "--short", "--quiet", "HEAD"])?;
        self.remote = redacted(&text(&["config", "--get", "remote.origin.url"])?);
        let changes = self.changes(git, &root)?;
        if !changes.is_empty() {
            self.dirty = Some(true);
        }
        if let Err(error) = self.add_hidden(git, &root) {
            self.record_error(&error);
        }
        let new = self.list_untracked(git, &root, ignored)?;
        // After an error, files may have changed without being listed.
        if self.error.is_none() || self.untracked_count > 0 {
            self.dirty = Some(self.dirty == Some(true) || self.untracked_count > 0);
        }
        self.add_tracked(git, &root, &changes, budget);
        for change in &changes {
            let recorded = change.before.as_ref().filter(|entry| entry.is_submodule());
            if change.submodule || recorded.is_some() {
                let recorded = recorded.map_or("", |entry| &entry.id);
                self.add_submodule(git, &root, &change.name, recorded, budget);
            }
        }
        // A file that was only removed from the index is compared above.
        let known: HashSet<&[u8]> =
            changes.iter().filter(|change| change.before.is_some()).map(|change| &change.name[..]).collect();
        let new = new.into_iter().filter(|name| !known.contains(name.strip_suffix(b"/").unwrap_or(name)));
        self.add_untracked(git, &root, &new.collect::<Vec<_>>(), budget)
    }

    /// The changed tracked files. If git fails, tries again without submodules, one of which may be the cause.
    fn changes(&mut self, git: &Git, root: &Path) -> Result<Vec<TrackedChange>, GitError> {
        let command = |ignored: &str| {
            let fixed = ["status", "--porcelain=v2", "-z", "--untracked-files=no"];
            git.run(
                root,
                &GitCommand::new(&fixed).args([format!("--ignore-submodules={ignored}")]).max_output(MAX_LIST),
            )
        };
        let output = match command("none") {
            Err(error @ GitError::Failed { .. }) => {
                let output = command("dirty");
                self.record_error(&error);
                output?
            }
            other => other?,
        };
        let mut changes = changes(&output).map_err(|line| GitError::Failed {
            code: Some(0),
            reason: format!("unexpected output of `git status`: {line}"),
        })?;
        let conflicts: Vec<&[u8]> =
            changes.iter().filter(|change| change.conflict).map(|change| &change.name[..]).collect();
        if !conflicts.is_empty() && !self.commit.is_empty() {
            let command = GitCommand::new(&["ls-tree", "-z", &self.commit, "--"]);
            let names = conflicts.iter().map(|name| std::ffi::OsStr::from_bytes(name));
            let mut before = entries(&git.run(root, &command.args(names).max_output(MAX_LIST))?);
            for change in changes.iter_mut().filter(|change| change.conflict) {
                change.before = before.remove(&change.name);
            }
        }
        Ok(changes)
    }

    /// Adds a submodule or nested repository.
    fn add_submodule(&mut self, git: &Git, root: &Path, name: &[u8], recorded: &str, budget: &mut Budget) {
        let path = lossy(name.strip_suffix(b"/").unwrap_or(name));
        if !budget.take_repository() {
            self.cut = true;
            return self.withhold(&path, "a nested repository beyond the limit");
        }
        let folder = root.join(std::ffi::OsStr::from_bytes(name));
        // Without `.git`, git would report the outer repository.
        let exists = folder.join(".git").symlink_metadata().is_ok();
        let git = exists.then(|| Self::read(git, &folder, &IgnoredPaths::default(), budget));
        self.submodules.push(Submodule { path, recorded: recorded.to_owned(), git });
    }

    /// Records the first error.
    fn record_error(&mut self, error: &GitError) {
        self.error.get_or_insert_with(|| redacted(&error.to_string()));
    }
}

fn lossy(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}
