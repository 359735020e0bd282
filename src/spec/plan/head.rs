use std::collections::BTreeSet;

use super::mistakes::Mistakes;
use crate::label::LONGEST;
use crate::spec::layer::Said;

/// What stands above the settings: a name, a title and seeds.
pub struct Head {
    pub name: Option<Said>,
    pub title: Option<Said>,
    pub seeds: Option<Said>,
    /// The experiment's file, where a name is taken from its stem.
    pub origin: String,
}

impl Head {
    /// The name; the file's stem unless said.
    pub fn name(&self, stem: &str, mistakes: &mut Mistakes) -> String {
        let name = match self.name.as_ref().map(|said| &said.value) {
            None => stem.to_owned(),
            Some(toml::Value::String(name)) => name.clone(),
            Some(other) => other.to_string(),
        };
        let allowed = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        let letters = name.chars().count();
        let problem = match letters {
            _ if letters > LONGEST => Some(format!("has {letters} letters")),
            _ if name.is_empty() || name.starts_with('-') || !name.chars().all(allowed) => Some(format!("is {name:?}")),
            _ => None,
        };
        if let Some(problem) = problem {
            let place = self.name.as_ref().map(|said| said.place.clone());
            let place = place.unwrap_or_else(|| crate::spec::place::Place::outside(&self.origin));
            let help = format!("use lower-case letters, digits and hyphens, at most {LONGEST}, and no hyphen first");
            mistakes.push(place.violation("name", problem).help(help));
        }
        name
    }

    /// The title; the name unless said.
    pub fn title(&self, name: &str, mistakes: &mut Mistakes) -> String {
        match &self.title {
            None => name.to_owned(),
            Some(Said { value: toml::Value::String(title), .. }) => title.clone(),
            Some(Said { value, place }) => {
                let problem = format!("holds {}, but must be text", value.type_str());
                mistakes.push(place.violation("title", problem).help("write title = \"...\""));
                name.to_owned()
            }
        }
    }

    /// The seeds; 1 alone unless said.
    pub fn seeds(&self, mistakes: &mut Mistakes) -> Vec<u64> {
        let Some(Said { value, place }) = &self.seeds else { return vec![1] };
        let seed = |seed: &toml::Value| seed.as_integer().and_then(|seed| u64::try_from(seed).ok());
        let listed: Option<Vec<u64>> = value.as_array().and_then(|list| list.iter().map(seed).collect());
        let seeds = listed.unwrap_or_default();
        if seeds.is_empty() || seeds.iter().collect::<BTreeSet<_>>().len() != seeds.len() {
            let problem = format!("is {value}, but must list different whole numbers from 0, at least one");
            mistakes.push(place.violation("seeds", problem).help("write seeds = [1, 2, 3]"));
        }
        seeds
    }
}
