//! Checks an experiment and expands it into cells, or reports all of its violations.

mod axis;
mod cell;
mod conflict;
mod consistency;
mod exclude;
mod header;
mod include;
mod merge;
mod method;
mod sections;
mod violations;

use super::file::ExperimentSpec;
use super::layer::Stack;
use super::{SpecError, Violation};

pub use cell::PlannedCell;
use sections::Sections;
use violations::Violations;

/// A checked experiment: its cells and seeds.
#[derive(Clone, Debug)]
pub struct Plan {
    /// The experiment's name: lower-case letters, digits and hyphens.
    pub name: String,
    /// The title in reports.
    pub title: String,
    /// The names of its methods, in the order of the file. Others are compared with the first.
    pub methods: Vec<String>,
    /// The seeds. Every cell has one run per seed.
    pub seeds: Vec<u64>,
    /// The cells: those of the grid, method by method, then the included ones.
    pub cells: Vec<PlannedCell>,
    /// Notes for the user, such as merged cells.
    pub notes: Vec<String>,
    /// The file of the experiment.
    pub origin: String,
    /// The file's text.
    pub text: String,
}

impl Plan {
    /// Checks an experiment and expands it into cells.
    ///
    /// # Errors
    ///
    /// All violations, sorted.
    pub fn new(spec: ExperimentSpec) -> Result<Self, SpecError> {
        let mut violations = Violations::default();
        let Sections { header, settings, methods, mut grid, mut zips, mut excludes, mut includes, overrides } =
            Sections::new(&spec, &mut violations);
        for layers in [std::slice::from_mut(&mut grid), &mut zips[..], &mut excludes[..], &mut includes[..]] {
            method::normalize(layers);
        }
        let name = header.name(&spec.stem, &mut violations);
        let title = header.title(&name, &mut violations);
        let seeds = header.seeds(&mut violations);

        let methods = method::read(methods, &name, &mut violations);
        let mut axes = axis::grid(&grid, &methods, &mut violations);
        axes.extend(axis::zips(&zips, &methods, &mut violations));
        conflict::check(&methods, &grid, &zips, &includes, &settings.command_line, &mut violations);
        axis::order(&mut axes, &methods);

        let base = settings.in_order().fold(Stack::new(), |stack, layer| stack.with(&layer.entries));
        let mut notes = Vec::new();
        let cells = cell::grid(&base, &methods, &axes, &mut violations);
        let cells = exclude::apply(cells, &excludes, &methods, &overrides, &mut notes, &mut violations);
        let mut cells = merge::merge_equal_cells(cells, &methods, &axes, &mut notes, &mut violations);
        include::add(&mut cells, &base, &includes, &methods, &overrides, &mut notes, &mut violations);
        cell::fill_axes(&mut cells, &axes);
        if cells.is_empty() && violations.is_empty() {
            let violation = Violation::new(&spec.origin, "exclude", "excludes all cells");
            violations.push(violation.help("remove an [[exclude]], or add a condition to it"));
        }
        let own = methods.iter().map(|method| &method.layer).chain([&grid]).chain(&zips).chain(&includes);
        // The base file is skipped: an error in its values is an error of the experiment that uses them.
        let layers = settings.in_order().skip(1).chain(own);
        consistency::check(&cells, layers, &spec.origin, &mut violations);
        cell::note_unused_methods(&methods, &cells, &mut notes);
        method::note_similar_names(&methods, &mut notes);
        violations.into_result()?;
        let used = methods.into_iter().map(|method| method.name);
        let methods = used.filter(|name| cells.iter().any(|cell| cell.method == *name)).collect();
        Ok(Self { name, title, methods, seeds, cells, notes, origin: spec.origin, text: spec.text })
    }

    /// The number of runs: cells times seeds.
    pub fn runs(&self) -> usize {
        self.cells.len() * self.seeds.len()
    }
}
