use std::path::PathBuf;

use crate::spec::SpecError;
use crate::stats::StatsError;
use crate::store::StoreError;

/// An error of reading, drawing or writing a report.
#[derive(Debug, thiserror::Error)]
pub enum ReportError {
    /// The report file could not be read.
    #[error("{}: {source}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// The error of the operating system.
        source: std::io::Error,
    },
    /// The mistakes in the report file.
    #[error(transparent)]
    Spec(#[from] SpecError),
    /// Convergence could not be assessed by the metric.
    #[error("convergence of `{metric}`: {source}")]
    Convergence {
        /// The metric.
        metric: &'static str,
        /// The error.
        source: StatsError,
    },
    /// A figure could not be drawn.
    #[error("figure `{name}`: {source}")]
    Figure {
        /// The name of the figure, without extension.
        name: &'static str,
        /// The error.
        source: FigureError,
    },
    /// The folder of the report is not writable.
    #[error("{}: the report cannot be written: {source}", path.display())]
    Folder {
        /// The folder.
        path: PathBuf,
        /// The error of the operating system.
        source: std::io::Error,
    },
    /// A report file could not be written.
    #[error("{}: {source}", path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// The error of the operating system.
        source: std::io::Error,
    },
}

/// An error of drawing a figure.
#[derive(Debug, thiserror::Error)]
pub enum FigureError {
    /// A stored image grid cannot be read.
    #[error("image grid `{role}` of run {run}: {source}")]
    Picture {
        /// What the image grid shows.
        role: String,
        /// Its run.
        run: i64,
        /// The error of the database.
        source: Box<StoreError>,
    },
    /// A stored image grid cannot be decoded.
    #[error("image grid `{role}` of run {run}: {source}")]
    Decode {
        /// What the image grid shows.
        role: String,
        /// Its run.
        run: i64,
        /// The error of the decoder.
        source: image::ImageError,
    },
    /// A stored image grid has fewer tiles than items.
    #[error("image grid `{role}` of run {run} has {width}×{height} pixels, too few for tile {index} of side {tile}")]
    Tile {
        /// What the image grid shows.
        role: String,
        /// Its run.
        run: i64,
        /// Width in pixels.
        width: u32,
        /// Height in pixels.
        height: u32,
        /// The requested tile, from 0.
        index: usize,
        /// Its side in pixels.
        tile: u32,
    },
    /// A tile could not be encoded.
    #[error("encoding a tile: {0}")]
    Encode(image::ImageError),
    /// The SVG of the figure is invalid.
    #[error("the SVG of the figure is invalid: {0}")]
    Parse(#[from] resvg::usvg::Error),
    /// The PNG of the figure could not be created.
    #[error("creating the PNG: {0}")]
    Png(String),
    /// The PDF of the figure could not be created.
    #[error("creating the PDF: {0}")]
    Pdf(String),
}

impl ReportError {
    /// What the user can do about it.
    pub fn help(&self) -> Option<String> {
        match self {
            ReportError::Spec(source) => source.help(),
            ReportError::Convergence { source, .. } => source.help(),
            ReportError::Figure { source: FigureError::Decode { .. } | FigureError::Tile { .. }, .. } => {
                Some("the database contains a damaged image; `jem db check` lists damaged images".into())
            }
            ReportError::Figure { source: FigureError::Picture { source, .. }, .. } => source.help(),
            ReportError::Figure {
                source: FigureError::Parse(_) | FigureError::Png(_) | FigureError::Pdf(_), ..
            } => Some("this is a bug in jem; the CSV files are not affected".into()),
            ReportError::Folder { .. } => {
                Some("give write access to the folder `reports`, or start jem in another folder".into())
            }
            _ => None,
        }
    }
}
