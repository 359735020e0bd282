//! One caption file.

use super::finding::{Finding, Kind};
use super::picture::unreadable;
use crate::data::caption::kind;
use crate::data::caption_line::{LineFault, caption};
use sha2::{Digest as _, Sha256};
use std::path::Path;

/// What was found out about a caption file.
#[derive(Debug, Default)]
pub(super) struct Captions {
    /// Its SHA-256; none if it cannot be read.
    pub digest: Option<[u8; 32]>,
    /// How many lines it has, blank ones among them; none if it cannot be read as text.
    pub lines: Option<usize>,
    /// How many of them are blank.
    pub blank: usize,
    /// How many are captions.
    pub captions: usize,
    pub findings: Vec<Finding>,
}

/// Reads a caption file that should be there, as training does: a caption a line, and lines without text skipped.
pub(super) fn captions(root: &Path, name: &str) -> Captions {
    let bytes = match std::fs::read(root.join(name)) {
        Ok(bytes) => bytes,
        Err(error) => return Captions { findings: vec![unreadable(name, &error)], ..Captions::default() },
    };
    let mut captions = Captions { digest: Some(Sha256::digest(&bytes).into()), ..Captions::default() };
    if let Err(wrong) = kind(&bytes) {
        let what = format!("{wrong}: {}", wrong.help());
        captions.findings.push(Finding::error(name, Kind::Damaged, what));
        return captions;
    }
    let text = match std::str::from_utf8(&bytes) {
        Ok(text) => text,
        Err(error) => {
            let line = 1 + bytes[..error.valid_up_to()].iter().filter(|&&byte| byte == b'\n').count();
            let finding = Finding::error(name, Kind::Encoding, "not UTF-8");
            captions.findings.push(Finding { line: Some(line), ..finding });
            return captions;
        }
    };
    let mut faults = Vec::new();
    for (line, text) in (1..).zip(text.lines()) {
        captions.lines = Some(line);
        let (caption, fault) = caption(text);
        captions.captions += usize::from(caption.is_some());
        captions.blank += usize::from(fault == Some(LineFault::Blank));
        faults.extend(fault.map(|fault| (line, fault)));
    }
    if captions.captions == 0 {
        captions.lines.get_or_insert(0);
        captions.findings.push(Finding::error(name, Kind::NoCaption, "no caption, every line is blank"));
        return captions;
    }
    captions.findings.extend(faults.into_iter().map(|(line, fault)| of_line(name, line, fault)));
    captions
}

fn of_line(name: &str, line: usize, fault: LineFault) -> Finding {
    let (kind, what) = match fault {
        LineFault::Blank => (Kind::BlankLine, "blank caption line"),
        LineFault::NoText => (Kind::ControlCharacters, "a line of control characters, which is skipped"),
        LineFault::ControlCharacters => {
            (Kind::ControlCharacters, "control characters beside the text, which are left out of the caption")
        }
    };
    Finding { line: Some(line), ..Finding::warning(name, kind, what) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &[u8]) -> (Option<usize>, Vec<(Kind, Option<usize>)>) {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("a.txt"), text).unwrap();
        let captions = captions(folder.path(), "a.txt");
        (captions.lines, captions.findings.iter().map(|finding| (finding.kind, finding.line)).collect())
    }

    #[test]
    fn blank_lines_are_named_by_their_number() {
        assert_eq!(found(b"one\ntwo"), (Some(2), vec![]));
        let blank = |line| (Kind::BlankLine, Some(line));
        assert_eq!(found(b"one\n\ntwo\n \t\n"), (Some(4), vec![blank(2), blank(4)]));
    }

    #[test]
    fn control_characters_are_warnings_and_no_captions() {
        let control = |line| (Kind::ControlCharacters, Some(line));
        assert_eq!(found(b"one\n\0\0\nt\x1b[1mwo\n"), (Some(3), vec![control(2), control(3)]));
        assert_eq!(found(b"\0\n\x7f\n").1, [(Kind::NoCaption, None)]);
        assert_eq!(found(b"<!DOCTYPE html>\n<html>").1, [(Kind::Damaged, None)]);
    }

    #[test]
    fn a_file_without_captions_and_one_in_another_encoding_are_errors() {
        for text in [&b""[..], b"\n", b" \n\t\n"] {
            assert_eq!(found(text).1, [(Kind::NoCaption, None)]);
        }
        assert_eq!(found(b"one\ntwo\nthe caf\xe9 rose\n").1, [(Kind::Encoding, Some(3))]);
    }
}
