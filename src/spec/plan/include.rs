//! `[[include]]`: cells beside the grid, after the excludes.

use super::PlannedCell;
use super::distinct::key;
use super::method::{self, Method};
use super::mistakes::Mistakes;
use super::structure::Changed;
use crate::spec::layer::{Layer, Stack};

/// Adds a cell for every include: the shared settings, its method, its keys.
///
/// One that is there already adds nothing: a mistake, or a note where the command line or the environment
/// changed what there is.
pub fn add(
    cells: &mut Vec<PlannedCell>,
    base: &Stack,
    includes: &[Layer],
    methods: &[Method],
    changed: &Changed,
    notes: &mut Vec<String>,
    mistakes: &mut Mistakes,
) {
    for layer in includes {
        let mut settings = layer.clone();
        let named = settings.said.remove("method");
        let mut violations = settings.violations();
        if settings.said.is_empty() && named.is_none() {
            let violation = layer.place.violation("", "holds no key");
            violations.push(violation.help("name a method, or what differs: \"key\" = value"));
        }
        let method = match &named {
            None if methods.iter().all(|method| !method.named) => methods.first(),
            None => {
                let violation = layer.place.violation("method", "is missing");
                violations.push(violation.help(method::list(methods)));
                None
            }
            Some(said) => {
                let found = said.value.as_str().and_then(|name| method::find(methods, name));
                let found = found.filter(|method| method.named);
                if found.is_none() {
                    let violation = said.place.violation("method", format!("names {}, which is no method", said.value));
                    violations.push(violation.help(method::list(methods)));
                }
                found
            }
        };
        let sound = violations.is_empty();
        mistakes.extend(violations);
        let Some(method) = method.filter(|_| sound) else { continue };
        let cell = PlannedCell::new(base, method, &settings.said);
        let Some(twin) = cells.iter().find(|other| key(other) == key(&cell)) else {
            cells.push(cell);
            continue;
        };
        let problem = format!("adds nothing: {:?} has a cell with the same settings", twin.method);
        let violation = layer.place.violation("", problem);
        let violation =
            violation.help("drop it, or let it differ in an active setting that is part of a cell's identity");
        match changed.concerns(settings.said.keys()) {
            true => notes.push(violation.to_string()),
            // Without what is wrong with its method it only looks like another cell.
            false if method.faulty => {}
            false => mistakes.push(violation),
        }
    }
}
