//! The state of the repository around a folder: commit, and every change that no commit holds.

mod apart;
mod asked;
mod command;
mod content;
mod hidden;
mod keep;
mod patch;
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

pub use apart::Apart;

use super::secret::redacted;
use command::{Call, Git, GitError};
use keep::Room;
use status::{Changed, changes, entries};

/// How long git may take for everything that is recorded of an attempt.
const TIME: Duration = Duration::from_secs(5);

/// Bytes of a list of names that are read.
const NAMES: usize = 32 << 20;

/// A repository as it stood.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Repository {
    /// The commit that is checked out; empty before the first one, or if git does not say it.
    pub commit: String,
    /// The branch; empty when none is checked out.
    pub branch: String,
    /// The address of `origin`, without user and password; empty when there is none.
    pub remote: String,
    /// Whether anything differs from the commit, new files included; `None` if git does not say it.
    pub dirty: Option<bool>,
    /// The differences of tracked files, then new files: `git apply` makes the files of them from the commit, except
    /// those that are named in `withheld`.
    pub diff: String,
    /// The differences of files that hold what looks like a secret, with `[redacted]` in its place. They are to be
    /// read: they do not apply.
    pub redacted: String,
    /// The first new files, by name.
    pub untracked: Vec<String>,
    /// How many new files there are.
    pub untracked_count: usize,
    /// What of the differences is not in `diff`, and why.
    pub withheld: Vec<String>,
    /// Whether something is missing because it is too much.
    pub cut: bool,
    /// Repositories within this one that differ from what the commit says of them.
    pub submodules: Vec<Submodule>,
    /// Why git does not say all of this; `None` if it does.
    pub error: Option<String>,
    /// How many lines of `withheld` were left out.
    #[serde(skip)]
    unlisted: usize,
}

/// A repository within another one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Submodule {
    /// Its folder, from the root of the repository around it.
    pub path: String,
    /// The commit that the repository around it has recorded; empty if it has none.
    pub recorded: String,
    /// Its state; `None` if the folder is gone.
    pub git: Option<Repository>,
}

impl Repository {
    /// The repository that `folder`, an absolute path, is in; `None` without one. What the environment says of a
    /// repository does not count. Git may take [`TIME`].
    pub fn around(folder: &Path, apart: &Apart) -> Option<Self> {
        Self::within(TIME, folder, apart)
    }

    fn within(time: Duration, folder: &Path, apart: &Apart) -> Option<Self> {
        // Git's own words for this are the same as for a repository that is broken.
        let is_repository = |folder: &Path| folder.join(".git").symlink_metadata().is_ok();
        folder.ancestors().any(is_repository).then(|| {
            let apart = apart.resolved(folder);
            Self::read(&Git::within(time), folder, &apart, &mut Room::default())
        })
    }

    fn read(git: &Git, folder: &Path, apart: &Apart, room: &mut Room) -> Self {
        let mut repository = Self::default();
        if let Err(error) = repository.fill(git, folder, apart, room) {
            repository.missing(&error);
        }
        repository.finish_list();
        repository
    }

    fn fill(&mut self, git: &Git, folder: &Path, apart: &Apart, room: &mut Room) -> Result<(), GitError> {
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
            self.missing(&error);
        }
        let new = self.list_new(git, &root, apart)?;
        // What git said too little of may have changed.
        if self.error.is_none() || self.untracked_count > 0 {
            self.dirty = Some(self.dirty == Some(true) || self.untracked_count > 0);
        }
        self.add_tracked(git, &root, &changes, room);
        for change in &changes {
            let recorded = change.before.as_ref().filter(|entry| entry.is_submodule());
            if change.submodule || recorded.is_some() {
                let recorded = recorded.map_or("", |entry| &entry.id);
                self.add_submodule(git, &root, &change.name, recorded, room);
            }
        }
        // What was only taken out of the index is compared above.
        let known: HashSet<&[u8]> =
            changes.iter().filter(|change| change.before.is_some()).map(|change| &change.name[..]).collect();
        let new = new.into_iter().filter(|name| !known.contains(name.strip_suffix(b"/").unwrap_or(name)));
        self.add_new(git, &root, &new.collect::<Vec<_>>(), room)
    }

    /// What has changed of tracked files. If git refuses because of a submodule, what it says without looking into
    /// submodules.
    fn changes(&mut self, git: &Git, root: &Path) -> Result<Vec<Changed>, GitError> {
        let call = |ignored: &str| {
            let fixed = ["status", "--porcelain=v2", "-z", "--untracked-files=no"];
            git.call(root, &Call::of(&fixed).and([format!("--ignore-submodules={ignored}")]).length(NAMES))
        };
        let output = match call("none") {
            Err(error @ GitError::Refused { .. }) => {
                let output = call("dirty");
                self.missing(&error);
                output?
            }
            other => other?,
        };
        let mut changes = changes(&output).map_err(|line| GitError::Refused {
            code: Some(0),
            reason: format!("`git status` printed what is not understood: {line}"),
        })?;
        let conflicts: Vec<&[u8]> =
            changes.iter().filter(|change| change.conflict).map(|change| &change.name[..]).collect();
        if !conflicts.is_empty() && !self.commit.is_empty() {
            let call = Call::of(&["ls-tree", "-z", &self.commit, "--"]);
            let names = conflicts.iter().map(|name| std::ffi::OsStr::from_bytes(name));
            let mut before = entries(&git.call(root, &call.and(names).length(NAMES))?);
            for change in changes.iter_mut().filter(|change| change.conflict) {
                change.before = before.remove(&change.name);
            }
        }
        Ok(changes)
    }

    /// Adds a repository within this one.
    fn add_submodule(&mut self, git: &Git, root: &Path, name: &[u8], recorded: &str, room: &mut Room) {
        let path = lossy(name.strip_suffix(b"/").unwrap_or(name));
        if !room.repository() {
            self.cut = true;
            return self.withhold(&path, "a repository of its own, beyond those that are looked at");
        }
        let folder = root.join(std::ffi::OsStr::from_bytes(name));
        // Without `.git` in it, git would answer for the repository around it.
        let there = folder.join(".git").symlink_metadata().is_ok();
        let git = there.then(|| Self::read(git, &folder, &Apart::default(), room));
        self.submodules.push(Submodule { path, recorded: recorded.to_owned(), git });
    }

    /// Keeps the first reason why something is not known.
    fn missing(&mut self, error: &GitError) {
        self.error.get_or_insert_with(|| redacted(&error.to_string()));
    }
}

fn lossy(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}
