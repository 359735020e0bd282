//! Conflicts: a key that several sections set, so that one value would silently have no effect.

use std::collections::BTreeMap;

use super::method::Method;
use super::violations::Violations;
use crate::spec::Setting;
use crate::spec::layer::{Entry, Layer};

/// Finds keys that are set by two sections, or by `--set` and a section.
pub fn check(
    methods: &[Method],
    grid: &Layer,
    zips: &[Layer],
    includes: &[Layer],
    command_line: &Layer,
    violations: &mut Violations,
) {
    let mut axes: BTreeMap<&String, (&'static str, &Entry)> = BTreeMap::new();
    let of_grid = grid.entries.iter().map(|pair| ("[grid]", pair));
    let of_zips = zips.iter().flat_map(|zip| zip.entries.iter().map(|pair| ("[[zip]]", pair)));
    for (section, (key, entry)) in of_grid.chain(of_zips) {
        if let Some((first, _)) = axes.get(key) {
            let problem = match (*first, section) {
                ("[grid]", _) => "is an axis of [grid] and of a [[zip]]",
                _ => "is in two [[zip]]",
            };
            violations.push(entry.location.violation(key, problem).help("remove it from one of the two"));
        }
        axes.entry(key).or_insert((section, entry));
    }
    for (key, (section, entry)) in &axes {
        if let Some(method) = methods.iter().find(|method| method.layer.entries.contains_key(*key)) {
            let problem = format!("is an axis of {section} and also set by method {:?}", method.name);
            violations.push(entry.location.violation(key, problem).help("remove it from one of the two"));
        }
    }
    // Unknown settings are reported elsewhere.
    for (key, entry) in command_line.entries.iter().filter(|(key, _)| Setting::find(key).is_some()) {
        let section = axes.get(key).map(|(section, _)| *section);
        let method = methods.iter().find(|method| method.layer.entries.contains_key(key));
        let include = includes.iter().any(|include| include.entries.contains_key(key));
        let (by, help) = match (section, method) {
            (Some("[grid]"), _) => ("[grid]".to_owned(), format!("change the axis: --set 'grid.\"{key}\"=[...]'")),
            (Some(section), _) => {
                (section.to_owned(), format!("set the whole list: --set 'zip=[{{\"{key}\" = [...], ...}}]'"))
            }
            (None, Some(method)) => {
                (format!("method {:?}", method.name), "change it in the [[method]] that sets it".to_owned())
            }
            (None, None) if include => {
                let help = "change it in the [[include]], or remove all of them with --set 'include=[]'";
                ("an [[include]]".to_owned(), help.to_owned())
            }
            (None, None) => continue,
        };
        let problem = format!("is also set by {by}, which has precedence");
        violations.push(entry.location.violation(key, problem).help(help));
    }
}
