//! A row of numbers of a MATLAB 5 file, whichever file it is.

use matfile::{MatFile, NumericData};

/// Why a row cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum RowError {
    /// The bytes are not a whole MATLAB 5 file.
    #[error("not a MATLAB 5 file: {0}")]
    NotMat(matfile::Error),
    /// The file holds no numbers under that name.
    #[error("no numeric variable `{0}`")]
    NoVariable(String),
    /// The variable is something else than one row of numbers.
    #[error("`{0}` is {1:?}, not a row of numbers")]
    NotARow(String, Vec<usize>),
}

/// The numbers of the variable, which is 1×N, as they are: neither whole nor in any range as yet.
///
/// # Errors
///
/// If the bytes are no MATLAB file, or have no such row.
pub(super) fn row(bytes: &[u8], variable: &str) -> Result<Vec<f64>, RowError> {
    let file = MatFile::parse(bytes).map_err(RowError::NotMat)?;
    let array = file.find_by_name(variable).ok_or_else(|| RowError::NoVariable(variable.into()))?;
    let size = array.size();
    match numbers(array.data()) {
        Some(numbers) if size[..] == [1, numbers.len()] => Ok(numbers),
        _ => Err(RowError::NotARow(variable.into(), size.clone())),
    }
}

/// The real part, whichever type it was saved with; `None` for complex numbers and 64-bit integers, which no
/// label file uses and a double cannot always hold.
fn numbers(data: &NumericData) -> Option<Vec<f64>> {
    fn wide<T: Copy + Into<f64>>(real: &[T]) -> Option<Vec<f64>> {
        Some(real.iter().map(|&x| x.into()).collect())
    }
    match data {
        NumericData::Int8 { real, imag: None } => wide(real),
        NumericData::UInt8 { real, imag: None } => wide(real),
        NumericData::Int16 { real, imag: None } => wide(real),
        NumericData::UInt16 { real, imag: None } => wide(real),
        NumericData::Int32 { real, imag: None } => wide(real),
        NumericData::UInt32 { real, imag: None } => wide(real),
        NumericData::Single { real, imag: None } => wide(real),
        NumericData::Double { real, imag: None } => wide(real),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::fixture::mat;

    #[test]
    fn numbers_are_read_whether_or_not_they_are_labels() {
        assert_eq!(row(&mat("trnid", &[0, 7, 255]), "trnid").unwrap(), [0.0, 7.0, 255.0]);
    }

    #[test]
    fn a_missing_variable_is_named_and_a_cut_file_is_no_file() {
        let file = mat("trnid", &[1, 2, 3]);
        assert_eq!(row(&file, "valid").unwrap_err().to_string(), "no numeric variable `valid`");
        assert!(row(&file[..file.len() - 8], "trnid").is_err());
    }
}
