//! A key is set by one method or by one axis; what would be overruled in silence is refused.

use std::collections::BTreeMap;

use super::method::Method;
use super::mistakes::Mistakes;
use crate::spec::Setting;
use crate::spec::layer::{Layer, Said};

/// Finds keys that two parts of the experiment set, and `--set` on keys that a part sets.
pub fn check(
    methods: &[Method],
    grid: &Layer,
    zips: &[Layer],
    includes: &[Layer],
    command_line: &Layer,
    mistakes: &mut Mistakes,
) {
    let mut axes: BTreeMap<&String, (&'static str, &Said)> = BTreeMap::new();
    let of_grid = grid.said.iter().map(|entry| ("[grid]", entry));
    let of_zips = zips.iter().flat_map(|zip| zip.said.iter().map(|entry| ("[[zip]]", entry)));
    for (part, (key, said)) in of_grid.chain(of_zips) {
        if let Some((first, _)) = axes.get(key) {
            let problem = match (*first, part) {
                ("[grid]", _) => "is an axis of [grid] and of a [[zip]]",
                _ => "is in two [[zip]]",
            };
            mistakes.push(said.place.violation(key, problem).help("leave it to one of the two"));
        }
        axes.entry(key).or_insert((part, said));
    }
    for (key, (part, said)) in &axes {
        if let Some(method) = methods.iter().find(|method| method.layer.said.contains_key(*key)) {
            let problem = format!("is an axis of {part} and also set by method {:?}", method.name);
            mistakes.push(said.place.violation(key, problem).help("leave it to one of the two"));
        }
    }
    // What is no setting is said elsewhere already.
    for (key, said) in command_line.said.iter().filter(|(key, _)| Setting::find(key).is_some()) {
        let part = axes.get(key).map(|(part, _)| *part);
        let method = methods.iter().find(|method| method.layer.said.contains_key(key));
        let include = includes.iter().any(|include| include.said.contains_key(key));
        let (by, help) = match (part, method) {
            (Some("[grid]"), _) => ("[grid]".to_owned(), format!("change the axis: --set 'grid.\"{key}\"=[...]'")),
            (Some(part), _) => {
                (part.to_owned(), format!("change the whole of it: --set 'zip=[{{\"{key}\" = [...], ...}}]'"))
            }
            (None, Some(method)) => {
                (format!("method {:?}", method.name), "change it in the [[method]] that sets it".to_owned())
            }
            (None, None) if include => {
                let help = "change it in the [[include]], or drop those by --set 'include=[]'";
                ("an [[include]]".to_owned(), help.to_owned())
            }
            (None, None) => continue,
        };
        let problem = format!("is set by {by}, which would overrule it");
        mistakes.push(said.place.violation(key, problem).help(help));
    }
}
