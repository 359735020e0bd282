//! A collection of violations.

use std::collections::BTreeSet;

use crate::spec::{SpecError, Violation};

/// The violations that were found so far.
///
/// After a violation the check continues without the invalid part, so that one list contains all violations. A missing
/// part must not cause further violations: `concerns` tests whether a key is already in the list.
#[derive(Debug, Default)]
pub struct Violations(Vec<Violation>);

impl Violations {
    pub fn push(&mut self, violation: Violation) {
        self.0.push(violation);
    }

    pub fn extend(&mut self, violations: impl IntoIterator<Item = Violation>) {
        self.0.extend(violations);
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether there is a violation of the setting or axis `key`, in any section.
    pub fn concerns(&self, key: &str) -> bool {
        let matches = |violation: &Violation| {
            violation.key == key || violation.key.strip_suffix(key).is_some_and(|part| part.ends_with('.'))
        };
        self.0.iter().any(matches)
    }

    /// An error if there are violations. They are sorted and without duplicates.
    pub fn into_result(self) -> Result<(), SpecError> {
        let sorted: BTreeSet<Violation> = self.0.into_iter().collect();
        if sorted.is_empty() { Ok(()) } else { Err(SpecError::Violations(sorted.into_iter().collect())) }
    }
}
