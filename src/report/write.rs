mod contents;
mod draw;

use std::fs;
use std::path::{Path, PathBuf};

use super::document::names;
use super::{Analysis, ReportError, ReportInput, ReportSpec};

/// A written report.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WrittenReport {
    /// The paths of the files.
    pub paths: Vec<PathBuf>,
    /// The characters in labels and captions that the font of figures lacks.
    pub missing_glyphs: Vec<String>,
}

impl WrittenReport {
    /// The path of the text: as Markdown, otherwise as HTML or LaTeX; `None` if it has none of these.
    pub fn text(&self) -> Option<&Path> {
        let of_name = |name: &str| self.paths.iter().find(|path| path.ends_with(name));
        [names::MARKDOWN, names::HTML, names::LATEX].into_iter().find_map(of_name).map(PathBuf::as_path)
    }
}

/// Writes the report into `dir`, which is created if necessary, in the formats that the spec names:
///
/// - each figure as SVG, PNG and PDF, and its values as CSV;
/// - each table as CSV, and in LaTeX for `\\input`;
/// - `runs.csv`, `summary.csv`, `curves.csv` (`curves.csv.gz` if it is long), `convergence.csv`, and `fits.csv` if
///   networks were fitted: all values;
/// - the text as `report.md`, `report.tex` and `report.html`.
///
/// Each file is written atomically, and equal inputs give equal bytes. The text mentions missing data, such as no ended
/// run, no images or no evaluation. Files of an earlier report that this one does not have are removed.
///
/// # Errors
///
/// If the convergence metric of the spec is neutral, a stored image grid is damaged, or a file cannot be written.
pub fn write(input: &ReportInput, spec: &ReportSpec, dir: &Path) -> Result<WrittenReport, ReportError> {
    let contents::Contents { files, missing_glyphs } = contents::contents(&Analysis::new(input, spec)?)?;
    fs::create_dir_all(dir).map_err(|source| ReportError::Write { path: dir.to_owned(), source })?;
    let mut paths = Vec::new();
    for (name, bytes) in &files {
        paths.push(put(dir, name, bytes)?);
    }
    for stale in names::all().iter().filter(|name| !files.iter().any(|(written, _)| written == *name)) {
        remove(&dir.join(stale))?;
    }
    Ok(WrittenReport { paths, missing_glyphs })
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
