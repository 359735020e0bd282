use std::collections::HashMap;
use std::io::{Error, Result, Write as _};
use std::path::Path;

use safetensors::tensor::{Dtype, Metadata, TensorInfo};

use crate::atomic_file::AtomicFile;

/// Writes the file of `jem encode --out`: `vectors`, `f32 [sentences, dimension]`, and for a data set `image` and
/// `caption`, `i64 [sentences]`, from 1. Vectors are written in batches, so that not all of them are in memory.
pub struct EncodedFile {
    draft: AtomicFile,
    /// The number of bytes of vectors that are not written yet.
    missing: usize,
}

impl EncodedFile {
    /// Creates a file of `sentences` vectors of length `dimension`. `places` are the image and the caption of each
    /// sentence of a data set. `origin` is stored in the header: how the vectors are computed.
    ///
    /// # Errors
    ///
    /// If it cannot be written.
    pub fn create(
        path: &Path,
        (sentences, dimension): (usize, usize),
        places: Option<&[(u32, u32)]>,
        origin: String,
    ) -> Result<Self> {
        let mut draft = AtomicFile::create(path)?;
        draft.write_all(&header((sentences, dimension), places.is_some(), origin)?)?;
        let places = places.unwrap_or_default();
        for of in [|place: &(u32, u32)| place.0, |place: &(u32, u32)| place.1] {
            places.iter().try_for_each(|place| draft.write_all(&i64::from(of(place)).to_le_bytes()))?;
        }
        Ok(Self { draft, missing: 4 * sentences * dimension })
    }

    /// Writes the next vectors as little-endian bytes.
    ///
    /// # Errors
    ///
    /// If they cannot be written.
    ///
    /// # Panics
    ///
    /// If there are more vectors than `sentences`.
    pub fn vectors(&mut self, bytes: &[u8]) -> Result<()> {
        self.missing = self.missing.checked_sub(bytes.len()).expect("not more vectors than the header declares");
        self.draft.write_all(bytes)
    }

    /// Completes the file, which now has its name.
    ///
    /// # Errors
    ///
    /// If the disk is full.
    ///
    /// # Panics
    ///
    /// If vectors are missing.
    pub fn finish(self) -> Result<()> {
        assert_eq!(self.missing, 0, "bytes of vectors are missing");
        self.draft.commit()
    }
}

/// The length of the JSON, and the JSON, padded to a multiple of eight (<https://huggingface.co/docs/safetensors>,
/// "Format"). Integers come first, so that every array is aligned to the size of its values.
fn header((sentences, dimension): (usize, usize), has_places: bool, origin: String) -> Result<Vec<u8>> {
    let mut end = 0;
    let mut next = |name: &str, dtype, shape: Vec<usize>, size: usize| {
        let start = end;
        end += size * shape.iter().product::<usize>();
        (name.to_owned(), TensorInfo { dtype, shape, data_offsets: (start, end) })
    };
    let mut tensors = Vec::new();
    if has_places {
        tensors.extend(["image", "caption"].map(|name| next(name, Dtype::I64, vec![sentences], 8)));
    }
    tensors.push(next("vectors", Dtype::F32, vec![sentences, dimension], 4));
    let metadata = Metadata::new(Some(HashMap::from([("jem".to_owned(), origin)])), tensors).map_err(Error::other)?;
    let mut json = serde_json::to_vec(&metadata)?;
    json.resize(json.len().next_multiple_of(8), b' ');
    Ok([&(json.len() as u64).to_le_bytes()[..], &json].concat())
}

#[cfg(test)]
mod tests {
    use super::*;
    use safetensors::SafeTensors;

    #[test]
    fn batches_of_vectors_become_one_array() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("it.safetensors");
        let bytes = |values: &[f32]| values.iter().flat_map(|value| value.to_le_bytes()).collect::<Vec<u8>>();
        let values: Vec<f32> = (0..6u8).map(f32::from).collect();
        for places in [None, Some(&[(7, 1), (7, 2), (9, 1)][..])] {
            let mut file = EncodedFile::create(&path, (3, 2), places, "made by hand".to_owned()).unwrap();
            file.vectors(&bytes(&values[..4])).unwrap();
            file.vectors(&bytes(&values[4..])).unwrap();
            file.finish().unwrap();
            let read = std::fs::read(&path).unwrap();
            let tensors = SafeTensors::deserialize(&read).unwrap();
            let of = |name: &str| tensors.tensor(name).unwrap();
            assert_eq!((of("vectors").shape(), of("vectors").data()), (&[3, 2][..], &bytes(&values)[..]));
            let (_, head) = SafeTensors::read_metadata(&read).unwrap();
            assert_eq!(head.metadata().as_ref().unwrap()["jem"], "made by hand");
            assert_eq!(tensors.len(), if places.is_some() { 3 } else { 1 });
            if places.is_some() {
                let integers = |name: &str| -> Vec<i64> {
                    of(name).data().as_chunks::<8>().0.iter().map(|bytes| i64::from_le_bytes(*bytes)).collect()
                };
                assert_eq!((integers("image"), integers("caption")), (vec![7, 7, 9], vec![1, 2, 1]));
            }
        }
        drop(EncodedFile::create(&folder.path().join("none.safetensors"), (3, 2), None, String::new()).unwrap());
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
    }
}
