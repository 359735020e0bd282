//! The provenance of a result: code, machine, command line and environment, without secrets.
//!
//! The git repository is the one that contains the working directory, where the experiments usually are. jem itself is
//! identified by its version and the SHA-256 of its executable.

mod git;
mod machine;
mod secret;

use std::collections::BTreeMap;

use serde::Serialize;
use sha2::{Digest as _, Sha256};

pub use git::{IgnoredPaths, Repository, Submodule};
pub use machine::{Gpu, Machine};
pub use secret::redacted;

use secret::redacted_words;

/// The environment variable with which a supervisor passes its command line, a JSON list, to its training processes.
pub const COMMAND_LINE: &str = "JEM_COMMAND_LINE";

/// Environment variables that change what is computed or where. Others are not recorded: they may contain secrets.
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

/// The prefix of environment variables that change settings; they are recorded too.
const SETTINGS: &str = "JEM_SET_";

/// The information about an attempt that is not in its settings.
#[derive(Clone, Debug, Serialize)]
pub struct Provenance {
    /// The version of jem.
    pub version: &'static str,
    /// SHA-256 of the running executable in hex; empty if it cannot be read.
    pub executable: String,
    /// The git repository of the working directory, if there is one.
    pub git: Option<Repository>,
    /// The machine.
    pub machine: Machine,
    /// The device, as in `cuda:0`.
    pub device: String,
    /// The GPU, if the device is one.
    pub gpu: Option<Gpu>,
    /// The command line of the process that the user started.
    pub command: Vec<String>,
    /// The working directory.
    pub folder: String,
    /// The environment variables that change the result.
    pub environment: BTreeMap<String, String>,
}

impl Provenance {
    /// Collects the provenance. New files in `ignored`, such as the database, are not reported as changes.
    pub fn gather(device: &str, ignored: &IgnoredPaths) -> Self {
        let folder = std::env::current_dir().unwrap_or_default();
        Self {
            version: env!("CARGO_PKG_VERSION"),
            executable: executable(),
            git: Repository::containing(&folder, ignored),
            machine: Machine::this(),
            device: device.to_owned(),
            gpu: Gpu::of(device),
            command: redacted_words(&command_line()),
            folder: folder.to_string_lossy().into_owned(),
            environment: environment(
                std::env::vars_os()
                    .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?))),
            ),
        }
    }

    /// The JSON text that is stored in the database.
    pub fn to_json(&self) -> String {
        serde_json::to_string(self).expect("a provenance contains only text and integers")
    }
}

/// The command line of this process, as the value of [`COMMAND_LINE`].
pub fn own_command_line() -> String {
    let words: Vec<String> = std::env::args_os().map(|word| word.to_string_lossy().into_owned()).collect();
    serde_json::to_string(&words).expect("text is JSON")
}

fn command_line() -> Vec<String> {
    let json = std::env::var(COMMAND_LINE).unwrap_or_else(|_| own_command_line());
    serde_json::from_str(&json).unwrap_or_default()
}

fn environment(variables: impl Iterator<Item = (String, String)>) -> BTreeMap<String, String> {
    variables
        .filter(|(name, _)| VARIABLES.contains(&name.as_str()) || name.starts_with(SETTINGS))
        .map(|(name, value)| {
            // The name is included, since it may show that the value is a secret.
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
    fn only_listed_variables_are_recorded() {
        let variables = [
            ("AWS_SECRET_ACCESS_KEY", "x"),
            ("CUDA_VISIBLE_DEVICES", "1"),
            ("JEM_SET_HUB__TOKEN", "hunter2"),
            ("JEM_SET_TRAIN__BATCH", "8"),
        ];
        let recorded = environment(variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
        let recorded: Vec<(&str, &str)> =
            recorded.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        let expected =
            [("CUDA_VISIBLE_DEVICES", "1"), ("JEM_SET_HUB__TOKEN", "[redacted]"), ("JEM_SET_TRAIN__BATCH", "8")];
        assert_eq!(recorded, expected);
    }
}
