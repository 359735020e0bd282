//! `imagelabels.mat`, the class of every image, and `setid.mat`, the data set's own split.

use super::error::{DataError, LabelError};
use super::mat;
use super::split::Split;
use std::path::Path;

/// How many classes there are.
const CLASSES: u32 = 102;

/// The classes of images 1, 2, …, each in `1..=102`, from the variable `labels`.
pub(super) fn labels(path: &Path) -> Result<Vec<u16>, DataError> {
    let bytes = mat::read_file(path).map_err(|source| DataError::Read { path: path.into(), source })?;
    let labels = bytes.map_err(LabelError::from).and_then(|bytes| parse(&bytes));
    labels.map_err(|source| DataError::Labels { path: path.into(), source })
}

/// The lists `trnid`, `valid` and `tstid` of a data set of `images` images, each ascending.
pub(super) fn split(path: &Path, images: u32) -> Result<Split, DataError> {
    let bytes = mat::read_file(path).map_err(|source| DataError::Read { path: path.into(), source })?;
    let split = bytes.map_err(LabelError::from).and_then(|bytes| parse_split(&bytes, images));
    split.map_err(|source| DataError::SetId { path: path.into(), source })
}

fn parse(bytes: &[u8]) -> Result<Vec<u16>, LabelError> {
    let labels = mat::vector(bytes, "labels")?;
    if let Some(last) = labels_from_zero(&labels) {
        return Err(LabelError::FromZero { last });
    }
    labels.iter().zip(1..).map(|(&label, image)| class(label).ok_or(LabelError::OutOfRange { image, label })).collect()
}

/// The names of the split's lists: training, validation, test (Nilsback and Zisserman 2008).
pub(super) const LISTS: [&str; 3] = ["trnid", "valid", "tstid"];

fn parse_split(bytes: &[u8], images: u32) -> Result<Split, LabelError> {
    let values = LISTS.map(|list| mat::vector(bytes, list));
    let [train, val, test] = values;
    let values = [train?, val?, test?];
    if let Some(last) = from_zero(values.iter().flatten(), images) {
        return Err(LabelError::ImagesFromZero { last, images });
    }
    let mut seen = vec![false; images as usize];
    let mut list = |at: usize| {
        let mut ids = Vec::new();
        for &value in &values[at] {
            let known = (1.0..=f64::from(images)).contains(&value) && value.fract() == 0.0;
            if !known {
                return Err(LabelError::NoSuchImage { list: LISTS[at], image: value, images });
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
    Ok(Split { train: list(0)?, val: list(1)?, test: list(2)?, unused: Vec::new() })
}

/// The class that a label names.
pub(super) fn class(label: f64) -> Option<u16> {
    ((1.0..=f64::from(CLASSES)).contains(&label) && label.fract() == 0.0).then_some(label as u16)
}

/// The last label, where labels count from 0.
pub(super) fn labels_from_zero(labels: &[f64]) -> Option<u32> {
    from_zero(labels.iter(), CLASSES)
}

/// The greatest of whole numbers that lie in `0..count`, 0 among them: numbers that should have run 1 to `count`.
pub(super) fn from_zero<'a>(numbers: impl Iterator<Item = &'a f64>, count: u32) -> Option<u32> {
    let (mut has_zero, mut last) = (false, 0);
    for &number in numbers {
        if !(0.0..f64::from(count)).contains(&number) || number.fract() != 0.0 {
            return None;
        }
        has_zero |= number == 0.0;
        last = last.max(number as u32);
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
        assert_eq!(parse(&mat("labels", &[77, 1, 102])).unwrap(), [77, 1, 102]);
    }

    #[test]
    fn a_label_outside_the_classes_is_named_with_its_image() {
        for bad in [0, 103] {
            // With 0 beside 102 nothing says that labels count from 0.
            let error = parse(&mat("labels", &[102, bad])).unwrap_err();
            assert_eq!(error.to_string(), format!("image 2 has label {bad}, outside 1..=102"));
        }
    }

    #[test]
    fn labels_and_images_that_count_from_zero_are_said_to() {
        let error = parse(&mat("labels", &[101, 0, 5])).unwrap_err();
        assert_eq!(error.to_string(), "labels run 0 to 101, jem needs 1 to 102");
        assert!(error.help().unwrap().contains("add 1"));
        let split = |lists: [&[u8]; 3]| {
            let variables = [0, 1, 2].map(|at| (LISTS[at], lists[at]));
            parse_split(&mats(&variables), 4).map_err(|error| error.to_string())
        };
        let expected = "its lists number images from 0 to 3, jem needs 1 to 4";
        assert_eq!(split([&[1], &[0, 2], &[3]]).unwrap_err(), expected);
        assert_eq!(split([&[1], &[4, 2], &[3]]).unwrap().val, [2, 4]);
        assert_eq!(split([&[1], &[0, 2], &[4]]).unwrap_err(), "`valid` lists image 0, but there are 4");
    }

    #[test]
    fn another_variable_and_other_bytes_are_told_apart() {
        assert!(matches!(parse(&mat("classes", &[1])), Err(LabelError::Mat(MatError::NoVariable { .. }))));
        assert!(matches!(parse(b"not a mat file at all"), Err(LabelError::Mat(MatError::NotMat))));
    }
}
