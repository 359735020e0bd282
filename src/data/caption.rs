//! Caption files: one caption per line.

use super::caption_line::{self, LineProblem};
use super::error::DataError;
use crate::file_error::FileError;
use crate::file_kind::{FileKind, WrongKind};
use std::collections::BTreeMap;
use std::fmt;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

/// The captions of each image, at least one, by image number.
pub type Captions = BTreeMap<u32, Vec<Caption>>;

/// One caption.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Caption {
    /// Its line in the caption file, from 1. Skipped lines count, so the number of a caption never changes.
    pub line: u32,
    /// The text, without control characters.
    pub text: String,
}

/// A problem with one line of a caption file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CaptionWarning {
    /// The caption file.
    pub file: PathBuf,
    /// The line, from 1.
    pub line: u32,
    /// The problem.
    pub problem: LineProblem,
}

impl fmt::Display for CaptionWarning {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}:{}: {}", self.file.display(), self.line, self.problem)
    }
}

/// Reads the captions of one image, trimmed, in file order. A blank line or a line of control characters is skipped;
/// control characters are removed from a line with text. In each case there is a warning.
///
/// # Errors
///
/// If the file cannot be read, is a web page or has another format, is not UTF-8, or contains no caption.
pub(super) fn read_captions(path: &Path) -> Result<(Vec<Caption>, Vec<CaptionWarning>), DataError> {
    let failed = FileError::read(path);
    let bytes = std::fs::read(path).map_err(failed)?;
    check_format(&bytes).map_err(FileError::wrong_kind(path))?;
    let text = String::from_utf8(bytes).map_err(|error| failed(std::io::Error::new(ErrorKind::InvalidData, error)))?;
    let (mut captions, mut warnings) = (Vec::new(), Vec::new());
    for (line, text) in (1..).zip(text.lines()) {
        let (caption, problem) = caption_line::parse_line(text);
        captions.extend(caption.map(|text| Caption { line, text: text.into_owned() }));
        warnings.extend(problem.map(|problem| CaptionWarning { file: path.into(), line, problem }));
    }
    if captions.is_empty() {
        return Err(DataError::NoCaption { path: path.into() });
    }
    Ok((captions, warnings))
}

/// Checks that the contents of a caption file do not have another format. An empty file is allowed here, because it is
/// reported as a file without captions.
pub(super) fn check_format(bytes: &[u8]) -> Result<(), WrongKind> {
    WrongKind::check(bytes, "captions, one per line", &[FileKind::Empty])
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Captions with their line, and the lines with warnings.
    type Lines = (Vec<(u32, String)>, Vec<u32>);

    fn read(text: &str) -> Result<Lines, String> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("image_00001.txt");
        std::fs::write(&path, text).unwrap();
        let (captions, warnings) = read_captions(&path).map_err(|error| error.to_string())?;
        assert!(warnings.iter().all(|warning| warning.file == path));
        let captions = captions.into_iter().map(|caption| (caption.line, caption.text)).collect();
        Ok((captions, warnings.into_iter().map(|warning| warning.line).collect()))
    }

    #[test]
    fn every_line_is_a_caption_with_any_line_ending() {
        let expected = (vec![(1, "a red flower".to_owned()), (2, "it is red".to_owned())], vec![]);
        assert_eq!(read("a red flower\nit is red\n").unwrap(), expected);
        assert_eq!(read("a red flower \r\nit is red").unwrap(), expected);
    }

    #[test]
    fn a_blank_line_is_skipped_and_reported_by_its_number() {
        assert_eq!(read("one\n\ntwo\n  \n").unwrap(), (vec![(1, "one".into()), (3, "two".into())], vec![2, 4]));
    }

    #[test]
    fn a_line_of_control_characters_is_skipped_like_a_blank_line() {
        assert_eq!(
            read("one\n\0\0\ntwo\n\u{1b}[2J\n").unwrap(),
            (vec![(1, "one".into()), (3, "two".into())], vec![2, 4])
        );
        let with_text = read("a \u{1b}[31mred\u{1b}[0m flower\nit is red\n").unwrap();
        assert_eq!(with_text, (vec![(1, "a red flower".into()), (2, "it is red".into())], vec![1]));
        assert!(read("\0\0\n").unwrap_err().ends_with("no caption: no line has text"));
    }

    #[test]
    fn a_web_page_and_a_git_lfs_pointer_are_not_captions() {
        assert!(read("<!DOCTYPE html>\n<html>\n").unwrap_err().ends_with("a web page, not captions, one per line"));
        let pointer = "version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n";
        assert!(read(pointer).unwrap_err().contains("a Git LFS pointer, not captions"));
    }

    #[test]
    fn the_error_about_a_file_without_captions_names_it() {
        for text in ["", "\n \n"] {
            let error = read(text).unwrap_err();
            assert!(error.ends_with("image_00001.txt: no caption: no line has text"), "{error}");
        }
    }
}
