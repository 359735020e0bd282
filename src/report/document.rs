//! The report as Markdown.

mod caveats;
mod reading;

use std::collections::BTreeSet;

use super::cells::replaced_labels;
use super::format::{counted, markdown as escaped};
use super::{Analysis, Cell, FigureItem, SelectedCells, missing_glyphs, table};
use crate::screen::visible;
use crate::store::{RunId, RunRecord, RunState};

/// The complete text with the figures. If there are too many cells,
/// it shows the best and the worst.
pub fn markdown(analysis: &Analysis, figures: &[FigureItem]) -> String {
    let mut sections = vec![format!("# {}", escaped(&analysis.input.title)), compared(analysis)];
    if !analysis.cells.is_empty() {
        let selected = analysis.selected_cells();
        sections.extend(methods(analysis, selected.as_ref()));
        sections.extend(legend_of_names(analysis));
        sections.extend(figures.iter().map(section));
        sections.push(runs(analysis, selected.as_ref()));
        sections.extend(incomplete_runs(analysis, selected.as_ref()));
        sections.push(reading::section(analysis));
        sections.extend(caveats::section(analysis));
    }
    // All parts escape control characters; this is a safeguard.
    visible(&sections.join("\n\n")).into_owned() + "\n"
}

/// The compared experiments, and the numbers of cells, seeds and runs.
fn compared(analysis: &Analysis) -> String {
    let mut text = format!("Report `{}` compares these experiments:\n\n", analysis.input.name);
    for experiment in &analysis.input.experiments {
        let title = escaped(&experiment.title);
        text += &format!("- `{}`, revision {}: {title}\n", experiment.name, experiment.revision);
    }
    if analysis.cells.is_empty() {
        return text + "\nNo run is queued yet: `jem queue` adds runs, `jem work` trains them.";
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

/// The cells with these indices.
fn at<'s, 'a>(analysis: &'s Analysis<'a>, indices: impl Iterator<Item = usize>) -> Vec<&'s Cell<'a>> {
    indices.map(|index| &analysis.cells[index]).collect()
}

/// The summary in one table, or one table each for the best and the worst cells.
fn methods(analysis: &Analysis, selected: Option<&SelectedCells>) -> Vec<String> {
    let table = |cells: &[&Cell]| table::summary(analysis, cells).markdown().trim_end().to_owned();
    let Some(SelectedCells { best, worst, description }) = selected else {
        return vec![format!("## Methods\n\n{}", table(&at(analysis, 0..analysis.cells.len())))];
    };
    let mut sections = vec![format!("## Methods\n\nShown: {description}. `summary.csv` contains all cells.")];
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

/// The replaced labels as a section: (name, original text).
fn legend_of_names(analysis: &Analysis) -> Option<String> {
    let names = replaced_labels(&analysis.cells);
    let missing = missing_glyphs(names.iter().map(|(_, label)| label.as_str())).join(" ");
    let listed: Vec<String> = names.iter().map(|(name, label)| format!("- {name}: {}", escaped(label))).collect();
    let text = format!("The font of the figures lacks {}. The figures use these names instead:", escaped(&missing));
    (!listed.is_empty()).then(|| format!("{text}\n\n{}", listed.join("\n")))
}

/// A figure as a section.
fn section(figure: &FigureItem) -> String {
    let (title, alt, text) = (escaped(&figure.title), escaped(&figure.alt), escaped(&figure.text));
    format!("## {title}\n\n![{alt}]({}.png)\n\n{text}", figure.name)
}

fn runs(analysis: &Analysis, selected: Option<&SelectedCells>) -> String {
    let Some(selected) = selected else {
        let all = at(analysis, 0..analysis.cells.len());
        return format!("## Runs\n\n{}", table::runs(analysis, &all).markdown().trim_end());
    };
    let shown = table::runs(analysis, &at(analysis, selected.all()));
    format!("## Runs\n\nThe runs of the cells above. `runs.csv` contains all runs.\n\n{}", shown.markdown().trim_end())
}

/// The runs that have not reached their horizon; of selected cells, if there is a selection.
fn incomplete_runs(analysis: &Analysis, selected: Option<&SelectedCells>) -> Option<String> {
    let all: Vec<&RunRecord> =
        analysis.runs().map(|run| &run.record).filter(|record| record.state != RunState::Finished).collect();
    let shown: Option<BTreeSet<RunId>> = selected.map(|selected| {
        at(analysis, selected.all()).into_iter().flat_map(|cell| &cell.runs).map(|run| run.record.id).collect()
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
