//! Mean and covariance in an `.npz` archive of others: `mu` and `sigma`, as pytorch-fid and clean-fid save them.

use std::fs::File;
use std::io::Read as _;
use std::path::Path;

use zip::ZipArchive;
use zip::result::ZipError;

use super::error::MetricError;
use super::moments::Moments;
use super::npy::NumpyArray;
use crate::file_kind::{FileKind, WrongKind};

const MEAN: &str = "mu";
const COVARIANCE: &str = "sigma";
/// The most numbers that features may have: 8 GiB of covariance would follow from four times as many.
const MOST: usize = 1 << 14;
/// How much more than its numbers an array may hold.
const MOST_HEADER: usize = 1 << 16;

impl Moments {
    /// Reads an `.npz` archive with `mu` (`[d]`) and `sigma` (`[d, d]`) of float32 or float64. Other arrays in it are left
    /// alone. Of how many images they are, such files do not say.
    ///
    /// # Errors
    ///
    /// If the file cannot be read, lacks an array, or an array has another type or shape, or is not what
    /// [`Moments::from_statistics`] takes.
    pub fn read_npz(path: &Path) -> Result<Self, MetricError> {
        let io = |source| MetricError::Read { path: path.into(), source };
        let wrong = |reason: String| MetricError::StatisticsFile { path: path.into(), reason };
        WrongKind::unless_file(path, "an .npz archive", &[FileKind::Zip])
            .map_err(io)?
            .map_err(|source| MetricError::WrongKind { path: path.into(), source })?;
        let mut archive = ZipArchive::new(File::open(path).map_err(io)?).map_err(|error| wrong(error.to_string()))?;
        let (shape, mean) = array(&mut archive, MEAN, MOST).map_err(wrong)?;
        let &[d @ 1..=MOST] = &shape[..] else {
            return Err(wrong(format!("`{MEAN}` is {shape:?}, not [numbers], at most {MOST} of them")));
        };
        let (square, covariance) = array(&mut archive, COVARIANCE, d * d).map_err(wrong)?;
        if square != [d, d] {
            return Err(wrong(format!("`{COVARIANCE}` is {square:?}, not [{d}, {d}], as `{MEAN}` has {d} numbers")));
        }
        Moments::from_statistics(None, mean, &covariance).map_err(|error| match error {
            MetricError::Statistics { reason } => wrong(reason),
            other => other,
        })
    }
}

/// The shape and numbers of an array of at most so many numbers; or what is wrong with it. No more of it is unpacked.
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
    let limit = 8 * most + MOST_HEADER;
    let mut bytes = Vec::new();
    (&mut entry).take(limit as u64).read_to_end(&mut bytes).map_err(|error| format!("`{name}`: {error}"))?;
    if bytes.len() == limit {
        return Err(format!("`{name}` has more than {most} numbers"));
    }
    let array = NumpyArray::parse(&bytes).map_err(|reason| format!("`{name}`: {reason}"))?;
    Ok((array.shape.clone(), array.wide()))
}

#[cfg(test)]
mod tests;
