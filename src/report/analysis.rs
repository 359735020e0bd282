use std::collections::BTreeMap;

use super::cells::{Cell, cells};
use super::extract::{Ends, Extract};
use super::measured::{Measured, measured, primary};
use super::verdict::{Verdict, by_band, by_threshold};
use super::{ReportError, ReportInput, ReportSpec, RunData};
use crate::stats::Convergence;
use crate::store::{RunId, RunState};

/// So many of the best cells, and as many of the worst, stand in the text.
const IN_TEXT: usize = 20;

/// What tables, figures and text share: the input, grouped and judged once.
#[derive(Clone, Debug)]
pub struct Analysis<'a> {
    /// What was measured.
    pub input: &'a ReportInput,
    /// What is asked for.
    pub spec: &'a ReportSpec,
    /// The runs by cell, in the order they were queued.
    pub cells: Vec<Cell<'a>>,
    /// The metrics of the tables, each under each of its protocols.
    pub table: Vec<Measured>,
    /// What convergence is judged on; `None` if no run has the metric yet.
    pub judged: Option<Measured>,
    /// Which cells text and figures show; `None` where they show all.
    pub extract: Option<Extract>,
    bands: BTreeMap<RunId, Verdict>,
    thresholds: Option<BTreeMap<RunId, Verdict>>,
}

impl<'a> Analysis<'a> {
    /// Groups and judges.
    ///
    /// # Errors
    ///
    /// If the spec asks for the convergence of a neutral metric.
    pub fn new(input: &'a ReportInput, spec: &'a ReportSpec) -> Result<Self, ReportError> {
        let cells = cells(input);
        let judged = primary(input, &cells, spec.convergence.metric);
        let verdicts = |judge: &dyn Fn(&RunData) -> Result<Verdict, ReportError>| {
            input.runs.iter().map(|run| Ok((run.record.id, judge(run)?))).collect::<Result<_, ReportError>>()
        };
        let bands = verdicts(&|run| by_band(run, judged.as_ref(), &spec.convergence))?;
        let thresholds = match spec.convergence.threshold {
            Some(tau) => Some(verdicts(&|run| by_threshold(run, judged.as_ref(), &spec.convergence, tau))?),
            None => None,
        };
        let table = measured(input, &cells, &spec.table);
        let extract = Extract::new(&cells, judged.as_ref());
        Ok(Self { input, spec, cells, table, judged, extract, bands, thresholds })
    }

    /// The run's verdict by the band rule.
    pub fn band(&self, run: &RunData) -> Verdict {
        self.bands[&run.record.id]
    }

    /// The run's verdict by the threshold, where the spec has one.
    pub fn threshold(&self, run: &RunData) -> Option<Verdict> {
        self.thresholds.as_ref().map(|verdicts| verdicts[&run.record.id])
    }

    /// The outcomes of a cell's ended runs by the band rule.
    pub fn band_outcomes(&self, cell: &Cell) -> Vec<Convergence> {
        cell.runs.iter().filter_map(|run| self.band(run).judged()).collect()
    }

    /// The outcomes of a cell's ended runs by the threshold, where the spec has one.
    pub fn threshold_outcomes(&self, cell: &Cell) -> Option<Vec<Convergence>> {
        self.thresholds.as_ref()?;
        Some(cell.runs.iter().filter_map(|run| self.threshold(run)?.judged()).collect())
    }

    /// The cells that a figure draws, each with the number that gives it its look: all of them, or at most `count` from
    /// either end of the ranking, and which these are in words.
    pub fn drawn(&self, count: usize) -> (Vec<(usize, &Cell<'a>)>, Option<String>) {
        match &self.extract {
            None => (self.cells.iter().enumerate().collect(), None),
            Some(extract) => {
                let ends = extract.ends(count);
                let cells = ends.both().map(|at| &self.cells[at]);
                (cells.enumerate().collect(), Some(ends.words))
            }
        }
    }

    /// The best and the worst cells that the text shows; `None` where it shows all.
    pub fn ends(&self) -> Option<Ends> {
        self.extract.as_ref().map(|extract| extract.ends(IN_TEXT))
    }

    /// How many different runs are in one of `states`.
    pub fn count(&self, states: &[RunState]) -> usize {
        self.runs().filter(|run| states.contains(&run.record.state)).count()
    }

    /// The different runs, by id. A run under two labels is one run.
    pub fn runs(&self) -> impl Iterator<Item = &'a RunData> {
        let by_id: BTreeMap<RunId, &RunData> = self.input.runs.iter().map(|run| (run.record.id, run)).collect();
        by_id.into_values()
    }
}
