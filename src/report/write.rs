use std::fs;
use std::path::{Path, PathBuf};

use super::figure::{Figures, convergence, curves, fits, sheet};
use super::{Analysis, ReportError, ReportInput, ReportSpec, document, letters_not_in_the_font, render, table};

/// Every file that a report can have. Those without content are not written, and removed if an earlier report left
/// them, so that a folder holds one report.
const FILES: [&str; 14] = [
    "curves.svg",
    "curves.png",
    "convergence.svg",
    "convergence.png",
    "fits.svg",
    "fits.png",
    "samples.svg",
    "samples.png",
    "fits.csv",
    "curves.csv",
    "convergence.csv",
    "summary.csv",
    "runs.csv",
    "report.md",
];

/// What was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Written {
    /// The paths of the files.
    pub paths: Vec<PathBuf>,
    /// The letters of names and captions that the figures' font lacks.
    pub not_in_the_font: Vec<String>,
}

/// Writes the report into `dir`, which is made if need be, and returns the paths of its files: `report.md`,
/// `runs.csv`, `summary.csv`, `curves.csv`, `convergence.csv`, where networks were fitted `fits.csv`, and `curves`,
/// `convergence`, `fits` and `samples` as SVG and PNG where there is something to draw.
///
/// Each file appears whole or not at all, and equal inputs give equal bytes. What is missing (no ended run, no
/// picture, no evaluation yet) is said in the text.
///
/// # Errors
///
/// If the spec asks for the convergence of a neutral metric, a stored picture is damaged, or a file cannot be
/// written.
pub fn write(input: &ReportInput, spec: &ReportSpec, dir: &Path) -> Result<Written, ReportError> {
    let (contents, not_in_the_font) = contents(&Analysis::new(input, spec)?)?;
    fs::create_dir_all(dir).map_err(|source| ReportError::Write { path: dir.to_owned(), source })?;
    let mut paths = Vec::new();
    for (name, bytes) in &contents {
        paths.push(put(dir, name, bytes)?);
    }
    for stale in FILES.iter().filter(|name| !contents.iter().any(|(written, _)| written == *name)) {
        remove(&dir.join(stale))?;
    }
    Ok(Written { paths, not_in_the_font })
}

/// A file's name and what is in it.
type Content = (&'static str, Vec<u8>);

/// The files in the order of [`FILES`]: the text comes last, when what it shows is there. And the letters that the font
/// of figures lacks.
fn contents(analysis: &Analysis) -> Result<(Vec<Content>, Vec<String>), ReportError> {
    let drawn = |name: &'static str| move |source| ReportError::Figure { name, source };
    let sheet = sheet::prepare(analysis).map_err(drawn("samples"))?;
    let (curves, dots) = (curves::prepare(analysis), convergence::prepare(analysis));
    let figures = Figures { curves, dots, fits: fits::prepare(analysis), sheet };
    let svgs = [
        ("curves", figures.curves.as_ref().map(|figure| figure.draw())),
        ("convergence", figures.dots.as_ref().map(|figure| figure.draw())),
        ("fits", figures.fits.as_ref().map(|figure| figure.draw())),
        ("samples", figures.sheet.as_ref().map(|figure| figure.draw())),
    ];
    let mut bytes = Vec::new();
    for (name, svg) in svgs {
        match svg.transpose().map_err(drawn(name))? {
            Some(svg) => {
                let png = render::png(&svg).map_err(drawn(name))?;
                bytes.extend([Some(svg.into_bytes()), Some(png)]);
            }
            None => bytes.extend([None, None]),
        }
    }
    bytes.push(table::fits_csv(analysis).map(|table| table.csv().into_bytes()));
    for table in [table::curves_csv, table::convergence_csv, table::summary_csv, table::runs_csv] {
        bytes.push(Some(table(analysis).csv().into_bytes()));
    }
    bytes.push(Some(document::markdown(analysis, &figures).into_bytes()));
    let not_in_the_font =
        letters_not_in_the_font(document::names(analysis, &figures).iter().map(|(_, text)| text.as_str()));
    Ok((FILES.into_iter().zip(bytes).filter_map(|(name, bytes)| Some((name, bytes?))).collect(), not_in_the_font))
}

fn put(dir: &Path, name: &str, bytes: &[u8]) -> Result<PathBuf, ReportError> {
    let path = dir.join(name);
    // In the same folder, so that the rename cannot cross file systems; by process, so that two reports never mix.
    let partial = dir.join(format!(".{name}.{}.partial", std::process::id()));
    let written = fs::write(&partial, bytes).and_then(|()| fs::rename(&partial, &path));
    written.map_err(|source| {
        // The error that matters is the first; what is left of the partial file is harmless.
        let _ = fs::remove_file(&partial);
        ReportError::Write { path: path.clone(), source }
    })?;
    Ok(path)
}

fn remove(path: &Path) -> Result<(), ReportError> {
    match fs::remove_file(path) {
        Err(source) if source.kind() != std::io::ErrorKind::NotFound => {
            Err(ReportError::Write { path: path.to_owned(), source })
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests;
