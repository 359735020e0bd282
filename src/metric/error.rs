//! Errors of features and of distances between them.

use std::path::PathBuf;

use crate::file_error::FileError;

/// An error of features or of a distance between two sets.
#[derive(Debug, thiserror::Error)]
pub enum MetricError {
    /// A file cannot be read or written, or is of another kind than its extension.
    #[error(transparent)]
    File(#[from] FileError),
    /// A file has no valid mean and covariance.
    #[error("{}: no valid mean and covariance: {reason}", .path.display())]
    StatisticsFile {
        /// The file.
        path: PathBuf,
        /// The problem.
        reason: String,
    },
    /// A file is not in the format of its extension.
    #[error("{}: cannot be parsed: {reason}", .path.display())]
    Format {
        /// The file.
        path: PathBuf,
        /// The problem.
        reason: String,
    },
    /// A tensor is missing in a file.
    #[error("{}: no tensor `{tensor}` among {found:?}", .path.display())]
    NoTensor {
        /// The file.
        path: PathBuf,
        /// The missing tensor.
        tensor: String,
        /// The tensors of the file, sorted.
        found: Vec<String>,
    },
    /// A tensor has values of another type.
    #[error("{}: `{tensor}` has values of type {found}, not {expected}", .path.display())]
    Type {
        /// The file.
        path: PathBuf,
        /// The tensor.
        tensor: String,
        /// The type in the file.
        found: String,
        /// The required type.
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
        /// The required shape.
        expected: String,
    },
    /// A tensor has a value that is not finite.
    #[error("{}: `{tensor}` is not finite in row {row} ({image}), column {column}", .path.display())]
    NotFiniteIn {
        /// The file.
        path: PathBuf,
        /// The tensor.
        tensor: String,
        /// The first such row, from 0.
        row: usize,
        /// The name of the image, or that it has none.
        image: String,
        /// The first such column, from 0.
        column: usize,
    },
    /// The number of names is not the number of rows.
    #[error("{names} names for {rows} rows")]
    Names {
        /// The number of names.
        names: usize,
        /// The number of rows.
        rows: usize,
    },
    /// Another layer does not fit the features.
    #[error("layer `{layer}` has {rows} rows, the features have {expected}")]
    Layer {
        /// Its name.
        layer: String,
        /// The number of its rows.
        rows: usize,
        /// The number of rows of the features.
        expected: usize,
    },
    /// No rows, or rows of length 0.
    #[error("no features: {rows} rows of {dimension} dimensions")]
    Empty {
        /// The number of rows.
        rows: usize,
        /// The dimensions of a row.
        dimension: usize,
    },
    /// The number of values is not a multiple of the length of a row.
    #[error("{values} values do not fill rows of {dimension}")]
    Ragged {
        /// The number of values.
        values: usize,
        /// The dimensions of a row.
        dimension: usize,
    },
    /// A value that is not finite.
    #[error("the features are not finite in row {row}, column {column}")]
    NotFinite {
        /// The first such row, from 0.
        row: usize,
        /// The first such column, from 0.
        column: usize,
    },
    /// The features of two sets differ in length.
    #[error("the features have {first} and {second} dimensions")]
    Dimension {
        /// The dimensions of the first set.
        first: usize,
        /// The dimensions of the second set.
        second: usize,
    },
    /// Too few images for a covariance.
    #[error("{count} image(s) have no covariance")]
    OneImage {
        /// The number of images.
        count: usize,
    },
    /// Values that cannot be the mean and covariance of features.
    #[error("no valid mean and covariance: {reason}")]
    Statistics {
        /// The problem.
        reason: String,
    },
    /// Subsets that are larger than a set.
    #[error("subsets of {size} images from a set of {count}")]
    SubsetSize {
        /// Images in a subset.
        size: usize,
        /// Images in the smaller set.
        count: usize,
    },
    /// A subset for which the distance is not defined.
    #[error("subset {subset}: {reason}")]
    Subset {
        /// Its index, from 0.
        subset: usize,
        /// The problem.
        reason: String,
    },
    /// No subsets.
    #[error("there are no subsets")]
    NoSubsets,
    /// An order that does not contain every row once.
    #[error("the order does not contain each of {rows} rows once")]
    Order {
        /// The number of rows.
        rows: usize,
    },
    /// More splits than images.
    #[error("{splits} splits of {rows} images")]
    Splits {
        /// The requested number of splits.
        splits: usize,
        /// The number of images.
        rows: usize,
    },
    /// The k-th neighbour does not exist.
    #[error("neighbour {k} in a set of {count} images")]
    Neighbour {
        /// The requested neighbour.
        k: usize,
        /// Images in the smaller set.
        count: usize,
    },
    /// Too few images to extrapolate.
    #[error("{count} images are too few for {points} sample sizes from {from}")]
    Extrapolation {
        /// The number of generated images.
        count: usize,
        /// The smallest sample size.
        from: usize,
        /// The requested number of sample sizes.
        points: usize,
    },
    /// Too few points for a regression line with a standard error.
    #[error("a regression line with a standard error requires three samples of different sizes")]
    Line,
    /// A matrix decomposition did not converge.
    #[error("the {what} did not converge")]
    NoConvergence {
        /// The decomposition.
        what: &'static str,
    },
}

impl MetricError {
    /// A remedy, if there is one.
    pub fn help(&self) -> Option<String> {
        Some(match self {
            MetricError::File(error) => error.help()?.into(),
            MetricError::StatisticsFile { .. } => {
                "expected an .npz archive with `mu` [d] and `sigma` [d, d], float32 or float64, as pytorch-fid saves it"
                    .into()
            }
            MetricError::Format { .. } => {
                "expected features as .safetensors, or as a .npy array of float32 or float64 [images, dimensions]"
                    .into()
            }
            MetricError::NoTensor { .. } | MetricError::Type { .. } | MetricError::Shape { .. } => {
                "extract the features again, or save them as the tensor `features`, float32 [images, dimensions]".into()
            }
            MetricError::NotFiniteIn { .. } | MetricError::NotFinite { .. } => {
                "check the image and the weights: possible causes are a diverged generator and a wrong weights file"
                    .into()
            }
            MetricError::Names { .. } => "give one name for each image, or no names".into(),
            MetricError::Layer { .. } => "give one row for each image, and a name other than `features`".into(),
            MetricError::Empty { .. } | MetricError::Ragged { .. } => {
                "extract the features of at least one image".into()
            }
            MetricError::Dimension { .. } => "compare features of the same network and layer".into(),
            MetricError::OneImage { .. } => {
                "give at least two images; a covariance of full rank requires far more images than dimensions".into()
            }
            MetricError::Statistics { .. } => "save the mean and covariance of the reference again".into(),
            MetricError::SubsetSize { count, .. } => format!("use subsets of at most {count} images, or add images"),
            MetricError::Subset { .. } => "give at least two rows of the set".into(),
            MetricError::NoSubsets => "give at least one subset".into(),
            MetricError::Order { .. } => "give each row once".into(),
            MetricError::Splits { rows, .. } => format!("use 1 to {rows} splits, or add images"),
            MetricError::Neighbour { count, .. } => {
                format!("use a neighbour from 1 to {}, or add images", count.saturating_sub(1))
            }
            MetricError::Extrapolation { .. } => {
                "start at a smaller sample (at least 2), use fewer sample sizes (at least 3), or generate more images"
                    .into()
            }
            MetricError::Line => "use at least three sample sizes".into(),
            MetricError::NoConvergence { .. } => {
                "features of extreme size can cause this: check the largest of them, and the weights".into()
            }
        })
    }
}
