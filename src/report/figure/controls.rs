//! Controls: the own guide beside a shuffled one, zeros, the background alone, and no guide.

use super::dots::{DotPlot, Dots, Group, Panel, RowLabel};
use super::factors::{GuideKind, main_cells};
use super::images::method_label;
use super::shown::style_of;
use super::values::{detail, last_values, metrics_of, note};
use crate::report::cells::Cell;
use crate::report::item::FigureItem;
use crate::report::protocol_metric::ProtocolMetric;
use crate::report::{Analysis, FigureError};

/// The maximum number of methods.
const METHODS: usize = 4;

/// A cell with its own guide, and its controls.
#[derive(Debug)]
struct Set<'s, 'a> {
    own: &'s Cell<'a>,
    controls: Vec<(GuideKind, &'s Cell<'a>)>,
}

/// The methods whose guides have controls. `without` is the cell without a guide.
fn sets<'s, 'a>(analysis: &'s Analysis<'a>, main: &[&'s Cell<'a>]) -> Vec<Set<'s, 'a>> {
    let mut sets = Vec::new();
    for &own in main.iter().filter(|cell| cell.guide_kind() == GuideKind::Own) {
        let control = |kind: GuideKind, prefixes: &[&str]| {
            let is_control = |cell: &&Cell| {
                cell.method == own.method && cell.guide_kind() == kind && cell.is_like(own, prefixes)
            };
            analysis.cells.iter().find(is_control).map(|cell| (kind, cell))
        };
        // A guide of zeros may deactivate or activate settings of mismatched guides.
        let source = ["guide.source", "objective.fake_share"];
        let controls: Vec<(GuideKind, &Cell)> = [
            control(GuideKind::Shuffled, &source),
            control(GuideKind::Zero, &source),
            control(GuideKind::Background, &["guide.segmentation", "segment."]),
        ]
        .into_iter()
        .flatten()
        .collect();
        if !controls.is_empty() {
            sets.push(Set { own, controls });
        }
    }
    sets.truncate(METHODS);
    sets
}

/// The last values of guided methods and of their controls; `None` if no method has a control with values.
pub fn prepare(analysis: &Analysis) -> Option<(DotPlot, String)> {
    let main = main_cells(&analysis.cells);
    let sets = sets(analysis, &main);
    let first = sets.first()?.own;
    let without = main
        .iter()
        .copied()
        .find(|cell| cell.guide_kind() == GuideKind::Absent && cell.resolution() == first.resolution());
    let metrics = metrics_of(analysis, first);
    let mut groups = Vec::new();
    let mut cells: Vec<&Cell> = Vec::new();
    for set in &sets {
        let rows = std::iter::once((GuideKind::Own, set.own)).chain(set.controls.iter().copied());
        let label = |(kind, cell): (GuideKind, &Cell)| {
            let segmentation = set.own.word("guide.segmentation");
            let label = match kind {
                GuideKind::Own => format!("own guide ({segmentation})"),
                kind => kind.label().to_owned(),
            };
            RowLabel { label, style: style_of(analysis, cell) }
        };
        cells.extend(rows.clone().map(|(_, cell)| cell));
        groups.push(Group { title: method_label(set.own).to_owned(), rows: rows.map(label).collect() });
    }
    if let Some(cell) = without {
        cells.push(cell);
        let row = RowLabel { label: GuideKind::Absent.label().to_owned(), style: style_of(analysis, cell) };
        groups.push(Group { title: method_label(cell).to_owned(), rows: vec![row] });
    }
    let panels: Vec<Panel> = metrics.iter().map(|metric| panel(analysis, metric, &cells)).collect();
    let rows: Vec<Dots> = panels.iter().flat_map(|panel| panel.rows.clone()).collect();
    if rows.iter().all(|dots| dots.values.is_empty()) {
        return None;
    }
    let note = note(&rows, "last value of a seed");
    Some((DotPlot { groups, panels, has_zero: false, note }, text(first, without, &sets)))
}

/// A panel with a row for each cell.
pub fn panel(analysis: &Analysis, metric: &ProtocolMetric, cells: &[&Cell]) -> Panel {
    Panel {
        title: metric.name(),
        detail: detail(analysis, metric),
        series: (metric.definition.name.to_owned(), metric.protocol.as_str().to_owned()),
        rows: cells.iter().map(|cell| last_values(cell, metric)).collect(),
    }
}

fn text(first: &Cell, without: Option<&Cell>, sets: &[Set]) -> String {
    let own: Vec<&str> = sets.iter().map(|set| set.own.label.as_str()).collect();
    let mut text = format!(
        "The last values of cells whose guide is that of the image itself ({}), and of cells that differ in the guide \
         alone: the guide of another image, zeros in place of the guide, and the background of the image alone. If a \
         method uses what its guide shows, its own guide is better than a shuffled one.",
        own.join("; ")
    );
    if let Some(without) = without {
        let is_same = first.word("objective.kind") == without.word("objective.kind");
        text += &match is_same {
            true => format!(" {} has no guide.", without.label),
            false => format!(
                " {} has no guide; it also has another objective (`{}` and not `{}`).",
                without.label,
                without.word("objective.kind"),
                first.word("objective.kind")
            ),
        };
    }
    text
}

/// The figure `controls`.
///
/// # Errors
///
/// None; other figures have errors.
pub fn item(analysis: &Analysis) -> Result<Option<FigureItem>, FigureError> {
    let Some((plot, text)) = prepare(analysis) else { return Ok(None) };
    let metrics: Vec<&str> = plot.panels.iter().map(|panel| panel.title.as_str()).collect();
    let groups: Vec<&str> = plot.groups.iter().map(|group| group.title.as_str()).collect();
    Ok(Some(FigureItem {
        name: "controls".into(),
        title: "Controls of the guide".into(),
        alt: format!("Last values by seed of {} with their controls: {}", groups.join(", "), metrics.join(", ")),
        text,
        runs: plot.runs(),
        svg: plot.draw(),
        data: Some(plot.data()),
    }))
}

#[cfg(test)]
mod tests;
