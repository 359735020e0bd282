//! Features of a set of images, and their file.

use std::collections::BTreeMap;
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::error::MetricError;
use super::npy::NumpyArray;
use super::rows::Rows;
use super::tensor_file::{self, Tensor, TensorFile, TensorValues};
use crate::file_error::FileError;

/// The name of the tensor of features.
const FEATURES: &str = "features";
const EXPECTED: &str = "[images, dimensions], at least one of each";

/// How features were extracted. Two sets are comparable if everything but the version is equal.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FeatureOrigin {
    /// The network's name.
    pub network: String,
    /// The layer whose output was extracted.
    pub layer: String,
    /// `random:<seed>`, or the SHA-256 of the weights file as hexadecimal digits.
    pub weights: String,
    /// The side of the input of the network, in pixels.
    pub input: usize,
    /// The width of the network; 1 is the published width.
    pub width: f64,
    /// How images are resized to the input.
    pub resizer: String,
    /// The version of jem.
    pub version: String,
}

/// Features of images: one row for each image, at least one row, all values finite.
#[derive(Clone, Debug, PartialEq)]
pub struct FeatureSet {
    features: Layer,
    others: BTreeMap<String, Layer>,
    names: Vec<String>,
    origin: Option<FeatureOrigin>,
}

#[derive(Clone, Debug, PartialEq)]
struct Layer {
    dimension: usize,
    values: Vec<f32>,
}

impl Layer {
    fn rows(&self) -> Rows<'_> {
        Rows::from_checked(&self.values, self.dimension)
    }

    fn tensor(&self) -> Tensor<'_> {
        let shape = vec![self.values.len() / self.dimension, self.dimension];
        Tensor { shape, values: TensorValues::F32(&self.values) }
    }
}

/// The metadata of the file.
#[derive(Serialize, Deserialize)]
struct Metadata {
    names: Vec<String>,
    origin: Option<FeatureOrigin>,
}

impl FeatureSet {
    /// Rows of `dimension` values. `names` has the name of the image of each row, or is empty.
    ///
    /// # Errors
    ///
    /// If there are no rows, the values do not fill the rows or are not finite, or the number of names is wrong.
    pub fn new(
        values: Vec<f32>,
        dimension: usize,
        names: Vec<String>,
        origin: Option<FeatureOrigin>,
    ) -> Result<Self, MetricError> {
        let rows = Rows::new(&values, dimension)?.count();
        if !names.is_empty() && names.len() != rows {
            return Err(MetricError::Names { names: names.len(), rows });
        }
        Ok(Self { features: Layer { dimension, values }, others: BTreeMap::new(), names, origin })
    }

    /// Adds the output of another layer for the same images, such as `logits_unbiased`.
    ///
    /// # Errors
    ///
    /// If it has another number of rows, the values do not fill the rows or are not finite, or the name is `features`.
    pub fn with_layer(mut self, name: &str, values: Vec<f32>, dimension: usize) -> Result<Self, MetricError> {
        let (rows, expected) = (Rows::new(&values, dimension)?.count(), self.rows().count());
        if name == FEATURES || rows != expected {
            return Err(MetricError::Layer { layer: name.into(), rows, expected });
        }
        self.others.insert(name.into(), Layer { dimension, values });
        Ok(self)
    }

    /// The features.
    pub fn rows(&self) -> Rows<'_> {
        self.features.rows()
    }

    /// The output of another layer, if the set has it.
    pub fn layer(&self, name: &str) -> Option<Rows<'_>> {
        self.others.get(name).map(Layer::rows)
    }

    /// The names of the images by row; empty if they are not known.
    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// How the features were extracted, if known.
    pub fn origin(&self) -> Option<&FeatureOrigin> {
        self.origin.as_ref()
    }

    /// Writes a `.safetensors` file: `features` (float32 [images, dimensions]), a tensor for each other layer, and
    /// names and origin as JSON under the metadata key `jem`. Equal sets give equal bytes.
    ///
    /// # Errors
    ///
    /// If the file cannot be written.
    pub fn save(&self, path: &Path) -> Result<(), MetricError> {
        let mut tensors = vec![(FEATURES, self.features.tensor())];
        tensors.extend(self.others.iter().map(|(name, layer)| (name.as_str(), layer.tensor())));
        tensor_file::write(path, tensors, &Metadata { names: self.names.clone(), origin: self.origin.clone() })
    }

    /// Reads a file of [`FeatureSet::save`], another `.safetensors` file with a tensor `features`, or a `.npy` matrix
    /// of float32 or float64, which is rounded to float32. Files that jem did not write have no names and no origin.
    ///
    /// # Errors
    ///
    /// If the file cannot be read, the tensor is missing, or a tensor has no rows, another type or shape, or a value
    /// that is not finite: the error has the file, tensor, row and image.
    pub fn read(path: &Path) -> Result<Self, MetricError> {
        match path.extension().and_then(|ending| ending.to_str()) {
            Some("safetensors") => Self::read_tensors(path),
            Some("npy") => Self::read_numpy(path),
            _ => Err(MetricError::Format { path: path.into(), reason: "neither .safetensors, .npy nor .npz".into() }),
        }
    }

    fn read_tensors(path: &Path) -> Result<Self, MetricError> {
        let file = TensorFile::open(path)?;
        let metadata = file.metadata()?.unwrap_or(Metadata { names: Vec::new(), origin: None });
        let (shape, values) = file.read_f32(FEATURES)?;
        let dimension = columns(path, FEATURES, &shape, &values, &metadata.names)?;
        let mut set = Self::new(values, dimension, metadata.names, metadata.origin)
            .map_err(|error| MetricError::Format { path: path.into(), reason: error.to_string() })?;
        for name in file.names()?.into_iter().filter(|name| name != FEATURES) {
            let (shape, values) = file.read_f32(&name)?;
            let dimension = columns(path, &name, &shape, &values, &set.names)?;
            let rows = set.rows().count();
            set = set.with_layer(&name, values, dimension).map_err(|_| MetricError::Shape {
                path: path.into(),
                tensor: name,
                found: shape,
                expected: format!("[{rows}, dimensions], because `{FEATURES}` has {rows} rows"),
            })?;
        }
        Ok(set)
    }

    fn read_numpy(path: &Path) -> Result<Self, MetricError> {
        FileError::check_kind(path, "a .npy array", &[])?;
        let bytes = std::fs::read(path).map_err(FileError::read(path))?;
        let matrix = NumpyArray::parse(&bytes).map_err(|reason| MetricError::Format { path: path.into(), reason })?;
        let values = matrix.to_f32();
        let dimension = columns(path, "the array", matrix.shape(), &values, &[])?;
        Self::new(values, dimension, Vec::new(), None)
    }
}

/// The number of columns of a tensor, which must be a finite matrix.
fn columns(path: &Path, tensor: &str, shape: &[usize], values: &[f32], names: &[String]) -> Result<usize, MetricError> {
    let &[1..=usize::MAX, dimension @ 1..=usize::MAX] = shape else {
        let (found, expected) = (shape.to_vec(), EXPECTED.to_owned());
        return Err(MetricError::Shape { path: path.into(), tensor: tensor.into(), found, expected });
    };
    match Rows::new(values, dimension) {
        Ok(_) => Ok(dimension),
        Err(MetricError::NotFinite { row, column }) => {
            let image = names.get(row).cloned().unwrap_or_else(|| "an image without a name".into());
            Err(MetricError::NotFiniteIn { path: path.into(), tensor: tensor.into(), row, image, column })
        }
        Err(other) => Err(other),
    }
}

#[cfg(test)]
mod tests;
