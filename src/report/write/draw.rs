//! Figures as PNG and PDF, several at a time.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

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

/// At most this number of figures is drawn at a time: each takes memory for its pixels.
const MAX_THREADS: usize = 4;

/// Draws the figures in the formats of the spec, in their order.
///
/// # Errors
///
/// If a figure is invalid or too large; the first one in their order.
pub fn draw(figures: &[FigureItem], spec: &ReportSpec) -> Result<Vec<Drawn>, ReportError> {
    let cores = thread::available_parallelism().map_or(1, usize::from);
    let next = AtomicUsize::new(0);
    let work = || {
        let mut drawn = Vec::new();
        while let Some((at, item)) =
            Some(next.fetch_add(1, Ordering::Relaxed)).and_then(|at| Some((at, figures.get(at)?)))
        {
            drawn.push((at, one(item, spec)));
        }
        drawn
    };
    let mut drawn: Vec<(usize, Result<Drawn, FigureError>)> = thread::scope(|scope| {
        let threads: Vec<_> = (0..cores.min(MAX_THREADS).min(figures.len())).map(|_| scope.spawn(work)).collect();
        // A panic of a thread continues here.
        let results = threads.into_iter().map(|thread| thread.join().unwrap_or_else(|p| std::panic::resume_unwind(p)));
        results.flatten().collect()
    });
    drawn.sort_by_key(|(at, _)| *at);
    let named = |(at, drawn): (usize, Result<Drawn, FigureError>)| {
        let name = FigureName::find(&figures[at].name).map_or("figure", FigureName::as_str);
        drawn.map_err(|source| ReportError::Figure { name, source })
    };
    drawn.into_iter().map(named).collect()
}

fn one(item: &FigureItem, spec: &ReportSpec) -> Result<Drawn, FigureError> {
    let drawing = Drawing::new(&item.svg)?;
    let outlined = drawing.outlined();
    let png = spec.writes(OutputFormat::Png).then(|| drawing.png()).transpose()?;
    let pdf = spec.writes(OutputFormat::Pdf).then(|| pdf(&outlined)).transpose()?;
    Ok(Drawn { png, pdf, outlined })
}
