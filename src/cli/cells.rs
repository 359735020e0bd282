//! The cells of an experiment, as the commands that compare them name them.

use std::collections::BTreeSet;
use std::path::Path;

use crate::label;
use crate::report::comparison::Measure;
use crate::report::{Analysis, Cell, FamilySpec, FilterSpec, ReportInput, ReportSpec};
use crate::store::{RunId, Store, nearest};

use super::CliError;
use super::selection::{self, known_experiment};

/// The word of `--metric` for the epoch of convergence.
const CONVERGENCE: &str = "convergence";

/// The results of an experiment.
pub struct Results {
    /// The runs. Only those of the selected cells have values.
    pub input: ReportInput,
    /// The rule of convergence and the level of significance: those of the report file of the experiment's name, or the
    /// defaults.
    pub spec: ReportSpec,
    /// The cells that each text selected, by method and id.
    selected: Vec<BTreeSet<(String, String)>>,
}

impl Results {
    /// Reads the cells of an experiment that `texts` select: methods, labels or ids of cells, or their beginnings.
    ///
    /// # Errors
    ///
    /// If the experiment does not exist, a text selects nothing or is ambiguous, or the database or report file cannot
    /// be read.
    pub fn read(store: &Store, name: &str, texts: &[String]) -> Result<Self, CliError> {
        known_experiment(store, name)?;
        let Some(experiment) = store.experiment(name)? else { return Err(no_experiment(store, name)) };
        let spec = spec(&experiment.name, &experiment.title)?;
        let mut input = ReportInput::without_values(store, experiment)?;
        let (mut selected, mut runs) = (Vec::new(), BTreeSet::new());
        let analysis = Analysis::new(&input, &spec)?;
        for text in texts {
            let cells = select(&analysis.cells, name, text)?;
            runs.extend(cells.iter().flat_map(|cell| &cell.runs).map(|run| run.record.id));
            selected.push(cells.iter().map(|cell| key(cell)).collect());
        }
        drop(analysis);
        input.read_values(store, &spec, &runs)?;
        Ok(Self { input, spec, selected })
    }

    /// The cells that the text at `index` selected.
    pub fn cells<'c, 's>(&self, analysis: &'c Analysis<'s>, index: usize) -> Vec<&'c Cell<'s>> {
        analysis.cells.iter().filter(|cell| self.selected[index].contains(&key(cell))).collect()
    }

    /// The distinct runs of the selected cells.
    pub fn runs(&self) -> BTreeSet<RunId> {
        let is_selected = |method: &str, cell: &str| {
            self.selected.iter().any(|cells| cells.contains(&(method.to_owned(), cell.to_owned())))
        };
        let records = self.input.runs.iter().map(|run| &run.record);
        records.filter(|record| is_selected(&record.method, &record.cell)).map(|record| record.id).collect()
    }
}

fn key(cell: &Cell) -> (String, String) {
    (cell.method.to_owned(), cell.id.to_owned())
}

fn spec(name: &str, title: &str) -> Result<ReportSpec, CliError> {
    let file = Path::new("reports").join(format!("{name}.toml"));
    let spec = if file.is_file() { ReportSpec::read(&file)? } else { ReportSpec::for_experiment(name, title) };
    Ok(ReportSpec {
        experiments: vec![name.to_owned()],
        filter: FilterSpec::default(),
        family: FamilySpec { alpha: spec.family.alpha, ..FamilySpec::default() },
        claims: Vec::new(),
        ..spec
    })
}

/// The cells that a text selects: those of a method, or one cell by its label or id, or by the beginning of any of these.
fn select<'c, 's>(cells: &'c [Cell<'s>], experiment: &str, text: &str) -> Result<Vec<&'c Cell<'s>>, CliError> {
    let wanted = label::normalize(text);
    let lower = wanted.to_lowercase();
    let id = lower.strip_prefix("cell:").unwrap_or(&lower);
    let begins = |name: &str| name.to_lowercase().starts_with(&lower);
    let all =
        |is_selected: &dyn Fn(&&Cell) -> bool| -> Vec<&'c Cell<'s>> { cells.iter().filter(is_selected).collect() };
    let exact =
        [all(&|cell| label::normalize(cell.method) == wanted), all(&|cell| label::normalize(&cell.label) == wanted)];
    if let Some(found) = exact.into_iter().find(|found| !found.is_empty()) {
        return Ok(found);
    }
    if wanted.is_empty() {
        return Err(unknown(cells, experiment, text));
    }
    let of_methods = all(&|cell| begins(cell.method));
    let methods: BTreeSet<&str> = of_methods.iter().map(|cell| cell.method).collect();
    let (of_id, of_label) = (all(&|cell| cell.id.starts_with(id)), all(&|cell| begins(&cell.label)));
    if methods.len() == 1 {
        return Ok(of_methods);
    }
    // A beginning of a method is also one of the labels of its cells, so several methods are ambiguous.
    match (of_id.as_slice(), of_label.as_slice()) {
        ([cell], []) | ([], [cell]) => Ok(vec![cell]),
        ([], []) => Err(unknown(cells, experiment, text)),
        (by_id, by_label) => {
            let labels: Vec<String> = by_id.iter().chain(by_label).map(|cell| named(cell)).collect();
            Err(CliError::Usage {
                what: format!("experiment {experiment} has several cells that start with `{text}`"),
                help: format!("give one of: {}", labels.join("; ")),
            })
        }
    }
}

fn named(cell: &Cell) -> String {
    format!("{} (cell:{})", cell.label, cell.id)
}

fn unknown(cells: &[Cell], experiment: &str, text: &str) -> CliError {
    let mut methods: Vec<String> = Vec::new();
    for cell in cells {
        if methods.iter().all(|method| method != cell.method) {
            methods.push(cell.method.to_owned());
        }
    }
    let help = match (nearest(text, &methods), methods.is_empty()) {
        (Some(similar), _) => format!("did you mean `{similar}`? methods of {experiment}: {}", methods.join(", ")),
        (None, true) => format!("`jem queue` adds runs to {experiment}"),
        (None, false) => format!("methods of {experiment}: {}", methods.join(", ")),
    };
    CliError::Usage { what: format!("experiment {experiment} has no method and no cell `{text}`"), help }
}

fn no_experiment(store: &Store, name: &str) -> CliError {
    CliError::Usage {
        what: format!("{}: no experiment `{name}`", store.path().display()),
        help: "`jem list` shows the experiments".to_owned(),
    }
}

/// Labels of cells, for a remedy.
pub fn labels(cells: &[&Cell]) -> String {
    cells.iter().map(|cell| named(cell)).collect::<Vec<_>>().join("; ")
}

/// The measure called `name`.
///
/// # Errors
///
/// If jem does not record it.
pub fn measure(store: &Store, name: &str) -> Result<Measure, CliError> {
    if name == CONVERGENCE {
        return Ok(Measure::Convergence);
    }
    selection::metrics(store, &[name.to_owned()])?;
    crate::measure::metric(name).map(Measure::Metric).ok_or_else(|| CliError::Usage {
        what: format!("this jem does not know in which direction `{name}` improves"),
        help: "the metric was recorded by another version; `jem compare` of runs shows its values".to_owned(),
    })
}
