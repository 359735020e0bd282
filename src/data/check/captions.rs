//! One caption file.

use super::finding::{Finding, Kind};
use super::picture::unreadable;
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
    pub findings: Vec<Finding>,
}

/// Reads a caption file that should be there, as training does: a caption a line, blank ones skipped.
pub(super) fn captions(root: &Path, name: &str) -> Captions {
    let bytes = match std::fs::read(root.join(name)) {
        Ok(bytes) => bytes,
        Err(error) => return Captions { findings: vec![unreadable(name, &error)], ..Captions::default() },
    };
    let mut captions = Captions { digest: Some(Sha256::digest(&bytes).into()), ..Captions::default() };
    let text = match std::str::from_utf8(&bytes) {
        Ok(text) => text,
        Err(error) => {
            let line = 1 + bytes[..error.valid_up_to()].iter().filter(|&&byte| byte == b'\n').count();
            let finding = Finding::error(name, Kind::Encoding, "not UTF-8");
            captions.findings.push(Finding { line: Some(line), ..finding });
            return captions;
        }
    };
    let blank = |(line, caption): (usize, &str)| caption.trim().is_empty().then_some(line);
    let blank: Vec<usize> = (1..).zip(text.lines()).filter_map(blank).collect();
    let lines = text.lines().count();
    (captions.lines, captions.blank) = (Some(lines), blank.len());
    if blank.len() == lines {
        captions.findings.push(Finding::error(name, Kind::NoCaption, "no caption, every line is blank"));
        return captions;
    }
    let finding = |line| Finding { line: Some(line), ..Finding::warning(name, Kind::BlankLine, "blank caption line") };
    captions.findings.extend(blank.into_iter().map(finding));
    captions
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
    fn a_file_without_captions_and_one_in_another_encoding_are_errors() {
        for text in [&b""[..], b"\n", b" \n\t\n"] {
            assert_eq!(found(text).1, [(Kind::NoCaption, None)]);
        }
        assert_eq!(found(b"one\ntwo\nthe caf\xe9 rose\n").1, [(Kind::Encoding, Some(3))]);
    }
}
