//! The report as Markdown.

use super::model::{Block, Caption, Document, Figure, Span, Text};
use crate::report::format::markdown as escaped;
use crate::report::{OutputFormat, ReportSpec, Statement};
use crate::screen::visible;

/// The complete text. It shows the figures in the first of PNG and SVG that the report is written in.
pub fn markdown(document: &Document, spec: &ReportSpec) -> String {
    let mut parts = vec![format!("# {}", escaped(&document.title))];
    parts.extend(document.summary.iter().map(|part| block(part, spec)));
    if !document.statements.is_empty() {
        let statements: Vec<String> = document.statements.iter().map(statement).collect();
        parts.extend(["## Claims".to_owned(), statements.join("\n")]);
    }
    for section in &document.sections {
        parts.push(format!("## {}", escaped(&section.title)));
        parts.extend(section.blocks.iter().map(|part| block(part, spec)));
    }
    // All parts escape control characters; this is a safeguard.
    visible(&parts.join("\n\n")).into_owned() + "\n"
}

fn statement(statement: &Statement) -> String {
    let (claim, found) = (escaped(&statement.claim), escaped(&statement.text));
    format!("- {claim} **{}.** {found}", capitalized(statement.verdict.as_str()))
}

/// `text` with a capital letter first.
pub(super) fn capitalized(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

fn block(block: &Block, spec: &ReportSpec) -> String {
    match block {
        Block::Paragraph(paragraph) => text(paragraph),
        Block::List(items) => list(items),
        Block::Details { title, items } => format!("{}:\n\n{}", escaped(title), list(items)),
        Block::Table(table) => format!("{}\n\n{}", caption(&table.caption), table.table.markdown().trim_end()),
        Block::Figure(figure) => format!("{}{}", image(figure, spec), caption(&figure.caption)),
    }
}

fn list(items: &[Text]) -> String {
    items.iter().map(|item| format!("- {}", text(item))).collect::<Vec<_>>().join("\n")
}

fn image(figure: &Figure, spec: &ReportSpec) -> String {
    let ending = [OutputFormat::Png, OutputFormat::Svg].into_iter().find(|&format| spec.writes(format));
    let image = |format: OutputFormat| {
        // Brackets would end the description.
        let alt = escaped(&figure.alt).replace(']', "\\]");
        format!("![{alt}]({}.{})\n\n", figure.file, format.as_str())
    };
    ending.map(image).unwrap_or_default()
}

fn caption(caption: &Caption) -> String {
    let mut parts = vec![format!("**{}. {}.**", caption.label, escaped(&caption.title))];
    parts.extend([&caption.text, &caption.footnote].into_iter().filter(|text| !text.is_empty()).map(|t| escaped(t)));
    if !caption.facts.0.is_empty() {
        parts.push(text(&caption.facts));
    }
    parts.join(" ")
}

fn text(text: &Text) -> String {
    let span = |span: &Span| match span {
        Span::Plain(text) => escaped(text),
        Span::Strong(text) => format!("**{}**", escaped(text)),
        Span::Code(text) => code(text),
    };
    text.0.iter().map(span).collect()
}

/// A code span with more backticks than the text has in a row.
fn code(text: &str) -> String {
    let longest = text.split(|c| c != '`').map(str::len).max().unwrap_or_default();
    let (fence, pad) = ("`".repeat(longest + 1), if longest > 0 { " " } else { "" });
    format!("{fence}{pad}{}{pad}{fence}", crate::screen::on_one_line(text))
}
