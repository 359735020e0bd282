//! Guidance as printed in the paper, where no loss depends on the guide, against objectives that depend on it.

use super::controls::panel;
use super::dots::{DotPlot, Dots, Group, RowLabel};
use super::factors::{GuideKind, VARIED_OBJECTIVES, main_cells};
use super::images::method_label;
use super::shown::style_of;
use super::values::{metrics_of, note};
use crate::report::cells::Cell;
use crate::report::item::FigureItem;
use crate::report::{Analysis, FigureError};
use crate::spec::Value;

/// The maximum number of rows: a page has no room for more.
const MAX_ROWS: usize = 16;

/// What of the objective depends on the guide.
fn objective(cell: &Cell) -> String {
    let weight = |key: &str| match cell.value(key) {
        Some(Value::Number(weight)) if weight > 0.0 => Some(weight),
        _ => None,
    };
    let joined = (cell.word("guide.discriminator") == "joined").then(|| "discriminator gets the guide".to_owned());
    let reconstruction = weight("objective.reconstruction").map(|weight| format!("reconstruction {weight}"));
    let matching = weight("objective.guide_match").map(|weight| format!("guide match {weight}"));
    let parts: Vec<String> = [joined, reconstruction, matching].into_iter().flatten().collect();
    if parts.is_empty() { "as printed".to_owned() } else { parts.join(", ") }
}

/// Cells that differ in the objective, and in whether their guides are shuffled.
fn cells_like<'s, 'a>(analysis: &'s Analysis<'a>, base: &Cell<'a>) -> Vec<&'s Cell<'a>> {
    let is_shown = |cell: &&Cell| {
        matches!(cell.guide_kind(), GuideKind::Own | GuideKind::Shuffled) && cell.is_like(base, &VARIED_OBJECTIVES)
    };
    analysis.cells.iter().filter(is_shown).collect()
}

/// The last values by objective; `None` if all cells have the objective as printed, or none has values.
pub fn prepare(analysis: &Analysis) -> Option<(DotPlot, String)> {
    let (mut groups, mut cells): (Vec<Group>, Vec<&Cell>) = (Vec::new(), Vec::new());
    // Objectives can be the methods of an experiment, so a cell is in the group of the first base that it is like.
    for base in main_cells(&analysis.cells).into_iter().filter(|cell| cell.guide_kind() == GuideKind::Own) {
        let is_new = |cell: &&Cell| !cells.iter().any(|known| (known.method, known.id) == (cell.method, cell.id));
        let found: Vec<&Cell> = cells_like(analysis, base).into_iter().filter(is_new).collect();
        let mut objectives: Vec<String> = found.iter().map(|cell| objective(cell)).collect();
        objectives.sort_unstable();
        objectives.dedup();
        if objectives.len() < 2 || cells.len() + found.len() > MAX_ROWS {
            continue;
        }
        let methods = found.iter().any(|cell| cell.method != base.method);
        let row = |cell: &&Cell| RowLabel {
            label: format!("{}, {}", objective(cell), cell.guide_kind().label()),
            style: style_of(analysis, cell),
        };
        let title = if methods { "" } else { method_label(base) };
        groups.push(Group { title: title.to_owned(), rows: found.iter().map(row).collect() });
        cells.extend(found);
    }
    let metrics = metrics_of(analysis, cells.first()?);
    let panels: Vec<_> = metrics.iter().map(|metric| panel(analysis, metric, &cells)).collect();
    let rows: Vec<Dots> = panels.iter().flat_map(|panel| panel.rows.clone()).collect();
    if rows.iter().all(|dots| dots.values.is_empty()) {
        return None;
    }
    let labels: Vec<&str> = cells.iter().map(|cell| cell.label.as_str()).collect();
    let text = format!(
        "The last values of cells that differ in the objective alone. As printed in the paper, no loss depends on the \
         guide: neither does the discriminator get it, nor is a generated image compared with the image of its guide. \
         A difference between own and shuffled guides shows that the generator follows its guide. Cells: {}.",
        labels.join("; ")
    );
    let note = note(&rows, "last value of a seed");
    Some((DotPlot { groups, panels, has_zero: false, note }, text))
}

/// The figure `objectives`.
///
/// # Errors
///
/// None; other figures have errors.
pub fn item(analysis: &Analysis) -> Result<Option<FigureItem>, FigureError> {
    let Some((plot, text)) = prepare(analysis) else { return Ok(None) };
    let metrics: Vec<&str> = plot.panels.iter().map(|panel| panel.title.as_str()).collect();
    Ok(Some(FigureItem {
        name: "objectives".into(),
        title: "Guidance as printed and conditioned".into(),
        alt: format!("Last values by seed for objectives with and without the guide: {}", metrics.join(", ")),
        text,
        runs: plot.runs(),
        svg: plot.draw(),
        data: Some(plot.data()),
    }))
}

#[cfg(test)]
mod tests;
