//! Tables of word vectors.

use std::fs::File;
use std::io::{BufWriter, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};

use memmap2::Mmap;

use super::error::SkipThoughtError;
use crate::file_error::FileError;
use crate::text::VectorsError;
use crate::text::npy;

/// The length of the header of a table's file in bytes; numpy pads it to the same length.
const HEADER: usize = 128;

/// Word vectors `[rows, d]` as `f32`, in memory or in a memory-mapped `.npy` file.
#[derive(Debug)]
pub struct Table {
    values: Values,
    rows: usize,
    dimension: usize,
}

#[derive(Debug)]
enum Values {
    Memory(Vec<f32>),
    Mapped { map: Mmap, start: usize },
}

impl Table {
    /// Creates a table in memory from row-major values. `None` if the number of values is not a multiple of
    /// `dimension`.
    pub fn in_memory(values: Vec<f32>, dimension: usize) -> Option<Self> {
        let is_complete = dimension > 0 && values.len().is_multiple_of(dimension);
        is_complete.then(|| Self { rows: values.len() / dimension, dimension, values: Values::Memory(values) })
    }

    /// Maps a file that was written by [`TableWriter`], or any `.npy` file of `f32 [rows, d]` in the byte order of this
    /// machine.
    ///
    /// # Errors
    ///
    /// If the file cannot be read or has another format.
    pub fn open(path: &Path) -> Result<Self, SkipThoughtError> {
        let read_error = FileError::read(path);
        let array_error = |source| SkipThoughtError::Array { path: path.into(), source };
        let file = File::open(path).map_err(read_error)?;
        // SAFETY: the file is only read. If another process changes it, the values differ from those of its name.
        let map = unsafe { Mmap::map(&file) }.map_err(read_error)?;
        let (start, shape) = npy::f32_array(&map).map_err(array_error)?;
        let [rows, dimension @ 1..=usize::MAX] = shape[..] else {
            return Err(array_error(VectorsError::Shape {
                name: "the array".into(),
                shape,
                expected: "[words, dimension]",
            }));
        };
        bytemuck::try_cast_slice::<u8, f32>(&map[start..])
            .map_err(|error| array_error(VectorsError::Format(error.to_string())))?;
        Ok(Self { values: Values::Mapped { map, start }, rows, dimension })
    }

    /// The number of rows.
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// The dimension of the vectors.
    pub fn dimension(&self) -> usize {
        self.dimension
    }

    /// The vector of a row.
    pub fn row(&self, row: usize) -> &[f32] {
        let values = match &self.values {
            Values::Memory(values) => values,
            Values::Mapped { map, start } => bytemuck::cast_slice(&map[*start..]),
        };
        &values[row * self.dimension..][..self.dimension]
    }
}

/// Writes a table row by row to a temporary file, which is renamed when it is complete.
pub(super) struct TableWriter {
    path: PathBuf,
    file: BufWriter<File>,
    row_bytes: usize,
    pub(super) rows: usize,
}

impl TableWriter {
    /// Creates the temporary file `path`, and overwrites an existing file.
    ///
    /// # Errors
    ///
    /// If the file cannot be written.
    pub(super) fn create(path: &Path) -> std::io::Result<Self> {
        let mut file = BufWriter::with_capacity(1 << 20, File::create(path)?);
        file.write_all(&[b' '; HEADER])?;
        Ok(Self { path: path.into(), file, row_bytes: 0, rows: 0 })
    }

    /// Writes a row, as bytes of little-endian `f32`. All rows must have the same length.
    ///
    /// # Errors
    ///
    /// If the file cannot be written.
    pub(super) fn write_row(&mut self, bytes: &[u8]) -> std::io::Result<()> {
        self.row_bytes = bytes.len();
        self.rows += 1;
        self.file.write_all(bytes)
    }

    /// Completes the file and renames it to `path`.
    ///
    /// # Errors
    ///
    /// If the file cannot be written.
    pub(super) fn finish(self, path: &Path) -> std::io::Result<()> {
        let shape = format!("({}, {})", self.rows, self.row_bytes / 4);
        let mut header = format!("{{'descr': '<f4', 'fortran_order': False, 'shape': {shape}, }}");
        header.extend(std::iter::repeat_n(' ', HEADER - 11 - header.len()));
        let mut file = self.file.into_inner().map_err(std::io::IntoInnerError::into_error)?;
        file.seek(SeekFrom::Start(0))?;
        file.write_all(b"\x93NUMPY\x01\x00")?;
        file.write_all(&(HEADER as u16 - 10).to_le_bytes())?;
        file.write_all(header.as_bytes())?;
        file.write_all(b"\n")?;
        file.sync_all()?;
        std::fs::rename(&self.path, path)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn written_rows_are_read() {
        let folder = tempfile::tempdir().unwrap();
        let (part, path) = (folder.path().join("part"), folder.path().join("table.npy"));
        let mut writer = TableWriter::create(&part).unwrap();
        for row in [[1.0f32, 2.0], [3.0, 4.0], [5.0, 6.5]] {
            writer.write_row(bytemuck::cast_slice(&row)).unwrap();
        }
        writer.finish(&path).unwrap();
        assert!(!part.exists());
        let table = Table::open(&path).unwrap();
        assert_eq!((table.rows(), table.dimension(), table.row(2)), (3, 2, [5.0f32, 6.5].as_slice()));
        let memory = Table::in_memory(vec![1.0, 2.0, 3.0, 4.0], 2).unwrap();
        assert_eq!((memory.rows(), memory.row(1)), (2, [3.0f32, 4.0].as_slice()));
        assert!(Table::in_memory(vec![1.0; 3], 2).is_none() && Table::in_memory(vec![], 0).is_none());
    }

    #[test]
    fn a_truncated_file_is_rejected() {
        let folder = tempfile::tempdir().unwrap();
        let (part, path) = (folder.path().join("part"), folder.path().join("table.npy"));
        let mut writer = TableWriter::create(&part).unwrap();
        writer.write_row(&[0; 8]).unwrap();
        writer.finish(&path).unwrap();
        let file = File::options().write(true).open(&path).unwrap();
        file.set_len(HEADER as u64 + 7).unwrap();
        let error = Table::open(&path).unwrap_err();
        assert!(
            std::error::Error::source(&error)
                .unwrap()
                .to_string()
                .contains("7 bytes, which does not match the shape [1, 2]")
        );
    }
}
