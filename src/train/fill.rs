//! Measures that were added when the run had passed the epochs at which they would have been taken.

use std::collections::BTreeSet;

use crate::measure::Epoch;
use crate::store::{Hold, NewValue, Store};

use super::evaluation::Measured;
use super::session::{Look, Session};
use super::worker::chain;
use super::{RunLog, TrainError};

/// Takes the measures that are missing at evaluated epochs: of the first generator, the last one, and those that
/// were kept. Says at which epochs there is no generator left to take them of, and which generators were lost.
pub fn fill(store: &Store, hold: Hold, session: &Session, log: &RunLog) -> Result<(), TrainError> {
    let protocols = session.protocols();
    let mut taken = BTreeSet::new();
    for name in session.measures() {
        let under = store.measured(hold.run, &session.protocol(name).id())?;
        taken.extend(under.into_iter().filter(|(metric, _)| metric == name));
    }
    let kept = store.kept_generators(hold.run)?;
    let (last, last_step) = session.position();
    let (mut gone, mut lost) = (Vec::new(), Vec::new());
    let mut filled = 0;
    for epoch in session.evaluated() {
        let is_missing = |name: &str| !taken.contains(&(name.to_owned(), epoch));
        if !session.measures().iter().any(|name| session.is_taken(name) && is_missing(name)) {
            continue;
        }
        let folder;
        let (look, step) = if epoch == last {
            (Look::Now, last_step)
        } else if epoch == Epoch::ZERO {
            (Look::Begin, 0)
        } else if let Some(generator) = kept.get(&epoch) {
            folder = store.files().join(&generator.path);
            (Look::Kept(&folder, &generator.sha256), generator.step)
        } else {
            gone.push(epoch.to_string());
            continue;
        };
        let values = match session.look(look) {
            Err(error @ TrainError::Damaged { .. }) => {
                lost.push(chain(&error));
                continue;
            }
            values => values?.into_iter().filter(|measured| is_missing(measured.metric)),
        };
        let values = values.map(|Measured { metric, protocol, value }| NewValue { metric, protocol, value });
        store.fill(hold, epoch, step, protocols, &values.collect::<Vec<_>>())?;
        filled += 1;
    }
    if filled > 0 {
        log.say(&format!("added measures were taken at {filled} epochs"));
    }
    let mut texts = Vec::new();
    if !gone.is_empty() {
        let epochs = gone.join(", ");
        texts.push(format!("added measures cannot be taken at epochs {epochs}: no generator was kept (keep.every)"));
    }
    if !lost.is_empty() {
        texts.push(format!("added measures cannot be taken of generators that were lost: {}", lost.join("; ")));
    }
    for text in texts {
        store.add_event(hold, "unfilled", &text)?;
        log.say(&text);
    }
    Ok(())
}
