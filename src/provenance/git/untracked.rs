//! New files, as patches that make them.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt as _;
use std::path::Path;

use super::command::{Call, Git, GitError};
use super::content::content;
use super::keep::Room;
use super::{Apart, NAMES, Repository, lossy, patch};
use crate::provenance::secret::is_private;

/// New files that are looked at; the others are counted.
const FILES: usize = 200;

impl Repository {
    /// Counts the new files, and gives the names of the first.
    ///
    /// # Errors
    ///
    /// If git does not list them.
    pub(super) fn list_new(&mut self, git: &Git, root: &Path, apart: &Apart) -> Result<Vec<Vec<u8>>, GitError> {
        let call = Call::of(&["ls-files", "--others", "--exclude-standard", "-z"]).length(NAMES);
        let listed = match git.call(root, &call) {
            Ok(listed) => listed,
            Err(GitError::TooLong { beginning }) => {
                // The last name may be a part of one.
                let whole = beginning.iter().rposition(|byte| *byte == 0).unwrap_or(0);
                let listed = beginning[..whole].to_vec();
                self.missing(&GitError::TooLong { beginning });
                listed
            }
            Err(error) => return Err(error),
        };
        let names = listed.split(|byte| *byte == 0).filter(|name| !name.is_empty());
        let mut first = Vec::new();
        for name in names.filter(|name| !apart.holds(&root.join(OsStr::from_bytes(name)))) {
            self.untracked_count += 1;
            if first.len() < FILES {
                first.push(name.to_vec());
            }
        }
        self.untracked = first.iter().map(|name| lossy(name)).collect();
        Ok(first)
    }

    /// Adds the new files that are looked at.
    ///
    /// # Errors
    ///
    /// If git does not say which of them it would encrypt: none is then added.
    pub(super) fn add_new(
        &mut self,
        git: &Git,
        root: &Path,
        names: &[Vec<u8>],
        room: &mut Room,
    ) -> Result<(), GitError> {
        let encrypted = encrypted(git, root, names).inspect_err(|_| {
            names.iter().for_each(|name| self.withhold(&lossy(name), "git did not say whether it is to be encrypted"));
        })?;
        for name in names {
            match name.ends_with(b"/") {
                true => self.add_submodule(git, root, name, "", room),
                false if encrypted.contains(name) => {
                    self.withhold(&lossy(name), "private: git is to encrypt it");
                }
                false => self.add_new_file(git, root, name, None, room),
            }
        }
        if self.untracked_count > FILES {
            self.cut = true;
            let more = self.untracked_count - FILES;
            self.withheld.push(format!("and {more} more new files: only the first {FILES} are looked at"));
        }
        Ok(())
    }

    /// Adds a file that the commit does not have, with `mode` where git has one of it.
    pub(super) fn add_new_file(&mut self, git: &Git, root: &Path, name: &[u8], mode: Option<&str>, room: &mut Room) {
        let shown = lossy(name);
        if is_private(name) {
            return self.withhold(&shown, "private");
        }
        let content = match content(&root.join(OsStr::from_bytes(name)), room.left() as u64) {
            Ok(content) => content,
            Err(error) if error.kind() == std::io::ErrorKind::FileTooLarge => return self.beyond(&shown),
            Err(error) => return self.withhold(&shown, &format!("cannot be read: {error}")),
        };
        let id = || {
            let call = Call::of(&["hash-object", "--stdin"]).input(content.bytes.clone());
            git.call(root, &call).map(|id| lossy(&id).trim().to_owned())
        };
        match patch::new_file(name, mode.unwrap_or(content.mode), &content.bytes, id) {
            Ok(part) => {
                let encoded: Option<&[u8]> = patch::is_binary(&part).then_some(&content.bytes);
                self.keep(name, &part, encoded.as_slice(), room);
            }
            Err(error) => {
                self.missing(&error);
                self.withhold(&shown, &error.to_string());
            }
        }
    }
}

/// Which of the files git would encrypt when it takes them in.
fn encrypted(git: &Git, root: &Path, names: &[Vec<u8>]) -> Result<Vec<Vec<u8>>, GitError> {
    if names.is_empty() {
        return Ok(Vec::new());
    }
    let input: Vec<u8> = names.iter().flat_map(|name| [name, &b"\0"[..]].concat()).collect();
    let call = Call::of(&["check-attr", "--stdin", "-z", "filter"]).input(input).length(NAMES);
    let answer = git.call(root, &call)?;
    let fields: Vec<&[u8]> = answer.split(|byte| *byte == 0).collect();
    let crypt = |filter: &[u8]| filter.windows(5).any(|part| part.eq_ignore_ascii_case(b"crypt"));
    Ok(fields.chunks_exact(3).filter(|triple| crypt(triple[2])).map(|triple| triple[0].to_vec()).collect())
}
