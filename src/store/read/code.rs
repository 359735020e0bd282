//! The program that computed the results of runs.

use std::collections::BTreeMap;

use crate::store::{RunId, Store, StoreError};

use super::json::numbers;

/// A version of the program, from the provenance of an attempt.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Code {
    /// The commit in hex; empty if the program did not run in a repository.
    pub commit: String,
    /// Whether files differed from the commit.
    pub is_changed: bool,
    /// SHA-256 of the executable in hex; may be empty.
    pub executable: String,
}

/// Run, commit, whether files differed, and executable.
type Row = (i64, String, bool, String);

impl Store {
    /// The versions of the program that the attempts of runs used, in the order of the attempts and without duplicates.
    /// A run without provenance is missing in the result.
    ///
    /// # Errors
    ///
    /// If the database cannot be read.
    pub fn codes_of(&self, runs: &[RunId]) -> Result<BTreeMap<RunId, Vec<Code>>, StoreError> {
        let rows: Vec<Row> = self.read("cannot read the provenance of runs", async |db| {
            sqlx::query_as(
                "select attempt.run, coalesce(json_extract(json, '$.git.commit'), ''),
                     coalesce(json_extract(json, '$.git.dirty'), 0), coalesce(json_extract(json, '$.executable'), '')
                 from provenance join attempt on attempt.id = provenance.attempt
                 where attempt.run in (select value from json_each(?)) order by attempt.run, attempt.fence",
            )
            .bind(numbers(runs))
            .fetch_all(db)
            .await
        })?;
        let mut codes: BTreeMap<RunId, Vec<Code>> = BTreeMap::new();
        for (run, commit, is_changed, executable) in rows {
            let of_run = codes.entry(RunId(run)).or_default();
            let code = Code { commit, is_changed, executable };
            if !of_run.contains(&code) {
                of_run.push(code);
            }
        }
        Ok(codes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::fixture::Fixture;

    #[test]
    fn the_versions_of_a_run_are_listed_once_each() {
        let lab = Fixture::with_seeds(&[1, 2]);
        let lease = lab.claim();
        let json = r#"{"executable": "ab", "git": {"commit": "12", "dirty": true}}"#;
        lab.store.record_provenance(lease, json).unwrap();
        let other = lab.claim();
        lab.store.record_provenance(other, r#"{"executable": "ef", "git": null}"#).unwrap();
        let codes = lab.store.codes_of(&[lease.run, other.run]).unwrap();
        let code = |commit: &str, is_changed, executable: &str| Code {
            commit: commit.into(),
            is_changed,
            executable: executable.into(),
        };
        assert_eq!(codes[&lease.run], [code("12", true, "ab")]);
        assert_eq!(codes[&other.run], [code("", false, "ef")]);
        assert!(lab.store.codes_of(&[RunId(99)]).unwrap().is_empty());
        // The next attempt of the same program.
        lab.store.release(lease, &crate::store::AttemptOutcome::Interrupted).unwrap();
        let again = lab.claim();
        assert_eq!(again.run, lease.run);
        lab.store.record_provenance(again, json).unwrap();
        assert_eq!(lab.store.codes_of(&[lease.run]).unwrap()[&lease.run].len(), 1);
    }
}
