use std::collections::BTreeMap;

use super::PlannedCell;
use super::mistakes::Mistakes;
use crate::label::{self, BadLabel};
use crate::spec::layer::Layer;
use crate::spec::place::Part;

/// A named bundle of settings.
pub struct Method {
    /// Its label.
    pub name: String,
    /// Its settings.
    pub layer: Layer,
    /// Whether the experiment names it; one that names none has a single method of its own name.
    pub named: bool,
    /// Whether anything is wrong with it, so that its cells are not what they were meant to be.
    pub faulty: bool,
}

/// The methods in the order of the file.
pub fn read(layers: Vec<Layer>, experiment: &str, mistakes: &mut Mistakes) -> Vec<Method> {
    let mut methods: Vec<Method> = Vec::new();
    let none = layers.is_empty();
    for mut layer in layers {
        let said = layer.said.remove("name");
        let place = said.as_ref().map_or(&layer.place, |said| &said.place).clone();
        let given = said.and_then(|said| said.value.as_str().map(str::to_owned)).unwrap_or_default();
        // A name that is no good still names its method, so that the rest of it can be checked.
        let name = label::normal(&given);
        if name.is_empty() {
            let violation = place.violation("name", "is missing or no text");
            mistakes.push(violation.help("give every [[method]] a name = \"...\""));
        } else if let Err(error) = label::checked(&given, label::LONGEST) {
            let shown = if matches!(error, BadLabel::TooLong { .. }) { String::new() } else { format!(": {given:?}") };
            mistakes.push(place.violation("name", format!("{error}{shown}")).help(error.help()));
        } else if methods.iter().any(|method| method.name == name) {
            let violation = place.violation("name", format!("{name:?} is given twice"));
            mistakes.push(violation.help("give every [[method]] its own name"));
        }
        layer.place.part = Part::Method(name.clone());
        for said in layer.said.values_mut() {
            said.place.part = Part::Method(name.clone());
        }
        let violations = layer.violations();
        let faulty = !violations.is_empty();
        mistakes.extend(violations);
        if !name.is_empty() && methods.iter().all(|method| method.name != name) {
            methods.push(Method { name, layer, named: true, faulty });
        }
    }
    if none {
        methods.push(Method { name: experiment.to_owned(), layer: Layer::default(), named: false, faulty: false });
    }
    methods
}

/// The method called `name`.
pub fn find<'a>(methods: &'a [Method], name: &str) -> Option<&'a Method> {
    methods.iter().find(|method| method.name == name)
}

/// Writes the names of methods in axes, excludes and includes as those of the methods themselves are written.
pub fn normalise(layers: &mut [Layer]) {
    for said in layers.iter_mut().filter_map(|layer| layer.said.get_mut("method")) {
        match &mut said.value {
            toml::Value::String(name) => *name = label::normal(name),
            toml::Value::Array(names) => names.iter_mut().for_each(|name| {
                if let toml::Value::String(name) = name {
                    *name = label::normal(name);
                }
            }),
            _ => {}
        }
    }
}

/// Says which methods look alike though their names differ, as with a Latin and a Cyrillic letter.
pub fn note_alike(methods: &[Method], notes: &mut Vec<String>) {
    let mut known: BTreeMap<String, &str> = BTreeMap::new();
    for method in methods {
        if let Some(first) = known.insert(label::skeleton(&method.name), &method.name) {
            let codes = |name: &str| name.escape_unicode().to_string();
            notes.push(format!(
                "{first} and {} look alike, and are two methods: {} and {}",
                method.name,
                codes(first),
                codes(&method.name)
            ));
        }
    }
}

/// What to say of a name that is no method.
pub fn list(methods: &[Method]) -> String {
    let names: Vec<&str> = methods.iter().filter(|method| method.named).map(|method| method.name.as_str()).collect();
    match names.is_empty() {
        true => "this experiment names no methods; start one with [[method]]".to_owned(),
        false => format!("the methods of this experiment: {}", names.join(", ")),
    }
}

/// Says which methods no cell is of.
pub fn note_unused(methods: &[Method], cells: &[PlannedCell], notes: &mut Vec<String>) {
    for method in methods.iter().filter(|method| cells.iter().all(|cell| cell.method != method.name)) {
        notes.push(format!("{}: no cell is of this method", method.name));
    }
}
