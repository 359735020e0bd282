//! Changes in tracked files that git is configured to ignore.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt as _;
use std::path::Path;

use super::command::{Git, GitCommand, GitError};
use super::{MAX_LIST, Repository, lossy};

/// Files that are compared; further files are named only.
const FILES: usize = 100;

impl Repository {
    /// Names changed tracked files that are marked `assume-unchanged` or `skip-worktree`. Git gives no patch for them.
    ///
    /// # Errors
    ///
    /// If git does not list or compare them.
    pub(super) fn add_hidden(&mut self, git: &Git, root: &Path) -> Result<(), GitError> {
        let listed = git.run(root, &GitCommand::new(&["ls-files", "-v", "-z"]).max_output(MAX_LIST))?;
        let records = listed.split(|byte| *byte == 0).filter_map(|record| Some((record.first()?, record.get(2..)?)));
        let marked = records.filter(|(mark, _)| mark.is_ascii_lowercase() || **mark == b'S').map(|(_, name)| name);
        // In a sparse checkout most of them do not exist.
        let existing = marked.filter(|name| root.join(OsStr::from_bytes(name)).symlink_metadata().is_ok());
        for (at, name) in existing.enumerate() {
            let why = match at < FILES {
                true if !differs(git, root, name)? => continue,
                true => "changed, but marked assume-unchanged or skip-worktree: git gives no patch",
                false => "marked assume-unchanged or skip-worktree, and not compared",
            };
            self.dirty = Some(true);
            self.withhold(&lossy(name), why);
        }
        Ok(())
    }
}

/// Whether a file differs from the index.
fn differs(git: &Git, root: &Path, name: &[u8]) -> Result<bool, GitError> {
    let name = OsStr::from_bytes(name);
    let staged = git.run(root, &GitCommand::new(&["ls-files", "--stage", "-z", "--"]).args([name]))?;
    let id = staged.split(|byte| *byte == b' ').nth(1).unwrap_or_default();
    // `hash-object` would follow the link.
    if root.join(name).is_symlink() || staged.starts_with(b"120000") || staged.starts_with(b"160000") {
        return Ok(!staged.starts_with(b"160000") && !same_link(root, name, id, git)?);
    }
    let now = git.run(root, &GitCommand::new(&["hash-object", "--"]).args([name]))?;
    Ok(now.strip_suffix(b"\n") != Some(id))
}

/// Whether a symbolic link has the target that the index has.
fn same_link(root: &Path, name: &OsStr, id: &[u8], git: &Git) -> Result<bool, GitError> {
    let Ok(target) = std::fs::read_link(root.join(name)) else { return Ok(false) };
    let command = GitCommand::new(&["hash-object", "--stdin"]).input(target.as_os_str().as_bytes().to_vec());
    Ok(git.run(root, &command)?.strip_suffix(b"\n") == Some(id))
}
