//! Labels of cells in figures, whose font does not have all characters.

use std::collections::{BTreeMap, BTreeSet};

use super::Cell;
use crate::report::font::has_all_glyphs;

/// Sets the label of every cell in figures. A method with missing glyphs is called `method 1` and so on, by its
/// position among the methods. A cell with missing glyphs in the rest of its label is called `cell 1` and so on.
pub fn set_figure_labels(cells: &mut [Cell]) {
    let mut methods: Vec<&str> = Vec::new();
    let mut known = BTreeSet::new();
    for cell in cells.iter() {
        if known.insert(cell.method) {
            methods.push(cell.method);
        }
    }
    let short: BTreeMap<&str, String> = (1..)
        .zip(&methods)
        .filter(|(_, method)| !has_all_glyphs(method))
        .map(|(number, method)| (*method, unused(&format!("method {number}"), &known)))
        .collect();
    for (at, cell) in cells.iter_mut().enumerate() {
        cell.figure_label = match short.get(cell.method) {
            Some(alias) => cell.label.replacen(cell.method, alias, 1),
            None => cell.label.clone(),
        };
        if !has_all_glyphs(&cell.figure_label) {
            cell.figure_label = unused(&format!("cell {}", at + 1), &known);
        }
    }
}

/// `name`, with `*` appended until no method has this name.
fn unused(name: &str, known: &BTreeSet<&str>) -> String {
    let mut name = name.to_owned();
    while known.contains(name.as_str()) {
        name.push('*');
    }
    name
}

/// The replaced labels, without duplicates: (name in figures, name of the method or label of the cell).
pub fn replaced_labels(cells: &[Cell]) -> Vec<(String, String)> {
    let mut names: Vec<(String, String)> = Vec::new();
    let mut known = BTreeSet::new();
    for cell in cells.iter().filter(|cell| cell.figure_label != cell.label) {
        let rest = cell.label.strip_prefix(cell.method).unwrap_or_default();
        let name = match cell.figure_label.strip_suffix(rest) {
            Some(alias) => (alias.to_owned(), cell.method.to_owned()),
            None => (cell.figure_label.clone(), cell.label.clone()),
        };
        if known.insert(name.0.clone()) {
            names.push(name);
        }
    }
    names
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::cells::cells;
    use crate::report::{ReportInput, fixture};
    use crate::spec::Value;

    fn labels(input: &ReportInput) -> Vec<String> {
        cells(input).into_iter().map(|cell| cell.figure_label).collect()
    }

    #[test]
    fn a_method_with_missing_glyphs_gets_a_latin_name() {
        assert_eq!(labels(&fixture::input(&["GAN", "花", "桜"], 1)), ["GAN", "method 2", "method 3"]);
        assert_eq!(labels(&fixture::input(&["method 2", "花"], 1)), ["method 2", "method 2*"]);
        let mut input = fixture::input(&["花", "花"], 1);
        input.runs[1].record.settings.insert("train.batch".into(), Value::Integer(8));
        let found = cells(&input);
        assert_eq!(found[1].figure_label, "method 1 · batch 8");
        assert_eq!(replaced_labels(&found), [("method 1".to_owned(), "花".to_owned())]);
        input.runs[1].record.settings.insert("train.batch".into(), Value::Text("桜".into()));
        let found = cells(&input);
        assert_eq!(found[1].figure_label, "cell 2");
        assert_eq!(replaced_labels(&found)[1], ("cell 2".to_owned(), "花 · 桜".to_owned()));
    }
}
