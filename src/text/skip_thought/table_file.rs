//! Conversion of the published tables to plain `.npy` arrays.

use std::fs::File;
use std::io::{BufReader, Read as _, Seek as _, SeekFrom};
use std::path::Path;

use super::error::SkipThoughtError;
use super::pickle::{RowOrder, read_rows};
use super::table::{Table, TableWriter};
use crate::file_error::FileError;
use crate::npy::NpyHeader;
use crate::text::VectorsError;
use crate::text::npy;

/// The number of bytes that are read to find the header.
const HEAD: u64 = 1 << 16;

/// Opens the table of a published file with `words` rows, whose SHA-256 is `hash`. The table is memory-mapped from
/// `folder`; if it is missing there, the file is converted. The conversion is atomic, and only one of several processes
/// converts.
///
/// # Errors
///
/// If the file cannot be read, is not a table with this number of rows, or the folder cannot be written.
pub(super) fn open_table(source: &Path, hash: &str, words: usize, folder: &Path) -> Result<Table, SkipThoughtError> {
    let path = folder.join(format!("{hash}.npy"));
    if !path.exists() {
        std::fs::create_dir_all(folder).map_err(FileError::write(folder))?;
        let lock = folder.join(format!("{hash}.lock"));
        let lock_file =
            File::options().write(true).create(true).truncate(false).open(&lock).map_err(FileError::write(&lock))?;
        lock_file.lock().map_err(FileError::write(&lock))?;
        if !path.exists() {
            let part = folder.join(format!("{hash}.part"));
            let result = convert(source, words, (&part, &path));
            if result.is_err() {
                // The next conversion overwrites the file, so a failed removal can be ignored.
                drop(std::fs::remove_file(&part));
            }
            result?;
        }
    }
    let table = Table::open(&path)?;
    match table.rows() == words {
        true => Ok(table),
        false => Err(SkipThoughtError::Rows { words, table: source.into(), rows: table.rows() }),
    }
}

/// Converts a published file to the plain array `path`. `part` is the temporary file.
fn convert(source: &Path, words: usize, (part, path): (&Path, &Path)) -> Result<(), SkipThoughtError> {
    let (read_error, write_error) = (FileError::read(source), FileError::write(part));
    let array_error = |error| SkipThoughtError::Array { path: source.into(), source: error };
    FileError::check_kind(source, "a .npy array", &[])?;
    let mut file = File::open(source).map_err(read_error)?;
    let mut head = Vec::new();
    (&mut file).take(HEAD).read_to_end(&mut head).map_err(read_error)?;
    let header = npy::parse_header(&head).map_err(array_error)?;
    let start = header.start as u64;
    file.seek(SeekFrom::Start(start)).map_err(read_error)?;
    let reader = BufReader::with_capacity(1 << 20, file);
    let found = header.shape.first().copied().unwrap_or(0);
    if found != words {
        return Err(SkipThoughtError::Rows { words, table: source.into(), rows: found });
    }
    let mut writer = TableWriter::create(part).map_err(write_error)?;
    let mut not_finite = None;
    let mut write_row = |bytes: &[u8]| {
        let is_finite = bytes.as_chunks::<4>().0.iter().all(|&value| f32::from_le_bytes(value).is_finite());
        if !is_finite {
            not_finite.get_or_insert(writer.rows);
        }
        writer.write_row(bytes)
    };
    let order = match header.descr.as_str() {
        "'|O'" if header.shape.len() == 1 => read_rows(reader, start, words, &mut write_row)
            .map_err(|error| SkipThoughtError::Pickle { path: source.into(), source: error })?,
        _ => read_plain_rows(reader, &header, &mut write_row).map_err(array_error)?,
    };
    if let Some(row) = not_finite {
        return Err(SkipThoughtError::NotFinite { path: source.into(), row });
    }
    match order {
        RowOrder::Sequential => writer.finish(path).map_err(write_error)?,
        RowOrder::Indices(order) => {
            // Several words share a row, which the pickle contains once. It is written for each of these words.
            let distinct = part.with_extension("once");
            writer.finish(&distinct).map_err(write_error)?;
            let rows = Table::open(&distinct)?;
            let mut writer = TableWriter::create(part).map_err(write_error)?;
            let written =
                order.into_iter().try_for_each(|row| writer.write_row(bytemuck::cast_slice(rows.row(row as usize))));
            std::fs::remove_file(&distinct).map_err(write_error)?;
            written.and_then(|()| writer.finish(path)).map_err(write_error)?;
        }
    }
    Ok(())
}

/// Passes the rows of an array of floats `[words, d]` or `[words, 1, d]` to `write_row`.
fn read_plain_rows(
    mut reader: impl std::io::Read,
    header: &NpyHeader,
    write_row: &mut dyn FnMut(&[u8]) -> std::io::Result<()>,
) -> Result<RowOrder, VectorsError> {
    npy::check_f32(header)?;
    let (&[words, dimension] | &[words, 1, dimension]) = &header.shape[..] else {
        let shape = header.shape.clone();
        return Err(VectorsError::Shape { name: "the array".into(), shape, expected: "[words, dimension]" });
    };
    if header.is_fortran || dimension == 0 || dimension > 1 << 20 {
        return Err(VectorsError::Format(format!("the array is in Fortran order, or has dimension {dimension}")));
    }
    let mut row = vec![0; 4 * dimension];
    for _ in 0..words {
        reader.read_exact(&mut row).and_then(|()| write_row(&row)).map_err(VectorsError::Read)?;
    }
    match reader.read(&mut row).map_err(VectorsError::Read)? {
        0 => Ok(RowOrder::Sequential),
        _ => Err(VectorsError::Format(format!("the contents are longer than the shape {:?}", header.shape))),
    }
}

#[cfg(test)]
mod tests;
