use std::collections::BTreeMap;

use super::assessment::{Assessment, assess_band, assess_threshold};
use super::cells::{Cell, cells};
use super::protocol_metric::{ProtocolMetric, primary, protocol_metrics};
use super::selection::{CellSelection, SelectedCells};
use super::{ReportError, ReportInput, ReportSpec, RunData};
use crate::stats::Convergence;
use crate::store::{RunId, RunState};

/// The number of best cells, and of worst cells, in the text.
const CELLS_IN_TEXT: usize = 20;

/// The data of tables, figures and text: the input, grouped into cells and assessed once.
#[derive(Clone, Debug)]
pub struct Analysis<'a> {
    /// The stored results.
    pub input: &'a ReportInput,
    /// The content of the report.
    pub spec: &'a ReportSpec,
    /// The cells with their runs, in the order in which they were queued.
    pub cells: Vec<Cell<'a>>,
    /// The metrics of the tables, once for each of their protocols.
    pub table: Vec<ProtocolMetric>,
    /// The metric for convergence; `None` if no run has it yet.
    pub convergence_metric: Option<ProtocolMetric>,
    /// The cells that the text shows; `None` if it shows all.
    pub selection: Option<CellSelection>,
    /// The cells from which figures select.
    ranking: CellSelection,
    bands: BTreeMap<RunId, Assessment>,
    thresholds: Option<BTreeMap<RunId, Assessment>>,
}

impl<'a> Analysis<'a> {
    /// Groups the runs into cells and assesses their convergence.
    ///
    /// # Errors
    ///
    /// If the convergence metric of the spec is neutral.
    pub fn new(input: &'a ReportInput, spec: &'a ReportSpec) -> Result<Self, ReportError> {
        let cells = cells(input);
        let metric = primary(input, &cells, spec.convergence.metric);
        let assessments = |assess: &dyn Fn(&RunData) -> Result<Assessment, ReportError>| {
            input.runs.iter().map(|run| Ok((run.record.id, assess(run)?))).collect::<Result<_, ReportError>>()
        };
        let bands = assessments(&|run| assess_band(run, metric.as_ref(), &spec.convergence))?;
        let thresholds = match spec.convergence.threshold {
            Some(tau) => Some(assessments(&|run| assess_threshold(run, metric.as_ref(), &spec.convergence, tau))?),
            None => None,
        };
        let table = protocol_metrics(input, &cells, &spec.table);
        let selection = CellSelection::new(&cells, metric.as_ref());
        let ranking = CellSelection::ranked(&cells, metric.as_ref());
        Ok(Self { input, spec, cells, table, convergence_metric: metric, selection, ranking, bands, thresholds })
    }

    /// The assessment of a run by the band rule.
    pub fn band(&self, run: &RunData) -> Assessment {
        self.bands[&run.record.id]
    }

    /// The assessment of a run by the threshold, if the spec has one.
    pub fn threshold(&self, run: &RunData) -> Option<Assessment> {
        self.thresholds.as_ref().map(|assessments| assessments[&run.record.id])
    }

    /// The convergence of a cell's ended runs by the band rule.
    pub fn band_outcomes(&self, cell: &Cell) -> Vec<Convergence> {
        cell.runs.iter().filter_map(|run| self.band(run).convergence()).collect()
    }

    /// The convergence of a cell's ended runs by the threshold, if the spec has one.
    pub fn threshold_outcomes(&self, cell: &Cell) -> Option<Vec<Convergence>> {
        self.thresholds.as_ref()?;
        Some(cell.runs.iter().filter_map(|run| self.threshold(run)?.convergence()).collect())
    }

    /// The cells in a figure, each with the number that determines its colour and marker: all of up to four times
    /// `count` cells; otherwise at most `count` of the best and of the worst, with a description of the selection.
    pub fn cells_in_figure(&self, count: usize) -> (Vec<(usize, &Cell<'a>)>, Option<String>) {
        if self.cells.len() <= 4 * count {
            return (self.cells.iter().enumerate().collect(), None);
        }
        let selected = self.ranking.select(count);
        let cells = selected.all().map(|at| &self.cells[at]);
        (cells.enumerate().collect(), Some(selected.description))
    }

    /// The cells in the text; `None` if it shows all.
    pub fn selected_cells(&self) -> Option<SelectedCells> {
        self.selection.as_ref().map(|selection| selection.select(CELLS_IN_TEXT))
    }

    /// The number of distinct runs in one of `states`.
    pub fn count(&self, states: &[RunState]) -> usize {
        self.runs().filter(|run| states.contains(&run.record.state)).count()
    }

    /// The distinct runs by id. A run with two labels is one run.
    pub fn runs(&self) -> impl Iterator<Item = &'a RunData> {
        let by_id: BTreeMap<RunId, &RunData> = self.input.runs.iter().map(|run| (run.record.id, run)).collect();
        by_id.into_values()
    }
}
