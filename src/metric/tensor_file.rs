//! Tensors of features in `.safetensors` files, read and written whole.

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
use crate::file_kind::WrongKind;

/// The metadata's only key, whose value is JSON: with several the file's bytes would depend on a hash map's order.
const ABOUT: &str = "jem";

/// Numbers to write.
pub(super) enum Numbers<'a> {
    Narrow(&'a [f32]),
    Wide(&'a [f64]),
}

/// A tensor to write.
pub(super) struct Tensor<'a> {
    pub(super) shape: Vec<usize>,
    pub(super) numbers: Numbers<'a>,
}

impl View for Tensor<'_> {
    fn dtype(&self) -> Dtype {
        match self.numbers {
            Numbers::Narrow(_) => Dtype::F32,
            Numbers::Wide(_) => Dtype::F64,
        }
    }

    fn shape(&self) -> &[usize] {
        &self.shape
    }

    fn data(&self) -> Cow<'_, [u8]> {
        match self.numbers {
            Numbers::Narrow(values) => values.iter().flat_map(|value| value.to_le_bytes()).collect(),
            Numbers::Wide(values) => values.iter().flat_map(|value| value.to_le_bytes()).collect(),
        }
    }

    fn data_len(&self) -> usize {
        match self.numbers {
            Numbers::Narrow(values) => size_of_val(values),
            Numbers::Wide(values) => size_of_val(values),
        }
    }
}

/// Writes a file of tensors and what is to be said about them. Under its name it is whole.
pub(super) fn write(path: &Path, tensors: Vec<(&str, Tensor)>, about: &impl Serialize) -> Result<(), MetricError> {
    let io = |source| MetricError::Write { path: path.into(), source };
    let about = serde_json::to_string(about).map_err(|error| io(error.into()))?;
    let folder = path.parent().filter(|folder| *folder != Path::new("")).unwrap_or(Path::new("."));
    let like_any_other = Permissions::from_mode(0o666);
    let draft = tempfile::Builder::new().permissions(like_any_other).tempfile_in(folder).map_err(io)?;
    let metadata = HashMap::from([(ABOUT.to_owned(), about)]);
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
        let io = |source| MetricError::Read { path: path.into(), source };
        WrongKind::unless_file(path, "a safetensors file", &[])
            .map_err(io)?
            .map_err(|source| MetricError::WrongKind { path: path.into(), source })?;
        let file = File::open(path).map_err(io)?;
        // SAFETY: the file is only read, and copied from at once. Files of ours take another's place whole.
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

    /// What the file says about itself, if jem wrote it.
    pub(super) fn about<T: DeserializeOwned>(&self) -> Result<Option<T>, MetricError> {
        let (_, metadata) = SafeTensors::read_metadata(&self.map).map_err(|error| self.format(error.to_string()))?;
        let about = metadata.metadata().as_ref().and_then(|metadata| metadata.get(ABOUT));
        let read = |text: &String| serde_json::from_str(text);
        about.map(read).transpose().map_err(|error| self.format(format!("its metadata `{ABOUT}`: {error}")))
    }

    /// The shape and numbers of a tensor of 32-bit floats.
    pub(super) fn narrow(&self, name: &str) -> Result<(Vec<usize>, Vec<f32>), MetricError> {
        let file = self.tensors()?;
        let view = self.tensor(&file, name, Dtype::F32, "F32")?;
        let values = view.data().as_chunks().0.iter().map(|&bytes| f32::from_le_bytes(bytes));
        Ok((view.shape().to_vec(), values.collect()))
    }

    /// The shape and numbers of a tensor of 64-bit floats.
    pub(super) fn wide(&self, name: &str) -> Result<(Vec<usize>, Vec<f64>), MetricError> {
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
