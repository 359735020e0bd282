//! One cached array of rows: what it is to hold, and what it holds once it is whole.
//!
//! The file is a safetensors file of two tensors: `values`, the rows, and `chunks`, the SHA-256 of each run of rows
//! that was written together. Its first bytes follow from what it is to hold, so that a reader knows them.

use std::fs::File;
use std::io::Read as _;
use std::ops::Range;
use std::path::{Path, PathBuf};

use memmap2::Mmap;
use rayon::prelude::*;
use safetensors::tensor::Dtype;
use sha2::{Digest as _, Sha256};

use super::PrepareError;

/// Bytes of a chunk's digest.
pub(super) const DIGEST: usize = 32;

/// What an array is to hold.
#[derive(Clone, Debug)]
pub struct ArraySpec {
    /// All that its contents follow from. The file's name is its hash.
    pub key: String,
    /// `U8` or `F32`.
    pub dtype: Dtype,
    /// Rows first.
    pub shape: Vec<usize>,
    /// Rows that are made and checked together: what a kill costs, and how often progress is told.
    pub chunk: usize,
}

impl ArraySpec {
    /// How many rows there are.
    pub fn rows(&self) -> usize {
        self.shape.first().copied().unwrap_or(0)
    }

    /// Numbers in a row.
    pub fn row_length(&self) -> usize {
        self.shape.iter().skip(1).product()
    }

    /// Bytes of the whole file.
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

    /// Where a chunk's digest is in the file.
    pub(super) fn digest_at(&self, header: usize, chunk: usize) -> Range<usize> {
        let start = header + chunk * DIGEST;
        start..start + DIGEST
    }

    /// Where a chunk's rows are in the file.
    pub(super) fn rows_at(&self, header: usize, chunk: usize) -> Range<usize> {
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

/// What a file that should hold an array turns out to be.
pub(super) enum Found {
    /// There is none.
    Nothing,
    /// The array.
    Whole(Array),
    /// Another file, or one cut short.
    Foreign,
    /// The right one, some of whose chunks are not what was written.
    Damaged,
}

/// A memory-mapped array of rows: `u8` pictures or `f32` vectors.
pub struct Array {
    map: Mmap,
    /// Held so that nobody clears the file away while it is read.
    _held: File,
    values: usize,
    row_bytes: usize,
    rows: usize,
    row_length: usize,
}

impl Array {
    /// Looks at the file at `path`, every byte of it.
    pub(super) fn look(path: &Path, spec: &ArraySpec) -> Result<Found, PrepareError> {
        let io = |source| PrepareError::Cache { path: path.to_owned(), source };
        let mut file = match File::open(path) {
            Ok(file) => file,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Found::Nothing),
            Err(error) => return Err(io(error)),
        };
        // Held while the array is used, so that it is not cleared away. Others hold a file alone only for the moment in
        // which they name or remove it. Where there are no locks, what is cleared away is still there for its readers.
        let _ = file.lock_shared();
        let header = spec.header();
        let mut first = vec![0; header.len()];
        let whole = file.metadata().map_err(io)?.len() == spec.bytes() && file.read_exact(&mut first).is_ok();
        if !whole || first != header {
            return Ok(Found::Foreign);
        }
        // SAFETY: a file that bears its final name is never written to; a file of another name takes its place.
        let map = unsafe { Mmap::map(&file) }.map_err(io)?;
        if !damaged(&map, spec, header.len()).is_empty() {
            return Ok(Found::Damaged);
        }
        let values = header.len() + spec.chunks() * DIGEST;
        let (row_bytes, rows, row_length) = (spec.row_bytes(), spec.rows(), spec.row_length());
        Ok(Found::Whole(Self { map, _held: file, values, row_bytes, rows, row_length }))
    }

    /// How many rows there are.
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// Numbers in a row.
    pub fn row_length(&self) -> usize {
        self.row_length
    }

    /// The bytes of row `i`, which must be below [`Array::rows`].
    pub fn row(&self, i: usize) -> &[u8] {
        let start = self.values + i * self.row_bytes;
        &self.map[start..start + self.row_bytes]
    }

    /// Appends row `i` of an `f32` array to `into`.
    pub fn extend_from_row(&self, i: usize, into: &mut Vec<f32>) {
        let numbers = self.row(i).as_chunks::<4>().0;
        into.extend(numbers.iter().map(|&bytes| f32::from_le_bytes(bytes)));
    }
}

/// The chunks of a file of the right length whose rows are not what their digest says, ascending.
pub(super) fn damaged(file: &[u8], spec: &ArraySpec, header: usize) -> Vec<usize> {
    let wrong = |chunk: &usize| {
        let digest = Sha256::digest(&file[spec.rows_at(header, *chunk)]);
        digest[..] != file[spec.digest_at(header, *chunk)]
    };
    (0..spec.chunks()).into_par_iter().filter(wrong).collect()
}

/// The little-endian bytes of `f32` rows.
pub fn bytes_of(rows: &[Vec<f32>]) -> Vec<u8> {
    rows.iter().flatten().flat_map(|value| value.to_le_bytes()).collect()
}

/// The path of an array in a cache's folder.
pub(super) fn path_of(folder: &Path, spec: &ArraySpec) -> PathBuf {
    folder.join(spec.name()).with_extension(ENDING)
}

/// What names of whole arrays end in.
pub(super) const ENDING: &str = "safetensors";
/// What names of arrays in the making end in.
pub(super) const PART: &str = "part";
