//! The cells of a figure with their styles, which are the same in all figures of a report.

use std::collections::BTreeMap;

use super::factors::principal_cells;
use super::style::Style;
use crate::report::cells::Cell;
use crate::report::{Analysis, CellSelection};

/// The number of cells up to which figures with lines or rows show all.
const ALL: usize = 8;
/// The number of best cells, and of worst cells, in a figure with lines or rows if there are too many cells.
pub const MAX_CELLS: usize = 8;

/// A cell of a figure.
#[derive(Clone, Copy, Debug)]
pub struct ShownCell<'s, 'a> {
    /// The cell.
    pub cell: &'s Cell<'a>,
    /// Its style.
    pub style: Style,
}

/// The cells of a figure with lines or rows, and a description of the selection if not all are shown. Of many cells it
/// shows the principal ones, and of too many of these at most `count` of the best and of the worst.
pub fn shown<'s, 'a>(analysis: &'s Analysis<'a>, count: usize) -> (Vec<ShownCell<'s, 'a>>, Option<String>) {
    let styles = styles(analysis);
    let (cells, selection) = selected(analysis, count);
    let styled = |cell: &'s Cell<'a>| ShownCell { cell, style: styles[&key(cell)] };
    (cells.into_iter().map(styled).collect(), selection)
}

/// All cells with their styles, or at most `count` of the best and of the worst.
pub fn all_shown<'s, 'a>(analysis: &'s Analysis<'a>, count: usize) -> (Vec<ShownCell<'s, 'a>>, Option<String>) {
    let styles = styles(analysis);
    let (cells, selection) = analysis.cells_in_figure(count);
    let styled = |(_, cell): (usize, &'s Cell<'a>)| ShownCell { cell, style: styles[&key(cell)] };
    (cells.into_iter().map(styled).collect(), selection)
}

fn selected<'s, 'a>(analysis: &'s Analysis<'a>, count: usize) -> (Vec<&'s Cell<'a>>, Option<String>) {
    let all = analysis.cells.len();
    if all <= ALL {
        return (analysis.cells.iter().collect(), None);
    }
    let principal = principal_cells(&analysis.cells);
    if principal.len() <= 2 * MAX_CELLS {
        let selection = match principal.len() == all {
            true => None,
            false => {
                let n = principal.len();
                Some(format!("{n} of {all} cells; of cells that differ in guide or objective alone, the first"))
            }
        };
        return (principal, selection);
    }
    let ranked = CellSelection::ranked(&analysis.cells, analysis.convergence_metric.as_ref()).select(count);
    (ranked.all().map(|at| &analysis.cells[at]).collect(), Some(ranked.description))
}

/// The style of a cell in every figure.
pub fn style_of(analysis: &Analysis, cell: &Cell) -> Style {
    styles(analysis)[&key(cell)]
}

type Key<'a> = (&'a str, &'a str);

fn key<'a>(cell: &Cell<'a>) -> Key<'a> {
    (cell.method, cell.id)
}

/// The styles of all cells. Methods differ in colour. If there is only one method, its cells differ in colour. Cells
/// that figures with lines show come first, so that their styles differ.
fn styles<'a>(analysis: &Analysis<'a>) -> BTreeMap<Key<'a>, Style> {
    let (first, _) = selected(analysis, MAX_CELLS);
    let mut methods: BTreeMap<&str, usize> = BTreeMap::new();
    for cell in &analysis.cells {
        let next = methods.len();
        methods.entry(cell.method).or_insert(next);
    }
    let mut ranks: BTreeMap<&str, usize> = BTreeMap::new();
    let mut styles = BTreeMap::new();
    for cell in first.into_iter().chain(&analysis.cells) {
        styles.entry(key(cell)).or_insert_with(|| {
            let rank = ranks.entry(cell.method).or_default();
            *rank += 1;
            match methods.len() {
                1 => Style::of(*rank - 1, 0),
                _ => Style::of(methods[cell.method], *rank - 1),
            }
        });
    }
    styles
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::figure::style::{Dash, PALETTE};
    use crate::report::{ReportInput, ReportSpec, fixture};
    use crate::spec::Value;

    fn styles_of(input: &ReportInput) -> Vec<Style> {
        let spec = ReportSpec::for_experiment("lab", "Lab");
        shown(&Analysis::new(input, &spec).unwrap(), MAX_CELLS).0.iter().map(|shown| shown.style).collect()
    }

    #[test]
    fn the_cells_of_a_method_have_one_colour_and_different_dashes() {
        let mut input = fixture::input(&["GAN", "JEM", "GAN"], 2);
        for run in &mut input.runs[4..] {
            run.record.settings.insert("image.resolution".into(), Value::Integer(128));
        }
        let found = styles_of(&input);
        assert_eq!(found.iter().map(|style| style.color).collect::<Vec<_>>(), [PALETTE[0], PALETTE[1], PALETTE[0]]);
        assert_eq!((found[0].dash, found[2].dash), (Dash::Solid, Dash::Long));
        assert_ne!(found[0].marker, found[2].marker);
    }

    #[test]
    fn the_cells_of_the_only_method_have_different_colours() {
        let found = styles_of(&fixture::input(&["GAN", "GAN", "GAN"], 1));
        assert_eq!(found.iter().map(|style| style.color).collect::<Vec<_>>(), PALETTE[..3]);
    }

    #[test]
    fn of_many_cells_those_that_differ_in_guide_or_objective_alone_are_left_out() {
        let input = fixture::paper(1);
        let spec = ReportSpec::for_experiment("lab", "Lab");
        let analysis = Analysis::new(&input, &spec).unwrap();
        let (cells, selection) = shown(&analysis, MAX_CELLS);
        let ids: Vec<String> = cells.iter().map(|shown| shown.cell.id.trim_start_matches('0').to_owned()).collect();
        assert_eq!(ids, ["", "1", "2", "3", "4", "5"]);
        let expected = "6 of 12 cells; of cells that differ in guide or objective alone, the first";
        assert_eq!((selection.as_deref(), all_shown(&analysis, 4).0.len()), (Some(expected), 12));
    }

    #[test]
    fn of_many_other_cells_the_best_and_the_worst_are_shown() {
        let names: Vec<String> = (0..17).map(|n| format!("M{n}")).collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let spec = ReportSpec::for_experiment("lab", "Lab");
        let input = fixture::input(&names[..16], 1);
        let analysis = Analysis::new(&input, &spec).unwrap();
        let (cells, selection) = shown(&analysis, 3);
        assert_eq!((cells.len(), selection), (16, None));
        let input = fixture::input(&names, 1);
        let analysis = Analysis::new(&input, &spec).unwrap();
        let (cells, selection) = shown(&analysis, 3);
        let expected = "the 3 best and the 3 worst of 17 cells by the mean last Colour distance";
        assert_eq!((cells.len(), selection.as_deref()), (6, Some(expected)));
    }

    #[test]
    fn a_cell_has_the_same_style_in_a_figure_with_fewer_cells() {
        let names: Vec<String> = (0..120).map(|n| format!("M{}", n % 7)).collect();
        let input = fixture::input(&names.iter().map(String::as_str).collect::<Vec<_>>(), 1);
        let spec = ReportSpec::for_experiment("lab", "Lab");
        let analysis = Analysis::new(&input, &spec).unwrap();
        let (many, _) = shown(&analysis, MAX_CELLS);
        let (few, selection) = shown(&analysis, 2);
        assert_eq!((many.len(), few.len(), selection.is_some()), (16, 4, true));
        for ShownCell { cell, style } in few {
            assert_eq!(many.iter().find(|shown| shown.cell.id == cell.id).unwrap().style, style);
            assert_eq!(style_of(&analysis, cell), style);
        }
    }
}
