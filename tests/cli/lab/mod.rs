//! A folder of its own with small flowers in the official layout, a small experiment, and the real binary.

mod flowers;

use std::path::PathBuf;
use std::process::{Command, Output};

use jem::store::Store;

/// Three methods at 32 pixels, as small as networks get.
pub const EXPERIMENT: &str = r#"
extends = "base/jem.toml"
title = "A small sweep"
seeds = [1]
[data]
root = "flowers"
[image]
resolution = 32
[text]
encoder = "tfidf"
dimension = 16
projected = 8
[guide]
input = 64
width = 0.02
projected = 8
[generator]
width = 4
noise = 8
[discriminator]
width = 4
[train]
batch = 4
epochs = 6
[eval]
every = 2
items = 3
[[method]]
name = "GAN-CLS-INT"
objective.kind = "gan-cls-int"
[[method]]
name = "JEM-AlexNet"
guide.network = "alexnet"
[[method]]
name = "JEM-VGG"
guide.network = "vgg16"
guide.segmentation = "foreground"
"#;

pub struct Lab {
    folder: tempfile::TempDir,
}

impl Lab {
    /// A folder with `flowers/` and `sweep.toml`.
    pub fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        flowers::write(&folder.path().join("flowers")).unwrap();
        std::fs::write(folder.path().join("sweep.toml"), EXPERIMENT).unwrap();
        Self { folder }
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// The binary, to be run in the folder; nothing of the caller's environment decides what it does.
    pub fn jem(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_jem"));
        command.args(arguments).current_dir(self.folder.path()).env("RAYON_NUM_THREADS", "2");
        for name in ["JEM_DATABASE", "JEM_CACHE", "JEM_DEVICE"] {
            command.env_remove(name);
        }
        command
    }

    pub fn run(&self, arguments: &[&str]) -> Output {
        self.jem(arguments).output().unwrap()
    }

    /// Runs and demands success; gives standard output.
    pub fn succeed(&self, arguments: &[&str]) -> String {
        let output = self.run(arguments);
        let error = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.success(), "jem {arguments:?}: {error}");
        String::from_utf8(output.stdout).unwrap()
    }

    /// Runs and demands an exit code; gives standard error.
    pub fn fail(&self, code: i32, arguments: &[&str]) -> String {
        let output = self.run(arguments);
        let error = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(code), "jem {arguments:?}: {error}");
        assert!(!error.contains("panicked"), "{error}");
        error
    }

    /// The SHA-256 of a file, by a tool that is not jem.
    pub fn sha256(&self, path: &std::path::Path) -> String {
        let output = Command::new("sha256sum").arg(path).output().unwrap();
        String::from_utf8(output.stdout).unwrap().split(' ').next().unwrap().to_owned()
    }

    pub fn store(&self) -> Store {
        Store::open_to_read(&self.path("jem.db")).unwrap()
    }
}
