//! `name`, `title` and `seeds`.

use std::collections::BTreeSet;

use super::violations::Violations;
use crate::label::MAX_LENGTH;
use crate::spec::layer::Entry;

/// The keys of an experiment that are neither settings nor sections.
pub struct Header {
    pub name: Option<Entry>,
    pub title: Option<Entry>,
    pub seeds: Option<Entry>,
    /// The experiment's file, the location of a name that is taken from the file.
    pub origin: String,
}

impl Header {
    /// The name. The default is the name of the file.
    pub fn name(&self, stem: &str, violations: &mut Violations) -> String {
        let name = match self.name.as_ref().map(|entry| &entry.value) {
            None => stem.to_owned(),
            Some(toml::Value::String(name)) => name.clone(),
            Some(other) => other.to_string(),
        };
        let allowed = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        let length = name.chars().count();
        let problem = match length {
            _ if length > MAX_LENGTH => Some(format!("has {length} characters")),
            _ if name.is_empty() || name.starts_with('-') || !name.chars().all(allowed) => Some(format!("is {name:?}")),
            _ => None,
        };
        if let Some(problem) = problem {
            let location = self.name.as_ref().map(|entry| entry.location.clone());
            let location = location.unwrap_or_else(|| crate::spec::location::Location::outside(&self.origin));
            let help = format!(
                "use at most {MAX_LENGTH} lower-case letters, digits and hyphens, and do not start with a hyphen"
            );
            violations.push(location.violation("name", problem).help(help));
        }
        name
    }

    /// The title. The default is the name.
    pub fn title(&self, name: &str, violations: &mut Violations) -> String {
        match &self.title {
            None => name.to_owned(),
            Some(Entry { value: toml::Value::String(title), .. }) => title.clone(),
            Some(Entry { value, location }) => {
                let problem = format!("has the type {}, but must be a string", value.type_str());
                violations.push(location.violation("title", problem).help("write title = \"...\""));
                name.to_owned()
            }
        }
    }

    /// The seeds. The default is 1 alone.
    pub fn seeds(&self, violations: &mut Violations) -> Vec<u64> {
        let Some(Entry { value, location }) = &self.seeds else { return vec![1] };
        let seed = |seed: &toml::Value| seed.as_integer().and_then(|seed| u64::try_from(seed).ok());
        let listed: Option<Vec<u64>> = value.as_array().and_then(|list| list.iter().map(seed).collect());
        let seeds = listed.unwrap_or_default();
        if seeds.is_empty() || seeds.iter().collect::<BTreeSet<_>>().len() != seeds.len() {
            let problem = format!("is {value}, but must be a list of different integers from 0, at least one");
            violations.push(location.violation("seeds", problem).help("write seeds = [1, 2, 3]"));
        }
        seeds
    }
}
