//! The units of an encoder in a `.npz` archive, as `numpy.savez` writes it.

use std::fs::File;
use std::io::Read as _;
use std::path::Path;

use zip::ZipArchive;

use super::error::{SkipThoughtError, expect};
use super::gru::GruParts;
use crate::file_kind::FileKind;
use crate::text::npy;

/// What a unit's arrays are called behind their prefix, in the order of [`GruParts::arrays`].
const ARRAYS: [&str; 6] = ["W", "U", "b", "Wx", "Ux", "bx"];
/// What else the archives hold, by how the names begin: the decoders of training, the word vectors before expansion (which the
/// tables have), and notes of the training script.
const UNUSED: [&str; 5] = ["decoder_", "ff_logit_", "Wemb", "history_errs", "uidx"];
/// How much more than its numbers an array may hold.
const MOST_HEADER: usize = 1 << 16;

/// The units of these prefixes (`encoder`, `encoder_r`), of `input` numbers to `hidden`.
///
/// # Errors
///
/// If the archive cannot be read, or its arrays are not those of the units: everything that is wrong, by name.
pub(super) fn units(
    path: &Path,
    prefixes: &[&str],
    input: usize,
    hidden: usize,
) -> Result<Vec<GruParts>, SkipThoughtError> {
    expect(path, "an .npz archive", &[FileKind::Zip])?;
    let file = File::open(path).map_err(|source| SkipThoughtError::Read { path: path.into(), source })?;
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
            match numbers(&mut file, &format!("{prefix}_{array}"), shape) {
                Ok(found) => *values = found,
                Err(problem) => problems.push(problem),
            }
        }
        units.push(unit);
    }
    let known = |name: &str| {
        let unit = |prefix: &&str| ARRAYS.iter().any(|array| name == format!("{prefix}_{array}"));
        prefixes.iter().any(unit) || UNUSED.iter().any(|unused| name.starts_with(unused))
    };
    let names = file.file_names().map(|name| name.map(|name| name.trim_end_matches(".npy").to_owned()));
    let mut others: Vec<String> = names.collect::<Result<_, _>>().map_err(archive)?;
    others.sort_unstable();
    let others = others.into_iter().filter(|name| !known(name));
    problems.extend(others.map(|name| format!("an array `{name}`, for which there is no use")));
    match problems.is_empty() {
        true => Ok(units),
        false => Err(SkipThoughtError::Tensors { path: path.into(), problems }),
    }
}

/// The numbers of an array, row by row; or what is wrong with it.
fn numbers(file: &mut ZipArchive<File>, name: &str, shape: &[usize]) -> Result<Vec<f32>, String> {
    let mut entry = file.by_name(&format!("{name}.npy")).map_err(|error| match error {
        zip::result::ZipError::FileNotFound => format!("no array `{name}`"),
        error => format!("`{name}`: {error}"),
    })?;
    let expected: usize = shape.iter().product();
    let mut bytes = Vec::new();
    let most = 4 * expected + MOST_HEADER;
    (&mut entry).take(most as u64).read_to_end(&mut bytes).map_err(|error| format!("`{name}`: {error}"))?;
    let header = npy::header(&bytes).map_err(|error| format!("`{name}`: {error}"))?;
    header.is_f32().map_err(|_| format!("`{name}` holds {}, not '<f4'", header.descr))?;
    if header.shape != shape {
        return Err(format!("`{name}` is {:?}, not {shape:?}", header.shape));
    }
    let bytes = &bytes[header.start..];
    if bytes.len() != 4 * expected {
        return Err(format!("`{name}` holds {} bytes, not those of {shape:?}", bytes.len()));
    }
    let values: Vec<f32> = bytes.as_chunks().0.iter().map(|&bytes| f32::from_le_bytes(bytes)).collect();
    if !values.iter().all(|value| value.is_finite()) {
        return Err(format!("`{name}` holds a number that is not finite"));
    }
    Ok(match shape {
        &[rows, columns] if header.fortran => {
            (0..rows * columns).map(|at| values[at % columns * rows + at / columns]).collect()
        }
        _ => values,
    })
}

#[cfg(test)]
mod tests;
