//! Mean and covariance in an `.npz` archive: `mu` and `sigma`, as pytorch-fid and clean-fid save them.

use std::fs::File;
use std::io::Read as _;
use std::path::Path;

use zip::ZipArchive;
use zip::result::ZipError;

use super::error::MetricError;
use super::moments::Moments;
use super::npy::NumpyArray;
use crate::file_error::FileError;
use crate::file_kind::FileKind;

const MEAN: &str = "mu";
const COVARIANCE: &str = "sigma";
/// The most dimensions of features. The covariance has 2 GiB then.
const MAX_DIMENSION: usize = 1 << 14;
/// The most bytes of the header of an array.
const MAX_HEADER: usize = 1 << 16;

impl Moments {
    /// Reads an `.npz` archive with `mu` (`[d]`) and `sigma` (`[d, d]`) of float32 or float64. Other arrays are
    /// ignored. Such files do not have the number of images.
    ///
    /// # Errors
    ///
    /// If the file cannot be read, an array is missing or has another type or shape, or the values are not valid for
    /// [`Moments::from_statistics`].
    pub fn read_npz(path: &Path) -> Result<Self, MetricError> {
        let wrong = |reason: String| MetricError::StatisticsFile { path: path.into(), reason };
        FileError::check_kind(path, "an .npz archive", &[FileKind::Zip])?;
        let mut archive = ZipArchive::new(File::open(path).map_err(FileError::read(path))?)
            .map_err(|error| wrong(error.to_string()))?;
        let (shape, mean) = array(&mut archive, MEAN, MAX_DIMENSION).map_err(wrong)?;
        let &[d @ 1..=MAX_DIMENSION] = &shape[..] else {
            return Err(wrong(format!("`{MEAN}` is {shape:?}, not [dimensions] with at most {MAX_DIMENSION}")));
        };
        let (square, covariance) = array(&mut archive, COVARIANCE, d * d).map_err(wrong)?;
        if square != [d, d] {
            return Err(wrong(format!(
                "`{COVARIANCE}` is {square:?}, not [{d}, {d}], because `{MEAN}` has {d} values"
            )));
        }
        Moments::from_statistics(None, mean, &covariance).map_err(|error| match error {
            MetricError::Statistics { reason } => wrong(reason),
            other => other,
        })
    }
}

/// The shape and values of an array of at most `most` values, or the problem. An array that is larger is not unpacked
/// completely.
fn array(archive: &mut ZipArchive<File>, name: &str, most: usize) -> Result<(Vec<usize>, Vec<f64>), String> {
    let names: Result<Vec<String>, _> = archive.file_names().map(|name| name.map(|name| name.into_owned())).collect();
    let mut entry = archive.by_name(&format!("{name}.npy")).map_err(|error| match error {
        ZipError::FileNotFound => {
            let mut names = names.unwrap_or_default();
            names.sort_unstable();
            names.truncate(10);
            format!("no array `{name}` among {}", names.join(", "))
        }
        error => format!("`{name}`: {error}"),
    })?;
    let limit = 8 * most + MAX_HEADER;
    let mut bytes = Vec::new();
    (&mut entry).take(limit as u64).read_to_end(&mut bytes).map_err(|error| format!("`{name}`: {error}"))?;
    if bytes.len() == limit {
        return Err(format!("`{name}` has more than {most} values"));
    }
    let array = NumpyArray::parse(&bytes).map_err(|reason| format!("`{name}`: {reason}"))?;
    Ok((array.shape().to_vec(), array.to_f64()))
}

#[cfg(test)]
mod tests;
