//! `imagelabels.mat`: the class of every image.

use super::error::{DataError, LabelError};
use matfile::{MatFile, NumericData};
use std::path::Path;

/// The classes of images 1, 2, …, each in `1..=102`, from the variable `labels` (1×N).
pub(super) fn labels(path: &Path) -> Result<Vec<u16>, DataError> {
    let bytes = std::fs::read(path).map_err(|source| DataError::Read { path: path.into(), source })?;
    parse(&bytes).map_err(|source| DataError::Labels { path: path.into(), source })
}

fn parse(bytes: &[u8]) -> Result<Vec<u16>, LabelError> {
    let file = MatFile::parse(bytes).map_err(LabelError::NotMat)?;
    let array = file.find_by_name("labels").ok_or(LabelError::NoVariable)?;
    let size = array.size();
    let numbers = numbers(array.data()).ok_or_else(|| LabelError::NotARow(size.clone()))?;
    if size.len() != 2 || size[0] != 1 || size[1] != numbers.len() {
        return Err(LabelError::NotARow(size.clone()));
    }
    numbers.iter().zip(1..).map(|(&label, image)| class(label).ok_or(LabelError::OutOfRange { image, label })).collect()
}

fn class(label: f64) -> Option<u16> {
    ((1.0..=102.0).contains(&label) && label.fract() == 0.0).then_some(label as u16)
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
    fn labels_are_read_in_image_order() {
        assert_eq!(parse(&mat("labels", &[77, 1, 102])).unwrap(), [77, 1, 102]);
    }

    #[test]
    fn a_label_outside_the_classes_is_named_with_its_image() {
        for bad in [0, 103] {
            let error = parse(&mat("labels", &[5, bad])).unwrap_err();
            assert_eq!(error.to_string(), format!("image 2 has label {bad}, outside 1..=102"));
        }
    }

    #[test]
    fn another_variable_and_other_bytes_are_told_apart() {
        assert!(matches!(parse(&mat("classes", &[1])), Err(LabelError::NoVariable)));
        assert!(matches!(parse(b"not a mat file at all"), Err(LabelError::NotMat(_))));
    }
}
