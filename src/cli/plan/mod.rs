use std::process::ExitCode;

use clap::{Args, ValueEnum};

use crate::spec::{Fingerprints, Plan, cell_id};
use crate::train::worker::chain;

use super::{CliError, ExperimentArgs, experiment, table::table};

#[derive(Args)]
pub struct PlanArgs {
    #[command(flatten)]
    experiment: ExperimentArgs,
    /// How to print it
    #[arg(long, value_enum, default_value_t = Format::Table)]
    format: Format,
}

#[derive(Clone, Copy, ValueEnum)]
enum Format {
    Table,
    Json,
}

/// Prints the grid. Without the data, ids are provisional, and a line on standard error says why.
pub fn run(args: &PlanArgs) -> Result<ExitCode, CliError> {
    let plan = experiment::read(&args.experiment)?;
    let prints = match experiment::fingerprint(&plan) {
        Ok(prints) => Some(prints),
        Err(error) => {
            eprintln!("note: ids are provisional: {}", chain(&error));
            None
        }
    };
    let ids = ids(&plan, prints.as_deref());
    match args.format {
        Format::Table => print_table(&plan, &ids),
        Format::Json => print_json(&plan, &ids, prints.is_none()),
    }
    Ok(ExitCode::SUCCESS)
}

fn ids(plan: &Plan, prints: Option<&[Fingerprints]>) -> Vec<String> {
    let none = Fingerprints::new();
    let of = |i: usize| prints.and_then(|prints| prints.get(i)).unwrap_or(&none);
    plan.cells.iter().enumerate().map(|(i, cell)| cell_id(cell, of(i))).collect()
}

fn print_table(plan: &Plan, ids: &[String]) {
    println!("{}: {}", plan.name, plan.title);
    println!("{} cells x {} seeds = {} runs", plan.cells.len(), plan.seeds.len(), plan.runs());
    println!();
    let axes = axes(plan);
    let mut head = vec!["method"];
    head.extend(axes.iter().map(String::as_str));
    head.extend(["epochs", "cell"]);
    let rows = plan.cells.iter().zip(ids).map(|(cell, id)| {
        let axis = |key: &String| cell.axes.get(key).map_or_else(|| "-".to_owned(), ToString::to_string);
        let mut row = vec![cell.method.clone()];
        row.extend(axes.iter().map(axis));
        row.extend([experiment::settings(cell).train.epochs.to_string(), id.clone()]);
        row
    });
    println!("{}", table(&head, rows.collect()));
    for note in &plan.notes {
        println!("note: {note}");
    }
}

fn axes(plan: &Plan) -> Vec<String> {
    let mut axes: Vec<String> = plan.cells.iter().flat_map(|cell| cell.axes.keys().cloned()).collect();
    axes.sort();
    axes.dedup();
    axes
}

fn print_json(plan: &Plan, ids: &[String], provisional: bool) {
    let cells: Vec<serde_json::Value> = plan
        .cells
        .iter()
        .zip(ids)
        .map(|(cell, id)| {
            let settings: serde_json::Map<String, serde_json::Value> = cell
                .resolved
                .iter()
                .map(|(key, (value, from))| ((*key).to_owned(), serde_json::json!({ "value": value, "from": from })))
                .collect();
            serde_json::json!({ "id": id, "method": cell.method, "axes": cell.axes, "settings": settings })
        })
        .collect();
    let json = serde_json::json!({
        "name": plan.name,
        "title": plan.title,
        "seeds": plan.seeds,
        "runs": plan.runs(),
        "provisional_ids": provisional,
        "cells": cells,
        "notes": plan.notes,
    });
    println!("{json:#}");
}
