//! The patches of changed tracked files against the commit.

use std::collections::{BTreeMap, HashMap};
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt as _;
use std::path::Path;

use super::add::{Budget, MAX_BYTES};
use super::command::{Git, GitCommand};
use super::file_content::read_content;
use super::patches::{PatchError, PatchResult, Patches};
use super::status::TrackedChange;
use super::{Repository, lossy, patch};
use crate::provenance::secret::is_private;

/// Changed files whose patches are read; further files are named only.
const FILES: usize = 2000;

/// Maximum bytes of a file that git compares. Git takes about a second for a file of this size.
const MAX_FILE: u64 = 64 << 20;

/// The mode of a deleted file.
const DELETED: &str = "000000";

/// The beginning of a Git LFS pointer.
const LFS: &[u8] = b"version https://git-lfs.github.com/spec/";

impl Repository {
    /// Adds the changes of tracked files, and of the commits of submodules.
    pub(super) fn add_tracked(&mut self, git: &Git, root: &Path, changes: &[TrackedChange], budget: &mut Budget) {
        let mut known: Vec<(u64, &TrackedChange)> = Vec::new();
        let mut new: Vec<&TrackedChange> = Vec::new();
        for (at, change) in changes.iter().enumerate() {
            let size = root.join(OsStr::from_bytes(&change.name)).symlink_metadata().map_or(0, |data| data.len());
            match &change.before {
                _ if is_private(&change.name) => self.withhold(&lossy(&change.name), "private"),
                _ if at >= FILES || size > MAX_FILE => self.withhold_too_large(&lossy(&change.name)),
                Some(_) => known.push((size, change)),
                None => new.push(change),
            }
        }
        let ids: HashMap<&[u8], &str> =
            known.iter().filter_map(|(_, change)| Some((&change.name[..], &*change.before.as_ref()?.id))).collect();
        let names: Vec<&[u8]> = known.iter().map(|(_, change)| &change.name[..]).collect();
        match if known.is_empty() { Ok(BTreeMap::new()) } else { Patches::read(git, root, known, budget.bytes_left()) }
        {
            Ok(patches) => {
                for (name, result) in patches {
                    self.add_result(git, root, &name, ids.get(&name[..]).copied(), result, budget);
                }
            }
            Err(error) => {
                self.record_error(&error);
                names.iter().for_each(|name| self.withhold(&lossy(name), &error.to_string()));
            }
        }
        // Staged only: new relative to the commit.
        for change in new.into_iter().filter(|change| change.mode != DELETED) {
            match change.submodule {
                true => self.add_new_submodule(git, root, change, budget),
                false => self.add_new_file(git, root, &change.name, Some(&change.mode), budget),
            }
        }
    }

    fn add_result(
        &mut self,
        git: &Git,
        root: &Path,
        name: &[u8],
        id: Option<&str>,
        result: PatchResult,
        budget: &mut Budget,
    ) {
        let shown = lossy(name);
        match result {
            Ok(parts) => self.add_parts(git, root, name, id, parts, budget),
            Err(PatchError::TooLong) => self.withhold_too_large(&shown),
            Err(PatchError::TooSlow) => {
                self.cut = true;
                self.withhold(&shown, "large: git takes too long to compare it");
            }
            Err(PatchError::Unnamed) => self.withhold(&shown, "git gave no patch with this name"),
            Err(PatchError::Failed(error)) => {
                self.record_error(&error);
                self.withhold(&shown, &error.to_string());
            }
        }
    }

    /// Adds a submodule that the commit does not have, as a commit would record it.
    fn add_new_submodule(&mut self, git: &Git, root: &Path, change: &TrackedChange, budget: &mut Budget) {
        let folder = root.join(OsStr::from_bytes(&change.name));
        match git.line(&folder, &["rev-parse", "--verify", "HEAD"]) {
            Ok(id) => {
                let text = [b"Subproject commit ", &id[..], b"\n"].concat();
                if let Ok(part) = patch::new_file(&change.name, &change.mode, &text, || Err(())) {
                    self.add_patch(&change.name, &part, &[], budget);
                }
            }
            Err(error) => self.withhold(&lossy(&change.name), &error.to_string()),
        }
    }

    /// Adds all parts of one file, or none.
    fn add_parts(
        &mut self,
        git: &Git,
        root: &Path,
        name: &[u8],
        id: Option<&str>,
        mut parts: Vec<Vec<u8>>,
        budget: &mut Budget,
    ) {
        for part in &mut parts {
            if std::str::from_utf8(part).is_err()
                && let Some(encoded) = in_bytes(git, root, name, part)
            {
                *part = encoded;
            }
        }
        let part = parts.concat();
        if part.len() > budget.bytes_left() {
            return self.withhold_too_large(&lossy(name));
        }
        let is_pointer =
            |line: &[u8]| !line.starts_with(b"-") && line.get(1..).is_some_and(|text| text.starts_with(LFS));
        if part.split(|byte| *byte == b'\n').any(is_pointer) {
            self.withhold(&lossy(name), "stored in Git LFS: `diff` has the pointer, not the content");
        }
        let mut contents = Vec::new();
        if parts.iter().any(|part| patch::is_binary(part)) {
            contents
                .extend(read_content(&root.join(OsStr::from_bytes(name)), MAX_FILE).ok().map(|content| content.bytes));
            // A binary patch contains the old content too.
            let before =
                id.map(|id| git.run(root, &GitCommand::new(&["cat-file", "blob", id]).max_output(MAX_FILE as usize)));
            contents.extend(before.and_then(Result::ok));
        }
        let contents: Vec<&[u8]> = contents.iter().map(Vec::as_slice).collect();
        self.add_patch(name, &part, &contents, budget);
    }
}

/// The binary patch of text that is not UTF-8. `None` if the file is not what git compared: it has changed in the
/// meantime, or git converts it.
fn in_bytes(git: &Git, root: &Path, name: &[u8], part: &[u8]) -> Option<Vec<u8>> {
    let id = patch::id_afterwards(part)?;
    if id.bytes().all(|digit| digit == b'0') {
        return Some(patch::as_binary(part, b""));
    }
    let bytes = read_content(&root.join(OsStr::from_bytes(name)), MAX_BYTES as u64).ok()?.bytes;
    let command = GitCommand::new(&["hash-object", "--stdin"]).input(bytes.clone());
    (git.run(root, &command).ok()?.strip_suffix(b"\n")? == id.as_bytes()).then(|| patch::as_binary(part, &bytes))
}
