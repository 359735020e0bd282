use std::fs;
use std::path::{Path, PathBuf};

use super::figure::{Figures, convergence, curves, fits, samples};
use super::parallel::{joined, parallel};
use super::{Analysis, ReportError, ReportInput, ReportSpec, document, missing_glyphs, render, table};

/// All files that a report can have. Files without content are not written, and files of an earlier report are removed.
const FILES: [&str; 15] = [
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
    "curves.csv.gz",
    "convergence.csv",
    "summary.csv",
    "runs.csv",
    "report.md",
];

/// A written report.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WrittenReport {
    /// The paths of the files.
    pub paths: Vec<PathBuf>,
    /// The characters in labels and captions that the font of figures lacks.
    pub missing_glyphs: Vec<String>,
}

/// Writes the report into `dir`, which is created if necessary. The files are `report.md`, `runs.csv`, `summary.csv`,
/// `curves.csv` (`curves.csv.gz` if it is long), `convergence.csv`; `fits.csv` if networks were fitted; and the figures `curves`, `convergence`, `fits`
/// and `samples` as SVG and PNG if they have data.
///
/// Each file is written atomically, and equal inputs give equal bytes. The text mentions missing data, such as no ended
/// run, no images or no evaluation.
///
/// # Errors
///
/// If the convergence metric of the spec is neutral, a stored image grid is damaged, or a file cannot be written.
pub fn write(input: &ReportInput, spec: &ReportSpec, dir: &Path) -> Result<WrittenReport, ReportError> {
    let (contents, missing_glyphs) = contents(&Analysis::new(input, spec)?)?;
    fs::create_dir_all(dir).map_err(|source| ReportError::Write { path: dir.to_owned(), source })?;
    let mut paths = Vec::new();
    for (name, bytes) in &contents {
        paths.push(put(dir, name, bytes)?);
    }
    for stale in FILES.iter().filter(|name| !contents.iter().any(|(written, _)| written == *name)) {
        remove(&dir.join(stale))?;
    }
    Ok(WrittenReport { paths, missing_glyphs })
}

/// The name and the content of a file.
type Content = (&'static str, Vec<u8>);

/// The files in the order of [`FILES`], and the characters that the font of figures lacks. The text is last, after the
/// files to which it refers.
fn contents(analysis: &Analysis) -> Result<(Vec<Content>, Vec<String>), ReportError> {
    let figure_error = |name: &'static str| move |source| ReportError::Figure { name, source };
    let figures = Figures {
        curves: curves::prepare(analysis),
        convergence: convergence::prepare(analysis),
        fits: fits::prepare(analysis),
        samples: samples::prepare(analysis).map_err(figure_error("samples"))?,
    };
    let svgs = [
        ("curves", figures.curves.as_ref().map(|figure| figure.draw())),
        ("convergence", figures.convergence.as_ref().map(|figure| figure.draw())),
        ("fits", figures.fits.as_ref().map(|figure| figure.draw())),
        ("samples", figures.samples.as_ref().map(|figure| figure.draw())),
    ];
    let svgs = svgs.into_iter().map(|(name, svg)| Ok((name, svg.transpose().map_err(figure_error(name))?)));
    let svgs = svgs.collect::<Result<Vec<_>, ReportError>>()?;
    // Images and the long file take most of the time.
    let (pngs, (points_name, points)) = std::thread::scope(|scope| {
        let points = scope.spawn(|| table::curves_csv(analysis));
        let pngs = parallel(&svgs, |(_, svg)| svg.as_deref().map(render::png).transpose());
        (pngs, joined(points))
    });
    let mut bytes = Vec::new();
    for ((name, svg), png) in svgs.into_iter().zip(pngs) {
        bytes.extend([svg.map(String::into_bytes), png.map_err(figure_error(name))?]);
    }
    bytes.push(table::fits_csv(analysis).map(|table| table.csv().into_bytes()));
    bytes.extend(if points_name == table::CURVES[0] { [Some(points), None] } else { [None, Some(points)] });
    for table in [table::convergence_csv, table::summary_csv, table::runs_csv] {
        bytes.push(Some(table(analysis).csv().into_bytes()));
    }
    bytes.push(Some(document::markdown(analysis, &figures).into_bytes()));
    let missing_glyphs = missing_glyphs(document::names(analysis, &figures).iter().map(|(_, text)| text.as_str()));
    Ok((FILES.into_iter().zip(bytes).filter_map(|(name, bytes)| Some((name, bytes?))).collect(), missing_glyphs))
}

fn put(dir: &Path, name: &str, bytes: &[u8]) -> Result<PathBuf, ReportError> {
    let path = dir.join(name);
    // In the same folder, so that both are on one file system; with the process id, so that two processes do not write
    // the same file.
    let partial = dir.join(format!(".{name}.{}.partial", std::process::id()));
    let written = fs::write(&partial, bytes).and_then(|()| fs::rename(&partial, &path));
    written.map_err(|source| {
        // Only the first error is reported; a remaining partial file is harmless.
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
