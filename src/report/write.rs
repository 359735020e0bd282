use std::fs;
use std::path::{Path, PathBuf};

use super::cells::replaced_labels;
use super::{Analysis, ReportError, ReportInput, ReportSpec, document, figure, missing_glyphs, render, table};

/// The names of figures, each with an SVG and a PNG file.
const FIGURES: [&str; 18] = [
    "segmentations",
    "pipeline",
    "networks",
    "methods",
    "originals",
    "foreground",
    "backgrounds",
    "resolutions",
    "samples",
    "curves",
    "convergence",
    "converged",
    "differences",
    "controls",
    "objectives",
    "strips",
    "cost",
    "fits",
];

/// The other files that a report can have.
const FILES: [&str; 7] =
    ["fits.csv", "curves.csv", "curves.csv.gz", "convergence.csv", "summary.csv", "runs.csv", "report.md"];

/// A written report.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WrittenReport {
    /// The paths of the files.
    pub paths: Vec<PathBuf>,
    /// The characters in labels and captions that the font of figures lacks.
    pub missing_glyphs: Vec<String>,
}

/// Writes the report into `dir`, which is created if necessary. The files are `report.md`, `runs.csv`, `summary.csv`,
/// `curves.csv`, `convergence.csv`; `fits.csv` if networks were fitted; and the figures that have data as SVG and PNG.
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
    let names = FIGURES.iter().flat_map(|name| [format!("{name}.svg"), format!("{name}.png")]);
    for stale in names.chain(FILES.map(str::to_owned)).filter(|name| !contents.iter().any(|(file, _)| file == name)) {
        remove(&dir.join(stale))?;
    }
    Ok(WrittenReport { paths, missing_glyphs })
}

/// The name and the content of a file.
type Content = (String, Vec<u8>);

/// The files, and the characters that the font of figures lacks. The text is last, after the files to which it refers.
fn contents(analysis: &Analysis) -> Result<(Vec<Content>, Vec<String>), ReportError> {
    let figures = figure::all(analysis)?;
    let mut contents = Vec::new();
    for figure in &figures {
        let name = FIGURES.into_iter().find(|name| *name == figure.name).unwrap_or_default();
        let png = render::png(&figure.svg).map_err(|source| ReportError::Figure { name, source })?;
        contents.push((format!("{name}.svg"), figure.svg.clone().into_bytes()));
        contents.push((format!("{name}.png"), png));
    }
    contents.extend(table::fits_csv(analysis).map(|table| ("fits.csv".to_owned(), table.csv().into_bytes())));
    let (name, points) = table::curves_csv(analysis);
    contents.push((name.to_owned(), points));
    let tables = [
        ("convergence.csv", table::convergence_csv(analysis)),
        ("summary.csv", table::summary_csv(analysis)),
        ("runs.csv", table::runs_csv(analysis)),
    ];
    contents.extend(tables.map(|(name, table)| (name.to_owned(), table.csv().into_bytes())));
    contents.push(("report.md".to_owned(), document::markdown(analysis, &figures).into_bytes()));
    let names = replaced_labels(&analysis.cells);
    Ok((contents, missing_glyphs(names.iter().map(|(_, text)| text.as_str()))))
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
