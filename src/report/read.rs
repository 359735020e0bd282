//! The input of a report from a database.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::{Pictures, ReportInput, ReportSpec, RunData};
use crate::store::{ExperimentRecord, RunId, Store, StoreError};

impl ReportInput {
    /// Reads what the report needs of the runs of `experiments`.
    ///
    /// # Errors
    ///
    /// If the database cannot be read.
    pub fn read(store: &Arc<Store>, spec: &ReportSpec, experiments: Vec<ExperimentRecord>) -> Result<Self, StoreError> {
        let mut runs = Vec::new();
        let mut filtered = 0;
        for experiment in &experiments {
            for record in store.runs(&experiment.name)? {
                if !spec.filter.admits(&experiment.name, &record) {
                    filtered += 1;
                    continue;
                }
                runs.push(RunData {
                    experiment: experiment.name.clone(),
                    series: Vec::new(),
                    image_grids: store.image_grids(record.id)?,
                    pictures: Pictures::Stored(Arc::clone(store)),
                    fitted: store.fitted(record.id)?,
                    codes: Vec::new(),
                    record,
                });
            }
        }
        let ids: BTreeSet<RunId> = runs.iter().map(|run| run.record.id).collect();
        let metrics = Vec::from_iter(spec.metrics_needed());
        let series = store.series_of(&Vec::from_iter(ids.iter().copied()), Some(&metrics))?;
        let codes = store.codes_of(&Vec::from_iter(ids))?;
        for run in &mut runs {
            run.codes = codes.get(&run.record.id).cloned().unwrap_or_default();
            run.series = series.get(&run.record.id).cloned().unwrap_or_default();
        }
        let (title, name) = (spec.title.clone(), spec.name.clone());
        Ok(Self { title, name, experiments, runs, filtered, protocols: store.protocols()? })
    }
}

#[cfg(test)]
mod tests;
