//! `[[include]]`: adds cells to the grid, after the excludes.

use super::PlannedCell;
use super::merge::identity_key;
use super::method::{self, Method};
use super::sections::Overrides;
use super::violations::Violations;
use crate::spec::layer::{Layer, Stack};

/// Adds a cell for every include, with the shared settings, the settings of its method and its own settings.
///
/// A cell that exists already is a violation. It is only a note if the command line or the environment changed the
/// cells.
pub fn add(
    cells: &mut Vec<PlannedCell>,
    base: &Stack,
    includes: &[Layer],
    methods: &[Method],
    overrides: &Overrides,
    notes: &mut Vec<String>,
    violations: &mut Violations,
) {
    for layer in includes {
        let mut settings = layer.clone();
        let named = settings.entries.remove("method");
        let mut found = settings.violations();
        if settings.entries.is_empty() && named.is_none() {
            let violation = layer.location.violation("", "is empty");
            found.push(violation.help("set a method, or a setting that differs: \"key\" = value"));
        }
        let method = match &named {
            None if methods.iter().all(|method| !method.named) => methods.first(),
            None => {
                let violation = layer.location.violation("method", "is missing");
                found.push(violation.help(method::list(methods)));
                None
            }
            Some(entry) => {
                let method = entry.value.as_str().and_then(|name| method::find(methods, name));
                let method = method.filter(|method| method.named);
                if method.is_none() {
                    let problem = format!("is {}, which is not a method", entry.value);
                    found.push(entry.location.violation("method", problem).help(method::list(methods)));
                }
                method
            }
        };
        let valid = found.is_empty();
        violations.extend(found);
        let Some(method) = method.filter(|_| valid) else { continue };
        let cell = PlannedCell::new(base, method, &settings.entries);
        let Some(equal) = cells.iter().find(|other| identity_key(other) == identity_key(&cell)) else {
            cells.push(cell);
            continue;
        };
        let problem = format!("adds no new cell: {:?} has a cell with the same settings", equal.method);
        let violation = layer.location.violation("", problem);
        let violation = violation.help("remove it, or change an active setting that is part of a cell's identity");
        match overrides.concern(settings.entries.keys()) {
            true => notes.push(violation.to_string()),
            // The cell may be equal only because invalid settings of its method are missing.
            false if method.faulty => {}
            false => violations.push(violation),
        }
    }
}
