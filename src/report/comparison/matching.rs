//! Which cells are compared with each other.

use std::collections::BTreeSet;

use crate::report::Cell;

/// The key by which cells of different methods differ, beside their settings.
const METHOD: &str = "method";

/// The pairs of a cell of `a` and a cell of `b` that have equal values in every setting in which the cells of a method
/// differ, such as the resolution; all in the order of `a`. A setting that is inactive in one of two cells does not
/// separate them.
///
/// `free` are the keys that selected the cells, such as `method` and `guide.segmentation`: they may differ. Single cells
/// are always a pair. A cell is not compared with itself, and two cells are compared once.
pub fn matched<'c, 's>(
    a: &[&'c Cell<'s>],
    b: &[&'c Cell<'s>],
    free: &BTreeSet<&str>,
) -> Vec<(&'c Cell<'s>, &'c Cell<'s>)> {
    let keys: BTreeSet<&str> =
        a.iter().chain(b).flat_map(|cell| &cell.axes).map(|axis| axis.0).filter(|key| !free.contains(key)).collect();
    let is_single = a.len() == 1 && b.len() == 1;
    let is_match = |x: &Cell, y: &Cell| {
        let equal = |key: &&str| x.runs[0].record.settings.get(*key).zip(y.runs[0].record.settings.get(*key));
        (free.contains(METHOD) || x.method == y.method)
            && keys.iter().filter_map(equal).all(|(of_x, of_y)| of_x == of_y)
    };
    let mut pairs: Vec<(&Cell, &Cell)> = Vec::new();
    for &x in a {
        for &y in b.iter().filter(|&&y| !std::ptr::eq(x, y) && (is_single || is_match(x, y))) {
            let is_known = |&(p, q): &(&Cell, &Cell)| std::ptr::eq(p, y) && std::ptr::eq(q, x);
            if !pairs.iter().any(is_known) {
                pairs.push((x, y));
            }
        }
    }
    pairs
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::{cells::cells, fixture};
    use crate::spec::Value;

    /// Two resolutions of A, with guides of their own and shuffled, two of B without a guide.
    fn input() -> crate::report::ReportInput {
        let mut input = fixture::input(&["A", "A", "A", "B", "B"], 1);
        let cells = [(64, Some("own")), (128, Some("own")), (64, Some("shuffled")), (64, None), (128, None)];
        for (run, (side, source)) in input.runs.iter_mut().zip(cells) {
            run.record.settings.insert("image.resolution".into(), Value::Integer(side));
            if let Some(source) = source {
                run.record.settings.insert("guide.source".into(), Value::Text(source.into()));
            }
        }
        input
    }

    #[test]
    fn cells_are_matched_by_the_settings_that_both_have() {
        let input = input();
        let cells = cells(&input);
        let (a, b): (Vec<&Cell>, Vec<&Cell>) = cells.iter().partition(|cell| cell.method == "A");
        let labels = |pairs: Vec<(&Cell, &Cell)>| -> Vec<String> {
            pairs.into_iter().map(|(a, b)| format!("{} / {}", a.label, b.label)).collect()
        };
        let method = BTreeSet::from([METHOD]);
        assert_eq!(
            labels(matched(&a, &b, &method)),
            [
                "A · resolution 64 / B · resolution 64",
                "A · resolution 128 / B · resolution 128",
                "A · shuffled, resolution 64 / B · resolution 64",
            ]
        );
        assert_eq!(labels(matched(&a, &b, &BTreeSet::new())), [""; 0], "methods differ only if they were selected");
        assert_eq!(labels(matched(&a[..1], &b[1..], &method)).len(), 1, "single cells are a pair");
    }

    #[test]
    fn the_keys_of_the_selectors_may_differ_and_two_cells_are_compared_once() {
        let input = input();
        let cells = cells(&input);
        let of_a: Vec<&Cell> = cells.iter().filter(|cell| cell.method == "A").collect();
        let source = BTreeSet::from(["guide.source"]);
        let pairs = matched(&of_a, &of_a, &source);
        assert_eq!(pairs.len(), 1, "own and shuffled guides at 64 pixels");
        assert_eq!((pairs[0].0.label.as_str(), pairs[0].1.label.as_str()), (&*of_a[0].label, &*of_a[2].label));
    }
}
