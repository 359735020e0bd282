//! Files that lie in a repository and are no change of it.

use std::path::{Path, PathBuf};

/// What is passed over among new files.
#[derive(Clone, Debug, Default)]
pub struct Apart {
    /// The database: with it, files whose names begin with its name and `-` or `.`, such as its log.
    pub database: PathBuf,
    /// Folders, such as the data.
    pub folders: Vec<PathBuf>,
}

impl Apart {
    /// With every path absolute and free of links. A folder that `around` lies in is left out: then everything would
    /// be passed over.
    pub fn resolved(&self, around: &Path) -> Self {
        let folders = self.folders.iter().map(|folder| resolved(around, folder));
        Self {
            database: resolved(around, &self.database),
            folders: folders.filter(|folder| !around.starts_with(folder)).collect(),
        }
    }

    /// Whether the file at `path`, an absolute path, is passed over.
    pub fn holds(&self, path: &Path) -> bool {
        self.folders.iter().any(|folder| path.starts_with(folder)) || self.is_of_database(path)
    }

    fn is_of_database(&self, path: &Path) -> bool {
        let (Some(folder), Some(name)) = (self.database.parent(), self.database.file_name()) else { return false };
        let Ok(below) = path.strip_prefix(folder) else { return false };
        let first = below.components().next().map(|first| first.as_os_str().as_encoded_bytes());
        let rest = first.and_then(|first| first.strip_prefix(name.as_encoded_bytes()));
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(b"-") || rest.starts_with(b"."))
    }
}

/// An absolute path without links, as far as it exists.
fn resolved(around: &Path, path: &Path) -> PathBuf {
    if path.as_os_str().is_empty() {
        return PathBuf::new();
    }
    let path = around.join(path);
    let mut missing = Vec::new();
    let mut there = path.as_path();
    loop {
        if let Ok(real) = there.canonicalize() {
            return missing.iter().rev().fold(real, |path, name| path.join(name));
        }
        let (Some(parent), Some(name)) = (there.parent(), there.file_name()) else { return path };
        missing.push(name);
        there = parent;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_database_stands_for_its_files_and_a_folder_for_what_is_in_it() {
        let here = tempfile::tempdir().unwrap();
        let here = here.path().canonicalize().unwrap();
        std::os::unix::fs::symlink(&here, here.join("link")).unwrap();
        let apart = Apart {
            database: "link/jem.db".into(),
            folders: vec!["flowers".into(), PathBuf::new(), ".".into(), here.clone()],
        };
        let apart = apart.resolved(&here);
        for name in ["jem.db", "jem.db-wal", "jem.db.files/1/log.txt", "flowers/1.jpg"] {
            assert!(apart.holds(&here.join(name)), "{name}");
        }
        for name in ["jem.dbs.toml", "a/jem.db", "flowers.toml", "flowers_b/1.jpg", "sweep.toml"] {
            assert!(!apart.holds(&here.join(name)), "{name}");
        }
        assert!(!Apart::default().resolved(&here).holds(&here.join("sweep.toml")));
    }
}
