//! Reads and writes tensors in `.safetensors` files.

use std::borrow::Cow;
use std::collections::HashMap;
use std::fs::{File, Permissions};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use memmap2::Mmap;
use safetensors::tensor::{Dtype, TensorView, View};
use safetensors::{SafeTensorError, SafeTensors};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::error::MetricError;
use crate::file_error::FileError;

/// The only metadata key; its value is JSON. With several keys, the bytes of the file would depend on the order of a
/// hash map.
const METADATA: &str = "jem";

/// The values of a tensor to write.
pub(super) enum TensorValues<'a> {
    F32(&'a [f32]),
    F64(&'a [f64]),
}

/// A tensor to write.
pub(super) struct Tensor<'a> {
    pub(super) shape: Vec<usize>,
    pub(super) values: TensorValues<'a>,
}

impl View for Tensor<'_> {
    fn dtype(&self) -> Dtype {
        match self.values {
            TensorValues::F32(_) => Dtype::F32,
            TensorValues::F64(_) => Dtype::F64,
        }
    }

    fn shape(&self) -> &[usize] {
        &self.shape
    }

    fn data(&self) -> Cow<'_, [u8]> {
        match self.values {
            TensorValues::F32(values) => values.iter().flat_map(|value| value.to_le_bytes()).collect(),
            TensorValues::F64(values) => values.iter().flat_map(|value| value.to_le_bytes()).collect(),
        }
    }

    fn data_len(&self) -> usize {
        match self.values {
            TensorValues::F32(values) => size_of_val(values),
            TensorValues::F64(values) => size_of_val(values),
        }
    }
}

/// Writes tensors and metadata to a file. It gets its name when it is complete.
pub(super) fn write(path: &Path, tensors: Vec<(&str, Tensor)>, metadata: &impl Serialize) -> Result<(), MetricError> {
    let io = FileError::write(path);
    let metadata = serde_json::to_string(metadata).map_err(|error| io(error.into()))?;
    let folder = path.parent().filter(|folder| *folder != Path::new("")).unwrap_or(Path::new("."));
    let permissions = Permissions::from_mode(0o666);
    let draft = tempfile::Builder::new().permissions(permissions).tempfile_in(folder).map_err(io)?;
    let metadata = HashMap::from([(METADATA.to_owned(), metadata)]);
    safetensors::serialize_to_file(tensors, Some(metadata), draft.path()).map_err(|error| match error {
        SafeTensorError::IoError(error) => io(error),
        other => io(std::io::Error::other(other)),
    })?;
    draft.persist(path).map_err(|error| io(error.error))?;
    Ok(())
}

/// A file of tensors to read.
pub(super) struct TensorFile {
    path: PathBuf,
    map: Mmap,
}

impl TensorFile {
    pub(super) fn open(path: &Path) -> Result<Self, MetricError> {
        let io = FileError::read(path);
        FileError::check_kind(path, "a safetensors file", &[])?;
        let file = File::open(path).map_err(io)?;
        // SAFETY: the map is only read, and its values are copied. jem replaces files atomically and never changes
        // them.
        let map = unsafe { Mmap::map(&file) }.map_err(io)?;
        let found = Self { path: path.into(), map };
        found.tensors()?;
        Ok(found)
    }

    fn tensors(&self) -> Result<SafeTensors<'_>, MetricError> {
        SafeTensors::deserialize(&self.map).map_err(|error| self.format(error.to_string()))
    }

    fn format(&self, reason: String) -> MetricError {
        MetricError::Format { path: self.path.clone(), reason }
    }

    /// The names of all tensors, sorted.
    pub(super) fn names(&self) -> Result<Vec<String>, MetricError> {
        let mut names: Vec<String> = self.tensors()?.names().into_iter().map(str::to_owned).collect();
        names.sort();
        Ok(names)
    }

    /// The metadata, if jem wrote the file.
    pub(super) fn metadata<T: DeserializeOwned>(&self) -> Result<Option<T>, MetricError> {
        let (_, metadata) = SafeTensors::read_metadata(&self.map).map_err(|error| self.format(error.to_string()))?;
        let text = metadata.metadata().as_ref().and_then(|metadata| metadata.get(METADATA));
        let read = |text: &String| serde_json::from_str(text);
        text.map(read).transpose().map_err(|error| self.format(format!("its metadata `{METADATA}`: {error}")))
    }

    /// The shape and values of a tensor of f32.
    pub(super) fn read_f32(&self, name: &str) -> Result<(Vec<usize>, Vec<f32>), MetricError> {
        let file = self.tensors()?;
        let view = self.tensor(&file, name, Dtype::F32, "F32")?;
        let values = view.data().as_chunks().0.iter().map(|&bytes| f32::from_le_bytes(bytes));
        Ok((view.shape().to_vec(), values.collect()))
    }

    /// The shape and values of a tensor of f64.
    pub(super) fn read_f64(&self, name: &str) -> Result<(Vec<usize>, Vec<f64>), MetricError> {
        let file = self.tensors()?;
        let view = self.tensor(&file, name, Dtype::F64, "F64")?;
        let values = view.data().as_chunks().0.iter().map(|&bytes| f64::from_le_bytes(bytes));
        Ok((view.shape().to_vec(), values.collect()))
    }

    fn tensor<'data>(
        &self,
        file: &SafeTensors<'data>,
        name: &str,
        dtype: Dtype,
        expected: &'static str,
    ) -> Result<TensorView<'data>, MetricError> {
        let (path, tensor) = (self.path.clone(), name.to_owned());
        let Ok(view) = file.tensor(name) else {
            return Err(MetricError::NoTensor { path, tensor, found: self.names()? });
        };
        if view.dtype() != dtype {
            return Err(MetricError::Type { path, tensor, found: format!("{:?}", view.dtype()), expected });
        }
        Ok(view)
    }
}
