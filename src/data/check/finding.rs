//! The findings of a check.

use std::fmt;

/// Whether a finding stops training.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// Training stops, or a split or a mask would be wrong.
    Error,
    /// Training is possible.
    Warning,
}

impl Severity {
    /// The name in output files.
    pub fn as_str(self) -> &'static str {
        match self {
            Severity::Error => "error",
            Severity::Warning => "warning",
        }
    }
}

/// The kind of a finding.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum FindingKind {
    /// A file or folder does not exist.
    Missing,
    /// A file cannot be read or decoded.
    Damaged,
    /// A label is not a class, or the label file is invalid.
    Label,
    /// The official split lists an image twice or not at all, or lists an image that does not exist.
    Split,
    /// The number of labels and the number of images differ.
    Count,
    /// A segmentation has another size than its image.
    Size,
    /// A caption file is not UTF-8.
    Encoding,
    /// A caption file contains no caption.
    NoCaption,
    /// A caption line is blank.
    BlankLine,
    /// A caption line has control characters.
    ControlCharacters,
    /// A caption file has more or fewer lines than most caption files.
    Lines,
    /// An image is greyscale: it has one component.
    Grey,
    /// An image is CMYK: it has four components.
    Cmyk,
    /// An image is not a JPEG, although its name says so.
    NotJpeg,
    /// Two image files have the same contents.
    Duplicate,
    /// An image or caption file is not of an image that the labels list.
    Unlisted,
}

impl FindingKind {
    /// The name in output files.
    pub fn as_str(self) -> &'static str {
        match self {
            FindingKind::Missing => "missing",
            FindingKind::Damaged => "damaged",
            FindingKind::Label => "label",
            FindingKind::Split => "split",
            FindingKind::Count => "count",
            FindingKind::Size => "size",
            FindingKind::Encoding => "encoding",
            FindingKind::NoCaption => "no-caption",
            FindingKind::BlankLine => "blank-line",
            FindingKind::ControlCharacters => "control-characters",
            FindingKind::Lines => "lines",
            FindingKind::Grey => "grey",
            FindingKind::Cmyk => "cmyk",
            FindingKind::NotJpeg => "not-jpeg",
            FindingKind::Duplicate => "duplicate",
            FindingKind::Unlisted => "uncounted",
        }
    }
}

/// One problem in a data set.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Finding {
    /// Whether it stops training.
    pub severity: Severity,
    /// The file, below the root of the data set.
    pub file: String,
    /// The line, from 1, if the finding is about a line.
    pub line: Option<usize>,
    /// The kind.
    pub kind: FindingKind,
    /// The description.
    pub message: String,
}

impl Finding {
    /// A finding that stops training.
    pub(super) fn error(file: &str, kind: FindingKind, message: impl Into<String>) -> Self {
        Self { severity: Severity::Error, file: file.into(), line: None, kind, message: message.into() }
    }

    /// A finding that does not stop training.
    pub(super) fn warning(file: &str, kind: FindingKind, message: impl Into<String>) -> Self {
        Self { severity: Severity::Warning, ..Self::error(file, kind, message) }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}: {}", self.severity.as_str(), self.file)?;
        if let Some(line) = self.line {
            write!(out, ":{line}")?;
        }
        write!(out, ": {}", self.message)
    }
}
