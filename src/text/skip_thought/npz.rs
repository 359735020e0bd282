//! The recurrent units in a `.npz` archive, as written by `numpy.savez`.

use std::fs::File;
use std::io::Read as _;
use std::path::Path;

use zip::ZipArchive;

use super::error::SkipThoughtError;
use super::gru::GruParts;
use crate::file_error::FileError;
use crate::file_kind::FileKind;
use crate::npy::NpyHeader;
use crate::text::npy;

/// The names of a unit's arrays without the prefix, in the order of [`GruParts::arrays`].
const ARRAYS: [&str; 6] = ["W", "U", "b", "Wx", "Ux", "bx"];
/// The prefixes of the other arrays in the archives, which are ignored: the decoders, the word vectors before the
/// vocabulary expansion, and records of the training script.
const UNUSED: [&str; 5] = ["decoder_", "ff_logit_", "Wemb", "history_errs", "uidx"];
/// The largest size of a header in bytes.
const MAX_HEADER: usize = 1 << 16;

/// Reads the units with these prefixes (`encoder`, `encoder_r`), with inputs of length `input` and states of length
/// `hidden`.
///
/// # Errors
///
/// If the archive cannot be read, or arrays are missing, invalid or unexpected. The error lists all problems.
pub(super) fn units(
    path: &Path,
    prefixes: &[&str],
    input: usize,
    hidden: usize,
) -> Result<Vec<GruParts>, SkipThoughtError> {
    FileError::check_kind(path, "an .npz archive", &[FileKind::Zip])?;
    let file = File::open(path).map_err(FileError::read(path))?;
    let archive =
        |error: zip::result::ZipError| SkipThoughtError::Archive { path: path.into(), why: error.to_string() };
    let mut file = ZipArchive::new(file).map_err(archive)?;
    let mut problems = Vec::new();
    let mut units = Vec::new();
    let empty = GruParts { input, hidden, ..GruParts::default() };
    let shapes = empty.arrays().map(|(_, shape, _)| shape);
    for prefix in prefixes {
        let mut unit = empty.clone();
        let arrays = [&mut unit.w, &mut unit.u, &mut unit.b, &mut unit.wx, &mut unit.ux, &mut unit.bx];
        for ((array, shape), values) in ARRAYS.iter().zip(&shapes).zip(arrays) {
            match read_array(&mut file, &format!("{prefix}_{array}"), shape) {
                Ok(found) => *values = found,
                Err(problem) => problems.push(problem),
            }
        }
        units.push(unit);
    }
    let is_known = |name: &str| {
        let unit = |prefix: &&str| ARRAYS.iter().any(|array| name == format!("{prefix}_{array}"));
        prefixes.iter().any(unit) || UNUSED.iter().any(|unused| name.starts_with(unused))
    };
    let names = file.file_names().map(|name| name.map(|name| name.trim_end_matches(".npy").to_owned()));
    let mut others: Vec<String> = names.collect::<Result<_, _>>().map_err(archive)?;
    others.sort_unstable();
    let others = others.into_iter().filter(|name| !is_known(name));
    problems.extend(others.map(|name| format!("unexpected array `{name}`")));
    match problems.is_empty() {
        true => Ok(units),
        false => Err(SkipThoughtError::Tensors { path: path.into(), problems }),
    }
}

/// Reads an array and returns its values, row-major, or what is wrong with it.
fn read_array(file: &mut ZipArchive<File>, name: &str, shape: &[usize]) -> Result<Vec<f32>, String> {
    let mut entry = file.by_name(&format!("{name}.npy")).map_err(|error| match error {
        zip::result::ZipError::FileNotFound => format!("missing array `{name}`"),
        error => format!("`{name}`: {error}"),
    })?;
    let expected: usize = shape.iter().product();
    let mut bytes = Vec::new();
    let limit = 4 * expected + MAX_HEADER;
    (&mut entry).take(limit as u64).read_to_end(&mut bytes).map_err(|error| format!("`{name}`: {error}"))?;
    let header = NpyHeader::parse(&bytes).map_err(|error| format!("`{name}`: {error}"))?;
    npy::check_f32(&header).map_err(|_| format!("`{name}` has data type {}, expected '<f4'", header.descr))?;
    if header.shape != shape {
        return Err(format!("`{name}` has shape {:?}, expected {shape:?}", header.shape));
    }
    let bytes = &bytes[header.start..];
    if bytes.len() != 4 * expected {
        return Err(format!("`{name}` has {} bytes, which does not match the shape {shape:?}", bytes.len()));
    }
    let values: Vec<f32> = bytes.as_chunks().0.iter().map(|&bytes| f32::from_le_bytes(bytes)).collect();
    if !values.iter().all(|value| value.is_finite()) {
        return Err(format!("`{name}` has a value that is not finite"));
    }
    Ok(header.row_major(values))
}

#[cfg(test)]
mod tests;
