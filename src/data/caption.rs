//! Caption files: one caption a line.

use super::caption_line::{self, LineFault};
use super::error::DataError;
use crate::file_kind::{FileKind, WrongKind};
use std::collections::BTreeMap;
use std::fmt;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

/// The captions of images, at least one each, by image number.
pub type Captions = BTreeMap<u32, Vec<Caption>>;

/// One caption.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Caption {
    /// Its line in the image's file, counted from 1: its number, whatever lines are skipped.
    pub line: u32,
    /// What it says, without control characters.
    pub text: String,
}

/// Something odd about a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Warning {
    /// The caption file.
    pub file: PathBuf,
    /// The line, counted from 1.
    pub line: u32,
    /// What is odd about it.
    pub fault: LineFault,
}

impl fmt::Display for Warning {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}:{}: {}", self.file.display(), self.line, self.fault)
    }
}

/// The captions of one image, trimmed, in file order. A line that is blank or of control characters alone is skipped, and one
/// with control characters beside its text is read without them; each is a warning.
///
/// # Errors
///
/// If the file cannot be read, is a web page or another kind of file, is not UTF-8, or holds no caption.
pub(super) fn captions(path: &Path) -> Result<(Vec<Caption>, Vec<Warning>), DataError> {
    let unread = |source| DataError::Read { path: path.into(), source };
    let bytes = std::fs::read(path).map_err(unread)?;
    kind(&bytes).map_err(|source| DataError::WrongKind { path: path.into(), source })?;
    let text = String::from_utf8(bytes).map_err(|error| unread(std::io::Error::new(ErrorKind::InvalidData, error)))?;
    let (mut captions, mut warnings) = (Vec::new(), Vec::new());
    for (line, text) in (1..).zip(text.lines()) {
        let (caption, fault) = caption_line::caption(text);
        captions.extend(caption.map(|text| Caption { line, text: text.into_owned() }));
        warnings.extend(fault.map(|fault| Warning { file: path.into(), line, fault }));
    }
    if captions.is_empty() {
        return Err(DataError::NoCaption { path: path.into() });
    }
    Ok((captions, warnings))
}

/// That the bytes of a caption file are not those of another kind of file. An empty one is named as one without captions.
pub(super) fn kind(bytes: &[u8]) -> Result<(), WrongKind> {
    WrongKind::unless(bytes, "captions, one a line", &[FileKind::Empty])
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
    fn a_line_of_control_characters_is_skipped_as_a_blank_one_is() {
        assert_eq!(
            read("one\n\0\0\ntwo\n\u{1b}[2J\n").unwrap(),
            (vec![(1, "one".into()), (3, "two".into())], vec![2, 4])
        );
        let with_text = read("a \u{1b}[31mred\u{1b}[0m flower\nit is red\n").unwrap();
        assert_eq!(with_text, (vec![(1, "a red flower".into()), (2, "it is red".into())], vec![1]));
        assert!(read("\0\0\n").unwrap_err().ends_with("no caption, every line is blank"));
    }

    #[test]
    fn a_page_and_a_pointer_are_no_captions() {
        assert!(read("<!DOCTYPE html>\n<html>\n").unwrap_err().ends_with("a web page, not captions, one a line"));
        let pointer = "version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n";
        assert!(read(pointer).unwrap_err().contains("a Git LFS pointer, not captions"));
    }

    #[test]
    fn a_file_without_a_caption_is_an_error_that_names_it() {
        for text in ["", "\n \n"] {
            let error = read(text).unwrap_err();
            assert!(error.ends_with("image_00001.txt: no caption, every line is blank"), "{error}");
        }
    }
}
