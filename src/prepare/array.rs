//! One cached array: a safetensors file that is written whole under a name of its content, and memory-mapped.

use std::fs::File;
use std::io::Write as _;
use std::ops::Range;
use std::path::{Path, PathBuf};

use memmap2::Mmap;
use safetensors::tensor::{Dtype, SafeTensors, TensorView};
use sha2::{Digest as _, Sha256};

use super::PrepareError;

/// The name of the one tensor in the file.
const TENSOR: &str = "values";

/// A memory-mapped array of rows: `u8` pictures or `f32` vectors.
pub struct Array {
    map: Mmap,
    data: Range<usize>,
    dtype: Dtype,
    shape: Vec<usize>,
}

impl Array {
    /// The array named by the hash of `key` in `folder`, made by `make` when it is not there yet.
    ///
    /// `make` returns the array's shape and little-endian bytes. Several processes may come here at once: one makes
    /// it while the others wait. It is written under another name first, so a half-written file never bears this one.
    ///
    /// # Errors
    ///
    /// If `make` fails, the folder cannot be written, or a file of that name is damaged.
    pub fn cached<E: From<PrepareError>>(
        folder: &Path,
        key: &str,
        dtype: Dtype,
        make: impl FnOnce() -> Result<(Vec<usize>, Vec<u8>), E>,
    ) -> Result<Self, E> {
        let name = hex::encode(&Sha256::digest(key.as_bytes())[..16]);
        let path = folder.join(format!("{name}.safetensors"));
        if !path.exists() {
            let (lock, beside) = lock(folder, &name)?;
            // Another process may have made it in the meantime.
            if !path.exists() {
                let (shape, bytes) = make()?;
                write(folder, &path, dtype, shape, &bytes)?;
            }
            // From now on nobody needs the lock. One that cannot be removed is in nobody's way.
            let _kept = std::fs::remove_file(beside);
            drop(lock);
        }
        Ok(Self::open(&path, dtype)?)
    }

    fn open(path: &Path, dtype: Dtype) -> Result<Self, PrepareError> {
        let io = |source| PrepareError::Cache { path: path.to_owned(), source };
        let damaged = |why: String| PrepareError::Damaged { path: path.to_owned(), why };
        let file = File::open(path).map_err(io)?;
        // SAFETY: cached files are never written in place; a file is renamed to its name only when it is whole.
        let map = unsafe { Mmap::map(&file) }.map_err(io)?;
        let (data, shape) = {
            let tensors = SafeTensors::deserialize(&map).map_err(|error| damaged(error.to_string()))?;
            let view = tensors.tensor(TENSOR).map_err(|error| damaged(error.to_string()))?;
            if view.dtype() != dtype {
                return Err(damaged(format!("it holds {:?}, not {dtype:?}", view.dtype())));
            }
            let start = view.data().as_ptr() as usize - map.as_ptr() as usize;
            (start..start + view.data().len(), view.shape().to_vec())
        };
        Ok(Self { map, data, dtype, shape })
    }

    /// How many rows there are.
    pub fn rows(&self) -> usize {
        self.shape.first().copied().unwrap_or(0)
    }

    /// Numbers in a row.
    pub fn row_length(&self) -> usize {
        self.shape.iter().skip(1).product()
    }

    /// The bytes of row `i`, which must be below [`Array::rows`].
    pub fn row(&self, i: usize) -> &[u8] {
        let width = self.row_length() * if self.dtype == Dtype::F32 { 4 } else { 1 };
        let start = self.data.start + i * width;
        &self.map[start..start + width]
    }

    /// Appends row `i` of an `f32` array to `into`.
    pub fn extend_from_row(&self, i: usize, into: &mut Vec<f32>) {
        let numbers = self.row(i).as_chunks::<4>().0;
        into.extend(numbers.iter().map(|&bytes| f32::from_le_bytes(bytes)));
    }
}

/// The little-endian bytes of `f32` rows.
pub(super) fn bytes_of(rows: &[Vec<f32>]) -> Vec<u8> {
    rows.iter().flatten().flat_map(|value| value.to_le_bytes()).collect()
}

/// A lock that is held while an array is made, and its file.
fn lock(folder: &Path, name: &str) -> Result<(File, PathBuf), PrepareError> {
    let path = folder.join(format!("{name}.lock"));
    let io = |source| PrepareError::Cache { path: path.clone(), source };
    std::fs::create_dir_all(folder).map_err(io)?;
    let file = File::options().create(true).append(true).open(&path).map_err(io)?;
    file.lock().map_err(io)?;
    Ok((file, path))
}

fn write(folder: &Path, path: &Path, dtype: Dtype, shape: Vec<usize>, bytes: &[u8]) -> Result<(), PrepareError> {
    let io = |source| PrepareError::Cache { path: path.to_owned(), source };
    let damaged =
        |error: safetensors::SafeTensorError| PrepareError::Damaged { path: path.to_owned(), why: error.to_string() };
    std::fs::create_dir_all(folder).map_err(io)?;
    let view = TensorView::new(dtype, shape, bytes).map_err(damaged)?;
    let encoded = safetensors::serialize([(TENSOR, view)], None).map_err(damaged)?;
    let mut file = tempfile::NamedTempFile::new_in(folder).map_err(io)?;
    file.write_all(&encoded).map_err(io)?;
    file.as_file().sync_all().map_err(io)?;
    file.persist(path).map_err(|error| io(error.error))?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_several_who_need_an_array_at_once_one_makes_it() {
        let folder = tempfile::tempdir().unwrap();
        let made = std::sync::atomic::AtomicUsize::new(0);
        let need = || {
            let array = Array::cached::<PrepareError>(folder.path(), "key", Dtype::U8, || {
                made.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
                std::thread::sleep(std::time::Duration::from_millis(50));
                Ok((vec![2, 1], vec![3, 4]))
            });
            assert_eq!(array.unwrap().row(1), [4]);
        };
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(need);
            }
        });
        assert_eq!(made.into_inner(), 1);
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1, "nothing but the array stays");
    }
}
