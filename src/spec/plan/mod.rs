//! From an experiment as written to the cells it means, or to everything that is wrong with it.

mod axis;
mod cell;
mod combination;
mod conflict;
mod distinct;
mod exclude;
mod head;
mod include;
mod method;
mod mistakes;
mod structure;

use super::file::ExperimentSpec;
use super::layer::Stack;
use super::{SpecError, Violation};

pub use cell::PlannedCell;
use mistakes::Mistakes;
use structure::Structure;

/// A checked experiment: its grid of cells, times its seeds.
#[derive(Clone, Debug)]
pub struct Plan {
    /// The experiment's name: lower-case letters, digits and hyphens.
    pub name: String,
    /// The title that reports carry.
    pub title: String,
    /// The labels of its methods in the order of the file, the first being what others are compared with.
    pub methods: Vec<String>,
    /// The seeds, each a run of every cell.
    pub seeds: Vec<u64>,
    /// The cells: those of the grid in its order, methods first, then the included ones.
    pub cells: Vec<PlannedCell>,
    /// What a reader of the plan should know: merged cells and the like.
    pub notes: Vec<String>,
    /// Where the experiment was read from.
    pub origin: String,
    /// The file's text.
    pub text: String,
}

impl Plan {
    /// Checks an experiment and lays out its cells.
    ///
    /// # Errors
    ///
    /// Everything that is wrong with it, sorted.
    pub fn new(spec: ExperimentSpec) -> Result<Self, SpecError> {
        let mut mistakes = Mistakes::default();
        let Structure { head, lower, methods, mut grid, mut zips, mut excludes, mut includes, changed } =
            Structure::new(&spec, &mut mistakes);
        for layers in [std::slice::from_mut(&mut grid), &mut zips[..], &mut excludes[..], &mut includes[..]] {
            method::normalise(layers);
        }
        let name = head.name(&spec.stem, &mut mistakes);
        let title = head.title(&name, &mut mistakes);
        let seeds = head.seeds(&mut mistakes);

        let methods = method::read(methods, &name, &mut mistakes);
        let mut axes = axis::grid(&grid, &methods, &mut mistakes);
        axes.extend(axis::zips(&zips, &methods, &mut mistakes));
        conflict::check(&methods, &grid, &zips, &includes, &lower.command_line, &mut mistakes);
        axis::order(&mut axes, &methods);

        let base = lower.in_order().fold(Stack::new(), |stack, layer| stack.with(&layer.said));
        let mut notes = Vec::new();
        let cells = cell::grid(&base, &methods, &axes, &mut mistakes);
        let cells = exclude::apply(cells, &excludes, &methods, &changed, &mut notes, &mut mistakes);
        let mut cells = distinct::merge(cells, &methods, &axes, &mut notes, &mut mistakes);
        include::add(&mut cells, &base, &includes, &methods, &changed, &mut notes, &mut mistakes);
        cell::name_axes(&mut cells, &axes);
        if cells.is_empty() && mistakes.is_empty() {
            let violation = Violation::new(&spec.origin, "exclude", "leaves no cell");
            mistakes.push(violation.help("drop an [[exclude]], or narrow it by another key"));
        }
        let own = methods.iter().map(|method| &method.layer).chain([&grid]).chain(&zips).chain(&includes);
        // What a base says is what an experiment of its own has not changed: the experiment is to blame.
        let said = lower.in_order().skip(1).chain(own);
        combination::check(&cells, said, &spec.origin, &mut mistakes);
        method::note_unused(&methods, &cells, &mut notes);
        method::note_alike(&methods, &mut notes);
        mistakes.into_result()?;
        let used = methods.into_iter().map(|method| method.name);
        let methods = used.filter(|name| cells.iter().any(|cell| cell.method == *name)).collect();
        Ok(Self { name, title, methods, seeds, cells, notes, origin: spec.origin, text: spec.text })
    }

    /// How many runs the plan means.
    pub fn runs(&self) -> usize {
        self.cells.len() * self.seeds.len()
    }
}
