//! Asking git for the patches of files whose names are known.

use std::collections::{BTreeMap, HashMap};
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};

use super::command::{Call, Git, GitError};
use super::patch;
use super::status::{Changed, Entry};

/// Names in one call: far from what a command line can hold.
const NAMES: usize = 100;

/// Bytes of patches that are read of one call.
const LENGTH: usize = 4 << 20;

/// Bytes of a file that is asked for by itself.
const ALONE: u64 = 1 << 20;

/// A patch in git's own form, whatever the settings.
const PATCH: [&str; 14] = [
    "diff-files",
    "--patch",
    "--binary",
    "--full-index",
    "--no-color",
    "--no-ext-diff",
    "--no-textconv",
    "--no-renames",
    "--src-prefix=a/",
    "--dst-prefix=b/",
    "--unified=3",
    "--diff-algorithm=myers",
    "--submodule=short",
    "--ignore-submodules=dirty",
];

/// Why a file has no patch.
#[derive(Debug)]
pub enum NoPatch {
    /// It is longer than what is kept.
    Long,
    /// It is large, and git takes too long.
    Slow,
    /// Git failed, and said why.
    Failed(GitError),
    /// Git wrote patches, but none that names the file as it is named.
    Unnamed,
}

/// What git gives for a file: usually one part, two where its type has changed.
pub type Answer = Result<Vec<Vec<u8>>, NoPatch>;

/// The patches of files, from the smallest file on.
pub struct Patches<'a> {
    git: &'a Git,
    root: &'a Path,
    index: PathBuf,
    by_name: BTreeMap<Vec<u8>, Answer>,
}

impl<'a> Patches<'a> {
    /// The patches of `files`, each with its size, from what the commit has to what is there now. What is beyond
    /// `length` bytes together is not asked for. A file without a change has none.
    ///
    /// Git compares with an index that has these files alone, as they are in the commit: it takes as long for a large
    /// repository as for a small one, and what is staged does not matter.
    ///
    /// # Errors
    ///
    /// If that index cannot be made.
    pub fn of(
        git: &'a Git,
        root: &'a Path,
        mut files: Vec<(u64, &Changed)>,
        length: usize,
    ) -> Result<BTreeMap<Vec<u8>, Answer>, GitError> {
        let place = tempfile::tempdir().map_err(|error| GitError::Start(error.into()))?;
        let index = place.path().join("index");
        let entries = files.iter().filter_map(|(_, change)| Some((&change.name, change.before.as_ref()?)));
        let line = |(name, entry): (&Vec<u8>, &Entry)| {
            [format!("{} {}\t", entry.mode, entry.id).as_bytes(), name, b"\0"].concat()
        };
        let call = Call::of(&["update-index", "-z", "--index-info"]).input(entries.flat_map(line).collect());
        git.call(root, &call.index(&index))?;
        // One that takes long then costs only itself.
        files.sort_by(|a, b| (a.0, &a.1.name).cmp(&(b.0, &b.1.name)));
        let mut patches = Self { git, root, index, by_name: BTreeMap::new() };
        let mut left = length;
        for (large, names) in calls(&files) {
            if left == 0 {
                patches.give_up(&names, || NoPatch::Long);
                continue;
            }
            patches.request(&names, large);
            let parts = names.iter().filter_map(|name| patches.by_name.get(*name)?.as_ref().ok());
            left = left.saturating_sub(parts.flatten().map(Vec::len).sum());
        }
        Ok(patches.by_name)
    }

    /// Asks for the patches of `names`. If that fails or is too long, it is asked again for fewer.
    fn request(&mut self, names: &[&[u8]], large: bool) {
        let ascii = names.iter().any(|name| std::str::from_utf8(name).is_err());
        let call = Call::of(&PATCH).and(["--"]).and(names.iter().map(|name| OsStr::from_bytes(name)));
        let call = call.quote(ascii).length(LENGTH).index(&self.index);
        // The others need their time too.
        let answer = if large { self.git.half().call(self.root, &call) } else { self.git.call(self.root, &call) };
        match answer {
            Ok(output) => self.take(names, ascii, &output),
            Err(GitError::Refused { .. } | GitError::TooLong { .. }) if names.len() > 1 => {
                let (first, second) = names.split_at(names.len() / 2);
                self.request(first, large);
                self.request(second, large);
            }
            Err(GitError::TooLong { .. }) => self.give_up(names, || NoPatch::Long),
            Err(GitError::NoAnswer { .. }) if large => self.give_up(names, || NoPatch::Slow),
            Err(error) => self.give_up(names, || NoPatch::Failed(error.clone())),
        }
    }

    /// Takes the parts of files that were asked for. A name is never read from a patch: it is looked for under the
    /// names that are known. Other parts are of files in a folder that stands where one of the files was.
    fn take(&mut self, names: &[&[u8]], ascii: bool, output: &[u8]) {
        let by_line: HashMap<Vec<u8>, &[u8]> =
            names.iter().map(|name| (patch::first_line(name, ascii), *name)).collect();
        let mut others = false;
        for (line, part) in patch::parts(output) {
            match by_line.get(line) {
                Some(name) => {
                    if let Ok(parts) = self.by_name.entry(name.to_vec()).or_insert_with(|| Ok(Vec::new())) {
                        parts.push(part.to_vec());
                    }
                }
                None => others = true,
            }
        }
        if others {
            let without: Vec<&[u8]> = names.iter().copied().filter(|name| !self.by_name.contains_key(*name)).collect();
            self.give_up(&without, || NoPatch::Unnamed);
        }
    }

    fn give_up(&mut self, names: &[&[u8]], why: impl Fn() -> NoPatch) {
        self.by_name.extend(names.iter().map(|name| (name.to_vec(), Err(why()))));
    }
}

/// Names for one call each: those that are no text apart from the others, and large files by themselves.
fn calls<'a>(files: &[(u64, &'a Changed)]) -> Vec<(bool, Vec<&'a [u8]>)> {
    let mut calls: Vec<(bool, Vec<&[u8]>)> = Vec::new();
    let is_text = |name: &[u8]| std::str::from_utf8(name).is_ok();
    for (size, change) in files {
        let name = &change.name[..];
        match calls.last_mut() {
            Some((false, call)) if call.len() < NAMES && *size < ALONE && is_text(call[0]) == is_text(name) => {
                call.push(name);
            }
            _ => calls.push((*size >= ALONE, vec![name])),
        }
    }
    calls
}
