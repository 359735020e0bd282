//! `imagelabels.mat`, the class of every image, and `setid.mat`, the official split.

use super::error::{DataError, TableError};
use super::mat;
use super::split::Split;
use crate::file_error::FileError;
use std::path::Path;

/// The number of classes.
const CLASSES: u32 = 102;

/// Reads the classes of images 1, 2, …, each in `1..=102`, from the variable `labels`.
pub(super) fn read_labels(path: &Path) -> Result<Vec<u16>, DataError> {
    let bytes = mat::read_file(path).map_err(FileError::read(path))?;
    let labels = bytes.map_err(TableError::from).and_then(|bytes| parse_labels(&bytes));
    labels.map_err(|source| DataError::Labels { path: path.into(), source })
}

/// Reads the lists `trnid`, `valid` and `tstid` of a data set of `images` images, each ascending.
pub(super) fn read_split(path: &Path, images: u32) -> Result<Split, DataError> {
    let bytes = mat::read_file(path).map_err(FileError::read(path))?;
    let split = bytes.map_err(TableError::from).and_then(|bytes| parse_split(&bytes, images));
    split.map_err(|source| DataError::Split { path: path.into(), source })
}

fn parse_labels(bytes: &[u8]) -> Result<Vec<u16>, TableError> {
    let labels = mat::vector(bytes, "labels")?;
    if let Some(last) = last_label_from_zero(&labels) {
        return Err(TableError::LabelsFromZero { last });
    }
    labels.iter().zip(1..).map(|(&label, image)| class(label).ok_or(TableError::OutOfRange { image, label })).collect()
}

/// The variables of the split: training, validation, test (Nilsback and Zisserman 2008).
pub(super) const LISTS: [&str; 3] = ["trnid", "valid", "tstid"];

fn parse_split(bytes: &[u8], images: u32) -> Result<Split, TableError> {
    let values = LISTS.map(|list| mat::vector(bytes, list));
    let [train, val, test] = values;
    let values = [train?, val?, test?];
    if let Some(last) = last_from_zero(values.iter().flatten(), images) {
        return Err(TableError::ImagesFromZero { last, images });
    }
    let mut listed = vec![false; images as usize];
    let mut list = |index: usize| {
        let mut ids = Vec::new();
        for &value in &values[index] {
            let exists = (1.0..=f64::from(images)).contains(&value) && value.fract() == 0.0;
            if !exists {
                return Err(TableError::NoSuchImage { list: LISTS[index], image: value, images });
            }
            let image = value as u32;
            if std::mem::replace(&mut listed[image as usize - 1], true) {
                return Err(TableError::ListedTwice { image });
            }
            ids.push(image);
        }
        ids.sort_unstable();
        Ok(ids)
    };
    Ok(Split { train: list(0)?, val: list(1)?, test: list(2)?, unused: Vec::new() })
}

/// The class of a label; `None` if the label is not an integer in `1..=102`.
pub(super) fn class(label: f64) -> Option<u16> {
    ((1.0..=f64::from(CLASSES)).contains(&label) && label.fract() == 0.0).then_some(label as u16)
}

/// The greatest label if the labels count from 0, else `None`.
pub(super) fn last_label_from_zero(labels: &[f64]) -> Option<u32> {
    last_from_zero(labels.iter(), CLASSES)
}

/// The greatest value if all values are integers in `0..count` and one is 0, else `None`. Such values count from 0,
/// where 1 to `count` are required.
pub(super) fn last_from_zero<'a>(values: impl Iterator<Item = &'a f64>, count: u32) -> Option<u32> {
    let (mut has_zero, mut last) = (false, 0);
    for &value in values {
        if !(0.0..f64::from(count)).contains(&value) || value.fract() != 0.0 {
            return None;
        }
        has_zero |= value == 0.0;
        last = last.max(value as u32);
    }
    has_zero.then_some(last)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::MatError;
    use crate::data::fixture::{mat, mats};

    #[test]
    fn labels_are_read_in_image_order() {
        assert_eq!(parse_labels(&mat("labels", &[77, 1, 102])).unwrap(), [77, 1, 102]);
    }

    #[test]
    fn a_label_outside_the_classes_is_reported_with_its_image() {
        for bad in [0, 103] {
            // 0 and 102 together: the labels do not count from 0.
            let error = parse_labels(&mat("labels", &[102, bad])).unwrap_err();
            assert_eq!(error.to_string(), format!("image 2 has label {bad}, outside 1 to 102"));
        }
    }

    #[test]
    fn labels_and_images_that_count_from_zero_are_reported() {
        let error = parse_labels(&mat("labels", &[101, 0, 5])).unwrap_err();
        assert_eq!(error.to_string(), "labels count from 0 to 101; jem requires 1 to 102");
        assert!(error.help().unwrap().contains("add 1"));
        let split = |lists: [&[u8]; 3]| {
            let variables = [0, 1, 2].map(|index| (LISTS[index], lists[index]));
            parse_split(&mats(&variables), 4).map_err(|error| error.to_string())
        };
        let expected = "the lists count images from 0 to 3; jem requires 1 to 4";
        assert_eq!(split([&[1], &[0, 2], &[3]]).unwrap_err(), expected);
        assert_eq!(split([&[1], &[4, 2], &[3]]).unwrap().val, [2, 4]);
        assert_eq!(split([&[1], &[0, 2], &[4]]).unwrap_err(), "`valid` lists image 0, but the images are 1 to 4");
    }

    #[test]
    fn a_missing_variable_and_another_format_are_different_errors() {
        assert!(matches!(parse_labels(&mat("classes", &[1])), Err(TableError::Mat(MatError::NoVariable { .. }))));
        assert!(matches!(parse_labels(b"not a mat file at all"), Err(TableError::Mat(MatError::NotMat))));
    }
}
