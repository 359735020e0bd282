//! The value after a key that names a secret: where it begins and ends, and whether it is a literal.

use std::ops::Range;
use std::sync::LazyLock;

use regex::{Captures, Regex};

use super::REDACTED;
use super::key::KeyClass;
use super::literal::{is_harmless, is_random, quoted};
use super::pattern::pattern;
use super::text_kind::TextKind;

/// A key and the text around it in its line.
pub struct KeyContext<'a> {
    /// The kind of the text.
    pub kind: TextKind,
    /// What the key implies about its value.
    pub class: KeyClass,
    /// The key.
    pub key: &'a str,
    /// The line before the key.
    pub before: &'a str,
    /// The line after the key.
    pub after: &'a str,
}

/// The value of a key.
pub enum ValueMatch {
    /// A secret on this line.
    Value {
        /// Its bytes in the text after the key.
        range: Range<usize>,
        /// The quotes that end the value, if it continues on the next line.
        open: Option<String>,
    },
    /// The value is on the following lines.
    Below,
}

/// The text between a key and its value: the closing quotes of the key, the operator, and whitespace.
static OPERATOR: LazyLock<Regex> =
    LazyLock::new(|| pattern(r#"^(\\*["'`])?\s*\]?\s*(===?|!==?|=>|:=|\?=|\+=|=|::?-?|>|,|is\b)?(\s*)"#));

/// A type between a key and its value, in source code.
static TYPE: LazyLock<Regex> = LazyLock::new(|| pattern(r"^[\w<>&'\[\]., |?*:]+?\s*=(?:[^=>]|$)"));

/// Calls that convert a string literal to a value.
static CONVERSION: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"^(?:(?:[\w:.]*(?:from|new|Some|[Ss]ecret\w*|[Ss]tr|[Ss]tring|bytes|decode|dup|literal)!?\s*\(|[(\[{])\s*&?)+",
    )
});

/// The text before a default value.
static DEFAULT: LazyLock<Regex> = LazyLock::new(|| {
    pattern(r#"(?:[Ee]nv\w*(?:\.get|\.fetch)?\s*\([^()]*,|\bor\b|\|\||\?\?|unwrap_or\w*\(|\belse\b)\s*"#)
});

/// Calls that set the value of a key.
static SETTER: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r#"(?i)(?:set\w*|put\w*|add\w*|env\w*|header\w*|insert|append|with\w*|basic_auth|define)!?\s*\(\s*\w{0,2}\\*["'`]$"#,
    )
});

/// The text between the name of a secret and its value in `name: X, value: Y`.
static VALUE: LazyLock<Regex> =
    LazyLock::new(|| pattern(r#"^(?:[^;(){}]{0,60}?[\s,])?\\*["']?(?:value|default)\\*["']?\s*[:=]\s*"#));

/// Further names in a multiple assignment, and the operator: `user, password = `.
static MULTIPLE: LazyLock<Regex> = LazyLock::new(|| pattern(r"^(?:\s*,\s*[\w.]+)*\s*=\s*"));

/// Names before a key in a multiple assignment.
static MULTIPLE_BEFORE: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"^\s*(?:let\s*\(\s*)?[\w.]+\s*,(?:\s*[\w.]+\s*,)*\s*$"));

/// The first words of lines that set a variable without an operator.
static COMMAND: LazyLock<Regex> = LazyLock::new(|| {
    pattern(r"(?i)^\s*(?:#\s*define|env|arg|export|setenv|set|setx|set\s+-\w+|machine\s.*|.*\blogin\s+\S+)\s+$")
});

/// A key within a section or below another key, and its operator.
static INNER: LazyLock<Regex> = LazyLock::new(|| pattern(r#"^\s*(?:-\s+)?(?:["']?[\w./ -]+["']?\s*[:=]\s*)?["']?"#));

/// The value of a key, if it is a secret and a literal.
pub fn find_value(context: &KeyContext) -> Option<ValueMatch> {
    let operator = OPERATOR.captures(context.after)?;
    let start = operator[0].len();
    let ends_quoted = operator.get(1).is_some();
    let adjacent = operator[3].is_empty();
    match operator.get(2).map(|operator| operator.as_str()) {
        Some(">") => element(context, start),
        Some("is") => (context.class == KeyClass::Secret).then(|| literal(context, start)).flatten(),
        Some(",") => match VALUE.find(&context.after[start..]) {
            Some(value) => literal(context, start + value.end()),
            None if ends_quoted && SETTER.is_match(context.before) => literal(context, start),
            None if context.before.trim_start().is_empty() => multiple_assignment(context),
            None => None,
        },
        // Parsers often compare tokens.
        Some("==" | "===" | "!=" | "!==") if context.class != KeyClass::Secret => None,
        Some(operator) => value(context, start, operator, ends_quoted, adjacent),
        None if ends_quoted || !operator[0].ends_with(char::is_whitespace) => None,
        None => command(context, start),
    }
}

fn match_of(range: Range<usize>) -> Option<ValueMatch> {
    (!range.is_empty()).then_some(ValueMatch::Value { range, open: None })
}

/// All values of a multiple assignment: it is not known which value belongs to which name.
fn multiple_assignment(context: &KeyContext) -> Option<ValueMatch> {
    let start = MULTIPLE.find(context.after)?.end();
    quoted(&context.after[start..]).and_then(|_| match_of(start..context.after.len()))
}

/// The text of an XML element.
fn element(context: &KeyContext, start: usize) -> Option<ValueMatch> {
    let text = &context.after[start..];
    let end = text.find("</")?;
    let secret = context.before.ends_with('<') && !is_harmless(&text[..end], context.class);
    secret.then(|| match_of(start..start + end)).flatten()
}

/// A quoted value.
fn literal(context: &KeyContext, start: usize) -> Option<ValueMatch> {
    let (range, open) = quoted(&context.after[start..])?;
    let range = start + range.start..start + range.end;
    let text = &context.after[range.clone()];
    let secret = match context.class {
        KeyClass::Key => is_random(text),
        class => open.is_some() || !is_harmless(text, class),
    };
    secret.then_some(ValueMatch::Value { range, open })
}

/// A value after a space: the argument of an option, or the value in a line that sets a variable.
fn command(context: &KeyContext, start: usize) -> Option<ValueMatch> {
    let is_option = context.before.ends_with('-');
    if !is_option && !COMMAND.is_match(context.before) {
        return None;
    }
    if quoted(&context.after[start..]).is_some() {
        return literal(context, start);
    }
    let length = word(&context.after[start..]);
    let text = &context.after[start..start + length];
    // Help texts contain `--token TOKEN`.
    let is_name = text.starts_with('-') || text.chars().all(|c| c.is_ascii_uppercase() || c == '_');
    let secret = !is_name && context.class != KeyClass::Key && !is_harmless(text, context.class);
    secret.then(|| match_of(start..start + length)).flatten()
}

/// The length of an unquoted word, in bytes.
fn word(text: &str) -> usize {
    text.find(|c: char| c.is_whitespace() || "\"'`&;,\\)<>".contains(c)).unwrap_or(text.len())
}

fn value(context: &KeyContext, start: usize, operator: &str, ends_quoted: bool, adjacent: bool) -> Option<ValueMatch> {
    let text = &context.after[start..];
    if operator == "=" && context.kind == TextKind::Code && MULTIPLE_BEFORE.is_match(context.before) {
        return multiple_assignment(context);
    }
    // A key with its own quotes is not inside another quoted text.
    let is_quoted_key = ends_quoted && context.before.ends_with(['"', '\'', '`']);
    let within = open_quote(context.before).filter(|_| !is_quoted_key);
    if within.is_some_and(|quote| text.starts_with(quote)) {
        return None;
    }
    if let Some((_, open)) = quoted(text) {
        // A quote that is not closed is an apostrophe or begins a lifetime.
        return if open.as_deref() == Some("'") && context.kind != TextKind::Settings {
            None
        } else {
            literal(context, start)
        };
    }
    if context.class == KeyClass::Key {
        let length = text[..word(text)].trim_end_matches(['}', ']']).len();
        return is_random(&text[..length]).then(|| match_of(start..start + length)).flatten();
    }
    if context.before.ends_with(['?', '&']) || (within.is_some() && context.kind != TextKind::Settings) {
        let length = word(text);
        let secret = adjacent && !is_harmless(&text[..length], context.class);
        return secret.then(|| match_of(start..start + length)).flatten();
    }
    match context.kind {
        TextKind::Code => in_code(context, start, operator, ends_quoted),
        TextKind::Prose => {
            let length = word(text);
            let alone = text[length..].trim_matches(|c: char| c.is_whitespace() || ".,;`".contains(c)).is_empty();
            let secret = (alone || (adjacent && operator == "=")) && !is_harmless(&text[..length], context.class);
            secret.then(|| match_of(start..start + length)).flatten()
        }
        TextKind::Settings => {
            let text = text.find(" #").map_or(text, |comment| &text[..comment]).trim_end();
            // A list of the tokens of a text.
            if text.starts_with('[') && context.class == KeyClass::Token && context.key.ends_with('s') {
                return None;
            }
            let is_open = matches!(text, "" | "{" | "[" | "(" | "\\") || text.starts_with(['|', '>', '#']);
            if is_open {
                return (context.class == KeyClass::Secret || !context.key.ends_with('s')).then_some(ValueMatch::Below);
            }
            (!is_harmless(text, context.class)).then(|| match_of(start..start + text.len())).flatten()
        }
    }
}

/// A value in source code that does not begin with a quote.
fn in_code(context: &KeyContext, start: usize, operator: &str, ends_quoted: bool) -> Option<ValueMatch> {
    let text = &context.after[start..];
    if operator == ":"
        && let Some(kind) = TYPE.find(text)
    {
        let end = start + text[..kind.end()].rfind('=')? + 1;
        let space = context.after[end..].len() - context.after[end..].trim_start().len();
        return value(context, end + space, "=", false, space == 0);
    }
    let plural = context.class == KeyClass::Token && context.key.ends_with('s');
    if !plural && let Some(call) = CONVERSION.find(text).filter(|call| quoted(&text[call.end()..]).is_some()) {
        return literal(context, start + call.end());
    }
    for default in DEFAULT.find_iter(text) {
        if let Some(found) = literal(context, start + default.end()) {
            return Some(found);
        }
    }
    let opens = text.trim_end().ends_with(['(', '[', '{', '\\'])
        || (text.trim().is_empty() && (operator == "=" || ends_quoted));
    (opens && context.class == KeyClass::Secret).then_some(ValueMatch::Below)
}

/// The quote that is not closed at the end of a text.
fn open_quote(text: &str) -> Option<char> {
    let mut open = None;
    let mut escaped = false;
    let mut before = ' ';
    for c in text.chars() {
        match open {
            _ if escaped => escaped = false,
            _ if c == '\\' => escaped = true,
            Some(quote) if c == quote => open = None,
            Some(_) => {}
            // A lifetime or an apostrophe opens no quote.
            None if c == '\'' && (before.is_alphanumeric() || "&<".contains(before)) => {}
            None if "\"'`".contains(c) => open = Some(c),
            None => {}
        }
        before = c;
    }
    open
}

/// A line of source code with its string literals redacted.
pub fn without_literals(line: &str) -> String {
    let mut clean = String::with_capacity(line.len());
    let mut at = 0;
    while let Some(length) = line[at..].find(['"', '\'', '`']) {
        let start = at + length;
        let Some((range, _)) = quoted(&line[start..]) else { break };
        let range = start + range.start..start + range.end;
        clean.push_str(&line[at..range.start]);
        clean.push_str(if is_harmless(&line[range.clone()], KeyClass::Secret) {
            &line[range.clone()]
        } else {
            REDACTED
        });
        // Skip the closing quotes.
        at = line[range.end..].chars().next().map_or(range.end, |quote| range.end + quote.len_utf8());
        clean.push_str(&line[range.end..at]);
    }
    clean.push_str(&line[at..]);
    clean
}

/// A line of settings with its value redacted.
pub fn without_value(line: &str) -> String {
    let start = INNER.captures(line).map_or(0, |key: Captures| key[0].len());
    match is_harmless(&line[start..], KeyClass::Secret) {
        true => line.to_owned(),
        false => format!("{}{REDACTED}", &line[..start]),
    }
}
