//! Values that follow a key that names a secret, line by line.

use std::path::Path;
use std::sync::LazyLock;

use regex::Regex;

use super::REDACTED;
use super::key::{Class, class};
use super::value::{Found, Place, follows};

/// How the text of a file is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A program: a value is a secret where it is written out, between quotes. A name without quotes is a variable.
    Code,
    /// Text for people: a value is one word.
    Prose,
    /// Settings, or anything else: a value is the rest of the line.
    Settings,
}

/// Endings of programs. Scripts of a shell are settings: they write values without quotes.
const CODE: [&str; 39] = [
    "c", "cc", "cpp", "cs", "cu", "cuh", "cxx", "dart", "el", "ex", "go", "h", "hpp", "hs", "ipynb", "java", "jl",
    "js", "jsx", "kt", "lua", "m", "mjs", "ml", "nim", "php", "pl", "py", "pyi", "pyx", "r", "rb", "rs", "scala",
    "sql", "swift", "ts", "tsx", "zig",
];

/// Endings of texts for people.
const PROSE: [&str; 8] = ["adoc", "bib", "htm", "html", "md", "org", "rst", "tex"];

impl Kind {
    /// By the ending of a file's name.
    pub fn of(path: &str) -> Self {
        let ending = Path::new(path).extension().map(|ending| ending.to_string_lossy().to_lowercase());
        match ending.as_deref() {
            Some(ending) if CODE.contains(&ending) => Self::Code,
            Some(ending) if PROSE.contains(&ending) => Self::Prose,
            _ => Self::Settings,
        }
    }
}

/// Lines of one text, in their order: a value may go on over several.
pub struct Lines {
    kind: Kind,
    /// The indentation of a key whose value stands on the lines below it, further in.
    below: Option<usize>,
    /// Whether the lines belong to a section of secrets, as in `[credentials]`.
    section: bool,
    /// The quotes that end a value which began on an earlier line.
    open: Option<String>,
    /// Whether the line before names a secret, as `name: DB_PASSWORD` does: its value is called `value`.
    named: bool,
}

/// A line that says a name, and its value.
static NAMED: LazyLock<Regex> =
    LazyLock::new(|| pattern(r#"(?:name|key|variable)["']?\s*[:=]\s*["']?([\w.-]+)["']?,?\s*$"#));

/// A line that says the value of what the line before names.
static VALUE: LazyLock<Regex> = LazyLock::new(|| pattern(r#"^\s*["']?(?:value|default)["']?\s*[:=]"#));

fn pattern(text: &str) -> Regex {
    Regex::new(text).expect("the pattern is sound")
}

impl Lines {
    /// Before the first line.
    pub fn new(kind: Kind) -> Self {
        Self { kind, below: None, section: false, open: None, named: false }
    }

    /// The line, with `[redacted]` in the place of secrets.
    pub fn redacted(&mut self, line: &str) -> String {
        let body = line.trim_end_matches(['\n', '\r']);
        let end = &line[body.len()..];
        let text = body.trim();
        if text.is_empty() {
            return line.to_owned();
        }
        if let Some(quotes) = self.open.take() {
            let rest = body.find(&quotes).map_or("", |at| &body[at..]);
            if rest.is_empty() {
                self.open = Some(quotes);
            }
            return format!("{REDACTED}{rest}{end}");
        }
        let indent = body.len() - body.trim_start().len();
        if self.below.is_some_and(|key| indent > key) {
            return self.nested(body) + end;
        }
        self.below = None;
        if self.kind == Kind::Settings && text.starts_with('[') && text.ends_with(']') && !text.contains(['"', '=']) {
            let mut words = text.split(|c: char| !(c.is_alphanumeric() || "_-".contains(c)));
            self.section = words.any(|word| class(word).is_some_and(|class| class != Class::Key));
            return line.to_owned();
        }
        let is_value = std::mem::take(&mut self.named) && VALUE.is_match(body);
        if self.section || is_value {
            return self.nested(body) + end;
        }
        if self.kind == Kind::Settings {
            let name = NAMED.captures(body).and_then(|named| class(named.get(1)?.as_str()));
            self.named = name.is_some_and(|class| class != Class::Key);
        }
        self.assigned(body, indent) + end
    }

    /// A line whose values are all secrets.
    fn nested(&self, body: &str) -> String {
        match self.kind {
            Kind::Code => super::value::without_literals(body),
            Kind::Prose | Kind::Settings => super::value::without_value(body),
        }
    }

    /// A line, without the values of those of its keys that name a secret.
    fn assigned(&mut self, body: &str, indent: usize) -> String {
        let is_comment = ["#", "//", "/*", "* ", "--", ";"].iter().any(|sign| body.trim_start().starts_with(sign));
        // What a comment says of tokens is about a program.
        let kind = |class| match (self.kind, class) {
            (Kind::Code, Class::Secret) if is_comment => Kind::Prose,
            (kind, _) => kind,
        };
        let mut clean = String::with_capacity(body.len());
        let mut at = 0;
        while let Some((start, end)) = next_word(body, at) {
            let word = body[start..end].trim_end_matches(['.', '-']);
            let end = start + word.len();
            let found = class(word).and_then(|class| {
                follows(&Place { kind: kind(class), class, key: word, before: &body[..start], after: &body[end..] })
            });
            let stop = match found {
                None => end.max(start + 1),
                Some(Found::Below) => {
                    self.below = Some(indent);
                    end
                }
                Some(Found::Value { range, open }) => {
                    clean.push_str(&body[at..end + range.start]);
                    clean.push_str(REDACTED);
                    self.open = open;
                    at = end + range.end;
                    continue;
                }
            };
            clean.push_str(&body[at..stop]);
            at = stop;
        }
        clean.push_str(&body[at..]);
        clean
    }
}

/// The first word at or after a place in a text, of characters that keys have.
fn next_word(text: &str, at: usize) -> Option<(usize, usize)> {
    let is_key = |c: char| c.is_alphanumeric() || "_-.".contains(c);
    let start = at + text[at..].find(|c: char| c.is_alphanumeric() || c == '_')?;
    let end = text[start..].find(|c: char| !is_key(c)).map_or(text.len(), |length| start + length);
    Some((start, end))
}
