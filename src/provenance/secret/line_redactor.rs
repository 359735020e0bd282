//! Redacting the values of keys that name a secret, line by line.

use std::sync::LazyLock;

use regex::Regex;

use super::REDACTED;
use super::key::{KeyClass, key_class};
use super::pattern::pattern;
use super::text_kind::TextKind;
use super::value::{KeyContext, ValueMatch, find_value};

/// Redacts the lines of one text in order. It keeps state, since a value may span several lines.
pub struct LineRedactor {
    kind: TextKind,
    /// The indentation of a key whose value is on the following lines, which are indented further.
    below: Option<usize>,
    /// Whether the current section contains secrets, as `[credentials]` does.
    section: bool,
    /// The quotes that end a value that began on an earlier line.
    open: Option<String>,
    /// Whether the previous line names a secret, as `name: DB_PASSWORD` does; its value has the key `value`.
    named: bool,
}

/// A line that assigns a name, as `name: DB_PASSWORD`.
static NAMED: LazyLock<Regex> =
    LazyLock::new(|| pattern(r#"(?:name|key|variable)["']?\s*[:=]\s*["']?([\w.-]+)["']?,?\s*$"#));

/// A line with the value of the name on the previous line.
static VALUE: LazyLock<Regex> = LazyLock::new(|| pattern(r#"^\s*["']?(?:value|default)["']?\s*[:=]"#));

impl LineRedactor {
    /// A redactor before the first line of a text of this kind.
    pub fn new(kind: TextKind) -> Self {
        Self { kind, below: None, section: false, open: None, named: false }
    }

    /// The line with secrets replaced by `[redacted]`.
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
        if self.kind == TextKind::Settings && text.starts_with('[') && text.ends_with(']') && !text.contains(['"', '='])
        {
            let mut words = text.split(|c: char| !(c.is_alphanumeric() || "_-".contains(c)));
            self.section = words.any(|word| key_class(word).is_some_and(|class| class != KeyClass::Key));
            return line.to_owned();
        }
        let is_value = std::mem::take(&mut self.named) && VALUE.is_match(body);
        if self.section || is_value {
            return self.nested(body) + end;
        }
        if self.kind == TextKind::Settings {
            let name = NAMED.captures(body).and_then(|named| key_class(named.get(1)?.as_str()));
            self.named = name.is_some_and(|class| class != KeyClass::Key);
        }
        self.assigned(body, indent) + end
    }

    /// Redacts a line whose values are all secrets.
    fn nested(&self, body: &str) -> String {
        match self.kind {
            TextKind::Code => super::value::without_literals(body),
            TextKind::Prose | TextKind::Settings => super::value::without_value(body),
        }
    }

    /// Redacts the values of the keys in a line that name a secret.
    fn assigned(&mut self, body: &str, indent: usize) -> String {
        let is_comment = ["#", "//", "/*", "* ", "--", ";"].iter().any(|mark| body.trim_start().starts_with(mark));
        // In a comment, the word token is usually about the program.
        let kind = |class| match (self.kind, class) {
            (TextKind::Code, KeyClass::Secret) if is_comment => TextKind::Prose,
            (kind, _) => kind,
        };
        let mut clean = String::with_capacity(body.len());
        let mut at = 0;
        while let Some((start, end)) = next_word(body, at) {
            let word = body[start..end].trim_end_matches(['.', '-']);
            let end = start + word.len();
            let found = key_class(word).and_then(|class| {
                find_value(&KeyContext {
                    kind: kind(class),
                    class,
                    key: word,
                    before: &body[..start],
                    after: &body[end..],
                })
            });
            let stop = match found {
                None => end.max(start + 1),
                Some(ValueMatch::Below) => {
                    self.below = Some(indent);
                    end
                }
                Some(ValueMatch::Value { range, open }) => {
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

/// The byte range of the first word at or after byte `at`. A word contains the characters of keys.
fn next_word(text: &str, at: usize) -> Option<(usize, usize)> {
    let is_key = |c: char| c.is_alphanumeric() || "_-.".contains(c);
    let start = at + text[at..].find(|c: char| c.is_alphanumeric() || c == '_')?;
    let end = text[start..].find(|c: char| !is_key(c)).map_or(text.len(), |length| start + length);
    Some((start, end))
}
