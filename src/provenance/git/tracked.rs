//! The changes of tracked files, as patches against the commit.

use std::collections::{BTreeMap, HashMap};
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt as _;
use std::path::Path;

use super::asked::{Answer, NoPatch, Patches};
use super::command::{Call, Git};
use super::content::content;
use super::keep::{CAP, Room};
use super::status::Changed;
use super::{Repository, lossy, patch};
use crate::provenance::secret::is_private;

/// Changed files whose patches are asked for; the others are only named.
const FILES: usize = 2000;

/// Bytes of a file that git is asked to compare. It takes a second for about as many.
const LARGE: u64 = 64 << 20;

/// The mode of what is not there.
const GONE: &str = "000000";

/// A file that Git LFS keeps elsewhere has this in its place.
const LFS: &[u8] = b"version https://git-lfs.github.com/spec/";

impl Repository {
    /// Adds the changes of tracked files, and of the commits that submodules stand at.
    pub(super) fn add_tracked(&mut self, git: &Git, root: &Path, changes: &[Changed], room: &mut Room) {
        let mut asked: Vec<(u64, &Changed)> = Vec::new();
        let mut new: Vec<&Changed> = Vec::new();
        for (at, change) in changes.iter().enumerate() {
            let size = root.join(OsStr::from_bytes(&change.name)).symlink_metadata().map_or(0, |data| data.len());
            match &change.before {
                _ if is_private(&change.name) => self.withhold(&lossy(&change.name), "private"),
                _ if at >= FILES || size > LARGE => self.beyond(&lossy(&change.name)),
                Some(_) => asked.push((size, change)),
                None => new.push(change),
            }
        }
        let ids: HashMap<&[u8], &str> =
            asked.iter().filter_map(|(_, change)| Some((&change.name[..], &*change.before.as_ref()?.id))).collect();
        let names: Vec<&[u8]> = asked.iter().map(|(_, change)| &change.name[..]).collect();
        match if asked.is_empty() { Ok(BTreeMap::new()) } else { Patches::of(git, root, asked, room.left()) } {
            Ok(patches) => {
                for (name, answer) in patches {
                    self.keep_answer(git, root, &name, ids.get(&name[..]).copied(), answer, room);
                }
            }
            Err(error) => {
                self.missing(&error);
                names.iter().for_each(|name| self.withhold(&lossy(name), &error.to_string()));
            }
        }
        // Only staged so far: for the commit they are new.
        for change in new.into_iter().filter(|change| change.mode != GONE) {
            match change.submodule {
                true => self.add_new_submodule(git, root, change, room),
                false => self.add_new_file(git, root, &change.name, Some(&change.mode), room),
            }
        }
    }

    fn keep_answer(&mut self, git: &Git, root: &Path, name: &[u8], id: Option<&str>, answer: Answer, room: &mut Room) {
        let shown = lossy(name);
        match answer {
            Ok(parts) => self.keep_parts(git, root, name, id, parts, room),
            Err(NoPatch::Long) => self.beyond(&shown),
            Err(NoPatch::Slow) => {
                self.cut = true;
                self.withhold(&shown, "large, and git takes too long to compare it");
            }
            Err(NoPatch::Unnamed) => self.withhold(&shown, "git gave no patch that names it"),
            Err(NoPatch::Failed(error)) => {
                self.missing(&error);
                self.withhold(&shown, &error.to_string());
            }
        }
    }

    /// Adds what a commit would have of a submodule that it does not have yet.
    fn add_new_submodule(&mut self, git: &Git, root: &Path, change: &Changed, room: &mut Room) {
        let folder = root.join(OsStr::from_bytes(&change.name));
        match git.line(&folder, &["rev-parse", "--verify", "HEAD"]) {
            Ok(id) => {
                let text = [b"Subproject commit ", &id[..], b"\n"].concat();
                if let Ok(part) = patch::new_file(&change.name, &change.mode, &text, || Err(())) {
                    self.keep(&change.name, &part, &[], room);
                }
            }
            Err(error) => self.withhold(&lossy(&change.name), &error.to_string()),
        }
    }

    /// Keeps the parts of one file, all or none.
    fn keep_parts(
        &mut self,
        git: &Git,
        root: &Path,
        name: &[u8],
        id: Option<&str>,
        mut parts: Vec<Vec<u8>>,
        room: &mut Room,
    ) {
        for part in &mut parts {
            if std::str::from_utf8(part).is_err()
                && let Some(encoded) = in_bytes(git, root, name, part)
            {
                *part = encoded;
            }
        }
        let part = parts.concat();
        if part.len() > room.left() {
            return self.beyond(&lossy(name));
        }
        let is_pointer =
            |line: &[u8]| !line.starts_with(b"-") && line.get(1..).is_some_and(|text| text.starts_with(LFS));
        if part.split(|byte| *byte == b'\n').any(is_pointer) {
            self.withhold(&lossy(name), "kept by Git LFS: `diff` has its pointer and not its content");
        }
        let mut contents = Vec::new();
        if parts.iter().any(|part| patch::is_binary(part)) {
            contents.extend(content(&root.join(OsStr::from_bytes(name)), LARGE).ok().map(|content| content.bytes));
            // What was there before is in the patch too.
            let before = id.map(|id| git.call(root, &Call::of(&["cat-file", "blob", id]).length(LARGE as usize)));
            contents.extend(before.and_then(Result::ok));
        }
        let contents: Vec<&[u8]> = contents.iter().map(Vec::as_slice).collect();
        self.keep(name, &part, &contents, room);
    }
}

/// The patch of a text that is not UTF-8, in the form for bytes. `None` if the file is not what git compared: it has
/// changed since, or git converts it.
fn in_bytes(git: &Git, root: &Path, name: &[u8], part: &[u8]) -> Option<Vec<u8>> {
    let id = patch::id_afterwards(part)?;
    if id.bytes().all(|digit| digit == b'0') {
        return Some(patch::as_binary(part, b""));
    }
    let bytes = content(&root.join(OsStr::from_bytes(name)), CAP as u64).ok()?.bytes;
    let call = Call::of(&["hash-object", "--stdin"]).input(bytes.clone());
    (git.call(root, &call).ok()?.strip_suffix(b"\n")? == id.as_bytes()).then(|| patch::as_binary(part, &bytes))
}
