use std::process::ExitCode;

use clap::Args;
use serde_json::{Value as Json, json};

use crate::screen::on_one_line;
use crate::spec::Setting;
use crate::store::{AttemptRecord, EventRecord, RunActivity, RunDetail, RunId, RunState, RunStatus, Store};

use super::format::{Field, Format, FormatArgs, Records, print, print_json};
use super::selection::unknown_runs;
use super::{CliError, Global};

#[derive(Args)]
pub struct ShowArgs {
    /// The number of the run, as in `jem list`
    run: i64,
    /// Show all settings: their values and where they come from
    #[arg(long)]
    settings: bool,
    /// Show the code, machine and command of every attempt
    #[arg(long)]
    provenance: bool,
    #[command(flatten)]
    format: FormatArgs,
}

pub fn run(global: &Global, args: &ShowArgs) -> Result<ExitCode, CliError> {
    let store = global.open_to_read()?;
    let id = RunId(args.run);
    let Some(detail) = store.detail(id)? else { return Err(unknown_runs(&store, &[id])) };
    let activity = store.activity(Some(&[id]))?.remove(&id).unwrap_or_default();
    let metrics = metrics(&store, id)?;
    let fitted = fitted(&store, id)?;
    match args.format.format {
        Format::Table => print(&text(&detail, &activity, [&fitted, &metrics], args))?,
        Format::Json => print_json(&object(&detail, &activity, [&fitted, &metrics]))?,
        // A run has several tables, and CSV has one: the requested one.
        Format::Csv if args.settings => settings(&detail, false).print(Format::Csv)?,
        Format::Csv if args.provenance => provenance(&detail).print(Format::Csv)?,
        Format::Csv => metrics.print(Format::Csv)?,
    }
    Ok(ExitCode::SUCCESS)
}

fn text(detail: &RunDetail, activity: &RunActivity, [fitted, metrics]: [&Records; 2], args: &ShowArgs) -> String {
    let run = &detail.listed[0];
    let mut text = format!("run {}: {}, seed {}, {}\n", run.run, on_one_line(&run.method), run.seed, run.status);
    let minutes = activity.minutes.unwrap_or(0.0);
    text.push_str(&format!("epoch {}/{}, {minutes:.1} min on {}\n", run.epoch, run.horizon, or_dash(&activity.device)));
    text.push_str(&format!("cell {}, weights {}\n", run.cell, or_dash(&detail.weights)));
    let labels: Vec<String> =
        detail.listed.iter().map(|row| format!("{} as {}", row.experiment, on_one_line(&row.method))).collect();
    text.push_str(&format!("in {}\n", labels.join(", ")));
    let lines =
        [("tags: ", activity.tags.join(", ")), ("note: ", activity.note.clone()), ("", activity.outcome.clone())];
    for (name, line) in lines.into_iter().filter(|(_, line)| !line.is_empty()) {
        text.push_str(&format!("{name}{line}\n"));
    }
    if run.crashes > 0 {
        let times = if run.crashes == 1 { "1 time".to_owned() } else { format!("{} times", run.crashes) };
        text.push_str(&format!("its process was lost {times} since the last new checkpoint\n"));
    }
    if run.status == RunStatus::State(RunState::Failed) {
        let id = run.run;
        text.push_str(&format!(
            "`jem retry {id}` resumes it from its last checkpoint, `jem retry {id} --from-start` from the beginning\n"
        ));
    }
    let mut parts = vec![settings(detail, !args.settings), attempts(&detail.attempts)];
    if args.provenance {
        parts.push(provenance(detail));
    }
    parts.push(fitted.clone());
    parts.push(events(&detail.events));
    parts.push(metrics.clone());
    for part in parts.iter().filter(|part| !part.is_empty()) {
        text.push_str(&format!("\n{}\n", part.table()));
    }
    if args.provenance && detail.attempts.iter().all(|attempt| attempt.provenance.is_none()) {
        text.push_str("\nno provenance was recorded\n");
    }
    text
}

fn object(detail: &RunDetail, activity: &RunActivity, [fitted, metrics]: [&Records; 2]) -> Json {
    let run = &detail.listed[0];
    let labels: Vec<Json> =
        detail.listed.iter().map(|row| json!({ "experiment": row.experiment, "method": row.method })).collect();
    let settings: serde_json::Map<String, Json> = detail
        .settings
        .iter()
        .map(|(key, setting)| (key.clone(), json!({ "value": setting.value, "from": setting.from })))
        .collect();
    let attempts: Vec<Json> = detail.attempts.iter().map(attempt_object).collect();
    let events: Vec<Json> =
        detail.events.iter().map(|event| json!({ "at": event.at, "kind": event.kind, "text": event.text })).collect();
    json!({
        "run": run.run.0, "cell": run.cell, "seed": run.seed, "state": run.status.as_str(), "labels": labels,
        "epoch": run.epoch, "epochs": run.horizon, "minutes": activity.minutes, "device": activity.device,
        "queued_at": detail.queued_at, "ended_at": detail.ended_at, "weights": detail.weights,
        "crashes": run.crashes, "tags": activity.tags, "note": activity.note, "outcome": activity.outcome,
        "settings": settings, "attempts": attempts, "events": events, "fitted": fitted.json(),
        "metrics": metrics.json(),
    })
}

fn attempt_object(attempt: &AttemptRecord) -> Json {
    json!({
        "attempt": attempt.number, "host": attempt.host, "pid": attempt.pid, "device": attempt.device,
        "started_at": attempt.started_at, "ended_at": attempt.ended_at, "lease_until": attempt.lease_until,
        "ending": attempt.ending, "minutes": attempt.minutes, "provenance": attempt.provenance,
    })
}

/// The fitted weights that the run uses.
fn fitted(store: &Store, run: RunId) -> Result<Records, CliError> {
    let mut records =
        Records::new(&["setting", "sha256", "top1", "top5", "perplexity", "unigram", "held_out", "recipe"]);
    for file in store.fitted(run)? {
        let number = |pointer: &str| Field::number(file.record.pointer(pointer).and_then(Json::as_f64));
        let scores = ["/score/top1", "/score/top5", "/score/held_out", "/unigram", "/held_out"].map(number);
        let mut row = vec![Field::text(&file.setting), Field::text(&file.sha256)];
        row.extend(scores);
        row.push(Field::text(&file.recipe));
        records.push(row);
    }
    ["top1", "top5", "perplexity", "unigram"].into_iter().for_each(|column| records.hide_if_empty(column));
    Ok(records)
}

/// The settings, or only those that differ from the built-in defaults.
fn settings(detail: &RunDetail, only_changed: bool) -> Records {
    let mut records = Records::new(&["setting", "value", "from"]);
    for (key, setting) in &detail.settings {
        let is_default = Setting::find(key).is_some_and(|known| known.default_value() == setting.value);
        if !(only_changed && is_default) {
            records.push(vec![Field::text(key), Field::text(setting.value.to_string()), Field::text(&setting.from)]);
        }
    }
    records
}

fn attempts(attempts: &[AttemptRecord]) -> Records {
    let mut records = Records::new(&["attempt", "host", "device", "started", "ended", "min", "ending"]);
    for attempt in attempts {
        records.push(vec![
            Field::integer(i64::try_from(attempt.number).ok()),
            Field::text(&attempt.host),
            Field::text(&attempt.device),
            Field::text(&attempt.started_at),
            attempt.ended_at.as_ref().map_or(Field::None, Field::text),
            Field::text(format!("{:.1}", attempt.minutes)),
            Field::text(&attempt.ending),
        ]);
    }
    records
}

fn events(events: &[EventRecord]) -> Records {
    let mut records = Records::new(&["at", "event", "text"]);
    for event in events {
        records.push(vec![Field::text(&event.at), Field::text(&event.kind), Field::text(&event.text)]);
    }
    records
}

/// The provenance of every attempt, with one row for each value.
fn provenance(detail: &RunDetail) -> Records {
    let mut records = Records::new(&["attempt", "provenance", "value"]);
    for attempt in &detail.attempts {
        let mut rows = Vec::new();
        if let Some(json) = &attempt.provenance {
            flatten("", json, &mut rows);
        }
        for (key, value) in rows {
            records.push(vec![
                Field::integer(i64::try_from(attempt.number).ok()),
                Field::text(key),
                Field::text(value),
            ]);
        }
    }
    records
}

/// Adds a row for each value. A text of several lines, such as a diff, is shown as its number of lines; JSON has the
/// text.
fn flatten(key: &str, json: &Json, rows: &mut Vec<(String, String)>) {
    let path = |name: &str| if key.is_empty() { name.to_owned() } else { format!("{key}.{name}") };
    match json {
        Json::Null => {}
        Json::Object(members) => members.iter().for_each(|(name, json)| flatten(&path(name), json, rows)),
        Json::Array(items) if items.iter().all(|item| !item.is_object() && !item.is_array()) => {
            let words: Vec<String> = items.iter().map(plain).collect();
            rows.push((key.to_owned(), words.join(" ")));
        }
        Json::Array(items) => {
            items.iter().enumerate().for_each(|(at, item)| flatten(&path(&at.to_string()), item, rows));
        }
        Json::String(text) if text.lines().count() > 1 => {
            rows.push((key.to_owned(), format!("{} lines, in --format json", text.lines().count())));
        }
        scalar => rows.push((key.to_owned(), plain(scalar))),
    }
}

fn plain(json: &Json) -> String {
    json.as_str().map_or_else(|| json.to_string(), ToOwned::to_owned)
}

fn metrics(store: &Store, run: RunId) -> Result<Records, CliError> {
    let mut records = Records::new(&["metric", "last"]);
    for (key, title) in [("last_epoch", "epoch"), ("best", "best"), ("best_epoch", "epoch"), ("protocol", "protocol")] {
        records.add_column(key, title);
    }
    for (_, summary) in store.summaries_of(&[run])? {
        records.push(vec![
            Field::text(&summary.metric),
            Field::Number(summary.last.1),
            Field::Integer(summary.last.0.0.into()),
            Field::number(summary.best.map(|(_, value)| value)),
            Field::integer(summary.best.map(|(epoch, _)| epoch.0)),
            Field::text(summary.protocol.as_str()),
        ]);
    }
    Ok(records)
}

fn or_dash(text: &str) -> &str {
    if text.is_empty() { "-" } else { text }
}
