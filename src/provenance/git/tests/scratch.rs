//! Temporary repositories, and the result of `git apply` for a recorded patch.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::io::Write as _;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// The files of a folder by name: the kind (file, program or link) and the bytes.
pub type Tree = BTreeMap<Vec<u8>, (&'static str, Vec<u8>)>;

/// Runs git without the user's settings and returns standard output. Panics if git fails.
pub fn git(folder: &Path, arguments: &[&str], input: &[u8]) -> Vec<u8> {
    let mut child = Command::new("git")
        .args(["-c", "user.name=a", "-c", "user.email=a@b", "-c", "protocol.file.allow=always", "-C"])
        .arg(folder)
        .args(arguments)
        .envs([("GIT_CONFIG_GLOBAL", "/dev/null"), ("GIT_CONFIG_NOSYSTEM", "1")])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(input).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "git {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    output.stdout
}

/// Whether git is installed. Prints a note if it is not.
pub fn has_git() -> bool {
    let installed = Command::new("git").arg("--version").output().is_ok_and(|output| output.status.success());
    if !installed {
        eprintln!("SKIPPED: git is not installed");
    }
    installed
}

/// Creates a repository in a folder and commits everything in it.
pub fn commit_all(folder: &Path) {
    git(folder, &["init", "--quiet", "--initial-branch=main"], b"");
    git(folder, &["add", "--all", "--force"], b"");
    git(folder, &["commit", "--quiet", "--allow-empty", "-m", "first"], b"");
}

/// The files in a folder and its subfolders, without `.git`.
pub fn tree(folder: &Path) -> Tree {
    let mut tree = Tree::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        for entry in std::fs::read_dir(next).unwrap() {
            let path = entry.unwrap().path();
            let data = path.symlink_metadata().unwrap();
            let name = path.strip_prefix(folder).unwrap().as_os_str().as_bytes().to_vec();
            if path.file_name() == Some(OsStr::new(".git")) {
            } else if data.is_dir() {
                folders.push(path);
            } else if data.is_symlink() {
                tree.insert(name, ("link", std::fs::read_link(&path).unwrap().as_os_str().as_bytes().to_vec()));
            } else {
                let mode = if data.permissions().mode() & 0o100 == 0 { "file" } else { "program" };
                tree.insert(name, (mode, std::fs::read(&path).unwrap()));
            }
        }
    }
    tree
}

/// The files after `git apply` of `diff` to a clone of `folder` at `commit`, or to an empty repository if `commit` is
/// empty.
pub fn applied(folder: &Path, commit: &str, diff: &str) -> Tree {
    let place = tempfile::tempdir().unwrap();
    let clone: PathBuf = place.path().join("clone");
    if commit.is_empty() {
        git(place.path(), &["init", "--quiet", "clone"], b"");
    } else {
        git(place.path(), &["clone", "--quiet", "--no-checkout", folder.to_str().unwrap(), "clone"], b"");
        git(&clone, &["checkout", "--quiet", commit], b"");
    }
    if !diff.is_empty() {
        git(&clone, &["apply", "-"], diff.as_bytes());
    }
    tree(&clone)
}
