//! The files of `experiments/` that are part of the binary, so that they are at hand in an empty folder.

/// A file of `experiments/`: its path below that folder, and its text.
pub struct Embedded {
    /// Such as `base/jem.toml`.
    pub path: &'static str,
    /// The whole file.
    pub text: &'static str,
}

/// Every embedded file.
pub const EMBEDDED: &[Embedded] = &[
    Embedded { path: "base/jem.toml", text: include_str!("../../experiments/base/jem.toml") },
    Embedded { path: "base/reed.toml", text: include_str!("../../experiments/base/reed.toml") },
    Embedded { path: "ablation-background.toml", text: include_str!("../../experiments/ablation-background.toml") },
    Embedded { path: "flowers.toml", text: include_str!("../../experiments/flowers.toml") },
    Embedded { path: "guidance-drawn.toml", text: include_str!("../../experiments/guidance-drawn.toml") },
    Embedded { path: "oxford-fitted.toml", text: include_str!("../../experiments/oxford-fitted.toml") },
    Embedded { path: "oxford-guidance.toml", text: include_str!("../../experiments/oxford-guidance.toml") },
    Embedded { path: "oxford-small.toml", text: include_str!("../../experiments/oxford-small.toml") },
    Embedded { path: "paper.toml", text: include_str!("../../experiments/paper.toml") },
    Embedded { path: "paper-conditioned.toml", text: include_str!("../../experiments/paper-conditioned.toml") },
    Embedded { path: "paper-skip-thought.toml", text: include_str!("../../experiments/paper-skip-thought.toml") },
    Embedded { path: "paper-split.toml", text: include_str!("../../experiments/paper-split.toml") },
    Embedded { path: "quickstart.toml", text: include_str!("../../experiments/quickstart.toml") },
];

/// The embedded file at `path` below `experiments/`.
pub fn embedded(path: &str) -> Option<&'static Embedded> {
    EMBEDDED.iter().find(|file| file.path == path)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The files below `folder`, as paths from there.
    fn files(folder: &std::path::Path, below: &str, into: &mut Vec<String>) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let entry = entry.unwrap();
            let path = format!("{below}{}", entry.file_name().to_string_lossy());
            match entry.path().is_dir() {
                true => files(&entry.path(), &format!("{path}/"), into),
                false => into.push(path),
            }
        }
    }

    #[test]
    fn every_file_of_experiments_is_embedded() {
        let mut there = Vec::new();
        files(&std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("experiments"), "", &mut there);
        there.sort();
        let mut known: Vec<&str> = EMBEDDED.iter().map(|file| file.path).collect();
        known.sort_unstable();
        assert_eq!(known, there);
    }
}
