//! Evaluations outside the epochs: of the held-out images themselves, and once at the end of a run.

use crate::error_chain::error_chain;
use crate::store::{Lease, NewValue, NewValues, Store};
use crate::train::evaluation::Measurement;
use crate::train::session::{GeneratorSource, Session};
use crate::train::{RunLog, TrainError};

/// Records the measures of the held-out images themselves. Samples cannot be expected to be better.
pub fn record_original_values(store: &Store, lease: Lease, session: &Session, log: &RunLog) -> Result<(), TrainError> {
    let values = session.original_values();
    if !values.is_empty() {
        let listed: Vec<String> = values.iter().map(|(name, value)| format!("{name} {value:.3}")).collect();
        let text = format!("measures of the held-out images themselves: {}", listed.join(", "));
        store.add_event(lease, "originals", &text)?;
        log.write(&text);
    }
    Ok(())
}

/// Evaluates the measures that need too many samples for a curve, unless an earlier attempt has done so at this epoch.
pub fn evaluate_final(store: &Store, lease: Lease, session: &Session, log: &RunLog) -> Result<(), TrainError> {
    let (epoch, step) = session.position();
    let mut is_missing = false;
    for name in session.final_measures() {
        let recorded = store.measured(lease.run, &session.protocol(name).id())?;
        is_missing |= !recorded.contains(&((*name).to_owned(), epoch));
    }
    if !is_missing {
        return Ok(());
    }
    log.write(&format!("evaluating {} of the generator of epoch {epoch}", session.final_measures().join(", ")));
    let values: Vec<NewValue> = session.evaluate_final()?.into_iter().map(new_value).collect();
    let protocols = session.protocols();
    Ok(store.record_final(lease, NewValues { epoch, step, protocols, values: &values })?)
}

/// Evaluates the test items once, with the generator that `eval.test` selects.
pub fn evaluate_test(store: &Store, lease: Lease, session: &Session, log: &RunLog) -> Result<(), TrainError> {
    let (last, last_step) = session.position();
    let best = match session.settings().eval.test.as_str() {
        "best" => store.best_generator(lease.run)?,
        "last" => None,
        _ => return Ok(()),
    };
    let folder;
    let (source, epoch, step) = match &best {
        Some(best) => {
            folder = store.files().join(&best.path);
            (GeneratorSource::Saved(&folder, &best.sha256), best.epoch, best.step)
        }
        None => (GeneratorSource::Current, last, last_step),
    };
    let values: Vec<NewValue> = match session.evaluate_test(source) {
        Err(error @ TrainError::Damaged { .. }) => {
            let cause = error_chain(&error);
            let text = format!("the test items were not evaluated: the best generator is missing or damaged: {cause}");
            store.add_event(lease, "untested", &text)?;
            log.warn(&text);
            return Ok(());
        }
        values => values?.into_iter().map(new_value).collect(),
    };
    store.record_final(lease, NewValues { epoch, step, protocols: session.protocols(), values: &values })?;
    log.write(&format!("evaluated the test items with the generator of epoch {epoch}"));
    Ok(())
}

fn new_value(Measurement { metric, protocol, value }: Measurement) -> NewValue {
    NewValue { metric, protocol, value }
}
