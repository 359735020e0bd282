//! Methods: named sets of settings.

use std::collections::BTreeMap;

use super::violations::Violations;
use crate::label::{self, LabelError};
use crate::spec::layer::Layer;
use crate::spec::location::Section;

/// A method of the experiment.
pub struct Method {
    /// The name, in normalized form.
    pub name: String,
    /// The settings.
    pub layer: Layer,
    /// Whether it is a `[[method]]`. An experiment without any has one method with the name of the experiment.
    pub named: bool,
    /// Whether it has violations. Its cells may then have other settings than intended.
    pub faulty: bool,
}

/// Reads the methods, in the order of the file.
pub fn read(layers: Vec<Layer>, experiment: &str, violations: &mut Violations) -> Vec<Method> {
    let mut methods: Vec<Method> = Vec::new();
    let none = layers.is_empty();
    for mut layer in layers {
        let entry = layer.entries.remove("name");
        let location = entry.as_ref().map_or(&layer.location, |entry| &entry.location).clone();
        let given = entry.and_then(|entry| entry.value.as_str().map(str::to_owned)).unwrap_or_default();
        // A method with an invalid name is kept, so that its settings are checked too.
        let name = label::normalize(&given);
        if name.is_empty() {
            let violation = location.violation("name", "is missing or not a string");
            violations.push(violation.help("give every [[method]] a name = \"...\""));
        } else if let Err(error) = label::validate(&given, label::MAX_LENGTH) {
            let shown =
                if matches!(error, LabelError::TooLong { .. }) { String::new() } else { format!(": {given:?}") };
            violations.push(location.violation("name", format!("{error}{shown}")).help(error.help()));
        } else if methods.iter().any(|method| method.name == name) {
            let violation = location.violation("name", format!("{name:?} is given twice"));
            violations.push(violation.help("give every [[method]] a different name"));
        }
        layer.location.section = Section::Method(name.clone());
        for entry in layer.entries.values_mut() {
            entry.location.section = Section::Method(name.clone());
        }
        let found = layer.violations();
        let faulty = !found.is_empty();
        violations.extend(found);
        if !name.is_empty() && methods.iter().all(|method| method.name != name) {
            methods.push(Method { name, layer, named: true, faulty });
        }
    }
    if none {
        methods.push(Method { name: experiment.to_owned(), layer: Layer::default(), named: false, faulty: false });
    }
    methods
}

/// Finds the method with this name.
pub fn find<'a>(methods: &'a [Method], name: &str) -> Option<&'a Method> {
    methods.iter().find(|method| method.name == name)
}

/// Normalizes the method names in axes, excludes and includes, as those of the methods.
pub fn normalize(layers: &mut [Layer]) {
    for entry in layers.iter_mut().filter_map(|layer| layer.entries.get_mut("method")) {
        match &mut entry.value {
            toml::Value::String(name) => *name = label::normalize(name),
            toml::Value::Array(names) => names.iter_mut().for_each(|name| {
                if let toml::Value::String(name) = name {
                    *name = label::normalize(name);
                }
            }),
            _ => {}
        }
    }
}

/// Adds a note for methods with different names that look the same, as with a Latin and a Cyrillic letter.
pub fn note_similar_names(methods: &[Method], notes: &mut Vec<String>) {
    let mut known: BTreeMap<String, &str> = BTreeMap::new();
    for method in methods {
        if let Some(first) = known.insert(label::skeleton(&method.name), &method.name) {
            let codes = |name: &str| name.escape_unicode().to_string();
            notes.push(format!(
                "{first} and {} look the same but are different methods: {} and {}",
                method.name,
                codes(first),
                codes(&method.name)
            ));
        }
    }
}

/// The remedy for a name that is not a method.
pub fn list(methods: &[Method]) -> String {
    let names: Vec<&str> = methods.iter().filter(|method| method.named).map(|method| method.name.as_str()).collect();
    match names.is_empty() {
        true => "this experiment has no methods; add one with [[method]]".to_owned(),
        false => format!("the methods of this experiment are {}", names.join(", ")),
    }
}
