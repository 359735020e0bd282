//! Figures as PNG and PDF, several at a time.

use crate::report::parallel::parallel;
use crate::report::render::{Drawing, pdf};
use crate::report::{FigureError, FigureItem, FigureName, OutputFormat, ReportError, ReportSpec};

/// The forms of a figure other than its SVG.
pub struct Drawn {
    /// As PNG, if the report has this format.
    pub png: Option<Vec<u8>>,
    /// As PDF, if the report has this format.
    pub pdf: Option<Vec<u8>>,
    /// As SVG with paths in place of text.
    pub outlined: String,
}

/// Draws the figures in the formats of the spec, in their order.
///
/// # Errors
///
/// If a figure is invalid or too large; the first one in their order.
pub fn draw(figures: &[FigureItem], spec: &ReportSpec) -> Result<Vec<Drawn>, ReportError> {
    let named = |(item, drawn): (&FigureItem, Result<Drawn, FigureError>)| {
        let name = FigureName::find(&item.name).map_or("figure", FigureName::as_str);
        drawn.map_err(|source| ReportError::Figure { name, source })
    };
    figures.iter().zip(parallel(figures, |item| one(item, spec))).map(named).collect()
}

fn one(item: &FigureItem, spec: &ReportSpec) -> Result<Drawn, FigureError> {
    let drawing = Drawing::new(&item.svg)?;
    let outlined = drawing.outlined();
    let png = spec.writes(OutputFormat::Png).then(|| drawing.png()).transpose()?;
    let pdf = spec.writes(OutputFormat::Pdf).then(|| pdf(&outlined)).transpose()?;
    Ok(Drawn { png, pdf, outlined })
}
