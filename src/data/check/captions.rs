//! Check of one caption file.

use super::finding::{Finding, FindingKind};
use super::image_file::unreadable;
use crate::data::caption::check_format;
use crate::data::caption_line::{LineProblem, parse_line};
use sha2::{Digest as _, Sha256};
use std::path::Path;

/// The result for a caption file.
#[derive(Debug, Default)]
pub(super) struct CheckedCaptions {
    /// The SHA-256; `None` if the file cannot be read.
    pub digest: Option<[u8; 32]>,
    /// The number of lines, including blank lines; `None` if the file cannot be read as text.
    pub lines: Option<usize>,
    /// The number of blank lines.
    pub blank: usize,
    /// The number of captions.
    pub captions: usize,
    pub findings: Vec<Finding>,
}

/// Reads a caption file that should exist, in the same way as training: one caption per line, lines without text
/// skipped.
pub(super) fn check_captions(root: &Path, name: &str) -> CheckedCaptions {
    let bytes = match std::fs::read(root.join(name)) {
        Ok(bytes) => bytes,
        Err(error) => {
            return CheckedCaptions { findings: vec![unreadable(name, &error)], ..CheckedCaptions::default() };
        }
    };
    let mut checked = CheckedCaptions { digest: Some(Sha256::digest(&bytes).into()), ..CheckedCaptions::default() };
    if let Err(error) = check_format(&bytes) {
        let message = format!("{error}: {}", error.help());
        checked.findings.push(Finding::error(name, FindingKind::Damaged, message));
        return checked;
    }
    let text = match std::str::from_utf8(&bytes) {
        Ok(text) => text,
        Err(error) => {
            let line = 1 + bytes[..error.valid_up_to()].iter().filter(|&&byte| byte == b'\n').count();
            let finding = Finding::error(name, FindingKind::Encoding, "not UTF-8");
            checked.findings.push(Finding { line: Some(line), ..finding });
            return checked;
        }
    };
    let mut problems = Vec::new();
    for (line, text) in (1..).zip(text.lines()) {
        checked.lines = Some(line);
        let (caption, problem) = parse_line(text);
        checked.captions += usize::from(caption.is_some());
        checked.blank += usize::from(problem == Some(LineProblem::Blank));
        problems.extend(problem.map(|problem| (line, problem)));
    }
    if checked.captions == 0 {
        checked.lines.get_or_insert(0);
        checked.findings.push(Finding::error(name, FindingKind::NoCaption, "no caption: no line has text"));
        return checked;
    }
    checked.findings.extend(problems.into_iter().map(|(line, problem)| line_finding(name, line, problem)));
    checked
}

fn line_finding(name: &str, line: usize, problem: LineProblem) -> Finding {
    let kind = match problem {
        LineProblem::Blank => FindingKind::BlankLine,
        LineProblem::NoText | LineProblem::ControlCharacters => FindingKind::ControlCharacters,
    };
    Finding { line: Some(line), ..Finding::warning(name, kind, problem.to_string()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &[u8]) -> (Option<usize>, Vec<(FindingKind, Option<usize>)>) {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("a.txt"), text).unwrap();
        let checked = check_captions(folder.path(), "a.txt");
        (checked.lines, checked.findings.iter().map(|finding| (finding.kind, finding.line)).collect())
    }

    #[test]
    fn blank_lines_are_reported_by_their_number() {
        assert_eq!(found(b"one\ntwo"), (Some(2), vec![]));
        let blank = |line| (FindingKind::BlankLine, Some(line));
        assert_eq!(found(b"one\n\ntwo\n \t\n"), (Some(4), vec![blank(2), blank(4)]));
    }

    #[test]
    fn control_characters_are_warnings_and_not_captions() {
        let control = |line| (FindingKind::ControlCharacters, Some(line));
        assert_eq!(found(b"one\n\0\0\nt\x1b[1mwo\n"), (Some(3), vec![control(2), control(3)]));
        assert_eq!(found(b"\0\n\x7f\n").1, [(FindingKind::NoCaption, None)]);
        assert_eq!(found(b"<!DOCTYPE html>\n<html>").1, [(FindingKind::Damaged, None)]);
    }

    #[test]
    fn a_file_without_captions_and_one_in_another_encoding_are_errors() {
        for text in [&b""[..], b"\n", b" \n\t\n"] {
            assert_eq!(found(text).1, [(FindingKind::NoCaption, None)]);
        }
        assert_eq!(found(b"one\ntwo\nthe caf\xe9 rose\n").1, [(FindingKind::Encoding, Some(3))]);
    }
}
