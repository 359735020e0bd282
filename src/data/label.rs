//! `imagelabels.mat`, the class of every image, and `setid.mat`, the data set's own split.

use super::error::{DataError, LabelError};
use super::row::row;
use super::split::Split;
use std::path::Path;

/// The classes of images 1, 2, …, each in `1..=102`, from the variable `labels` (1×N).
pub(super) fn labels(path: &Path) -> Result<Vec<u16>, DataError> {
    let bytes = std::fs::read(path).map_err(|source| DataError::Read { path: path.into(), source })?;
    parse(&bytes).map_err(|source| DataError::Labels { path: path.into(), source })
}

/// The lists `trnid`, `valid` and `tstid` of a data set of `images` images, each ascending.
pub(super) fn split(path: &Path, images: u32) -> Result<Split, DataError> {
    let bytes = std::fs::read(path).map_err(|source| DataError::Read { path: path.into(), source })?;
    parse_split(&bytes, images).map_err(|source| DataError::SetId { path: path.into(), source })
}

fn parse(bytes: &[u8]) -> Result<Vec<u16>, LabelError> {
    let labels = row(bytes, "labels")?;
    labels.iter().zip(1..).map(|(&label, image)| class(label).ok_or(LabelError::OutOfRange { image, label })).collect()
}

fn parse_split(bytes: &[u8], images: u32) -> Result<Split, LabelError> {
    let mut seen = vec![false; images as usize];
    let mut list = |name: &'static str| {
        let mut ids = Vec::new();
        for value in row(bytes, name)? {
            let known = (1.0..=f64::from(images)).contains(&value) && value.fract() == 0.0;
            if !known {
                return Err(LabelError::NoSuchImage { list: name, image: value, images });
            }
            let image = value as u32;
            if std::mem::replace(&mut seen[image as usize - 1], true) {
                return Err(LabelError::Twice { image });
            }
            ids.push(image);
        }
        ids.sort_unstable();
        Ok(ids)
    };
    Ok(Split { train: list("trnid")?, val: list("valid")?, test: list("tstid")?, unused: Vec::new() })
}

fn class(label: f64) -> Option<u16> {
    ((1.0..=102.0).contains(&label) && label.fract() == 0.0).then_some(label as u16)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::fixture::mat;
    use crate::data::row::RowError;

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
        assert!(matches!(parse(&mat("classes", &[1])), Err(LabelError::Row(RowError::NoVariable(_)))));
        assert!(matches!(parse(b"not a mat file at all"), Err(LabelError::Row(RowError::NotMat(_)))));
    }
}
