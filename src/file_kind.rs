//! The kind of a file, detected from its first bytes: a web page, a Git LFS pointer, an empty file, an archive. Readers
//! of files from elsewhere check it before they parse, because such files may have the name of another kind.

use std::fmt;
use std::fs::File;
use std::io::{self, Read as _};
use std::path::Path;

/// The number of first bytes that are read to detect the kind of a file.
pub const HEAD: usize = 4096;

/// A kind of file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FileKind {
    /// No bytes.
    Empty,
    /// HTML: a web page, or what a server sends instead of a file.
    WebPage,
    /// XML: what a storage service sends instead of a file.
    Xml,
    /// JSON: what a web service sends instead of a file.
    Json,
    /// The text that Git LFS leaves in place of a file that was not fetched.
    LfsPointer,
    /// HDF5, written by MATLAB 7.3 and Keras.
    Hdf5,
    /// gzip.
    Gzip,
    /// ZIP, written by PyTorch and `numpy.savez`.
    Zip,
}

/// The error for a file of another kind than its reader expects.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{kind}, not {expected}")]
pub struct WrongKind {
    /// The detected kind.
    pub kind: FileKind,
    /// The expected kind, in words: `a MATLAB file`.
    pub expected: &'static str,
}

impl FileKind {
    /// The kind of a file, if it is one of these. `head` is its first [`HEAD`] bytes, or all of a shorter file.
    pub fn of(head: &[u8]) -> Option<Self> {
        const HDF5: &[u8] = b"\x89HDF\r\n\x1a\n";
        // HDF5 may start after a user block, of 512 bytes times a power of two.
        let hdf5 = [0, 512, 1024, 2048].iter().any(|&at| head.get(at..).is_some_and(|rest| rest.starts_with(HDF5)));
        match head {
            [] => Some(FileKind::Empty),
            _ if hdf5 => Some(FileKind::Hdf5),
            [0x1f, 0x8b, ..] => Some(FileKind::Gzip),
            [b'P', b'K', 3, 4, ..] | [b'P', b'K', 5, 6, ..] => Some(FileKind::Zip),
            _ => Self::of_text(head),
        }
    }

    fn of_text(head: &[u8]) -> Option<Self> {
        let text = String::from_utf8_lossy(&head[..head.len().min(512)]).to_ascii_lowercase();
        let text = text.trim_start_matches('\u{feff}').trim_start();
        let starts_with = |starts: &[&str]| starts.iter().any(|start| text.starts_with(start));
        if starts_with(&["<!doctype html", "<html", "<head", "<body", "<script"]) {
            return Some(FileKind::WebPage);
        }
        if starts_with(&["version https://git-lfs.github.com/spec/"]) {
            return Some(FileKind::LfsPointer);
        }
        if starts_with(&["<?xml", "<error>", "<!doctype"]) {
            // A web page may be XML too.
            return Some(if text.contains("<html") { FileKind::WebPage } else { FileKind::Xml });
        }
        let object = text.strip_prefix('{').map(str::trim_start);
        object.is_some_and(|rest| rest.starts_with('"')).then_some(FileKind::Json)
    }

    /// The kind of a file on disk, if it is one of these.
    ///
    /// # Errors
    ///
    /// If it cannot be read.
    pub fn of_file(path: &Path) -> io::Result<Option<Self>> {
        let mut head = Vec::new();
        File::open(path)?.take(HEAD as u64).read_to_end(&mut head)?;
        Ok(Self::of(&head))
    }

    fn as_str(self) -> &'static str {
        match self {
            FileKind::Empty => "an empty file",
            FileKind::WebPage => "a web page",
            FileKind::Xml => "an XML document",
            FileKind::Json => "a JSON document",
            FileKind::LfsPointer => "a Git LFS pointer",
            FileKind::Hdf5 => "an HDF5 file",
            FileKind::Gzip => "a gzip archive",
            FileKind::Zip => "a ZIP archive",
        }
    }
}

impl fmt::Display for FileKind {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.as_str())
    }
}

impl WrongKind {
    /// Checks that a file is of no detected kind, or of one that the reader `accepts`. `head` is as in
    /// [`FileKind::of`].
    ///
    /// # Errors
    ///
    /// If it is of another kind; `expected` is part of the message.
    pub fn check(head: &[u8], expected: &'static str, accepts: &[FileKind]) -> Result<(), Self> {
        match FileKind::of(head) {
            Some(kind) if !accepts.contains(&kind) => Err(Self { kind, expected }),
            _ => Ok(()),
        }
    }

    /// The same for a file on disk.
    ///
    /// # Errors
    ///
    /// The outer error if it cannot be read; the inner one if it is of another kind.
    pub fn check_file(path: &Path, expected: &'static str, accepts: &[FileKind]) -> io::Result<Result<(), Self>> {
        let kind = FileKind::of_file(path)?;
        Ok(match kind {
            Some(kind) if !accepts.contains(&kind) => Err(Self { kind, expected }),
            _ => Ok(()),
        })
    }

    /// How to resolve it.
    pub fn help(&self) -> &'static str {
        match self.kind {
            FileKind::Empty => "the download or copy is incomplete: fetch it again",
            FileKind::WebPage => {
                "a server sent a web page instead of the file: fetch it again, or open the address in a browser to see \
                 what it requires"
            }
            FileKind::Xml | FileKind::Json => {
                "a server sent a message instead of the file (read the file's text): fetch it again"
            }
            FileKind::LfsPointer => {
                "the file itself was not fetched: run `git lfs pull` in its repository, or fetch it again"
            }
            FileKind::Hdf5 => "name the file that its publisher provides in the expected format, or convert it",
            FileKind::Gzip => "unpack it first (gunzip, or tar -xzf), and name the unpacked file",
            FileKind::Zip => "unpack it first (unzip), and name the unpacked file",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn web_pages_messages_and_pointers_are_detected() {
        for page in [
            "<!DOCTYPE html><html>",
            "\n <HTML>",
            "\u{feff}<html>",
            "\r\n\t<body>",
            "<?xml version='1.0'?>\n<html xmlns=''>",
        ] {
            assert_eq!(FileKind::of(page.as_bytes()), Some(FileKind::WebPage), "{page}");
        }
        let error = "\u{feff}<?xml version=\"1.0\"?><Error><Code>AccessDenied</Code></Error>";
        for xml in [error, "<Error><Code>NoSuchKey</Code></Error>"] {
            assert_eq!(FileKind::of(xml.as_bytes()), Some(FileKind::Xml), "{xml}");
        }
        assert_eq!(FileKind::of(b" {\n \"error\": 404}"), Some(FileKind::Json));
        let pointer = "version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n";
        assert_eq!(FileKind::of(pointer.as_bytes()), Some(FileKind::LfsPointer));
        assert_eq!(FileKind::of(b""), Some(FileKind::Empty));
    }

    #[test]
    fn archives_are_detected_and_other_data_are_not() {
        assert_eq!(FileKind::of(&[0x1f, 0x8b, 8, 0]), Some(FileKind::Gzip));
        assert_eq!(FileKind::of(b"PK\x03\x04rest"), Some(FileKind::Zip));
        assert_eq!(FileKind::of(b"\x89HDF\r\n\x1a\n\0"), Some(FileKind::Hdf5));
        let mut matlab = b"MATLAB 7.3 MAT-file".to_vec();
        matlab.resize(512, b' ');
        matlab.extend(b"\x89HDF\r\n\x1a\n");
        assert_eq!(FileKind::of(&matlab), Some(FileKind::Hdf5));
        let others: [&[u8]; 8] = [
            b"MATLAB 5.0 MAT-file",
            b"\x93NUMPY\x01\0",
            b"\xff\xd8\xff\xe0",
            b"\x80\x02}q\0.",
            b"{}",
            b"the 0.1 0.2",
            b"<unk> 0.1 0.2",
            b"\x40\0\0\0\0\0\0\0{\"a\":",
        ];
        for other in others {
            assert_eq!(FileKind::of(other), None, "{:?}", String::from_utf8_lossy(other));
        }
    }

    #[test]
    fn a_reader_accepts_some_kinds() {
        let zip = b"PK\x03\x04";
        assert_eq!(WrongKind::check(zip, "an .npz archive", &[FileKind::Zip]), Ok(()));
        let error = WrongKind::check(zip, "a MATLAB file", &[]).unwrap_err();
        assert_eq!(error.to_string(), "a ZIP archive, not a MATLAB file");
        let page = WrongKind::check(b"<html>", "an .npz archive", &[FileKind::Zip]).unwrap_err();
        assert!(page.to_string().starts_with("a web page, not") && page.help().contains("fetch it again"));
    }
}
