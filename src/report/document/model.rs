//! The parts of a report, from which every format is written.

use serde::Serialize;

use crate::report::Statement;
use crate::report::data_table::Table;

/// A complete report.
#[derive(Clone, Debug, Serialize)]
pub struct Document {
    /// The name.
    pub name: String,
    /// The title.
    pub title: String,
    /// What is compared.
    pub summary: Vec<Block>,
    /// The answers to the claims.
    pub statements: Vec<Statement>,
    /// The sections.
    pub sections: Vec<Section>,
}

/// A part with a heading.
#[derive(Clone, Debug, Serialize)]
pub struct Section {
    /// The heading.
    pub title: String,
    /// The contents.
    pub blocks: Vec<Block>,
}

/// A part of a section.
#[derive(Clone, Debug, Serialize)]
#[serde(tag = "kind", content = "content", rename_all = "lowercase")]
pub enum Block {
    /// A paragraph.
    Paragraph(Text),
    /// A list.
    List(Vec<Text>),
    /// A title, and a list of less important items.
    Details {
        /// The title.
        title: String,
        /// The items.
        items: Vec<Text>,
    },
    /// A table with its caption.
    Table(TableBlock),
    /// A figure with its caption.
    Figure(Figure),
}

/// A text of plain and marked parts.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Text(pub Vec<Span>);

/// A part of a text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", content = "text", rename_all = "lowercase")]
pub enum Span {
    /// Plain text.
    Plain(String),
    /// A name of a file, a setting or a metric.
    Code(String),
    /// Emphasized text.
    Strong(String),
}

/// The caption of a figure or table.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Caption {
    /// The label, such as `Figure 3`.
    pub label: String,
    /// The title.
    pub title: String,
    /// What it shows.
    pub text: String,
    /// Where its values come from: runs, seeds, protocol, rule, commit, hash over the rows.
    pub facts: Text,
    /// The runs that are not finished; empty if all are.
    pub footnote: String,
}

/// A figure.
#[derive(Clone, Debug, Serialize)]
pub struct Figure {
    /// The name of its files, without extension.
    pub file: String,
    /// A description for readers who cannot see it.
    pub alt: String,
    /// The SVG with its text as paths, so that it needs no font.
    pub svg: String,
    /// The caption.
    pub caption: Caption,
}

/// A table.
#[derive(Clone, Debug, Serialize)]
pub struct TableBlock {
    /// The name of its files, without extension.
    pub file: String,
    /// The cells.
    pub table: Table,
    /// The caption.
    pub caption: Caption,
}

impl Text {
    /// A text in which names are between backticks.
    pub fn marked(text: &str) -> Self {
        let spans = text.split('`').enumerate().filter(|(_, part)| !part.is_empty());
        let span = |(at, part): (usize, &str)| match at % 2 {
            0 => Span::Plain(part.to_owned()),
            _ => Span::Code(part.to_owned()),
        };
        Text(spans.map(span).collect())
    }

    /// Adds plain text.
    pub fn plain(mut self, text: impl Into<String>) -> Self {
        self.0.push(Span::Plain(text.into()));
        self
    }

    /// Adds the name of a file, a setting or a metric.
    pub fn code(mut self, text: impl Into<String>) -> Self {
        self.0.push(Span::Code(text.into()));
        self
    }

    /// Adds emphasized text.
    pub fn strong(mut self, text: impl Into<String>) -> Self {
        self.0.push(Span::Strong(text.into()));
        self
    }
}

impl From<String> for Text {
    fn from(text: String) -> Self {
        Text::default().plain(text)
    }
}

impl From<&str> for Text {
    fn from(text: &str) -> Self {
        Text::default().plain(text)
    }
}
