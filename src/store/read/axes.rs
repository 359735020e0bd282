//! The axes of experiments: the settings that their cells were made to differ in.

use std::collections::BTreeMap;

use crate::spec::Value;
use crate::store::{Store, StoreError};

/// The values of a cell's axes by dotted key.
pub type AxisValues = BTreeMap<String, Value>;

impl Store {
    /// The values of the axes of `cells`, by experiment and cell: those of the newest revision of each experiment that
    /// has the cell.
    ///
    /// # Errors
    ///
    /// If the database cannot be read.
    pub fn axes_of(&self, cells: &[&str]) -> Result<BTreeMap<(String, String), AxisValues>, StoreError> {
        let cells = serde_json::to_string(cells).expect("text can be written as JSON");
        // Beside `max`, SQLite returns the other columns from the row that has the maximum.
        let rows: Vec<(String, String, String, i64)> = self.read("cannot read the axes", async |db| {
            sqlx::query_as(
                "select experiment.name, revision_cell.cell, revision_cell.axes, max(revision.number)
                 from revision_cell
                 join experiment_revision as revision on revision.id = revision_cell.revision
                 join experiment on experiment.id = revision.experiment
                 where revision_cell.cell in (select value from json_each(?))
                 group by experiment.id, revision_cell.cell",
            )
            .bind(cells)
            .fetch_all(db)
            .await
        })?;
        let axes = |(experiment, cell, json, _): (String, String, String, i64)| {
            let axes = serde_json::from_str(&json).map_err(|error| self.bad_row(format!("cell {cell}"), error))?;
            Ok(((experiment, cell), axes))
        };
        rows.into_iter().map(axes).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::fixture::{Fixture, revision};

    #[test]
    fn the_axes_of_a_cell_are_those_of_the_newest_revision_that_has_it() {
        let axes = |at: u32, values: [&str; 3]| {
            let mut revision = revision(&["a", "b", "c"]);
            revision.hash = at.to_string();
            for (cell, axes) in revision.cells.iter_mut().zip(values) {
                cell.axes = axes.into();
            }
            revision
        };
        let old = axes(1, [r#"{"train.batch":16}"#, r#"{"train.batch":32}"#, "{}"]);
        let mut new = axes(2, [r#"{"image.flip":true,"text.dimension":8}"#, "", ""]);
        new.cells.truncate(1);
        let fixture = Fixture::with(&[old, new]);
        let cells = ["0000000000000001", "0000000000000002", "000000000000000f"];
        let read = fixture.store.axes_of(&cells).unwrap();
        let of = |cell: usize| &read[&("sweep".to_owned(), cells[cell].to_owned())];
        assert_eq!(read.len(), 2);
        assert_eq!(
            of(0),
            &AxisValues::from([("image.flip".into(), Value::Flag(true)), ("text.dimension".into(), Value::Integer(8))])
        );
        assert_eq!(of(1), &AxisValues::from([("train.batch".into(), Value::Integer(32))]));
    }
}
