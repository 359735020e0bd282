//! The state of the repository around a folder: commit, and every change that no commit holds.

use std::path::Path;
use std::process::Command;

use serde::Serialize;

use super::secret::{Scan, is_private, redacted, scan_bytes, scan_patch};

/// Bytes of changes that are kept; what is beyond is cut, and the record says so.
const CAP: usize = 256 << 10;

/// New files that are looked at; the others are counted.
const FILES: usize = 200;

/// A repository as it stood.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Repository {
    /// The commit that is checked out; empty before the first one.
    pub commit: String,
    /// The branch; empty when none is checked out.
    pub branch: String,
    /// The address of `origin`, without user and password; empty when there is none.
    pub remote: String,
    /// Whether anything differs from the commit, new files included.
    pub dirty: bool,
    /// The differences of tracked files, then the text of new files, without what looks like a secret.
    pub diff: String,
    /// The first new files, by name.
    pub untracked: Vec<String>,
    /// How many new files there are.
    pub untracked_count: usize,
    /// New files whose text is not in `diff`, and why: private, binary, or beyond the cap.
    pub withheld: Vec<String>,
    /// Whether `diff` was cut at [`CAP`] bytes.
    pub cut: bool,
}

impl Repository {
    /// The repository that `folder` is in; `None` without one, or without git. New files whose path begins with
    /// one of `apart` are passed over: `jem.db` also stands for its log and the folder of its files.
    pub fn around(folder: &Path, apart: &[&Path]) -> Option<Self> {
        let git = |arguments: &[&str]| git(folder, arguments);
        let root = git(&["rev-parse", "--show-toplevel"])?.trim().to_owned();
        let text = |arguments: &[&str]| git(arguments).unwrap_or_default().trim().to_owned();
        let mut repository = Self {
            commit: text(&["rev-parse", "--verify", "--quiet", "HEAD"]),
            branch: text(&["symbolic-ref", "--short", "--quiet", "HEAD"]),
            remote: redacted(&text(&["config", "--get", "remote.origin.url"])),
            dirty: false,
            diff: String::new(),
            untracked: Vec::new(),
            untracked_count: 0,
            withheld: Vec::new(),
            cut: false,
        };
        let tracked = match repository.commit.is_empty() {
            true => git(&["diff", "--cached"]),
            false => git(&["diff", "HEAD"]),
        };
        repository.add_changes(&tracked.unwrap_or_default());
        let apart: Vec<String> = apart
            .iter()
            .filter(|path| !path.as_os_str().is_empty())
            .map(|path| std::path::absolute(path).unwrap_or_else(|_| path.to_path_buf()).to_string_lossy().into_owned())
            .collect();
        let listed = self::git(Path::new(&root), &["ls-files", "--others", "--exclude-standard", "-z"]);
        for name in listed.unwrap_or_default().split_terminator('\0') {
            let path = Path::new(&root).join(name);
            if !apart.iter().any(|apart| path.to_string_lossy().starts_with(apart)) {
                repository.add_new(name, &path);
            }
        }
        repository.dirty = !repository.diff.is_empty() || !repository.untracked.is_empty();
        Some(repository)
    }

    /// Adds a diff, file by file, leaving out the files that may be a secret as a whole.
    fn add_changes(&mut self, diff: &str) {
        let mut start = 0;
        let mut starts: Vec<usize> = diff.match_indices("\ndiff --git ").map(|(at, _)| at + 1).collect();
        starts.push(diff.len());
        for end in starts {
            let part = &diff[start..end];
            let name = part.lines().next().and_then(|line| line.rsplit_once(" b/")).map_or("", |(_, name)| name);
            match scan_patch(part, name) {
                _ if is_private(name.trim_end_matches('"').as_bytes()) => {
                    self.withheld.push(format!("{name}: private"))
                }
                Scan::Key => self.withheld.push(format!("{name}: holds a private key")),
                Scan::Clean(text) | Scan::Redacted(text) => self.add(&text),
            }
            start = end;
        }
    }

    fn add_new(&mut self, name: &str, path: &Path) {
        self.untracked_count += 1;
        if self.untracked_count > FILES {
            return;
        }
        self.untracked.push(name.to_owned());
        if is_private(name.as_bytes()) {
            return self.withheld.push(format!("{name}: private"));
        }
        if self.cut || path.metadata().is_ok_and(|data| data.len() > (CAP - self.diff.len().min(CAP)) as u64) {
            self.cut = true;
            return self.withheld.push(format!("{name}: beyond {CAP} bytes"));
        }
        match std::fs::read(path).ok().and_then(|bytes| String::from_utf8(bytes).ok()) {
            Some(text) if scan_bytes(text.as_bytes()) => {
                self.withheld.push(format!("{name}: holds what looks like a secret"));
            }
            Some(text) if !text.contains('\0') => self.add(&format!("\n+++ new file {name}\n{text}")),
            _ => self.withheld.push(format!("{name}: binary")),
        }
    }

    fn add(&mut self, text: &str) {
        self.diff.push_str(text);
        if self.diff.len() > CAP {
            let end = (0..=CAP).rev().find(|&at| self.diff.is_char_boundary(at)).unwrap_or(0);
            self.diff.truncate(end);
            self.cut = true;
        }
    }
}

/// What git prints, or nothing when it fails or is not there. It takes no lock and reads no pager's settings.
fn git(folder: &Path, arguments: &[&str]) -> Option<String> {
    let output = Command::new("git")
        .args(["-c", "core.quotepath=off", "-c", "diff.noprefix=false", "-c", "diff.mnemonicprefix=false"])
        .args(["--no-pager", "-C"])
        .arg(folder)
        .args(arguments)
        .env("GIT_OPTIONAL_LOCKS", "0")
        .stdin(std::process::Stdio::null())
        .output()
        .ok()
        .filter(|output| output.status.success())?;
    Some(String::from_utf8_lossy(&output.stdout).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A repository with one commit, or `None` where there is no git.
    fn repository() -> Option<tempfile::TempDir> {
        let folder = tempfile::tempdir().unwrap();
        git(folder.path(), &["init", "--quiet"])?;
        std::fs::write(folder.path().join("sweep.toml"), "seeds = [1]\n").unwrap();
        git(folder.path(), &["add", "."])?;
        git(folder.path(), &["-c", "user.name=a", "-c", "user.email=a@b", "commit", "--quiet", "-m", "first"])?;
        git(folder.path(), &["remote", "add", "origin", "https://me:word@example.org/flowers.git"])?;
        Some(folder)
    }

    fn around(folder: &tempfile::TempDir) -> Repository {
        Repository::around(folder.path(), &[&folder.path().join("jem.db")]).unwrap()
    }

    #[test]
    fn a_clean_repository_is_its_commit() {
        let Some(folder) = repository() else { return eprintln!("skipped: there is no git here") };
        std::fs::write(folder.path().join("jem.db"), "the record is no change").unwrap();
        let clean = around(&folder);
        assert_eq!(clean.commit.len(), 40);
        assert_eq!(clean.remote, "https://example.org/flowers.git");
        assert!(!clean.dirty && clean.diff.is_empty(), "{clean:?}");
    }

    #[test]
    fn changes_and_new_files_are_kept_and_private_ones_withheld() {
        let Some(folder) = repository() else { return eprintln!("skipped: there is no git here") };
        let write = |name: &str, text: &[u8]| std::fs::write(folder.path().join(name), text).unwrap();
        write("sweep.toml", b"seeds = [1, 2]\n");
        write("new.toml", b"title = \"New\"\n");
        write(".env", b"PASSWORD=flower\n");
        write("photo.bin", &[0, 159, 146, 150]);
        let dirty = around(&folder);
        assert!(dirty.dirty && !dirty.cut);
        assert!(dirty.diff.contains("+seeds = [1, 2]") && dirty.diff.contains("title = \"New\""), "{}", dirty.diff);
        assert!(!dirty.diff.contains("flower"));
        assert_eq!(dirty.untracked, [".env", "new.toml", "photo.bin"]);
        assert_eq!(dirty.withheld, [".env: private", "photo.bin: binary"]);
    }

    #[test]
    fn a_tracked_private_file_is_withheld_too() {
        let Some(folder) = repository() else { return eprintln!("skipped: there is no git here") };
        let mut record = around(&folder);
        record.add_changes("diff --git a/.env b/.env\n+PASSWORD=flower\ndiff --git a/a.rs b/a.rs\n+let a = 1;\n");
        assert!(!record.diff.contains("flower") && record.diff.contains("let a = 1;"));
        assert_eq!(record.withheld, [".env: private"]);
    }

    #[test]
    fn what_is_beyond_the_cap_is_cut_and_said() {
        let Some(folder) = repository() else { return eprintln!("skipped: there is no git here") };
        std::fs::write(folder.path().join("sweep.toml"), "é".repeat(CAP)).unwrap();
        std::fs::write(folder.path().join("late.toml"), "a = 1").unwrap();
        let big = around(&folder);
        assert!(big.cut && big.diff.len() <= CAP);
        assert_eq!(big.withheld, [format!("late.toml: beyond {CAP} bytes")]);
    }

    #[test]
    fn outside_a_repository_there_is_none() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(Repository::around(folder.path(), &[&folder.path().join("jem.db")]), None);
    }
}
