//! Reading the patches of known files from git.

use std::collections::{BTreeMap, HashMap};
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};

use super::command::{Git, GitCommand, GitError};
use super::patch;
use super::status::{TrackedChange, TreeEntry};

/// Files in one git command, far below the limit of a command line.
const FILES_PER_COMMAND: usize = 100;

/// Bytes of output that are read from one git command.
const MAX_OUTPUT: usize = 4 << 20;

/// Bytes from which a file gets its own git command.
const LARGE: u64 = 1 << 20;

/// The command for a patch in git's default format, independent of the user's settings.
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
pub enum PatchError {
    /// It is longer than the limit.
    TooLong,
    /// The file is large, and git takes too long.
    TooSlow,
    /// Git failed.
    Failed(GitError),
    /// Git wrote patches, but none with the name of the file.
    Unnamed,
}

/// The patch of a file: usually one part, two if the file type has changed.
pub type PatchResult = Result<Vec<Vec<u8>>, PatchError>;

/// Reads the patches of files, the smallest file first.
pub struct Patches<'a> {
    git: &'a Git,
    root: &'a Path,
    index: PathBuf,
    by_name: BTreeMap<Vec<u8>, PatchResult>,
}

impl<'a> Patches<'a> {
    /// Reads the patches of `files`, given with their sizes in bytes, from the commit to the working tree. It stops
    /// after `length` bytes of patches. An unchanged file has no patch.
    ///
    /// Git compares with a temporary index that contains only these files, as they are in the commit. So the time does
    /// not depend on the size of the repository, and staged changes have no effect.
    ///
    /// # Errors
    ///
    /// If the temporary index cannot be created.
    pub fn read(
        git: &'a Git,
        root: &'a Path,
        mut files: Vec<(u64, &TrackedChange)>,
        length: usize,
    ) -> Result<BTreeMap<Vec<u8>, PatchResult>, GitError> {
        let place = tempfile::tempdir().map_err(|error| GitError::Start(error.into()))?;
        let index = place.path().join("index");
        let entries = files.iter().filter_map(|(_, change)| Some((&change.name, change.before.as_ref()?)));
        let line = |(name, entry): (&Vec<u8>, &TreeEntry)| {
            [format!("{} {}\t", entry.mode, entry.id).as_bytes(), name, b"\0"].concat()
        };
        let command = GitCommand::new(&["update-index", "-z", "--index-info"]).input(entries.flat_map(line).collect());
        git.run(root, &command.index(&index))?;
        // Small files first: a file that takes too long then affects no other.
        files.sort_by(|a, b| (a.0, &a.1.name).cmp(&(b.0, &b.1.name)));
        let mut patches = Self { git, root, index, by_name: BTreeMap::new() };
        let mut left = length;
        for (large, names) in batches(&files) {
            if left == 0 {
                patches.fail(&names, || PatchError::TooLong);
                continue;
            }
            patches.request(&names, large);
            let parts = names.iter().filter_map(|name| patches.by_name.get(*name)?.as_ref().ok());
            left = left.saturating_sub(parts.flatten().map(Vec::len).sum());
        }
        Ok(patches.by_name)
    }

    /// Reads the patches of `names`. If git fails or the output is too long, tries again with half of the names.
    fn request(&mut self, names: &[&[u8]], large: bool) {
        let ascii = names.iter().any(|name| std::str::from_utf8(name).is_err());
        let command = GitCommand::new(&PATCH).args(["--"]).args(names.iter().map(|name| OsStr::from_bytes(name)));
        let command = command.quote_names(ascii).max_output(MAX_OUTPUT).index(&self.index);
        // Leave time for the other files.
        let result =
            if large { self.git.half_remaining().run(self.root, &command) } else { self.git.run(self.root, &command) };
        match result {
            Ok(output) => self.sort_parts(names, ascii, &output),
            Err(GitError::Failed { .. } | GitError::TooLong { .. }) if names.len() > 1 => {
                let (first, second) = names.split_at(names.len() / 2);
                self.request(first, large);
                self.request(second, large);
            }
            Err(GitError::TooLong { .. }) => self.fail(names, || PatchError::TooLong),
            Err(GitError::Timeout { .. }) if large => self.fail(names, || PatchError::TooSlow),
            Err(error) => self.fail(names, || PatchError::Failed(error.clone())),
        }
    }

    /// Assigns the parts of `output` to files. Names are not parsed from the patch: the first line of a part is
    /// compared with those expected for `names`. Other parts belong to files in a folder that replaced one of the
    /// files.
    fn sort_parts(&mut self, names: &[&[u8]], ascii: bool, output: &[u8]) {
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
            self.fail(&without, || PatchError::Unnamed);
        }
    }

    fn fail(&mut self, names: &[&[u8]], reason: impl Fn() -> PatchError) {
        self.by_name.extend(names.iter().map(|name| (name.to_vec(), Err(reason()))));
    }
}

/// Groups the names for one git command each. Names that are not UTF-8 are not mixed with others, and a large file is
/// alone.
fn batches<'a>(files: &[(u64, &'a TrackedChange)]) -> Vec<(bool, Vec<&'a [u8]>)> {
    let mut batches: Vec<(bool, Vec<&[u8]>)> = Vec::new();
    let is_text = |name: &[u8]| std::str::from_utf8(name).is_ok();
    for (size, change) in files {
        let name = &change.name[..];
        match batches.last_mut() {
            Some((false, batch))
                if batch.len() < FILES_PER_COMMAND && *size < LARGE && is_text(batch[0]) == is_text(name) =>
            {
                batch.push(name);
            }
            _ => batches.push((*size >= LARGE, vec![name])),
        }
    }
    batches
}
