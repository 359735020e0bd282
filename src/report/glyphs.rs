//! Which letters the figures' font has, and what figures call what they cannot write.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use ttf_parser::Face;

use super::cells::Cell;
use crate::screen::visible;

/// Figures set text in both.
static FACES: LazyLock<Vec<Face<'static>>> = LazyLock::new(|| {
    let faces = [dejavu::sans::regular(), dejavu::sans::bold()];
    faces.into_iter().filter_map(|bytes| Face::parse(bytes, 0).ok()).collect()
});

/// Whether figures can write a letter. Joiners and variation selectors are not drawn at all.
fn is_drawn(c: char) -> bool {
    let unseen = matches!(c, '\u{200c}' | '\u{200d}' | '\u{fe00}'..='\u{fe0f}');
    c.is_ascii() || unseen || FACES.iter().all(|face| face.glyph_index(c).is_some())
}

/// Whether figures can write all of a text.
pub fn is_writable(text: &str) -> bool {
    visible(text).chars().all(is_drawn)
}

/// The letters in `texts` that the font of figures lacks, each once and in order.
pub fn letters_not_in_the_font<'a>(texts: impl IntoIterator<Item = &'a str>) -> Vec<String> {
    let mut known = BTreeSet::new();
    let mut missing = Vec::new();
    for text in texts {
        missing.extend(visible(text).chars().filter(|&c| !is_drawn(c) && known.insert(c)).map(String::from));
    }
    missing
}

/// Gives every cell its name in figures. A method that cannot be written becomes `method 1` and so on, by its place
/// among the methods; a cell whose other words cannot be written becomes `cell 1` and so on.
pub fn name_in_figures(cells: &mut [Cell]) {
    let mut methods: Vec<&str> = Vec::new();
    let mut known = BTreeSet::new();
    for cell in cells.iter() {
        if known.insert(cell.method) {
            methods.push(cell.method);
        }
    }
    let short: BTreeMap<&str, String> = (1..)
        .zip(&methods)
        .filter(|(_, method)| !is_writable(method))
        .map(|(number, method)| (*method, unused(&format!("method {number}"), &known)))
        .collect();
    for (at, cell) in cells.iter_mut().enumerate() {
        cell.drawn = match short.get(cell.method) {
            Some(alias) => cell.label.replacen(cell.method, alias, 1),
            None => cell.label.clone(),
        };
        if !is_writable(&cell.drawn) {
            cell.drawn = unused(&format!("cell {}", at + 1), &known);
        }
    }
}

/// A name that no method has.
fn unused(name: &str, known: &BTreeSet<&str>) -> String {
    let mut name = name.to_owned();
    while known.contains(name.as_str()) {
        name.push('*');
    }
    name
}

/// Which name in the figures stands for which label, each once: of the methods, and of the cells that go by a number.
pub fn names_in_figures(cells: &[Cell]) -> Vec<(String, String)> {
    let mut names: Vec<(String, String)> = Vec::new();
    let mut known = BTreeSet::new();
    for cell in cells.iter().filter(|cell| cell.drawn != cell.label) {
        let rest = cell.label.strip_prefix(cell.method).unwrap_or_default();
        let name = match cell.drawn.strip_suffix(rest) {
            Some(alias) => (alias.to_owned(), cell.method.to_owned()),
            None => (cell.drawn.clone(), cell.label.clone()),
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
    use crate::report::lab;
    use crate::spec::Value;

    fn drawn(input: &crate::report::ReportInput) -> Vec<String> {
        cells(input).into_iter().map(|cell| cell.drawn).collect()
    }

    #[test]
    fn letters_that_the_font_lacks_are_found_once_each() {
        assert_eq!(letters_not_in_the_font(["花の敵対 🌸", "花 again"]), ["花", "の", "敵", "対", "🌸"]);
        assert!(is_writable("GAN–CLS ± λ₁ é Жук שלום ↓ …"));
        assert!(letters_not_in_the_font(["\u{202e}\x1b"]).is_empty(), "they are written out");
    }

    #[test]
    fn a_method_that_cannot_be_written_has_a_short_latin_name_of_its_own() {
        assert_eq!(drawn(&lab::input(&["GAN", "花", "桜"], 1)), ["GAN", "method 2", "method 3"]);
        assert_eq!(drawn(&lab::input(&["method 2", "花"], 1)), ["method 2", "method 2*"]);
        let mut input = lab::input(&["花", "花"], 1);
        input.runs[1].record.settings.insert("train.batch".into(), Value::Integer(8));
        let found = cells(&input);
        assert_eq!(found[1].drawn, "method 1 · batch 8");
        assert_eq!(names_in_figures(&found), [("method 1".to_owned(), "花".to_owned())]);
        input.runs[1].record.settings.insert("train.batch".into(), Value::Text("桜".into()));
        let found = cells(&input);
        assert_eq!(found[1].drawn, "cell 2");
        assert_eq!(names_in_figures(&found)[1], ("cell 2".to_owned(), "花 · 桜".to_owned()));
    }
}
