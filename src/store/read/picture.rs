//! The image grids of a run, and their PNG files.

use crate::measure::Epoch;
use crate::store::{RunId, Store, StoreError};

use super::record::ImageGrid;

impl Store {
    /// The image grids of a run, by epoch and role, without their images.
    ///
    /// # Errors
    ///
    /// If the database cannot be read.
    pub fn image_grids(&self, run: RunId) -> Result<Vec<ImageGrid>, StoreError> {
        let rows: Vec<(u32, String, u32, u32, String)> =
            self.read("cannot read the image grids of a run", async |db| {
                sqlx::query_as(
                    "select epoch, role, columns, tile, picture from run_picture where run = ? order by epoch, role",
                )
                .bind(run.0)
                .fetch_all(db)
                .await
            })?;
        let grid =
            |(epoch, role, columns, tile, picture)| ImageGrid { epoch: Epoch(epoch), role, columns, tile, picture };
        Ok(rows.into_iter().map(grid).collect())
    }

    /// The PNG file with this hash.
    ///
    /// # Errors
    ///
    /// If there is none, or the database cannot be read.
    pub fn picture(&self, hash: &str) -> Result<Vec<u8>, StoreError> {
        self.read("cannot read an image", async |db| {
            sqlx::query_scalar("select png from picture where hash = ?").bind(hash).fetch_one(db).await
        })
    }
}
