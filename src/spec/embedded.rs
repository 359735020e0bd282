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
    Embedded { path: "oxford-small.toml", text: include_str!("../../experiments/oxford-small.toml") },
];

/// The embedded file at `path` below `experiments/`.
pub fn embedded(path: &str) -> Option<&'static Embedded> {
    EMBEDDED.iter().find(|file| file.path == path)
}
