//! Measures that were added to a run after the epochs at which they are evaluated.

use std::collections::BTreeSet;

use crate::error_chain::error_chain;
use crate::measure::Epoch;
use crate::store::{Lease, NewValue, NewValues, Store};
use crate::train::evaluation::Measurement;
use crate::train::session::{GeneratorSource, Session};
use crate::train::{RunLog, TrainError};

/// Evaluates the missing measures at evaluated epochs with the generators that are available: the initial one, the last
/// one, and those that were saved. Reports the epochs without a saved generator, and the damaged generators.
pub fn add_missing_measures(store: &Store, lease: Lease, session: &Session, log: &RunLog) -> Result<(), TrainError> {
    let protocols = session.protocols();
    let mut recorded = BTreeSet::new();
    for name in session.measures() {
        let of_protocol = store.measured(lease.run, &session.protocol(name).id())?;
        recorded.extend(of_protocol.into_iter().filter(|(metric, _)| metric == name));
    }
    let saved = store.kept_generators(lease.run)?;
    let (last, last_step) = session.position();
    let (mut without_generator, mut damaged) = (Vec::new(), Vec::new());
    let mut evaluated = 0;
    for epoch in session.evaluated_epochs() {
        let is_missing = |name: &str| !recorded.contains(&(name.to_owned(), epoch));
        if !session.measures().iter().any(|name| session.is_available(name) && is_missing(name)) {
            continue;
        }
        let folder;
        let (source, step) = if epoch == last {
            (GeneratorSource::Current, last_step)
        } else if epoch == Epoch::ZERO {
            (GeneratorSource::Initial, 0)
        } else if let Some(generator) = saved.get(&epoch) {
            folder = store.files().join(&generator.path);
            (GeneratorSource::Saved(&folder, &generator.sha256), generator.step)
        } else {
            without_generator.push(epoch.to_string());
            continue;
        };
        let values = match session.evaluate(source) {
            Err(error @ TrainError::Damaged { .. }) => {
                damaged.push(error_chain(&error));
                continue;
            }
            values => values?.into_iter().filter(|measurement| is_missing(measurement.metric)),
        };
        let values = values.map(|Measurement { metric, protocol, value }| NewValue { metric, protocol, value });
        let values = values.collect::<Vec<_>>();
        store.backfill(lease, NewValues { epoch, step, protocols, values: &values })?;
        evaluated += 1;
    }
    if evaluated > 0 {
        log.info(&format!("evaluated added measures at {evaluated} epochs"));
    }
    let mut texts = Vec::new();
    if !without_generator.is_empty() {
        let epochs = without_generator.join(", ");
        texts.push(format!(
            "added measures cannot be evaluated at epochs {epochs}: no generator was saved (keep.every)"
        ));
    }
    if !damaged.is_empty() {
        let damaged = damaged.join("; ");
        texts.push(format!("added measures cannot be evaluated with missing or damaged generators: {damaged}"));
    }
    for text in texts {
        store.add_event(lease, "unfilled", &text)?;
        log.info(&text);
    }
    Ok(())
}
