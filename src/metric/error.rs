//! What can be wrong with features, or with what is asked of them.

use std::path::PathBuf;

use crate::file_kind::WrongKind;

/// An error of a distance between sets of pictures.
#[derive(Debug, thiserror::Error)]
pub enum MetricError {
    /// A file could not be read.
    #[error("{}: cannot be read", .path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// What the operating system said.
        source: std::io::Error,
    },
    /// A file could not be written.
    #[error("{}: cannot be written", .path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// What the operating system said.
        source: std::io::Error,
    },
    /// A file is of another kind than its name says.
    #[error("{}: {source}", .path.display())]
    WrongKind {
        /// The file.
        path: PathBuf,
        /// What it is.
        source: WrongKind,
    },
    /// A file of statistics does not hold them.
    #[error("{}: no mean and covariance of features: {reason}", .path.display())]
    StatisticsFile {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// A file is not of the kind that its name says.
    #[error("{}: not a readable file: {reason}", .path.display())]
    Format {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// A file lacks a tensor.
    #[error("{}: no tensor `{tensor}` among {found:?}", .path.display())]
    NoTensor {
        /// The file.
        path: PathBuf,
        /// The tensor that was looked for.
        tensor: String,
        /// What the file holds, sorted.
        found: Vec<String>,
    },
    /// A tensor holds numbers of another type.
    #[error("{}: `{tensor}` holds {found}, not {expected}", .path.display())]
    Type {
        /// The file.
        path: PathBuf,
        /// The tensor.
        tensor: String,
        /// The type in the file.
        found: String,
        /// The type it must have.
        expected: &'static str,
    },
    /// A tensor has another shape.
    #[error("{}: `{tensor}` is {found:?}, not {expected}", .path.display())]
    Shape {
        /// The file.
        path: PathBuf,
        /// The tensor.
        tensor: String,
        /// The shape in the file.
        found: Vec<usize>,
        /// The shape it must have.
        expected: String,
    },
    /// A tensor holds a number that is not finite.
    #[error("{}: `{tensor}` is not finite in row {row} ({picture}), column {column}", .path.display())]
    NotFiniteIn {
        /// The file.
        path: PathBuf,
        /// The tensor.
        tensor: String,
        /// The first such row, from 0.
        row: usize,
        /// The picture's name, or that it has none.
        picture: String,
        /// The first such column, from 0.
        column: usize,
    },
    /// Names that are not one for each row.
    #[error("{names} names for {rows} rows")]
    Names {
        /// How many names there are.
        names: usize,
        /// How many rows there are.
        rows: usize,
    },
    /// A layer that cannot stand beside the features.
    #[error("layer `{layer}` of {rows} rows beside features of {expected}")]
    Layer {
        /// Its name.
        layer: String,
        /// Its rows.
        rows: usize,
        /// The features' rows.
        expected: usize,
    },
    /// No rows, or rows without numbers.
    #[error("no features: {rows} rows of {dimension} numbers")]
    Empty {
        /// How many rows there are.
        rows: usize,
        /// How many numbers a row has.
        dimension: usize,
    },
    /// Numbers that do not fill their rows.
    #[error("{values} numbers are no rows of {dimension}")]
    Ragged {
        /// How many numbers there are.
        values: usize,
        /// How many numbers a row has.
        dimension: usize,
    },
    /// A number that is not finite.
    #[error("the features are not finite in row {row}, column {column}")]
    NotFinite {
        /// The first such row, from 0.
        row: usize,
        /// The first such column, from 0.
        column: usize,
    },
    /// Two sets whose features differ in length.
    #[error("the features have {first} and {second} dimensions")]
    Dimension {
        /// Of the first set.
        first: usize,
        /// Of the second set.
        second: usize,
    },
    /// Too few images for a covariance.
    #[error("{count} image(s) have no covariance")]
    OneImage {
        /// How many there are.
        count: usize,
    },
    /// A matrix that no set of features has for its covariance.
    #[error("no mean and covariance of features: {reason}")]
    Statistics {
        /// What is wrong with it.
        reason: String,
    },
    /// Subsets larger than the set.
    #[error("subsets of {size} images from a set of {count}")]
    SubsetSize {
        /// Images in a subset.
        size: usize,
        /// Images in the smaller set.
        count: usize,
    },
    /// Subsets of which no distance follows.
    #[error("subset {subset}: {reason}")]
    Subset {
        /// Its place, from 0.
        subset: usize,
        /// What is wrong with it.
        reason: String,
    },
    /// No subsets.
    #[error("no subsets to take the mean of")]
    NoSubsets,
    /// An order of rows that leaves the matrix.
    #[error("the order is not one of all {rows} rows")]
    Order {
        /// How many rows there are.
        rows: usize,
    },
    /// More splits than images.
    #[error("{splits} splits of {rows} images")]
    Splits {
        /// How many parts were asked for.
        splits: usize,
        /// How many images there are.
        rows: usize,
    },
    /// A neighbour that does not exist.
    #[error("neighbour {k} of an image in a set of {count}")]
    Neighbour {
        /// Which neighbour was asked for.
        k: usize,
        /// Images in the smaller set.
        count: usize,
    },
    /// Too few images to extrapolate.
    #[error("{count} images cannot be counted at {points} sizes from {from}")]
    Extrapolation {
        /// How many generated images there are.
        count: usize,
        /// The smallest sample.
        from: usize,
        /// How many sizes were asked for.
        points: usize,
    },
    /// Samples through which no line with an error goes.
    #[error("a line with an error needs three samples of different sizes")]
    Line,
    /// An iteration did not converge.
    #[error("the {what} did not converge")]
    NoConvergence {
        /// The decomposition.
        what: &'static str,
    },
}

impl MetricError {
    /// What to do about it, where something can be said.
    pub fn help(&self) -> Option<String> {
        Some(match self {
            MetricError::Read { .. } | MetricError::Write { .. } => return None,
            MetricError::WrongKind { source, .. } => source.help().into(),
            MetricError::StatisticsFile { .. } => {
                "expected an .npz archive with `mu` [d] and `sigma` [d, d], float32 or float64, as pytorch-fid saves it"
                    .into()
            }
            MetricError::Format { .. } => {
                "expected features as .safetensors, or as a .npy array of float32 or float64 [images, numbers]".into()
            }
            MetricError::NoTensor { .. } | MetricError::Type { .. } | MetricError::Shape { .. } => {
                "extract the features again, or save them as tensor `features`, float32 [images, numbers]".into()
            }
            MetricError::NotFiniteIn { .. } | MetricError::NotFinite { .. } => {
                "look at the picture and at the weights: a diverged generator or a wrong weights file does this".into()
            }
            MetricError::Names { .. } => "give one name for each picture, or none at all".into(),
            MetricError::Layer { .. } => "give one row for each picture, under a name other than `features`".into(),
            MetricError::Empty { .. } | MetricError::Ragged { .. } => {
                "extract the features of one picture or more".into()
            }
            MetricError::Dimension { .. } => "compare features of the same network and layer".into(),
            MetricError::OneImage { .. } => {
                "give two images at least; far more than there are dimensions for a full covariance".into()
            }
            MetricError::Statistics { .. } => "save the mean and covariance of the reference again".into(),
            MetricError::SubsetSize { count, .. } => format!("take subsets of {count} images or fewer, or add images"),
            MetricError::Subset { .. } => "give rows of the set, two or more".into(),
            MetricError::NoSubsets => "ask for one subset or more".into(),
            MetricError::Order { .. } => "give each row once".into(),
            MetricError::Splits { rows, .. } => format!("ask for 1 to {rows} splits, or add images"),
            MetricError::Neighbour { count, .. } => {
                format!("ask for a neighbour from 1 to {}, or add images", count.saturating_sub(1))
            }
            MetricError::Extrapolation { .. } => {
                "start at a smaller sample (2 at least), ask for fewer sizes (3 at least), or generate more".into()
            }
            MetricError::Line => "sample at three sizes or more".into(),
            MetricError::NoConvergence { .. } => {
                "features of extreme size do this: look at the largest of them, and at the weights".into()
            }
        })
    }
}
