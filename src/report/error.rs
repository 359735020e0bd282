use std::path::PathBuf;

use crate::stats::StatsError;

/// Why a report could not be read, drawn or written.
#[derive(Debug, thiserror::Error)]
pub enum ReportError {
    /// The report file could not be read.
    #[error("{}: {source}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
    /// The report file is not what a report file may be.
    #[error("{file}: {source}")]
    Spec {
        /// The file.
        file: String,
        /// What is wrong in it.
        source: SpecError,
    },
    /// A report's metric could not be judged.
    #[error("convergence of `{metric}`: {source}")]
    Convergence {
        /// The metric.
        metric: &'static str,
        /// Why not.
        source: StatsError,
    },
    /// A figure could not be drawn.
    #[error("figure `{name}`: {source}")]
    Figure {
        /// The figure's file name without extension.
        name: &'static str,
        /// Why not.
        source: FigureError,
    },
    /// Nothing can be written where the report is to be.
    #[error("{}: no report can be written there: {source}", path.display())]
    Folder {
        /// The report's folder.
        path: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
    /// A report file could not be written.
    #[error("{}: {source}", path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
}

/// What is wrong in a report file.
#[derive(Debug, thiserror::Error)]
pub enum SpecError {
    /// Not TOML, an unknown key, or a wrong type.
    #[error("line {line}, `{text}`: {message}")]
    Syntax {
        /// The line, from 1.
        line: usize,
        /// What stands there.
        text: String,
        /// What is expected.
        message: String,
    },
    /// A value that is not allowed.
    #[error("`{key}` is {value}, not {allowed}")]
    Value {
        /// The dotted key.
        key: &'static str,
        /// The value, quoted if it is text.
        value: String,
        /// The values that are allowed.
        allowed: String,
    },
    /// The parameters of the convergence rule.
    #[error("[convergence]: {0}")]
    Rule(StatsError),
}

/// Why a figure could not be drawn.
#[derive(Debug, thiserror::Error)]
pub enum FigureError {
    /// The embedded font does not load: the build is broken.
    #[error("the embedded font does not load")]
    Font,
    /// The drawing library refused.
    #[error("drawing: {0}")]
    Draw(String),
    /// A stored picture does not decode.
    #[error("`{role}` picture of run {run}: {source}")]
    Decode {
        /// What the picture shows.
        role: String,
        /// Its run.
        run: i64,
        /// What the decoder says.
        source: image::ImageError,
    },
    /// A stored picture has fewer tiles than there are items.
    #[error("`{role}` picture of run {run} is {width}×{height} pixels, too small for tile {index} of side {tile}")]
    Tile {
        /// What the picture shows.
        role: String,
        /// Its run.
        run: i64,
        /// Width in pixels.
        width: u32,
        /// Height in pixels.
        height: u32,
        /// The tile asked for, from 0.
        index: usize,
        /// Its side in pixels.
        tile: u32,
    },
    /// A tile could not be encoded.
    #[error("encoding a tile: {0}")]
    Encode(image::ImageError),
    /// The SVG does not parse, and so cannot become a PNG.
    #[error("the drawn SVG does not parse: {0}")]
    Parse(#[from] resvg::usvg::Error),
    /// The PNG of the figure could not be made.
    #[error("making the PNG: {0}")]
    Png(String),
}

impl ReportError {
    /// What to do about it.
    pub fn help(&self) -> Option<String> {
        match self {
            ReportError::Spec { source: SpecError::Rule(source), .. } | ReportError::Convergence { source, .. } => {
                source.help()
            }
            ReportError::Figure { source: FigureError::Decode { .. } | FigureError::Tile { .. }, .. } => {
                Some("the database holds a damaged picture; `jem db check` lists them".into())
            }
            ReportError::Figure {
                source: FigureError::Draw(_) | FigureError::Parse(_) | FigureError::Png(_), ..
            } => Some("this is a fault in jem; the CSV files do not depend on it".into()),
            ReportError::Folder { .. } => {
                Some("let `reports` be a folder that you may write, or start jem in a folder of yours".into())
            }
            _ => None,
        }
    }
}
