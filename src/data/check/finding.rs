//! What was found in a data set.

use std::fmt;

/// Whether something would stop training.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// Training stops at it, or a split or mask made with it would be wrong.
    Error,
    /// Training goes on.
    Warning,
}

impl Severity {
    /// Its name.
    pub fn as_str(self) -> &'static str {
        match self {
            Severity::Error => "error",
            Severity::Warning => "warning",
        }
    }
}

/// What kind of thing was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// A file or folder is not there.
    Missing,
    /// A file cannot be read to its end.
    Damaged,
    /// A label is no class, or the label file is no label file.
    Label,
    /// The official split names an image twice, not at all, or one that is not there.
    Split,
    /// The numbers of labels and photographs differ.
    Count,
    /// A segmentation has another size than its photograph.
    Size,
    /// A caption file is not UTF-8.
    Encoding,
    /// A caption file holds no caption.
    NoCaption,
    /// A caption line is blank.
    BlankLine,
    /// A caption line holds control characters.
    ControlCharacters,
    /// A caption file has more or fewer lines than most.
    Lines,
    /// A picture has one component: shades of grey.
    Grey,
    /// A picture has four components: inks.
    Cmyk,
    /// A picture is no JPEG, though it has the name of one.
    NotJpeg,
    /// Two photographs are the same file.
    Duplicate,
    /// A picture or caption file belongs to no image that the labels list.
    Uncounted,
}

impl Kind {
    /// Its name.
    pub fn as_str(self) -> &'static str {
        match self {
            Kind::Missing => "missing",
            Kind::Damaged => "damaged",
            Kind::Label => "label",
            Kind::Split => "split",
            Kind::Count => "count",
            Kind::Size => "size",
            Kind::Encoding => "encoding",
            Kind::NoCaption => "no-caption",
            Kind::BlankLine => "blank-line",
            Kind::ControlCharacters => "control-characters",
            Kind::Lines => "lines",
            Kind::Grey => "grey",
            Kind::Cmyk => "cmyk",
            Kind::NotJpeg => "not-jpeg",
            Kind::Duplicate => "duplicate",
            Kind::Uncounted => "uncounted",
        }
    }
}

/// One thing that was found.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Finding {
    /// Whether it would stop training.
    pub severity: Severity,
    /// The file, below the data set's root.
    pub file: String,
    /// The line, from 1, where it is about one.
    pub line: Option<usize>,
    /// What kind of thing it is.
    pub kind: Kind,
    /// What it is, in words.
    pub what: String,
}

impl Finding {
    /// Something that would stop training.
    pub(super) fn error(file: &str, kind: Kind, what: impl Into<String>) -> Self {
        Self { severity: Severity::Error, file: file.into(), line: None, kind, what: what.into() }
    }

    /// Something that would not.
    pub(super) fn warning(file: &str, kind: Kind, what: impl Into<String>) -> Self {
        Self { severity: Severity::Warning, ..Self::error(file, kind, what) }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}: {}", self.severity.as_str(), self.file)?;
        if let Some(line) = self.line {
            write!(out, ":{line}")?;
        }
        write!(out, ": {}", self.what)
    }
}
