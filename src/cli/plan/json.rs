use serde_json::{Map, Value, json};

use crate::spec::PlannedCell;

use super::super::format::print_json;
use super::{CliError, Shown};

/// Prints everything that is known of the plan.
///
/// # Errors
///
/// If standard output cannot be written.
pub fn print(shown: &Shown) -> Result<(), CliError> {
    let plan = shown.plan;
    let cells: Vec<Value> = plan.cells.iter().enumerate().map(|(i, cell)| self::cell(shown, i, cell)).collect();
    let estimate = shown.estimate.as_ref().map(|estimate| {
        let seconds = estimate.all().map(|all| all * plan.seeds.len() as f64);
        json!({
            "device": estimate.device.to_string(),
            "past_runs": estimate.runs,
            "seconds": seconds,
        })
    });
    let comparison = shown.power.map(|power| {
        json!({
            "with": plan.methods[0],
            "seeds": power.seeds,
            "comparisons": power.comparisons,
            "alpha": power.alpha,
            "smallest_p": power.smallest_p,
            "seeds_needed": power.needed,
            "enough": power.is_enough(),
        })
    });
    let json = json!({
        "name": plan.name,
        "title": plan.title,
        "seeds": plan.seeds,
        "runs": plan.runs(),
        "provisional_ids": shown.provisional,
        "cells": cells,
        "estimate": estimate,
        "comparison": comparison,
        "notes": shown.notes,
    });
    print_json(&json)
}

fn cell(shown: &Shown, i: usize, cell: &PlannedCell) -> Value {
    let settings: Map<String, Value> = cell
        .resolved
        .iter()
        .map(|(key, (value, from))| ((*key).to_owned(), json!({ "value": value, "from": from })))
        .collect();
    let outlook = &shown.outlooks[i];
    let images = outlook.steps.map(|steps| steps * outlook.batch as u64);
    json!({
        "id": shown.ids[i],
        "method": cell.method,
        "axes": cell.axes,
        "settings": settings,
        "epochs": outlook.epochs,
        "steps": outlook.steps,
        "images": images,
        "parameters": {
            "generator": outlook.cost.map(|cost| cost.generator_parameters),
            "discriminator": outlook.cost.map(|cost| cost.discriminator_parameters),
        },
        "flop_per_step": {
            "forward": outlook.cost.map(|cost| cost.forward),
            "backward": outlook.cost.map(|cost| cost.backward),
        },
        "seconds": shown.estimate.as_ref().and_then(|estimate| estimate.seconds[i]),
    })
}
