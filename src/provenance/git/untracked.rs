//! The patches that create new files.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt as _;
use std::path::Path;

use super::add::Budget;
use super::command::{Git, GitCommand, GitError};
use super::file_content::read_content;
use super::{IgnoredPaths, MAX_LIST, Repository, lossy, patch};
use crate::provenance::secret::is_private;

/// New files that are recorded; further files are counted.
const FILES: usize = 200;

impl Repository {
    /// Counts the new files and returns the names of the first [`FILES`].
    ///
    /// # Errors
    ///
    /// If git does not list them.
    pub(super) fn list_untracked(
        &mut self,
        git: &Git,
        root: &Path,
        ignored: &IgnoredPaths,
    ) -> Result<Vec<Vec<u8>>, GitError> {
        let command = GitCommand::new(&["ls-files", "--others", "--exclude-standard", "-z"]).max_output(MAX_LIST);
        let listed = match git.run(root, &command) {
            Ok(listed) => listed,
            Err(GitError::TooLong { beginning }) => {
                // The last name may be incomplete.
                let end = beginning.iter().rposition(|byte| *byte == 0).unwrap_or(0);
                let listed = beginning[..end].to_vec();
                self.record_error(&GitError::TooLong { beginning });
                listed
            }
            Err(error) => return Err(error),
        };
        let names = listed.split(|byte| *byte == 0).filter(|name| !name.is_empty());
        let mut first = Vec::new();
        for name in names.filter(|name| !ignored.contains(&root.join(OsStr::from_bytes(name)))) {
            self.untracked_count += 1;
            if first.len() < FILES {
                first.push(name.to_vec());
            }
        }
        self.untracked = first.iter().map(|name| lossy(name)).collect();
        Ok(first)
    }

    /// Adds the new files `names`.
    ///
    /// # Errors
    ///
    /// If git cannot tell which of them it would encrypt. No file is then added.
    pub(super) fn add_untracked(
        &mut self,
        git: &Git,
        root: &Path,
        names: &[Vec<u8>],
        budget: &mut Budget,
    ) -> Result<(), GitError> {
        let encrypted = encrypted(git, root, names).inspect_err(|_| {
            names.iter().for_each(|name| self.withhold(&lossy(name), "git gave no information about encryption"));
        })?;
        for name in names {
            match name.ends_with(b"/") {
                true => self.add_submodule(git, root, name, "", budget),
                false if encrypted.contains(name) => {
                    self.withhold(&lossy(name), "private: git encrypts it");
                }
                false => self.add_new_file(git, root, name, None, budget),
            }
        }
        if self.untracked_count > FILES {
            self.cut = true;
            let more = self.untracked_count - FILES;
            self.withheld.push(format!("and {more} more new files: only the first {FILES} are recorded"));
        }
        Ok(())
    }

    /// Adds a file that the commit does not have. `mode` is its mode in git, if known.
    pub(super) fn add_new_file(
        &mut self,
        git: &Git,
        root: &Path,
        name: &[u8],
        mode: Option<&str>,
        budget: &mut Budget,
    ) {
        let shown = lossy(name);
        if is_private(name) {
            return self.withhold(&shown, "private");
        }
        let content = match read_content(&root.join(OsStr::from_bytes(name)), budget.bytes_left() as u64) {
            Ok(content) => content,
            Err(error) if error.kind() == std::io::ErrorKind::FileTooLarge => return self.withhold_too_large(&shown),
            Err(error) => return self.withhold(&shown, &format!("cannot be read: {error}")),
        };
        let id = || {
            let command = GitCommand::new(&["hash-object", "--stdin"]).input(content.bytes.clone());
            git.run(root, &command).map(|id| lossy(&id).trim().to_owned())
        };
        match patch::new_file(name, mode.unwrap_or(content.mode), &content.bytes, id) {
            Ok(part) => {
                let encoded: Option<&[u8]> = patch::is_binary(&part).then_some(&content.bytes);
                self.add_patch(name, &part, encoded.as_slice(), budget);
            }
            Err(error) => {
                self.record_error(&error);
                self.withhold(&shown, &error.to_string());
            }
        }
    }
}

/// The files that git would encrypt when they are added.
fn encrypted(git: &Git, root: &Path, names: &[Vec<u8>]) -> Result<Vec<Vec<u8>>, GitError> {
    if names.is_empty() {
        return Ok(Vec::new());
    }
    let input: Vec<u8> = names.iter().flat_map(|name| [name, &b"\0"[..]].concat()).collect();
    let command = GitCommand::new(&["check-attr", "--stdin", "-z", "filter"]).input(input).max_output(MAX_LIST);
    let output = git.run(root, &command)?;
    let fields: Vec<&[u8]> = output.split(|byte| *byte == 0).collect();
    let crypt = |filter: &[u8]| filter.windows(5).any(|part| part.eq_ignore_ascii_case(b"crypt"));
    Ok(fields.chunks_exact(3).filter(|triple| crypt(triple[2])).map(|triple| triple[0].to_vec()).collect())
}
