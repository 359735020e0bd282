//! The files of `experiments/`, which are part of the binary.

/// A file of `experiments/`.
pub struct EmbeddedFile {
    /// The path below that folder, such as `base/jem.toml`.
    pub path: &'static str,
    /// The content.
    pub text: &'static str,
}

macro_rules! embed {
    ($($path:literal),* $(,)?) => {
        &[$(EmbeddedFile { path: $path, text: include_str!(concat!("../../experiments/", $path)) }),*]
    };
}

/// Every embedded file.
pub const EMBEDDED: &[EmbeddedFile] = embed![
    "base/jem.toml",
    "base/reed.toml",
    "ablation-background.toml",
    "flowers.toml",
    "guidance-drawn.toml",
    "oxford-fitted.toml",
    "oxford-guidance.toml",
    "oxford-small.toml",
    "paper.toml",
    "paper-conditioned.toml",
    "paper-drawn.toml",
    "paper-skip-thought.toml",
    "paper-split.toml",
    "quickstart.toml",
];

/// The embedded file at `path` below `experiments/`.
pub fn embedded(path: &str) -> Option<&'static EmbeddedFile> {
    EMBEDDED.iter().find(|file| file.path == path)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Collects the paths of the files in `folder`, relative to it.
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
        let mut expected = Vec::new();
        files(&std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("experiments"), "", &mut expected);
        expected.sort();
        let mut embedded: Vec<&str> = EMBEDDED.iter().map(|file| file.path).collect();
        embedded.sort_unstable();
        assert_eq!(embedded, expected);
    }
}
