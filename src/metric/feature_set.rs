//! Features of a set of pictures, and the file that keeps them.

use std::collections::BTreeMap;
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::error::MetricError;
use super::npy::NumpyArray;
use super::rows::Rows;
use super::tensor_file::{self, Numbers, Tensor, TensorFile};
use crate::file_kind::WrongKind;

/// The tensor that distances are taken of.
const FEATURES: &str = "features";
const EXPECTED: &str = "[images, numbers], one or more of each";

/// How features were made. Two sets are comparable when all but the version is equal.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FeatureOrigin {
    /// The network's name.
    pub network: String,
    /// The layer whose output they are.
    pub layer: String,
    /// `random:<seed>`, or the SHA-256 of the weights file as hexadecimal digits.
    pub weights: String,
    /// The side of the pictures that the network sees, in pixels.
    pub input: usize,
    /// The network's width, 1 as published.
    pub width: f64,
    /// How pictures are brought to that side.
    pub resizer: String,
    /// The version of jem.
    pub version: String,
}

/// Features of pictures: one row each, finite, one row at least.
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
        Rows::known(&self.values, self.dimension)
    }

    fn tensor(&self) -> Tensor<'_> {
        let shape = vec![self.values.len() / self.dimension, self.dimension];
        Tensor { shape, numbers: Numbers::Narrow(&self.values) }
    }
}

/// What the file says beside its tensors.
#[derive(Serialize, Deserialize)]
struct About {
    names: Vec<String>,
    origin: Option<FeatureOrigin>,
}

impl FeatureSet {
    /// Rows of `dimension` numbers, with the name of each row's picture, or none at all.
    ///
    /// # Errors
    ///
    /// If there are no rows, numbers are left over or not finite, or the names are not one for each row.
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

    /// With the output of another layer for the same pictures, such as `logits_unbiased`.
    ///
    /// # Errors
    ///
    /// If it has not as many rows, numbers are left over or not finite, or the name is that of the features.
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

    /// The pictures' names by row; empty where they are not known.
    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// How the features were made, where that is known.
    pub fn origin(&self) -> Option<&FeatureOrigin> {
        self.origin.as_ref()
    }

    /// Writes a `.safetensors` file: `features` (float32 [images, numbers]), a tensor for each further layer, and names
    /// and origin as JSON under the metadata's key `jem`. Equal sets make equal bytes.
    ///
    /// # Errors
    ///
    /// If the file cannot be written.
    pub fn save(&self, path: &Path) -> Result<(), MetricError> {
        let mut tensors = vec![(FEATURES, self.features.tensor())];
        tensors.extend(self.others.iter().map(|(name, layer)| (name.as_str(), layer.tensor())));
        tensor_file::write(path, tensors, &About { names: self.names.clone(), origin: self.origin.clone() })
    }

    /// Reads what [`FeatureSet::save`] wrote, a `.safetensors` file of others with a tensor `features`, or a `.npy`
    /// matrix of float32 or of float64, which is rounded to float32. Of files of others names and origin are unknown.
    ///
    /// # Errors
    ///
    /// If the file cannot be read, lacks the tensor, or a tensor has no rows, another type or shape, or a number
    /// that is not finite: by file, tensor, row and picture.
    pub fn read(path: &Path) -> Result<Self, MetricError> {
        match path.extension().and_then(|ending| ending.to_str()) {
            Some("safetensors") => Self::read_tensors(path),
            Some("npy") => Self::read_numpy(path),
            _ => Err(MetricError::Format { path: path.into(), reason: "neither .safetensors, .npy nor .npz".into() }),
        }
    }

    fn read_tensors(path: &Path) -> Result<Self, MetricError> {
        let file = TensorFile::open(path)?;
        let about = file.about()?.unwrap_or(About { names: Vec::new(), origin: None });
        let (shape, values) = file.narrow(FEATURES)?;
        let dimension = columns(path, FEATURES, &shape, &values, &about.names)?;
        let mut set = Self::new(values, dimension, about.names, about.origin)
            .map_err(|error| MetricError::Format { path: path.into(), reason: error.to_string() })?;
        for name in file.names()?.into_iter().filter(|name| name != FEATURES) {
            let (shape, values) = file.narrow(&name)?;
            let dimension = columns(path, &name, &shape, &values, &set.names)?;
            let rows = set.rows().count();
            set = set.with_layer(&name, values, dimension).map_err(|_| MetricError::Shape {
                path: path.into(),
                tensor: name,
                found: shape,
                expected: format!("[{rows}, numbers], as `{FEATURES}` has {rows} rows"),
            })?;
        }
        Ok(set)
    }

    fn read_numpy(path: &Path) -> Result<Self, MetricError> {
        WrongKind::unless_file(path, "a .npy array", &[])
            .map_err(|source| MetricError::Read { path: path.into(), source })?
            .map_err(|source| MetricError::WrongKind { path: path.into(), source })?;
        let bytes = std::fs::read(path).map_err(|source| MetricError::Read { path: path.into(), source })?;
        let matrix = NumpyArray::parse(&bytes).map_err(|reason| MetricError::Format { path: path.into(), reason })?;
        let values = matrix.narrow();
        let dimension = columns(path, "the array", &matrix.shape, &values, &[])?;
        Self::new(values, dimension, Vec::new(), None)
    }
}

/// The columns of a tensor that is a finite matrix.
fn columns(path: &Path, tensor: &str, shape: &[usize], values: &[f32], names: &[String]) -> Result<usize, MetricError> {
    let &[1..=usize::MAX, dimension @ 1..=usize::MAX] = shape else {
        let (found, expected) = (shape.to_vec(), EXPECTED.to_owned());
        return Err(MetricError::Shape { path: path.into(), tensor: tensor.into(), found, expected });
    };
    match Rows::new(values, dimension) {
        Ok(_) => Ok(dimension),
        Err(MetricError::NotFinite { row, column }) => {
            let picture = names.get(row).cloned().unwrap_or_else(|| "a picture without a name".into());
            Err(MetricError::NotFiniteIn { path: path.into(), tensor: tensor.into(), row, picture, column })
        }
        Err(other) => Err(other),
    }
}

#[cfg(test)]
mod tests;
