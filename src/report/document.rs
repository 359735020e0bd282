//! The report as Markdown.

mod caveats;
mod reading;

use super::figure::Figures;
use super::format::{counted, markdown as escaped};
use super::{Analysis, table};
use crate::store::RunState;

/// The whole text, which shows the figures that exist and names those that do not yet.
pub fn markdown(analysis: &Analysis, figures: &Figures) -> String {
    let mut sections = vec![format!("# {}", escaped(&analysis.input.title)), compared(analysis)];
    if !analysis.cells.is_empty() {
        sections.push(format!("## Methods\n\n{}", table::summary(analysis).markdown().trim_end()));
        sections.extend([curves(analysis, figures), convergence(figures), samples(figures)]);
        sections.extend(fits(figures));
        sections.push(format!("## Runs\n\n{}", table::runs(analysis).markdown().trim_end()));
        sections.extend(stopped(analysis));
        sections.push(reading::section(analysis));
        sections.extend(caveats::section(analysis));
    }
    sections.join("\n\n") + "\n"
}

/// What the report is about: experiments, methods, seeds, and where the runs stand.
fn compared(analysis: &Analysis) -> String {
    let mut text = format!("Report `{}`, made from the database alone. What is compared:\n\n", analysis.input.name);
    for experiment in &analysis.input.experiments {
        let title = escaped(&experiment.title);
        text += &format!("- `{}`, revision {}: {title}\n", experiment.name, experiment.revision);
    }
    if analysis.cells.is_empty() {
        return text + "\nNo run is queued for this yet: `jem queue` adds runs, `jem work` trains them.";
    }
    let mut seeds: Vec<u64> = analysis.runs().map(|run| run.record.seed).collect();
    seeds.sort_unstable();
    seeds.dedup();
    let listed: Vec<String> = seeds.iter().map(u64::to_string).collect();
    let states = RunState::ALL.into_iter().map(|state| (analysis.count(&[state]), state)).filter(|(n, _)| *n > 0);
    let states: Vec<String> = states.map(|(n, state)| format!("{n} {state}")).collect();
    text + &format!(
        "\n{}, {} ({}), {}: {}.",
        counted(analysis.cells.len(), "cell"),
        counted(seeds.len(), "seed"),
        listed.join(", "),
        counted(analysis.runs().count(), "run"),
        states.join(", "),
    )
}

fn curves(analysis: &Analysis, figures: &Figures) -> String {
    let named = |names: &[&str]| names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
    let asked: Vec<&str> = analysis.spec.curves.iter().map(|metric| metric.name).collect();
    let Some(curves) = &figures.curves else {
        return format!("## Curves\n\nNo run has recorded {} yet.", named(&asked));
    };
    let mut text = format!("## Curves\n\n![Mean curves over seeds](curves.png)\n\n{}", curves.note);
    if !curves.missing.is_empty() {
        text += &format!(" No run has recorded {} yet.", named(&curves.missing));
    }
    text
}

fn convergence(figures: &Figures) -> String {
    let shown = match &figures.dots {
        Some(dots) => format!("![Convergence epochs by method](convergence.png)\n\n{}.", dots.heading),
        None => "No run has ended yet, so none can be judged.".to_owned(),
    };
    format!("## Convergence\n\n{shown}")
}

fn samples(figures: &Figures) -> String {
    let shown = match &figures.sheet {
        Some(sheet) => format!("![Samples by method](samples.png)\n\n{}", escaped(&sheet.note)),
        None => "No run has kept such samples of held-out items yet.".to_owned(),
    };
    format!("## Samples\n\n{}", shown.trim_end())
}

/// How the networks that runs began with were fitted.
fn fits(figures: &Figures) -> Option<String> {
    let fits = figures.fits.as_ref()?;
    let them = if fits.panels.len() == 1 { "one network was" } else { "these networks were" };
    Some(format!(
        "## Fitted networks\n\n![Scores of fitted networks by epoch](fits.png)\n\nBefore any run, {them} fitted; the grey \
         line is at the epoch whose weights were kept."
    ))
}

/// The runs that ended before their horizon, and those that have not ended.
fn stopped(analysis: &Analysis) -> Option<String> {
    let lines: Vec<String> = analysis
        .runs()
        .map(|run| &run.record)
        .filter(|record| record.state != RunState::Finished)
        .map(|record| {
            let why = if record.outcome.is_empty() { String::new() } else { format!(": {}", escaped(&record.outcome)) };
            let (method, seed) = (escaped(&record.method), record.seed);
            let (state, epoch, horizon) = (record.state, record.epoch, record.horizon);
            format!("- Run {} ({method}, seed {seed}): {state} at epoch {epoch} of {horizon}{why}", record.id)
        })
        .collect();
    let heading = "## Runs that have not reached their horizon";
    (!lines.is_empty()).then(|| format!("{heading}\n\n{}", lines.join("\n")))
}

#[cfg(test)]
mod tests;
