//! A temporary folder with a small data set in the layout of Oxford-102, a small experiment, and the binary.

mod flowers;

use std::path::PathBuf;
use std::process::{Command, Output};

use jem::store::Store;

/// The settings of the smallest networks, at 32 pixels.
macro_rules! small_networks {
    () => {
        r#"[image]
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
"#
    };
}
pub(crate) use small_networks;

/// A drawn data set with the official split: ten images of each species.
pub const DRAWN: [&str; 4] =
    ["data.source=\"drawn\"", "data.split=\"official\"", "data.drawn.images=1020", "data.drawn.side=32"];

/// A small extractor of evaluations, for 20 images.
pub const EXTRACTOR: [&str; 5] = [
    "data.limit=20",
    "eval.extractor=\"alexnet\"",
    "eval.extractor_input=64",
    "eval.extractor_width=0.02",
    "eval.photos=20",
];

/// A command, followed by `--set` and every setting.
pub fn with_sets<'a>(command: &[&'a str], sets: &[&[&'a str]]) -> Vec<&'a str> {
    let sets = sets.iter().copied().flatten().flat_map(|set| ["--set", *set]);
    command.iter().copied().chain(sets).collect()
}

/// Three methods of the smallest networks.
pub const EXPERIMENT: &str = concat!(
    r#"
extends = "base/jem.toml"
title = "A small sweep"
seeds = [1]
[data]
root = "flowers"
"#,
    small_networks!(),
    r#"[train]
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
"#
);

pub struct Lab {
    folder: tempfile::TempDir,
}

impl Lab {
    /// Creates a folder with `flowers/` and `sweep.toml`.
    pub fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        flowers::write(&folder.path().join("flowers")).unwrap();
        std::fs::write(folder.path().join("sweep.toml"), EXPERIMENT).unwrap();
        Self { folder }
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// The binary with the folder as its current folder, without the variables of jem.
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

    /// Runs the binary, requires success, and returns standard output.
    pub fn succeed(&self, arguments: &[&str]) -> String {
        let output = self.run(arguments);
        let error = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.success(), "jem {arguments:?}: {error}");
        String::from_utf8(output.stdout).unwrap()
    }

    /// Runs the binary, requires an exit code, and returns standard error.
    pub fn fail(&self, code: i32, arguments: &[&str]) -> String {
        let output = self.run(arguments);
        let error = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(code), "jem {arguments:?}: {error}");
        assert!(!error.contains("panicked"), "{error}");
        error
    }

    /// The SHA-256 of a file, computed by another program.
    pub fn sha256(&self, path: &std::path::Path) -> String {
        let output = Command::new("sha256sum").arg(path).output().unwrap();
        String::from_utf8(output.stdout).unwrap().split(' ').next().unwrap().to_owned()
    }

    pub fn store(&self) -> Store {
        Store::open_to_read(&self.path("jem.db")).unwrap()
    }
}
