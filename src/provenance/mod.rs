//! Where a result came from: code, machine, command line and environment, with nothing secret in it.
//!
//! The repository is the one that jem was started in, where the experiments usually live. jem itself is named by
//! its version and the SHA-256 of its executable.

mod git;
mod machine;
mod secret;

use std::collections::BTreeMap;

use serde::Serialize;
use sha2::{Digest as _, Sha256};

pub use git::{Apart, Repository, Submodule};
pub use machine::{Gpu, Machine};
pub use secret::redacted;

use secret::redacted_words;

/// The variable in which a supervisor tells its training processes, as a JSON list, how a person started it.
pub const COMMAND_LINE: &str = "JEM_COMMAND_LINE";

/// Variables that change what is computed or where. Others are not looked at: they may hold secrets.
const VARIABLES: [&str; 9] = [
    "BURN_DEVICE",
    "CUDA_PATH",
    "CUDA_VISIBLE_DEVICES",
    "JEM_CACHE",
    "JEM_DATABASE",
    "JEM_DEVICE",
    "OMP_NUM_THREADS",
    "RAYON_NUM_THREADS",
    "SLURM_JOB_ID",
];

/// Variables that begin with this change settings, and count too.
const SETTINGS: &str = "JEM_SET_";

/// Everything about an attempt that its settings do not say.
#[derive(Clone, Debug, Serialize)]
pub struct Provenance {
    /// jem's version.
    pub version: &'static str,
    /// SHA-256 of the running executable; empty where it cannot be read.
    pub executable: String,
    /// The repository of the current folder, if it is in one.
    pub git: Option<Repository>,
    /// The machine.
    pub machine: Machine,
    /// The device, as in `cuda:0`.
    pub device: String,
    /// The GPU, where the device is one.
    pub gpu: Option<Gpu>,
    /// The command as a person gave it.
    pub command: Vec<String>,
    /// The folder that it was given in.
    pub folder: String,
    /// The variables that matter.
    pub environment: BTreeMap<String, String>,
}

impl Provenance {
    /// Looks around. New files among `apart`, such as the database and the data, are no change of the repository's.
    pub fn gather(device: &str, apart: &Apart) -> Self {
        let here = std::env::current_dir().unwrap_or_default();
        Self {
            version: env!("CARGO_PKG_VERSION"),
            executable: executable(),
            git: Repository::around(&here, apart),
            machine: Machine::this(),
            device: device.to_owned(),
            gpu: Gpu::of(device),
            command: redacted_words(&command_line()),
            folder: here.to_string_lossy().into_owned(),
            environment: environment(
                std::env::vars_os()
                    .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?))),
            ),
        }
    }

    /// As the database keeps it.
    pub fn json(&self) -> String {
        serde_json::to_string(self).expect("a provenance holds text and whole numbers")
    }
}

/// This process's command line, as [`COMMAND_LINE`] hands it on.
pub fn own_command_line() -> String {
    let words: Vec<String> = std::env::args_os().map(|word| word.to_string_lossy().into_owned()).collect();
    serde_json::to_string(&words).expect("text is JSON")
}

fn command_line() -> Vec<String> {
    let told = std::env::var(COMMAND_LINE).unwrap_or_else(|_| own_command_line());
    serde_json::from_str(&told).unwrap_or_default()
}

fn environment(variables: impl Iterator<Item = (String, String)>) -> BTreeMap<String, String> {
    variables
        .filter(|(name, _)| VARIABLES.contains(&name.as_str()) || name.starts_with(SETTINGS))
        .map(|(name, value)| {
            // With its name, which may say that it is a secret.
            let clean = redacted(&format!("{name}={value}"));
            let value = clean.split_once('=').map_or_else(String::new, |(_, value)| value.to_owned());
            (name, value)
        })
        .collect()
}

fn executable() -> String {
    let bytes = std::env::current_exe().and_then(std::fs::read);
    bytes.map(|bytes| hex::encode(Sha256::digest(bytes))).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_variables_on_the_list_are_kept() {
        let variables = [
            ("AWS_SECRET_ACCESS_KEY", "x"),
            ("CUDA_VISIBLE_DEVICES", "1"),
            ("JEM_SET_HUB__TOKEN", "hunter2"),
            ("JEM_SET_TRAIN__BATCH", "8"),
        ];
        let kept = environment(variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
        let kept: Vec<(&str, &str)> = kept.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        let expected =
            [("CUDA_VISIBLE_DEVICES", "1"), ("JEM_SET_HUB__TOKEN", "[redacted]"), ("JEM_SET_TRAIN__BATCH", "8")];
        assert_eq!(kept, expected);
    }
}
