use std::collections::BTreeMap;

use super::assessment::{Assessment, assess_band, assess_primary, assess_threshold};
use super::cells::{Cell, cells};
use super::protocol_metric::{ProtocolMetric, primary, protocol_metrics};
use super::selection::{CellSelection, SelectedCells};
use super::{ReportError, ReportInput, ReportSpec, RunData};
use crate::measure::ProtocolId;
use crate::spec::Value;
use crate::stats::{Cadence, Convergence, TrainingCost, common_cadence};
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
    /// The metric for convergence, under the protocol of most runs; `None` if no run has it yet.
    pub convergence_metric: Option<ProtocolMetric>,
    /// The cells that the text shows; `None` if it shows all.
    pub selection: Option<CellSelection>,
    /// The cells from which figures select.
    ranking: CellSelection,
    /// The metric for convergence of each cell, under the protocol of most of its runs.
    cell_metrics: BTreeMap<String, ProtocolMetric>,
    bands: BTreeMap<RunId, Assessment>,
    thresholds: Option<BTreeMap<RunId, Assessment>>,
    primaries: BTreeMap<RunId, Assessment>,
}

/// Assesses a run by the convergence metric of its cell.
type Assess<'s> = dyn Fn(&RunData, Option<&ProtocolMetric>) -> Result<Assessment, ReportError> + 's;

impl<'a> Analysis<'a> {
    /// Groups the runs into cells and assesses their convergence.
    ///
    /// # Errors
    ///
    /// If the convergence metric of the spec is neutral.
    pub fn new(input: &'a ReportInput, spec: &'a ReportSpec) -> Result<Self, ReportError> {
        let cells = cells(input);
        let metric = primary(input, &cells, spec.convergence.metric);
        let is_one_of_several = metric.as_ref().is_some_and(|metric| metric.is_one_of_several);
        let convergence = &spec.convergence;
        let of_cell = |cell: &Cell<'a>| {
            let metric = primary(input, std::slice::from_ref(cell), convergence.metric)?;
            Some((cell.id.to_owned(), ProtocolMetric { is_one_of_several, ..metric }))
        };
        let cell_metrics: BTreeMap<_, _> = cells.iter().filter_map(of_cell).collect();
        let assessments = |assess: &Assess| {
            let runs = input.runs.iter().map(|run| {
                let metric = cell_metrics.get(&run.record.cell);
                Ok((run.record.id, assess(run, metric)?))
            });
            runs.collect::<Result<BTreeMap<_, _>, ReportError>>()
        };
        let bands = assessments(&|run, metric| assess_band(run, metric, convergence))?;
        let primaries = assessments(&|run, metric| assess_primary(run, metric, convergence))?;
        let thresholds = match convergence.threshold {
            Some(tau) => Some(assessments(&|run, metric| assess_threshold(run, metric, convergence, tau))?),
            None => None,
        };
        let table = protocol_metrics(input, &cells, &spec.table);
        let selection = CellSelection::new(&cells, metric.as_ref());
        let ranking = CellSelection::ranked(&cells, metric.as_ref());
        Ok(Self {
            input,
            spec,
            cells,
            table,
            convergence_metric: metric,
            selection,
            ranking,
            cell_metrics,
            bands,
            thresholds,
            primaries,
        })
    }

    /// The assessment of a run by the band rule.
    pub fn band(&self, run: &RunData) -> Assessment {
        self.bands[&run.record.id]
    }

    /// The assessment of a run by the threshold, if the spec has one.
    pub fn threshold(&self, run: &RunData) -> Option<Assessment> {
        self.thresholds.as_ref().map(|assessments| assessments[&run.record.id])
    }

    /// The assessment of a run by the rule of claims and comparisons.
    pub fn primary(&self, run: &RunData) -> Assessment {
        self.primaries[&run.record.id]
    }

    /// The metric for convergence of a cell, under the protocol of most of its runs. Runs are assessed by the metric of
    /// their cell: cells of different protocols, such as of different resolutions, are in one report.
    pub fn convergence_metric_of(&self, cell: &Cell) -> Option<&ProtocolMetric> {
        self.cell_metrics.get(cell.id)
    }

    /// The interval between the evaluations of a cell's runs; `None` without evaluations.
    ///
    /// # Errors
    ///
    /// The intervals, if its runs have different or irregular ones.
    pub fn cadence(&self, cell: &Cell) -> Result<Option<u32>, Vec<Cadence>> {
        let metric = self.convergence_metric_of(cell);
        common_cadence(cell.included_runs().filter_map(|run| metric?.curve(run)))
    }

    /// The cost of a run's training up to each epoch; `None` if it has not completed an epoch.
    pub fn cost(&self, run: &RunData) -> Option<TrainingCost> {
        let record = &run.record;
        let batch = record.settings.get("train.batch").and_then(Value::as_integer)?.unsigned_abs();
        let rates = run.curve("images_per_second", &ProtocolId::none());
        TrainingCost::new(record.step, record.epoch, batch, rates)
    }

    /// The convergence of a cell's ended runs by the rule of claims and comparisons.
    pub fn primary_outcomes(&self, cell: &Cell) -> Vec<Convergence> {
        cell.runs.iter().filter_map(|run| self.primary(run).convergence()).collect()
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::measure::{Curve, Epoch};
    use crate::report::fixture;

    #[test]
    fn every_run_is_assessed_under_the_protocol_of_its_cell() {
        let mut input = fixture::input(&["A", "B", "C"], 2);
        let other = ProtocolId::from_stored("0000000000000000".into());
        for run in input.runs.iter_mut().filter(|run| run.record.method == "B") {
            run.series[0].protocol = other.clone();
        }
        let spec = ReportSpec::for_experiment("lab", "Lab");
        let analysis = Analysis::new(&input, &spec).unwrap();
        let protocol = |cell: usize| analysis.convergence_metric_of(&analysis.cells[cell]).unwrap().protocol.clone();
        assert_eq!(protocol(1), other);
        assert_eq!(protocol(0), analysis.convergence_metric.as_ref().unwrap().protocol);
        for cell in &analysis.cells {
            let reached = |outcome: &Convergence| matches!(outcome, Convergence::Reached { .. });
            assert!(analysis.band_outcomes(cell).iter().all(reached), "{}", cell.label);
        }
        assert!(analysis.convergence_metric_of(&analysis.cells[2]).unwrap().is_one_of_several);
    }

    #[test]
    fn the_primary_rule_is_that_of_the_report() {
        let input = fixture::input(&["A"], 1);
        let text = "[convergence]\nrule = \"plateau\"\ndelta = 0.1\npatience = 3";
        let spec = ReportSpec::parse(text, "lab.toml").unwrap();
        let analysis = Analysis::new(&input, &spec).unwrap();
        // 0.3 + 0.5 · exp(−e / 21) with small waves: 0.8, 0.69 at epoch 5, 0.54 at 15, 0.42 at 30, and never below 0.32.
        let expected = Convergence::Reached { epoch: Epoch(30), after: Epoch(25) };
        assert_eq!(analysis.primary_outcomes(&analysis.cells[0]), [expected]);
        assert_ne!(analysis.band_outcomes(&analysis.cells[0]), [expected]);
    }

    #[test]
    fn the_cadence_of_a_cell_is_that_of_all_its_runs() {
        let mut input = fixture::input(&["A", "B"], 2);
        let sparse = input.runs[3].series[0].curve.points().iter().step_by(2).copied().collect();
        input.runs[3].series[0].curve = Curve::new(sparse).unwrap();
        let spec = ReportSpec::for_experiment("lab", "Lab");
        let analysis = Analysis::new(&input, &spec).unwrap();
        assert_eq!(analysis.cadence(&analysis.cells[0]), Ok(Some(5)));
        assert_eq!(analysis.cadence(&analysis.cells[1]), Err(vec![Cadence::Every(5), Cadence::Every(10)]));
    }

    #[test]
    fn the_cost_of_a_run_is_known_from_its_steps_batch_and_rates() {
        let mut input = fixture::input(&["A"], 1);
        let run = &mut input.runs[0];
        run.record.settings.insert("train.batch".into(), Value::Integer(8));
        run.record.step = 600;
        let rates = (1..=60).map(|epoch| (Epoch(epoch), 40.0)).collect();
        let rates = Curve::new(rates).unwrap();
        run.series.push(crate::store::Series {
            metric: "images_per_second".into(),
            protocol: ProtocolId::none(),
            curve: rates,
        });
        let spec = ReportSpec::for_experiment("lab", "Lab");
        let analysis = Analysis::new(&input, &spec).unwrap();
        let cost = analysis.cost(&input.runs[0]).unwrap();
        // Ten steps of 8 images in each epoch, at 40 images per second.
        assert_eq!((cost.images(Epoch(5)), cost.seconds(Epoch(5))), (400.0, Some(10.0)));
    }
}
