use serde_json::{Map, Value, json};

use crate::spec::PlannedCell;

use super::super::format::print_json;
use super::{CliError, PlanOutput};

/// Prints the plan as JSON.
///
/// # Errors
///
/// If standard output cannot be written.
pub fn print(output: &PlanOutput) -> Result<(), CliError> {
    let plan = output.plan;
    let cells: Vec<Value> = plan.cells.iter().enumerate().map(|(i, cell)| self::cell(output, i, cell)).collect();
    let estimate = output.estimate.as_ref().map(|estimate| {
        let seconds = estimate.total().map(|seconds| seconds * plan.seeds.len() as f64);
        json!({
            "device": estimate.device.to_string(),
            "past_runs": estimate.runs,
            "seconds": seconds,
        })
    });
    let comparison = output.power.map(|power| {
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
        "provisional_ids": output.provisional,
        "cells": cells,
        "estimate": estimate,
        "comparison": comparison,
        "notes": output.notes,
    });
    print_json(&json)
}

fn cell(output: &PlanOutput, i: usize, cell: &PlannedCell) -> Value {
    let settings: Map<String, Value> = cell
        .resolved
        .iter()
        .map(|(key, (value, from))| ((*key).to_owned(), json!({ "value": value, "from": from })))
        .collect();
    let forecast = &output.forecasts[i];
    let images = forecast.steps.map(|steps| steps * forecast.batch as u64);
    json!({
        "id": output.ids[i],
        "method": cell.method,
        "axes": cell.axes,
        "settings": settings,
        "epochs": forecast.epochs,
        "steps": forecast.steps,
        "images": images,
        "parameters": {
            "generator": forecast.cost.map(|cost| cost.generator_parameters),
            "discriminator": forecast.cost.map(|cost| cost.discriminator_parameters),
        },
        "flop_per_step": {
            "forward": forecast.cost.map(|cost| cost.forward),
            "backward": forecast.cost.map(|cost| cost.backward),
        },
        "seconds": output.estimate.as_ref().and_then(|estimate| estimate.seconds[i]),
    })
}
