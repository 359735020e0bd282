//! A cached array of rows: its specification and its file.
//!
//! The file is a safetensors file of two tensors: `values`, the rows, and `chunks`, the SHA-256 of each chunk of rows
//! that was written together. The specification determines the header, so that a reader can compare it.

use std::fs::File;
use std::io::Read as _;
use std::ops::Range;
use std::path::{Path, PathBuf};

use memmap2::Mmap;
use rayon::prelude::*;
use safetensors::tensor::Dtype;
use sha2::{Digest as _, Sha256};

use super::PrepareError;

/// Bytes of the digest of a chunk.
pub(super) const DIGEST: usize = 32;

/// The specification of an array.
#[derive(Clone, Debug)]
pub struct ArraySpec {
    /// Everything that determines the contents. The file is named by its hash.
    pub key: String,
    /// `U8` or `F32`.
    pub dtype: Dtype,
    /// The shape, rows first.
    pub shape: Vec<usize>,
    /// Rows that are computed and checked together. A kill loses at most one chunk, and progress is reported after
    /// each.
    pub chunk: usize,
}

impl ArraySpec {
    /// The number of rows.
    pub fn rows(&self) -> usize {
        self.shape.first().copied().unwrap_or(0)
    }

    /// The number of values in a row.
    pub fn row_length(&self) -> usize {
        self.shape.iter().skip(1).product()
    }

    /// The size of the file in bytes.
    pub fn bytes(&self) -> u64 {
        (self.header().len() + self.chunks() * DIGEST + self.rows() * self.row_bytes()) as u64
    }

    pub(super) fn name(&self) -> String {
        hex::encode(&Sha256::digest(self.key.as_bytes())[..16])
    }

    pub(super) fn row_bytes(&self) -> usize {
        self.row_length() * if self.dtype == Dtype::F32 { 4 } else { 1 }
    }

    pub(super) fn chunks(&self) -> usize {
        self.rows().div_ceil(self.chunk)
    }

    /// The rows of a chunk.
    pub(super) fn chunk_rows(&self, chunk: usize) -> Range<usize> {
        chunk * self.chunk..self.rows().min((chunk + 1) * self.chunk)
    }

    /// The bytes of the file that hold the digest of a chunk.
    pub(super) fn digest_range(&self, header: usize, chunk: usize) -> Range<usize> {
        let start = header + chunk * DIGEST;
        start..start + DIGEST
    }

    /// The bytes of the file that hold the rows of a chunk.
    pub(super) fn rows_range(&self, header: usize, chunk: usize) -> Range<usize> {
        let values = header + self.chunks() * DIGEST;
        let rows = self.chunk_rows(chunk);
        values + rows.start * self.row_bytes()..values + rows.end * self.row_bytes()
    }

    /// The first bytes of the file: the length of the JSON, and the JSON, padded to a multiple of eight
    /// (<https://huggingface.co/docs/safetensors>, "Format").
    pub(super) fn header(&self) -> Vec<u8> {
        let digests = self.chunks() * DIGEST;
        let dtype = if self.dtype == Dtype::F32 { "F32" } else { "U8" };
        let json = serde_json::json!({
            "__metadata__": { "key": self.key, "rows_of_a_chunk": self.chunk.to_string() },
            "chunks": { "dtype": "U8", "shape": [self.chunks(), DIGEST], "data_offsets": [0, digests] },
            "values": {
                "dtype": dtype,
                "shape": self.shape,
                "data_offsets": [digests, digests + self.rows() * self.row_bytes()],
            },
        });
        let mut json = json.to_string().into_bytes();
        json.resize(json.len().next_multiple_of(8), b' ');
        [&(json.len() as u64).to_le_bytes()[..], &json].concat()
    }
}

/// The state of the file of an array.
pub(super) enum ArrayFile {
    /// There is no file.
    Missing,
    /// The array is complete.
    Complete(Array),
    /// It is another file, or a truncated one.
    Mismatched,
    /// It is the file of the array, and some chunks do not match their digest.
    Damaged,
}

/// A memory-mapped array of rows: `u8` images or `f32` vectors.
pub struct Array {
    map: Mmap,
    /// A shared lock, so that the file is not removed while it is used.
    _lock: File,
    values: usize,
    row_bytes: usize,
    rows: usize,
    row_length: usize,
}

impl Array {
    /// Opens the file at `path` and checks every byte.
    pub(super) fn open(path: &Path, spec: &ArraySpec) -> Result<ArrayFile, PrepareError> {
        let io = |source| PrepareError::Cache { path: path.to_owned(), source };
        let mut file = match File::open(path) {
            Ok(file) => file,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(ArrayFile::Missing),
            Err(error) => return Err(io(error)),
        };
        // Locked while the array is used, so that it is not removed. Others lock a file exclusively only while they
        // rename or remove it. On a file system without locks, a removed file can still be read by those who have
        // opened it.
        let _ = file.lock_shared();
        let header = spec.header();
        let mut first = vec![0; header.len()];
        let is_complete = file.metadata().map_err(io)?.len() == spec.bytes() && file.read_exact(&mut first).is_ok();
        if !is_complete || first != header {
            return Ok(ArrayFile::Mismatched);
        }
        // SAFETY: a file with its final name is never written to; a file of another name replaces it.
        let map = unsafe { Mmap::map(&file) }.map_err(io)?;
        if !damaged_chunks(&map, spec, header.len()).is_empty() {
            return Ok(ArrayFile::Damaged);
        }
        let values = header.len() + spec.chunks() * DIGEST;
        let (row_bytes, rows, row_length) = (spec.row_bytes(), spec.rows(), spec.row_length());
        Ok(ArrayFile::Complete(Self { map, _lock: file, values, row_bytes, rows, row_length }))
    }

    /// The number of rows.
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// The number of values in a row.
    pub fn row_length(&self) -> usize {
        self.row_length
    }

    /// The bytes of row `i`, which must be less than [`Array::rows`].
    pub fn row(&self, i: usize) -> &[u8] {
        let start = self.values + i * self.row_bytes;
        &self.map[start..start + self.row_bytes]
    }

    /// Appends row `i` of an `f32` array to `into`.
    pub fn extend_from_row(&self, i: usize, into: &mut Vec<f32>) {
        let values = self.row(i).as_chunks::<4>().0;
        into.extend(values.iter().map(|&bytes| f32::from_le_bytes(bytes)));
    }
}

/// The chunks of a file of the right length whose rows do not match their digest, ascending.
pub(super) fn damaged_chunks(file: &[u8], spec: &ArraySpec, header: usize) -> Vec<usize> {
    let is_damaged = |chunk: &usize| {
        let digest = Sha256::digest(&file[spec.rows_range(header, *chunk)]);
        digest[..] != file[spec.digest_range(header, *chunk)]
    };
    (0..spec.chunks()).into_par_iter().filter(is_damaged).collect()
}

/// The little-endian bytes of `f32` rows.
pub fn bytes_of(rows: &[Vec<f32>]) -> Vec<u8> {
    rows.iter().flatten().flat_map(|value| value.to_le_bytes()).collect()
}

/// The path of an array in the folder of a cache.
pub(super) fn path_of(folder: &Path, spec: &ArraySpec) -> PathBuf {
    folder.join(spec.name()).with_extension(EXTENSION)
}

/// The file name extension of complete arrays.
pub(super) const EXTENSION: &str = "safetensors";
/// The file name extension of partial arrays.
pub(super) const PARTIAL_EXTENSION: &str = "part";
