//! Vectors of words, row by row.

use std::fs::File;
use std::io::{BufWriter, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};

use memmap2::Mmap;

use super::error::SkipThoughtError;
use crate::text::VectorsError;
use crate::text::npy;

/// How long the header of a table's file is: what numpy pads it to as well.
const HEADER: usize = 128;

/// Vectors `[rows, d]` of 32-bit floats, in memory or in a memory-mapped file: a plain `.npy` array.
#[derive(Debug)]
pub struct Table {
    numbers: Numbers,
    rows: usize,
    dimension: usize,
}

#[derive(Debug)]
enum Numbers {
    Held(Vec<f32>),
    Mapped { map: Mmap, start: usize },
}

impl Table {
    /// Vectors in memory, one after the other; none if they are no whole rows.
    pub fn held(numbers: Vec<f32>, dimension: usize) -> Option<Self> {
        let whole = dimension > 0 && numbers.len().is_multiple_of(dimension);
        whole.then(|| Self { rows: numbers.len() / dimension, dimension, numbers: Numbers::Held(numbers) })
    }

    /// Maps a file that a [`TableWriter`] wrote, or any `.npy` of `f32 [rows, d]` in this machine's order of bytes.
    ///
    /// # Errors
    ///
    /// If it cannot be read or is not of that form.
    pub fn open(path: &Path) -> Result<Self, SkipThoughtError> {
        let read = |source| SkipThoughtError::Read { path: path.into(), source };
        let wrong = |source| SkipThoughtError::Array { path: path.into(), source };
        let file = File::open(path).map_err(read)?;
        // SAFETY: the file is only read. Who changes it while it is read gets what its name does not say.
        let map = unsafe { Mmap::map(&file) }.map_err(read)?;
        let (start, shape) = npy::f32_array(&map).map_err(wrong)?;
        let [rows, dimension @ 1..=usize::MAX] = shape[..] else {
            return Err(wrong(VectorsError::Shape { name: "the array".into(), shape, expected: "[words, numbers]" }));
        };
        bytemuck::try_cast_slice::<u8, f32>(&map[start..])
            .map_err(|error| wrong(VectorsError::Format(error.to_string())))?;
        Ok(Self { numbers: Numbers::Mapped { map, start }, rows, dimension })
    }

    /// How many rows there are.
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// How many numbers a row has.
    pub fn dimension(&self) -> usize {
        self.dimension
    }

    /// A row.
    pub fn row(&self, row: usize) -> &[f32] {
        let numbers = match &self.numbers {
            Numbers::Held(numbers) => numbers,
            Numbers::Mapped { map, start } => bytemuck::cast_slice(&map[*start..]),
        };
        &numbers[row * self.dimension..][..self.dimension]
    }
}

/// Writes a table row by row, under a name of its own until it is whole.
pub(super) struct TableWriter {
    path: PathBuf,
    file: BufWriter<File>,
    width: usize,
    pub(super) rows: usize,
}

impl TableWriter {
    /// Begins a file, in place of what was there.
    ///
    /// # Errors
    ///
    /// If it cannot be written.
    pub(super) fn begin(path: &Path) -> std::io::Result<Self> {
        let mut file = BufWriter::with_capacity(1 << 20, File::create(path)?);
        file.write_all(&[b' '; HEADER])?;
        Ok(Self { path: path.into(), file, width: 0, rows: 0 })
    }

    /// The bytes of a row of little-endian 32-bit floats, as many as those of the rows before.
    ///
    /// # Errors
    ///
    /// If it cannot be written.
    pub(super) fn row(&mut self, bytes: &[u8]) -> std::io::Result<()> {
        self.width = bytes.len();
        self.rows += 1;
        self.file.write_all(bytes)
    }

    /// Ends the file and gives it its name.
    ///
    /// # Errors
    ///
    /// If it cannot be written.
    pub(super) fn finish(self, path: &Path) -> std::io::Result<()> {
        let shape = format!("({}, {})", self.rows, self.width / 4);
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
    fn what_was_written_is_read_row_by_row() {
        let folder = tempfile::tempdir().unwrap();
        let (part, path) = (folder.path().join("part"), folder.path().join("table.npy"));
        let mut writer = TableWriter::begin(&part).unwrap();
        for row in [[1.0f32, 2.0], [3.0, 4.0], [5.0, 6.5]] {
            writer.row(bytemuck::cast_slice(&row)).unwrap();
        }
        writer.finish(&path).unwrap();
        assert!(!part.exists());
        let table = Table::open(&path).unwrap();
        assert_eq!((table.rows(), table.dimension(), table.row(2)), (3, 2, [5.0f32, 6.5].as_slice()));
        let held = Table::held(vec![1.0, 2.0, 3.0, 4.0], 2).unwrap();
        assert_eq!((held.rows(), held.row(1)), (2, [3.0f32, 4.0].as_slice()));
        assert!(Table::held(vec![1.0; 3], 2).is_none() && Table::held(vec![], 0).is_none());
    }

    #[test]
    fn a_file_that_is_cut_off_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let (part, path) = (folder.path().join("part"), folder.path().join("table.npy"));
        let mut writer = TableWriter::begin(&part).unwrap();
        writer.row(&[0; 8]).unwrap();
        writer.finish(&path).unwrap();
        let file = File::options().write(true).open(&path).unwrap();
        file.set_len(HEADER as u64 + 7).unwrap();
        let error = Table::open(&path).unwrap_err();
        assert!(std::error::Error::source(&error).unwrap().to_string().contains("holds 7 bytes, not those of [1, 2]"));
    }
}
