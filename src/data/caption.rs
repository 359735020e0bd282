//! Caption files: one caption a line.

use super::error::DataError;
use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};

/// The captions of images, at least one each, by image number.
pub type Captions = BTreeMap<u32, Vec<Caption>>;

/// One caption.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Caption {
    /// Its line in the image's file, counted from 1: its number, whatever lines are blank.
    pub line: u32,
    /// What it says.
    pub text: String,
}

/// Something odd that was passed over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Warning {
    /// The caption file.
    pub file: PathBuf,
    /// The blank line, counted from 1.
    pub line: u32,
}

impl fmt::Display for Warning {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}:{}: blank caption line skipped", self.file.display(), self.line)
    }
}

/// The captions of one image, trimmed, in file order. A blank line is a warning and is skipped.
///
/// # Errors
///
/// If the file cannot be read, is not UTF-8, or holds no caption.
pub(super) fn captions(path: &Path) -> Result<(Vec<Caption>, Vec<Warning>), DataError> {
    let text = std::fs::read_to_string(path).map_err(|source| DataError::Read { path: path.into(), source })?;
    let (mut captions, mut warnings) = (Vec::new(), Vec::new());
    for (line, caption) in (1..).zip(text.lines().map(str::trim)) {
        if caption.is_empty() {
            warnings.push(Warning { file: path.into(), line });
        } else {
            captions.push(Caption { line, text: caption.to_owned() });
        }
    }
    if captions.is_empty() {
        return Err(DataError::NoCaption { path: path.into() });
    }
    Ok((captions, warnings))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Captions by line, and blank lines.
    type Lines = (Vec<(u32, String)>, Vec<u32>);

    fn read(text: &str) -> Result<Lines, String> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("image_00001.txt");
        std::fs::write(&path, text).unwrap();
        let (captions, warnings) = captions(&path).map_err(|error| error.to_string())?;
        assert!(warnings.iter().all(|warning| warning.file == path));
        let captions = captions.into_iter().map(|caption| (caption.line, caption.text)).collect();
        Ok((captions, warnings.into_iter().map(|warning| warning.line).collect()))
    }

    #[test]
    fn every_line_is_a_caption_whatever_ends_it() {
        let expected = (vec![(1, "a red flower".to_owned()), (2, "it is red".to_owned())], vec![]);
        assert_eq!(read("a red flower\nit is red\n").unwrap(), expected);
        assert_eq!(read("a red flower \r\nit is red").unwrap(), expected);
    }

    #[test]
    fn a_blank_line_is_skipped_and_named_by_its_number() {
        assert_eq!(read("one\n\ntwo\n  \n").unwrap(), (vec![(1, "one".into()), (3, "two".into())], vec![2, 4]));
    }

    #[test]
    fn a_file_without_a_caption_is_an_error_that_names_it() {
        for text in ["", "\n \n"] {
            let error = read(text).unwrap_err();
            assert!(error.ends_with("image_00001.txt: no caption, every line is blank"), "{error}");
        }
    }
}
