use super::{convergence, curves, fits, samples};
use crate::report::{Analysis, FigureError, FigureItem, FigureName, ReportError, RunData, format, table};
use crate::store::RunId;

/// The figures that have data, in the order of [`FigureName::ALL`].
///
/// # Errors
///
/// If a stored image grid is damaged, or the drawing library fails.
pub fn all(analysis: &Analysis) -> Result<Vec<FigureItem>, ReportError> {
    let mut items = Vec::new();
    for &name in FigureName::ALL {
        let drawn = match name {
            FigureName::Curves => curves(analysis),
            FigureName::Convergence => convergence(analysis),
            FigureName::Samples => samples(analysis),
            FigureName::Fits => fits(analysis),
            _ => Ok(None),
        };
        items.extend(drawn.map_err(|source| ReportError::Figure { name: name.as_str(), source })?);
    }
    Ok(items)
}

/// The ids of runs, sorted.
fn ids<'a>(runs: impl Iterator<Item = &'a RunData>) -> Vec<RunId> {
    let mut ids: Vec<RunId> = runs.map(|run| run.record.id).collect();
    ids.sort_unstable();
    ids.dedup();
    ids
}

fn included(analysis: &Analysis) -> Vec<RunId> {
    ids(analysis.cells.iter().flat_map(|cell| cell.included_runs()))
}

fn curves(analysis: &Analysis) -> Result<Option<FigureItem>, FigureError> {
    let Some(figure) = curves::prepare(analysis) else { return Ok(None) };
    let missing = match figure.missing.is_empty() {
        true => String::new(),
        false => format!(" No run has recorded {} yet.", figure.missing.join(", ")),
    };
    let panels: Vec<&str> = figure.panels.iter().map(|panel| panel.axis.as_str()).collect();
    let cells: Vec<&str> = figure.legend.iter().map(|(_, label)| label.as_str()).collect();
    let (last, panels, cells) = (figure.last, panels.join(", "), cells.join("; "));
    Ok(Some(FigureItem {
        name: FigureName::Curves.as_str().into(),
        title: "Curves over training".into(),
        text: format!("{}{missing}", figure.note),
        alt: format!("Line charts by epoch, to epoch {last}, of {panels} for {cells}."),
        runs: included(analysis),
        svg: figure.draw()?,
        data: None,
    }))
}

fn convergence(analysis: &Analysis) -> Result<Option<FigureItem>, FigureError> {
    let Some(figure) = convergence::prepare(analysis) else { return Ok(None) };
    let selection = figure.selection.as_ref().map(|selection| format!(" {selection}.")).unwrap_or_default();
    let row = |row: &convergence::Row| {
        let median = row.survival.median.map(|median| format!(", median epoch {median}")).unwrap_or_default();
        format!("{}: {} of {} runs{median}", row.label, row.survival.reached, row.survival.n)
    };
    let rows: Vec<String> = figure.rows.iter().map(row).collect();
    Ok(Some(FigureItem {
        name: FigureName::Convergence.as_str().into(),
        title: "Epoch of convergence of each run".into(),
        text: format!("{}.{selection}", figure.heading),
        alt: format!("Converged runs by method. {}.", rows.join("; ")),
        runs: ids(analysis.runs()),
        svg: figure.draw()?,
        data: None,
    }))
}

fn samples(analysis: &Analysis) -> Result<Option<FigureItem>, FigureError> {
    let Some(figure) = samples::prepare(analysis)? else { return Ok(None) };
    let columns: Vec<String> =
        figure.columns.iter().map(|column| format!("{} ({})", column.title, column.detail)).collect();
    let replaced: Vec<String> =
        figure.replaced_captions.iter().map(|(number, caption)| format!("{number}: {caption}")).collect();
    let replaced = match replaced.is_empty() {
        true => String::new(),
        false => {
            format!(" The font lacks letters of some captions, which are numbers instead: {}.", replaced.join("; "))
        }
    };
    let rows = format::counted(figure.captions.len(), "held-out caption");
    Ok(Some(FigureItem {
        name: FigureName::Samples.as_str().into(),
        title: "Samples beside the real images".into(),
        text: format!("{}{replaced}", figure.note).trim().to_owned(),
        alt: format!("A grid of images: {rows} in rows; {} in columns.", columns.join(", ")),
        runs: included(analysis),
        svg: figure.draw()?,
        data: None,
    }))
}

fn fits(analysis: &Analysis) -> Result<Option<FigureItem>, FigureError> {
    let Some(figure) = fits::prepare(analysis) else { return Ok(None) };
    let networks = if figure.panels.len() == 1 { "This network was" } else { "These networks were" };
    let headings: Vec<&str> = figure.panels.iter().map(|panel| panel.heading.as_str()).collect();
    Ok(Some(FigureItem {
        name: FigureName::Fits.as_str().into(),
        title: "Fitted networks".into(),
        text: format!("{networks} fitted before the runs. The grey line marks the epoch whose weights the runs use."),
        alt: format!("Line charts of scores by epoch: {}.", headings.join("; ")),
        runs: ids(analysis.runs().filter(|run| !run.fitted.is_empty())),
        svg: figure.draw()?,
        data: table::fits_csv(analysis),
    }))
}
