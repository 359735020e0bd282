//! Sentence vectors that were made elsewhere.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use memmap2::Mmap;
use safetensors::SafeTensors;
use safetensors::tensor::Dtype;

use super::error::{TextError, VectorsError};
use super::npy;
use crate::file_kind::WrongKind;

/// A file of vectors, one for each caption of each image, memory-mapped.
pub struct Vectors {
    path: PathBuf,
    map: Mmap,
    /// Where the numbers begin.
    start: usize,
    dimension: usize,
    places: Places,
}

/// Which row is whose.
enum Places {
    /// Image n and caption m, both from 1, are at (n − 1) · captions + (m − 1).
    Grid { images: usize, captions: usize },
    /// By image and caption.
    Listed(BTreeMap<(u32, u32), usize>),
}

impl Vectors {
    /// Opens a `.npy` array of `f32 [images, captions, dimension]`, or a `.safetensors` file with `vectors`
    /// (`f32 [n, dimension]`), `image` and `caption` (integers `[n]`, from 1). A caption's number is its line in the
    /// image's file.
    ///
    /// # Errors
    ///
    /// If the file cannot be read or is not of that form: by name, with what it holds instead.
    pub fn open(path: &Path) -> Result<Self, TextError> {
        let wrong = |source| TextError::Vectors { path: path.into(), source };
        let kind = WrongKind::unless_file(path, "a file of vectors (.npy or .safetensors)", &[]);
        kind.map_err(|error| wrong(VectorsError::Read(error)))?.map_err(|error| wrong(error.into()))?;
        let file = std::fs::File::open(path).map_err(|error| wrong(VectorsError::Read(error)))?;
        // SAFETY: the file is only read. Who changes it while it is read gets what its fingerprint does not say.
        let map = unsafe { Mmap::map(&file) }.map_err(|error| wrong(VectorsError::Read(error)))?;
        let (start, dimension, places) = match path.extension().and_then(|ending| ending.to_str()) {
            Some("npy") => grid(&map),
            Some("safetensors") => listed(&map),
            _ => Err(VectorsError::Kind),
        }
        .map_err(wrong)?;
        Ok(Self { path: path.into(), map, start, dimension, places })
    }

    /// The number of entries of a vector.
    pub fn dimension(&self) -> usize {
        self.dimension
    }

    /// That the vectors are of a data set of `images` images: a file that numbers them otherwise, such as from 0, would
    /// give every caption another one's vector.
    ///
    /// # Errors
    ///
    /// If an array is not of as many images, or a list names an image beyond them.
    pub fn of_set(&self, images: u32) -> Result<(), TextError> {
        let found = match &self.places {
            Places::Grid { images, .. } => *images as u64,
            Places::Listed(places) => places.keys().map(|(image, _)| u64::from(*image)).max().unwrap_or(0),
        };
        let fits = match &self.places {
            Places::Grid { .. } => found == u64::from(images),
            Places::Listed(_) => found <= u64::from(images),
        };
        let source = VectorsError::Images { found, images };
        if fits { Ok(()) } else { Err(TextError::Vectors { path: self.path.clone(), source }) }
    }

    /// The vector of a caption, by its image and its line.
    ///
    /// # Errors
    ///
    /// If there is none, or an entry of it is not finite.
    pub fn of(&self, image: u32, caption: u32) -> Result<Vec<f32>, TextError> {
        let wrong = |source| TextError::Vectors { path: self.path.clone(), source };
        let place = match &self.places {
            Places::Listed(places) => places.get(&(image, caption)).copied(),
            Places::Grid { images, captions } => {
                let (image, caption) = (image as usize - 1, caption as usize - 1);
                (image < *images && caption < *captions).then_some(image * captions + caption)
            }
        };
        let place = place.ok_or_else(|| wrong(VectorsError::Missing { image, caption }))?;
        let bytes = &self.map[self.start + place * self.dimension * 4..][..self.dimension * 4];
        let vector: Vec<f32> = bytes.as_chunks::<4>().0.iter().map(|&bytes| f32::from_le_bytes(bytes)).collect();
        match vector.iter().all(|entry| entry.is_finite()) {
            true => Ok(vector),
            false => Err(wrong(VectorsError::NotFinite { image, caption })),
        }
    }
}

type Layout = (usize, usize, Places);

fn grid(bytes: &[u8]) -> Result<Layout, VectorsError> {
    let (start, shape) = npy::f32_array(bytes)?;
    match shape[..] {
        [images, captions, dimension @ 1..=usize::MAX] => Ok((start, dimension, Places::Grid { images, captions })),
        _ => Err(VectorsError::Shape { name: "the array".into(), shape, expected: "[images, captions, numbers]" }),
    }
}

fn listed(bytes: &[u8]) -> Result<Layout, VectorsError> {
    let file = SafeTensors::deserialize(bytes).map_err(|error| VectorsError::Format(error.to_string()))?;
    let tensor = |name: &str| file.tensor(name).map_err(|_| VectorsError::NoTensor { name: name.to_owned() });
    if let Some(other) = file.names().into_iter().find(|name| !["vectors", "image", "caption"].contains(name)) {
        return Err(VectorsError::Unused { name: other.to_owned() });
    }
    let vectors = tensor("vectors")?;
    if vectors.dtype() != Dtype::F32 {
        return Err(VectorsError::Type { name: "vectors".into(), found: format!("{:?}", vectors.dtype()) });
    }
    let [rows, dimension @ 1..=usize::MAX] = vectors.shape()[..] else {
        let shape = vectors.shape().to_vec();
        return Err(VectorsError::Shape { name: "vectors".into(), shape, expected: "[n, numbers]" });
    };
    let numbers = |name: &str| {
        let view = tensor(name)?;
        if view.shape() != [rows] {
            let shape = view.shape().to_vec();
            return Err(VectorsError::Shape { name: name.into(), shape, expected: "[n], as `vectors` has rows" });
        }
        integers(view.dtype(), view.data())
            .ok_or_else(|| VectorsError::Type { name: name.into(), found: format!("{:?}", view.dtype()) })
    };
    let mut places = BTreeMap::new();
    for (row, (image, caption)) in numbers("image")?.into_iter().zip(numbers("caption")?).enumerate() {
        let (Ok(image @ 1..), Ok(caption @ 1..)) = (u32::try_from(image), u32::try_from(caption)) else {
            return Err(VectorsError::Number { row, image, caption });
        };
        if places.insert((image, caption), row).is_some() {
            return Err(VectorsError::Twice { image, caption });
        }
    }
    let start = vectors.data().as_ptr() as usize - bytes.as_ptr() as usize;
    Ok((start, dimension, Places::Listed(places)))
}

/// Whole numbers of whatever width; `None` for another type.
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
