//! The report in LaTeX, for pdfLaTeX with the packages that come with it and `booktabs`.

mod escape;
mod tabular;

use super::markdown::capitalized;
use super::model::{Block, Caption, Document, Figure, Span, TableBlock, Text};
use crate::report::{OutputFormat, ReportSpec, Statement};
use escape::{code, escaped};

/// Everything before the title. Figures and tables do not float, so that they stay in their section.
const PREAMBLE: &str = r"\documentclass[10pt,a4paper]{article}
\usepackage[T1]{fontenc}
\usepackage[utf8]{inputenc}
\usepackage{textcomp}
\usepackage[margin=2.2cm]{geometry}
\usepackage{array}
\usepackage{booktabs}
\usepackage{longtable}
\usepackage{graphicx}
\setlength{\parindent}{0pt}
\setlength{\parskip}{0.5em}
\setlength{\emergencystretch}{3em}
\raggedbottom
";

/// The document. It includes the PDF or PNG files of the figures, and the tables from their own files.
pub fn latex(document: &Document, spec: &ReportSpec) -> String {
    let mut text = format!("% Report {}, written by jem.\n{PREAMBLE}", code_comment(&document.name));
    text += &format!(
        "\\title{{{}}}\n\\author{{}}\n\\date{{}}\n\\begin{{document}}\n\\maketitle\n\n",
        escaped(&document.title)
    );
    text += &blocks(&document.summary, spec);
    if !document.statements.is_empty() {
        text += "\\section*{Claims}\n\n";
        text += &document.statements.iter().map(statement).collect::<String>();
    }
    for section in &document.sections {
        text += &format!("\\section*{{{}}}\n\n{}", escaped(&section.title), blocks(&section.blocks, spec));
    }
    text + "\\end{document}\n"
}

/// The file of a table, for `\input`: an environment `tabular`, or `longtable` for many rows. It needs the packages
/// `array` and `booktabs`, and `longtable` for the latter.
pub fn latex_table(table: &TableBlock) -> String {
    let package = if tabular::is_long(&table.table) { "array, booktabs and longtable" } else { "array and booktabs" };
    let header = format!("% {}, written by jem. Packages: {package}.\n", code_comment(&table.file));
    header + &tabular::tabular(&table.table)
}

/// A name for a comment.
fn code_comment(name: &str) -> String {
    escape::replaced(name).replace(['\n', '\r'], " ")
}

fn statement(statement: &Statement) -> String {
    format!(
        "\\textbf{{{}}}\\\\\n\\emph{{{}.}} {}\n\n",
        escaped(&statement.claim),
        capitalized(statement.verdict.as_str()),
        escaped(&statement.text)
    )
}

fn blocks(blocks: &[Block], spec: &ReportSpec) -> String {
    blocks.iter().map(|part| block(part, spec) + "\n\n").collect()
}

fn block(block: &Block, spec: &ReportSpec) -> String {
    match block {
        Block::Paragraph(paragraph) => text(paragraph),
        Block::List(items) => list(items),
        Block::Details { title, items } => format!("{}:\n{}", escaped(title), list(items)),
        Block::Figure(figure) => self::figure(figure, spec),
        Block::Table(table) => self::table(table),
    }
}

fn list(items: &[Text]) -> String {
    let items: String = items.iter().map(|item| format!("\\item {}\n", text(item))).collect();
    format!("\\begin{{itemize}}\n\\setlength{{\\itemsep}}{{0.2em}}\n{items}\\end{{itemize}}")
}

/// A figure and its caption on one page.
fn figure(figure: &Figure, spec: &ReportSpec) -> String {
    let format = [OutputFormat::Pdf, OutputFormat::Png].into_iter().find(|&format| spec.writes(format));
    let size = "width=\\linewidth,height=0.72\\textheight,keepaspectratio";
    let image = format.map(|format| {
        let file = format!("{}.{}", figure.file, format.as_str());
        format!("\\begin{{center}}\n\\includegraphics[{size}]{{{file}}}\n\\end{{center}}\n")
    });
    let (image, caption) = (image.unwrap_or_default(), caption(&figure.caption));
    format!(
        "\\begin{{minipage}}{{\\textwidth}}\n\\setlength{{\\parskip}}{{0.4em}}\n{image}{caption}\n\\end{{minipage}}"
    )
}

/// A table below its caption. A long table breaks across pages.
fn table(table: &TableBlock) -> String {
    let caption = caption(&table.caption);
    let input = format!("\\input{{{}.tex}}", table.file);
    match tabular::is_long(&table.table) {
        true => format!("{caption}\n\n{{\\setlength{{\\parskip}}{{0pt}}\n{input}}}"),
        false => format!(
            "\\begin{{minipage}}{{\\textwidth}}\n\\setlength{{\\parskip}}{{0.3em}}\n{caption}\n\\smallskip\n{input}\n\
             \\end{{minipage}}\n\\bigskip"
        ),
    }
}

fn caption(caption: &Caption) -> String {
    let mut parts = format!("{{\\small\\textbf{{{}. {}.}}", caption.label, escaped(&caption.title));
    for text in [&caption.text, &caption.footnote].into_iter().filter(|text| !text.is_empty()) {
        parts += &format!(" {}", escaped(text));
    }
    if !caption.facts.0.is_empty() {
        parts += &format!(" \\footnotesize {}", text(&caption.facts));
    }
    parts + "\\par}"
}

fn text(text: &Text) -> String {
    let span = |span: &Span| match span {
        Span::Plain(text) => escaped(text),
        Span::Strong(text) => format!("\\textbf{{{}}}", escaped(text)),
        Span::Code(text) => code(text),
    };
    text.0.iter().map(span).collect()
}
