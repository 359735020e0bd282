//! Sentence vectors from a file.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use memmap2::Mmap;
use safetensors::SafeTensors;
use safetensors::tensor::Dtype;

use super::error::{TextError, VectorsError};
use super::npy;
use crate::file_kind::WrongKind;

/// A memory-mapped file with a vector for each caption of each image.
pub struct Vectors {
    path: PathBuf,
    map: Mmap,
    /// The offset of the values in bytes.
    start: usize,
    dimension: usize,
    rows: Rows,
}

/// The rows of captions.
enum Rows {
    /// Image n and caption m, both from 1, have row (n − 1) · captions + (m − 1).
    Grid { images: usize, captions: usize },
    /// The row of each image and caption.
    Listed(BTreeMap<(u32, u32), usize>),
}

impl Vectors {
    /// Opens a `.npy` array of `f32 [images, captions, dimension]`, or a `.safetensors` file with `vectors`
    /// (`f32 [n, dimension]`), `image` and `caption` (integers `[n]`, from 1). A caption's number is its line in the
    /// image's file.
    ///
    /// # Errors
    ///
    /// If the file cannot be read or has another format.
    pub fn open(path: &Path) -> Result<Self, TextError> {
        let file_error = |source| TextError::Vectors { path: path.into(), source };
        let kind = WrongKind::check_file(path, "a file of vectors (.npy or .safetensors)", &[]);
        kind.map_err(|error| file_error(VectorsError::Read(error)))?.map_err(|error| file_error(error.into()))?;
        let file = std::fs::File::open(path).map_err(|error| file_error(VectorsError::Read(error)))?;
        // SAFETY: the file is only read. If another process changes it, the vectors differ from those of its
        // fingerprint.
        let map = unsafe { Mmap::map(&file) }.map_err(|error| file_error(VectorsError::Read(error)))?;
        let (start, dimension, rows) = match path.extension().and_then(|extension| extension.to_str()) {
            Some("npy") => grid(&map),
            Some("safetensors") => listed(&map),
            _ => Err(VectorsError::Extension),
        }
        .map_err(file_error)?;
        Ok(Self { path: path.into(), map, start, dimension, rows })
    }

    /// The dimension of the vectors.
    pub fn dimension(&self) -> usize {
        self.dimension
    }

    /// Checks that the vectors are of a data set of `images` images. With another numbering, for example from 0, every
    /// caption would have the vector of another caption.
    ///
    /// # Errors
    ///
    /// If an array has another number of images, or a list has an image with a higher number.
    pub fn check_images(&self, images: u32) -> Result<(), TextError> {
        let found = match &self.rows {
            Rows::Grid { images, .. } => *images as u64,
            Rows::Listed(rows) => rows.keys().map(|(image, _)| u64::from(*image)).max().unwrap_or(0),
        };
        let fits = match &self.rows {
            Rows::Grid { .. } => found == u64::from(images),
            Rows::Listed(_) => found <= u64::from(images),
        };
        let source = VectorsError::Images { found, images };
        if fits { Ok(()) } else { Err(TextError::Vectors { path: self.path.clone(), source }) }
    }

    /// The vector of a caption, from the numbers of the image and of the line.
    ///
    /// # Errors
    ///
    /// If the vector is missing, or a value of it is not finite.
    pub fn get(&self, image: u32, caption: u32) -> Result<Vec<f32>, TextError> {
        let file_error = |source| TextError::Vectors { path: self.path.clone(), source };
        let row = match &self.rows {
            Rows::Listed(rows) => rows.get(&(image, caption)).copied(),
            Rows::Grid { images, captions } => {
                let (image, caption) = (image as usize - 1, caption as usize - 1);
                (image < *images && caption < *captions).then_some(image * captions + caption)
            }
        };
        let row = row.ok_or_else(|| file_error(VectorsError::Missing { image, caption }))?;
        let bytes = &self.map[self.start + row * self.dimension * 4..][..self.dimension * 4];
        let vector: Vec<f32> = bytes.as_chunks::<4>().0.iter().map(|&bytes| f32::from_le_bytes(bytes)).collect();
        match vector.iter().all(|value| value.is_finite()) {
            true => Ok(vector),
            false => Err(file_error(VectorsError::NotFinite { image, caption })),
        }
    }
}

/// The offset of the values, the dimension and the rows of a file.
type Layout = (usize, usize, Rows);

fn grid(bytes: &[u8]) -> Result<Layout, VectorsError> {
    let (start, shape) = npy::f32_array(bytes)?;
    match shape[..] {
        [images, captions, dimension @ 1..=usize::MAX] => Ok((start, dimension, Rows::Grid { images, captions })),
        _ => Err(VectorsError::Shape { name: "the array".into(), shape, expected: "[images, captions, dimension]" }),
    }
}

fn listed(bytes: &[u8]) -> Result<Layout, VectorsError> {
    let file = SafeTensors::deserialize(bytes).map_err(|error| VectorsError::Format(error.to_string()))?;
    let tensor = |name: &str| file.tensor(name).map_err(|_| VectorsError::MissingTensor { name: name.to_owned() });
    if let Some(other) = file.names().into_iter().find(|name| !["vectors", "image", "caption"].contains(name)) {
        return Err(VectorsError::UnexpectedTensor { name: other.to_owned() });
    }
    let vectors = tensor("vectors")?;
    if vectors.dtype() != Dtype::F32 {
        return Err(VectorsError::Type { name: "vectors".into(), found: format!("{:?}", vectors.dtype()) });
    }
    let [rows, dimension @ 1..=usize::MAX] = vectors.shape()[..] else {
        let shape = vectors.shape().to_vec();
        return Err(VectorsError::Shape { name: "vectors".into(), shape, expected: "[n, dimension]" });
    };
    let column = |name: &str| {
        let view = tensor(name)?;
        if view.shape() != [rows] {
            let shape = view.shape().to_vec();
            return Err(VectorsError::Shape {
                name: name.into(),
                shape,
                expected: "[n], the number of rows of `vectors`",
            });
        }
        integers(view.dtype(), view.data())
            .ok_or_else(|| VectorsError::Type { name: name.into(), found: format!("{:?}", view.dtype()) })
    };
    let mut rows_by_caption = BTreeMap::new();
    for (row, (image, caption)) in column("image")?.into_iter().zip(column("caption")?).enumerate() {
        let (Ok(image @ 1..), Ok(caption @ 1..)) = (u32::try_from(image), u32::try_from(caption)) else {
            return Err(VectorsError::Number { row, image, caption });
        };
        if rows_by_caption.insert((image, caption), row).is_some() {
            return Err(VectorsError::Duplicate { image, caption });
        }
    }
    let start = vectors.data().as_ptr() as usize - bytes.as_ptr() as usize;
    Ok((start, dimension, Rows::Listed(rows_by_caption)))
}

/// Integers of any width; `None` for other data types.
fn integers(dtype: Dtype, data: &[u8]) -> Option<Vec<i64>> {
    Some(match dtype {
        Dtype::I64 => data.as_chunks().0.iter().map(|&bytes| i64::from_le_bytes(bytes)).collect(),
        Dtype::I32 => data.as_chunks().0.iter().map(|&bytes| i32::from_le_bytes(bytes).into()).collect(),
        Dtype::U32 => data.as_chunks().0.iter().map(|&bytes| u32::from_le_bytes(bytes).into()).collect(),
        Dtype::U16 => data.as_chunks().0.iter().map(|&bytes| u16::from_le_bytes(bytes).into()).collect(),
        Dtype::I16 => data.as_chunks().0.iter().map(|&bytes| i16::from_le_bytes(bytes).into()).collect(),
        Dtype::U8 => data.iter().map(|&byte| byte.into()).collect(),
        _ => return None,
    })
}

#[cfg(test)]
mod tests;
