//! Files in a repository that are not reported as its changes.

use std::path::{Path, PathBuf};

/// New files that are ignored.
#[derive(Clone, Debug, Default)]
pub struct IgnoredPaths {
    /// The database file. Files named like it with a suffix that begins with `-` or `.`, such as its log, are ignored
    /// too.
    pub database: PathBuf,
    /// Folders, such as the data set.
    pub folders: Vec<PathBuf>,
}

impl IgnoredPaths {
    /// Makes every path absolute, relative to `base`, and resolves links. A folder that contains `base` is removed:
    /// it would ignore everything.
    pub fn resolved(&self, base: &Path) -> Self {
        let folders = self.folders.iter().map(|folder| resolved(base, folder));
        Self {
            database: resolved(base, &self.database),
            folders: folders.filter(|folder| !base.starts_with(folder)).collect(),
        }
    }

    /// Whether the file at the absolute path `path` is ignored.
    pub fn contains(&self, path: &Path) -> bool {
        self.folders.iter().any(|folder| path.starts_with(folder)) || self.belongs_to_database(path)
    }

    fn belongs_to_database(&self, path: &Path) -> bool {
        let (Some(folder), Some(name)) = (self.database.parent(), self.database.file_name()) else { return false };
        let Ok(below) = path.strip_prefix(folder) else { return false };
        let first = below.components().next().map(|first| first.as_os_str().as_encoded_bytes());
        let rest = first.and_then(|first| first.strip_prefix(name.as_encoded_bytes()));
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(b"-") || rest.starts_with(b"."))
    }
}

/// The absolute path of `path`, with links resolved in the part that exists.
fn resolved(base: &Path, path: &Path) -> PathBuf {
    if path.as_os_str().is_empty() {
        return PathBuf::new();
    }
    let path = base.join(path);
    let mut missing = Vec::new();
    let mut existing = path.as_path();
    loop {
        if let Ok(real) = existing.canonicalize() {
            return missing.iter().rev().fold(real, |path, name| path.join(name));
        }
        let (Some(parent), Some(name)) = (existing.parent(), existing.file_name()) else { return path };
        missing.push(name);
        existing = parent;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_of_the_database_and_of_ignored_folders_are_ignored() {
        let here = tempfile::tempdir().unwrap();
        let here = here.path().canonicalize().unwrap();
        std::os::unix::fs::symlink(&here, here.join("link")).unwrap();
        let ignored = IgnoredPaths {
            database: "link/jem.db".into(),
            folders: vec!["flowers".into(), PathBuf::new(), ".".into(), here.clone()],
        };
        let ignored = ignored.resolved(&here);
        for name in ["jem.db", "jem.db-wal", "jem.db.files/1/log.txt", "flowers/1.jpg"] {
            assert!(ignored.contains(&here.join(name)), "{name}");
        }
        for name in ["jem.dbs.toml", "a/jem.db", "flowers.toml", "flowers_b/1.jpg", "sweep.toml"] {
            assert!(!ignored.contains(&here.join(name)), "{name}");
        }
        assert!(!IgnoredPaths::default().resolved(&here).contains(&here.join("sweep.toml")));
    }
}
