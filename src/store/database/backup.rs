//! A copy of the database in one file, while workers write.

use std::fs::File;
use std::path::Path;

use crate::store::{Store, StoreError};

use super::location::{file_name, folder, resolve};

impl Store {
    /// Copies the database to `target`, as it is at one moment; other processes may write meanwhile. The copy is one
    /// file without a log, and appears only when it is complete. Returns its size in bytes.
    ///
    /// # Errors
    ///
    /// [`StoreError::Exists`] if `target` exists; [`StoreError::Io`] if it cannot be written.
    pub fn backup(&self, target: &Path) -> Result<u64, StoreError> {
        let target = resolve(target)?;
        let io = |source| StoreError::Io { path: target.clone(), source };
        if target.try_exists().map_err(io)? {
            return Err(StoreError::Exists { path: target });
        }
        // In a temporary folder beside the target, so that an interrupted copy does not have the name of a database.
        let draft = tempfile::Builder::new().prefix(".draft-").tempdir_in(folder(&target)).map_err(io)?;
        let copy = draft.path().join("copy.db");
        self.read("cannot be copied", async |db| {
            // In a database opened for reading, SQLite would refuse to write the rows of the copy too.
            let is_reader: bool = sqlx::query_scalar("pragma query_only").fetch_one(&mut *db).await?;
            sqlx::query("pragma query_only = off").execute(&mut *db).await?;
            let copied = sqlx::query("vacuum into ?").bind(file_name(&copy).to_string_lossy()).execute(&mut *db).await;
            if is_reader {
                sqlx::query("pragma query_only = on").execute(db).await?;
            }
            copied
        })?;
        drop(Self::open_to_read(&copy)?);
        let file = File::open(&copy).map_err(io)?;
        file.sync_all().map_err(io)?;
        // A link fails if another process has created the target since; a rename would replace it.
        std::fs::hard_link(&copy, &target).or_else(|_| rename_new(&copy, &target)).map_err(io)?;
        File::open(folder(&target)).and_then(|folder| folder.sync_all()).map_err(io)?;
        Ok(file.metadata().map_err(io)?.len())
    }
}

/// For file systems without hard links.
fn rename_new(from: &Path, to: &Path) -> std::io::Result<()> {
    if to.try_exists()? {
        return Err(std::io::ErrorKind::AlreadyExists.into());
    }
    std::fs::rename(from, to)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::fixture::Fixture;

    #[test]
    fn a_backup_has_every_row_and_is_one_file() {
        let fixture = Fixture::new();
        fixture.end_runs();
        let folder = tempfile::tempdir().unwrap();
        let target = folder.path().join("copy.db");
        let bytes = fixture.store.backup(&target).unwrap();
        assert_eq!(bytes, std::fs::metadata(&target).unwrap().len());
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
        let copy = Store::open_to_read(&target).unwrap();
        let rows = |store: &Store| format!("{:?}", store.list(&crate::store::Filter::default()).unwrap());
        assert_eq!(rows(&copy), rows(&fixture.store));
        assert_eq!(
            format!("{:?}", copy.series(crate::store::RunId(1)).unwrap()),
            format!("{:?}", fixture.store.series(crate::store::RunId(1)).unwrap())
        );
        assert!(matches!(fixture.store.backup(&target), Err(StoreError::Exists { .. })));
        let nowhere = folder.path().join("nowhere/copy.db");
        assert!(matches!(fixture.store.backup(&nowhere), Err(StoreError::Io { .. })));
    }

    #[test]
    fn a_backup_from_a_reader_leaves_it_a_reader() {
        let fixture = Fixture::new();
        let reader = Store::open_to_read(fixture.store.path()).unwrap();
        let folder = tempfile::tempdir().unwrap();
        reader.backup(&folder.path().join("copy.db")).unwrap();
        assert!(reader.requeue_failed("sweep").is_err());
    }
}
