//! The report as Markdown.

mod caveats;
mod reading;

use std::collections::BTreeSet;

use super::figure::Figures;
use super::format::{counted, markdown as escaped};
use super::{Analysis, Cell, Ends, letters_not_in_the_font, names_in_figures, table};
use crate::screen::visible;
use crate::store::{RunId, RunRecord, RunState};

/// The whole text, which shows the figures that exist and names those that do not yet. Of very many cells it shows the
/// best and the worst.
pub fn markdown(analysis: &Analysis, figures: &Figures) -> String {
    let mut sections = vec![format!("# {}", escaped(&analysis.input.title)), compared(analysis)];
    if !analysis.cells.is_empty() {
        let ends = analysis.ends();
        sections.extend(methods(analysis, ends.as_ref()));
        sections.extend(legend_of_names(analysis, figures));
        sections.extend([curves(analysis, figures), convergence(figures), samples(figures)]);
        sections.extend(fits(figures));
        sections.push(runs(analysis, ends.as_ref()));
        sections.extend(stopped(analysis, ends.as_ref()));
        sections.push(reading::section(analysis));
        sections.extend(caveats::section(analysis));
    }
    // Every part writes hidden characters out; what a new part forgets is caught here.
    visible(&sections.join("\n\n")).into_owned() + "\n"
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

/// The cells at these places.
fn at<'s, 'a>(analysis: &'s Analysis<'a>, places: impl Iterator<Item = usize>) -> Vec<&'s Cell<'a>> {
    places.map(|place| &analysis.cells[place]).collect()
}

/// The summary: in one table, or the best and the worst cells in one each.
fn methods(analysis: &Analysis, ends: Option<&Ends>) -> Vec<String> {
    let table = |cells: &[&Cell]| table::summary(analysis, cells).markdown().trim_end().to_owned();
    let Some(Ends { best, worst, words }) = ends else {
        return vec![format!("## Methods\n\n{}", table(&at(analysis, 0..analysis.cells.len())))];
    };
    let mut sections = vec![format!("## Methods\n\nShown here: {words}. `summary.csv` holds all of them.")];
    let best = table(&at(analysis, best.iter().copied()));
    match worst.is_empty() {
        true => sections.push(best),
        false => {
            let worst = table(&at(analysis, worst.iter().copied()));
            sections.extend([format!("### The best\n\n{best}"), format!("### The worst\n\n{worst}")]);
        }
    }
    sections
}

/// Which names in figures stand for which labels and captions: those with letters that the font lacks.
pub fn names(analysis: &Analysis, figures: &Figures) -> Vec<(String, String)> {
    let mut names = names_in_figures(&analysis.cells);
    names.extend(figures.sheet.iter().flat_map(|sheet| sheet.unwritten.clone()));
    names
}

/// The same as a section.
fn legend_of_names(analysis: &Analysis, figures: &Figures) -> Option<String> {
    let names = names(analysis, figures);
    let missing = letters_not_in_the_font(names.iter().map(|(_, label)| label.as_str())).join(" ");
    let listed: Vec<String> = names.iter().map(|(name, label)| format!("- {name}: {}", escaped(label))).collect();
    let text = format!("The font of the figures lacks {}. There these names stand for:", escaped(&missing));
    (!listed.is_empty()).then(|| format!("{text}\n\n{}", listed.join("\n")))
}

fn runs(analysis: &Analysis, ends: Option<&Ends>) -> String {
    let Some(ends) = ends else {
        let all = at(analysis, 0..analysis.cells.len());
        return format!("## Runs\n\n{}", table::runs(analysis, &all).markdown().trim_end());
    };
    let shown = table::runs(analysis, &at(analysis, ends.both()));
    format!("## Runs\n\nThose of the cells above; `runs.csv` holds all of them.\n\n{}", shown.markdown().trim_end())
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
        Some(dots) => {
            let extract = dots.extract.as_ref().map(|extract| format!(" {extract}.")).unwrap_or_default();
            format!("![Convergence epochs by method](convergence.png)\n\n{}.{extract}", dots.heading)
        }
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

/// The runs that ended before their horizon, and those that have not ended; of very many cells those of the ones shown.
fn stopped(analysis: &Analysis, ends: Option<&Ends>) -> Option<String> {
    let all: Vec<&RunRecord> =
        analysis.runs().map(|run| &run.record).filter(|record| record.state != RunState::Finished).collect();
    let shown: Option<BTreeSet<RunId>> = ends.map(|ends| {
        at(analysis, ends.both()).into_iter().flat_map(|cell| &cell.runs).map(|run| run.record.id).collect()
    });
    let is_shown = |record: &&RunRecord| shown.as_ref().is_none_or(|shown| shown.contains(&record.id));
    let mut lines: Vec<String> = all.iter().copied().filter(is_shown).map(line).collect();
    if all.len() > lines.len() {
        let more = all.len() - lines.len();
        lines.push(format!("- {} of other cells: `runs.csv` lists them", counted(more, "run")));
    }
    let heading = "## Runs that have not reached their horizon";
    (!lines.is_empty()).then(|| format!("{heading}\n\n{}", lines.join("\n")))
}

fn line(record: &RunRecord) -> String {
    let why = if record.outcome.is_empty() { String::new() } else { format!(": {}", escaped(&record.outcome)) };
    let (method, seed) = (escaped(&record.method), record.seed);
    let (state, epoch, horizon) = (record.state, record.epoch, record.horizon);
    format!("- Run {} ({method}, seed {seed}): {state} at epoch {epoch} of {horizon}{why}", record.id)
}

#[cfg(test)]
mod tests;
