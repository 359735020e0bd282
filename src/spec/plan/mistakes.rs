use std::collections::BTreeSet;

use crate::spec::{SpecError, Violation};

/// Everything that is wrong so far.
///
/// A plan goes on after a mistake, leaving out what is wrong, so that one list names them all. What is then
/// missing must not look like a mistake of its own: `touches` says which keys are not what they were meant to be.
#[derive(Debug, Default)]
pub struct Mistakes(Vec<Violation>);

impl Mistakes {
    pub fn push(&mut self, violation: Violation) {
        self.0.push(violation);
    }

    pub fn extend(&mut self, violations: impl IntoIterator<Item = Violation>) {
        self.0.extend(violations);
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether anything is wrong with the setting or axis `key`, wherever it is said.
    pub fn touches(&self, key: &str) -> bool {
        let names = |violation: &Violation| {
            violation.key == key || violation.key.strip_suffix(key).is_some_and(|part| part.ends_with('.'))
        };
        self.0.iter().any(names)
    }

    /// An error if there are any: sorted, each once.
    pub fn into_result(self) -> Result<(), SpecError> {
        let sorted: BTreeSet<Violation> = self.0.into_iter().collect();
        if sorted.is_empty() { Ok(()) } else { Err(SpecError::Violations(sorted.into_iter().collect())) }
    }
}
