//! From the published tables to plain ones, once.

use std::fs::File;
use std::io::{BufReader, Read as _, Seek as _, SeekFrom};
use std::path::Path;

use super::error::{SkipThoughtError, expect};
use super::pickle::{RowOrder, rows};
use super::table::{Table, TableWriter};
use crate::text::VectorsError;
use crate::text::npy::{self, Header};

/// How much of a file is looked at for its header.
const BEGINNING: u64 = 1 << 16;

/// The table of a published file of `words` rows whose SHA-256 is `hash`: memory-mapped from `folder`, in which it is put down
/// under that hash where it is not there yet. Several processes may ask for it at once: one makes it, and half of it never
/// bears its name.
///
/// # Errors
///
/// If the file cannot be read, is not a table of so many rows, or the folder cannot be written.
pub(super) fn table(source: &Path, hash: &str, words: usize, folder: &Path) -> Result<Table, SkipThoughtError> {
    let path = folder.join(format!("{hash}.npy"));
    let write = |at: &Path| {
        let path = at.to_owned();
        move |source| SkipThoughtError::Write { path: path.clone(), source }
    };
    if !path.exists() {
        std::fs::create_dir_all(folder).map_err(write(folder))?;
        let lock = folder.join(format!("{hash}.lock"));
        let alone = File::options().write(true).create(true).truncate(false).open(&lock).map_err(write(&lock))?;
        alone.lock().map_err(write(&lock))?;
        if !path.exists() {
            let part = folder.join(format!("{hash}.part"));
            let made = make(source, words, (&part, &path));
            if made.is_err() {
                // What is left of it is overwritten the next time; that it is gone now is a courtesy.
                drop(std::fs::remove_file(&part));
            }
            made?;
        }
    }
    let table = Table::open(&path)?;
    match table.rows() == words {
        true => Ok(table),
        false => Err(SkipThoughtError::Rows { words, table: source.into(), rows: table.rows() }),
    }
}

fn make(source: &Path, words: usize, (part, path): (&Path, &Path)) -> Result<(), SkipThoughtError> {
    let read = |error| SkipThoughtError::Read { path: source.into(), source: error };
    let write = |error| SkipThoughtError::Write { path: part.into(), source: error };
    let wrong = |error| SkipThoughtError::Array { path: source.into(), source: error };
    expect(source, "a .npy array", &[])?;
    let mut file = File::open(source).map_err(read)?;
    let mut beginning = Vec::new();
    (&mut file).take(BEGINNING).read_to_end(&mut beginning).map_err(read)?;
    let header = npy::header(&beginning).map_err(wrong)?;
    let start = header.start as u64;
    file.seek(SeekFrom::Start(start)).map_err(read)?;
    let reader = BufReader::with_capacity(1 << 20, file);
    let found = header.shape.first().copied().unwrap_or(0);
    if found != words {
        return Err(SkipThoughtError::Rows { words, table: source.into(), rows: found });
    }
    let mut writer = TableWriter::begin(part).map_err(write)?;
    let mut not_finite = None;
    let mut give = |bytes: &[u8]| {
        let finite = bytes.as_chunks::<4>().0.iter().all(|&number| f32::from_le_bytes(number).is_finite());
        if !finite {
            not_finite.get_or_insert(writer.rows);
        }
        writer.row(bytes)
    };
    let order = match header.descr.as_str() {
        "'|O'" if header.shape.len() == 1 => rows(reader, start, words, &mut give)
            .map_err(|error| SkipThoughtError::Pickle { path: source.into(), source: error })?,
        _ => plain(reader, &header, &mut give).map_err(wrong)?,
    };
    if let Some(row) = not_finite {
        return Err(SkipThoughtError::NotFinite { path: source.into(), row });
    }
    match order {
        RowOrder::AsRead => writer.finish(path).map_err(write),
        RowOrder::Listed(order) => {
            // Some rows are one object: they were read once, and are put down for each of their words.
            let read_once = part.with_extension("once");
            writer.finish(&read_once).map_err(write)?;
            let rows = Table::open(&read_once)?;
            let mut writer = TableWriter::begin(part).map_err(write)?;
            let listed = order.into_iter().try_for_each(|row| writer.row(bytemuck::cast_slice(rows.row(row as usize))));
            std::fs::remove_file(&read_once).map_err(write)?;
            listed.and_then(|()| writer.finish(path)).map_err(write)
        }
    }
}

/// Gives out the rows of an array of floats `[words, d]` or `[words, 1, d]`.
fn plain(
    mut reader: impl std::io::Read,
    header: &Header,
    give: &mut dyn FnMut(&[u8]) -> std::io::Result<()>,
) -> Result<RowOrder, VectorsError> {
    header.is_f32()?;
    let (&[words, width] | &[words, 1, width]) = &header.shape[..] else {
        let shape = header.shape.clone();
        return Err(VectorsError::Shape { name: "the array".into(), shape, expected: "[words, numbers]" });
    };
    if header.fortran || width == 0 || width > 1 << 20 {
        return Err(VectorsError::Format(format!("it is in Fortran order, or {width} numbers wide")));
    }
    let mut row = vec![0; 4 * width];
    for _ in 0..words {
        reader.read_exact(&mut row).and_then(|()| give(&row)).map_err(VectorsError::Read)?;
    }
    match reader.read(&mut row).map_err(VectorsError::Read)? {
        0 => Ok(RowOrder::AsRead),
        _ => Err(VectorsError::Format(format!("more than the numbers of {:?}", header.shape))),
    }
}

#[cfg(test)]
mod tests;
