//! Changes of files that git was told to pass over.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt as _;
use std::path::Path;

use super::command::{Call, Git, GitError};
use super::{NAMES, Repository, lossy};

/// Files that are compared; more of them are named without that.
const FILES: usize = 100;

impl Repository {
    /// Names tracked files that have changed although they are marked to be passed over (`assume-unchanged`,
    /// `skip-worktree`). Git gives no patch of them.
    ///
    /// # Errors
    ///
    /// If git does not list or compare them.
    pub(super) fn add_hidden(&mut self, git: &Git, root: &Path) -> Result<(), GitError> {
        let listed = git.call(root, &Call::of(&["ls-files", "-v", "-z"]).length(NAMES))?;
        let records = listed.split(|byte| *byte == 0).filter_map(|record| Some((record.first()?, record.get(2..)?)));
        let marked = records.filter(|(mark, _)| mark.is_ascii_lowercase() || **mark == b'S').map(|(_, name)| name);
        // In a sparse checkout most of them are not there.
        let there = marked.filter(|name| root.join(OsStr::from_bytes(name)).symlink_metadata().is_ok());
        for (at, name) in there.enumerate() {
            let why = match at < FILES {
                true if !differs(git, root, name)? => continue,
                true => "changed, but marked (assume-unchanged or skip-worktree), so that git gives no patch of it",
                false => "marked (assume-unchanged or skip-worktree), and not compared",
            };
            self.dirty = Some(true);
            self.withhold(&lossy(name), why);
        }
        Ok(())
    }
}

/// Whether a file is another one than the index has.
fn differs(git: &Git, root: &Path, name: &[u8]) -> Result<bool, GitError> {
    let name = OsStr::from_bytes(name);
    let staged = git.call(root, &Call::of(&["ls-files", "--stage", "-z", "--"]).and([name]))?;
    let id = staged.split(|byte| *byte == b' ').nth(1).unwrap_or_default();
    // It would be followed.
    if root.join(name).is_symlink() || staged.starts_with(b"120000") || staged.starts_with(b"160000") {
        return Ok(!staged.starts_with(b"160000") && !same_link(root, name, id, git)?);
    }
    let now = git.call(root, &Call::of(&["hash-object", "--"]).and([name]))?;
    Ok(now.strip_suffix(b"\n") != Some(id))
}

/// Whether a symbolic link says what the index has.
fn same_link(root: &Path, name: &OsStr, id: &[u8], git: &Git) -> Result<bool, GitError> {
    let Ok(target) = std::fs::read_link(root.join(name)) else { return Ok(false) };
    let call = Call::of(&["hash-object", "--stdin"]).input(target.as_os_str().as_bytes().to_vec());
    Ok(git.call(root, &call)?.strip_suffix(b"\n") == Some(id))
}
