//! What follows a key that names a secret: where the value begins and ends, and whether it is written out.

use std::ops::Range;
use std::sync::LazyLock;

use regex::{Captures, Regex};

use super::REDACTED;
use super::assignment::Kind;
use super::key::Class;
use super::literal::{is_harmless, is_random, quoted};

/// Where a key stands in its line.
pub struct Place<'a> {
    /// How the text is read.
    pub kind: Kind,
    /// What the key says of its value.
    pub class: Class,
    /// The key.
    pub key: &'a str,
    /// The line before the key.
    pub before: &'a str,
    /// The line after the key.
    pub after: &'a str,
}

/// What follows a key.
pub enum Found {
    /// A secret, as a range of what stands after the key. `open` are the quotes that end it on a later line.
    Value {
        /// Its bytes.
        range: Range<usize>,
        /// The quotes.
        open: Option<String>,
    },
    /// Nothing on this line: the value stands on the lines below.
    Below,
}

/// What stands between a key and its value: the quotes that end the key, the sign, and space.
static SIGN: LazyLock<Regex> =
    LazyLock::new(|| pattern(r#"^(\\*["'`])?\s*\]?\s*(===?|!==?|=>|:=|\?=|\+=|=|::?-?|>|,|is\b)?(\s*)"#));

/// A type between a key and its value, in a program.
static TYPE: LazyLock<Regex> = LazyLock::new(|| pattern(r"^[\w<>&'\[\]., |?*:]+?\s*=(?:[^=>]|$)"));

/// Calls that make a value of text that is written out.
static WRAPPED: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"^(?:(?:[\w:.]*(?:from|new|Some|[Ss]ecret\w*|[Ss]tr|[Ss]tring|bytes|decode|dup|literal)!?\s*\(|[(\[{])\s*&?)+",
    )
});

/// What stands before a value that counts if there is no other.
static DEFAULT: LazyLock<Regex> = LazyLock::new(|| {
    pattern(r#"(?:[Ee]nv\w*(?:\.get|\.fetch)?\s*\([^()]*,|\bor\b|\|\||\?\?|unwrap_or\w*\(|\belse\b)\s*"#)
});

/// Calls that set what a key stands for.
static SETTER: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r#"(?i)(?:set\w*|put\w*|add\w*|env\w*|header\w*|insert|append|with\w*|basic_auth|define)!?\s*\(\s*\w{0,2}\\*["'`]$"#,
    )
});

/// What stands between the name of a secret and its value where both are said: `name: X, value: Y`.
static VALUE: LazyLock<Regex> =
    LazyLock::new(|| pattern(r#"^(?:[^;(){}]{0,60}?[\s,])?\\*["']?(?:value|default)\\*["']?\s*[:=]\s*"#));

/// Names that are set together, and the sign: `user, password = `.
static SEVERAL: LazyLock<Regex> = LazyLock::new(|| pattern(r"^(?:\s*,\s*[\w.]+)*\s*=\s*"));

/// Names before a key that are set together with it.
static SEVERAL_BEFORE: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"^\s*(?:let\s*\(\s*)?[\w.]+\s*,(?:\s*[\w.]+\s*,)*\s*$"));

/// The first words of lines that set a variable without a sign.
static COMMAND: LazyLock<Regex> = LazyLock::new(|| {
    pattern(r"(?i)^\s*(?:#\s*define|env|arg|export|setenv|set|setx|set\s+-\w+|machine\s.*|.*\blogin\s+\S+)\s+$")
});

/// A key within a section or below another key, and its sign.
static INNER: LazyLock<Regex> = LazyLock::new(|| pattern(r#"^\s*(?:-\s+)?(?:["']?[\w./ -]+["']?\s*[:=]\s*)?["']?"#));

fn pattern(text: &str) -> Regex {
    Regex::new(text).expect("the pattern is sound")
}

/// What follows a key, if it is a secret that is written out.
pub fn follows(place: &Place) -> Option<Found> {
    let sign = SIGN.captures(place.after)?;
    let start = sign[0].len();
    let ends_quoted = sign.get(1).is_some();
    let adjacent = sign[3].is_empty();
    match sign.get(2).map(|sign| sign.as_str()) {
        Some(">") => element(place, start),
        Some("is") => (place.class == Class::Secret).then(|| literal(place, start)).flatten(),
        Some(",") => match VALUE.find(&place.after[start..]) {
            Some(value) => literal(place, start + value.end()),
            None if ends_quoted && SETTER.is_match(place.before) => literal(place, start),
            None if place.before.trim_start().is_empty() => several(place),
            None => None,
        },
        // Programs that read text compare tokens all the time.
        Some("==" | "===" | "!=" | "!==") if place.class != Class::Secret => None,
        Some(sign) => value(place, start, sign, ends_quoted, adjacent),
        None if ends_quoted || !sign[0].ends_with(char::is_whitespace) => None,
        None => command(place, start),
    }
}

fn found(range: Range<usize>) -> Option<Found> {
    (!range.is_empty()).then_some(Found::Value { range, open: None })
}

/// What several names are set to: it is not known which of the values belongs to which name.
fn several(place: &Place) -> Option<Found> {
    let start = SEVERAL.find(place.after)?.end();
    quoted(&place.after[start..]).and_then(|_| found(start..place.after.len()))
}

/// The text of an XML element.
fn element(place: &Place, start: usize) -> Option<Found> {
    let text = &place.after[start..];
    let end = text.find("</")?;
    let secret = place.before.ends_with('<') && !is_harmless(&text[..end], place.class);
    secret.then(|| found(start..start + end)).flatten()
}

/// A value between quotes.
fn literal(place: &Place, start: usize) -> Option<Found> {
    let (range, open) = quoted(&place.after[start..])?;
    let range = start + range.start..start + range.end;
    let text = &place.after[range.clone()];
    let secret = match place.class {
        Class::Key => is_random(text),
        class => open.is_some() || !is_harmless(text, class),
    };
    secret.then_some(Found::Value { range, open })
}

/// A value after a space: of an option, or of a line that sets a variable.
fn command(place: &Place, start: usize) -> Option<Found> {
    let is_option = place.before.ends_with('-');
    if !is_option && !COMMAND.is_match(place.before) {
        return None;
    }
    if quoted(&place.after[start..]).is_some() {
        return literal(place, start);
    }
    let length = word(&place.after[start..]);
    let text = &place.after[start..start + length];
    // Help says `--token TOKEN`.
    let is_name = text.starts_with('-') || text.chars().all(|c| c.is_ascii_uppercase() || c == '_');
    let secret = !is_name && place.class != Class::Key && !is_harmless(text, place.class);
    secret.then(|| found(start..start + length)).flatten()
}

/// How long a word without quotes is.
fn word(text: &str) -> usize {
    text.find(|c: char| c.is_whitespace() || "\"'`&;,\\)<>".contains(c)).unwrap_or(text.len())
}

fn value(place: &Place, start: usize, sign: &str, ends_quoted: bool, adjacent: bool) -> Option<Found> {
    let text = &place.after[start..];
    if sign == "=" && place.kind == Kind::Code && SEVERAL_BEFORE.is_match(place.before) {
        return several(place);
    }
    // A key between quotes of its own does not stand within others.
    let is_own = ends_quoted && place.before.ends_with(['"', '\'', '`']);
    let within = open_quote(place.before).filter(|_| !is_own);
    if within.is_some_and(|quote| text.starts_with(quote)) {
        return None;
    }
    if let Some((_, open)) = quoted(text) {
        // A quote that does not end is an apostrophe, or begins a lifetime.
        return if open.as_deref() == Some("'") && place.kind != Kind::Settings { None } else { literal(place, start) };
    }
    if place.class == Class::Key {
        let length = text[..word(text)].trim_end_matches(['}', ']']).len();
        return is_random(&text[..length]).then(|| found(start..start + length)).flatten();
    }
    if place.before.ends_with(['?', '&']) || (within.is_some() && place.kind != Kind::Settings) {
        let length = word(text);
        let secret = adjacent && !is_harmless(&text[..length], place.class);
        return secret.then(|| found(start..start + length)).flatten();
    }
    match place.kind {
        Kind::Code => in_code(place, start, sign, ends_quoted),
        Kind::Prose => {
            let length = word(text);
            let alone = text[length..].trim_matches(|c: char| c.is_whitespace() || ".,;`".contains(c)).is_empty();
            let secret = (alone || (adjacent && sign == "=")) && !is_harmless(&text[..length], place.class);
            secret.then(|| found(start..start + length)).flatten()
        }
        Kind::Settings => {
            let text = text.find(" #").map_or(text, |comment| &text[..comment]).trim_end();
            // What a text was cut into.
            if text.starts_with('[') && place.class == Class::Token && place.key.ends_with('s') {
                return None;
            }
            let is_open = matches!(text, "" | "{" | "[" | "(" | "\\") || text.starts_with(['|', '>', '#']);
            if is_open {
                return (place.class == Class::Secret || !place.key.ends_with('s')).then_some(Found::Below);
            }
            (!is_harmless(text, place.class)).then(|| found(start..start + text.len())).flatten()
        }
    }
}

/// A value in a program that does not begin with a quote.
fn in_code(place: &Place, start: usize, sign: &str, ends_quoted: bool) -> Option<Found> {
    let text = &place.after[start..];
    if sign == ":"
        && let Some(kind) = TYPE.find(text)
    {
        let end = start + text[..kind.end()].rfind('=')? + 1;
        let space = place.after[end..].len() - place.after[end..].trim_start().len();
        return value(place, end + space, "=", false, space == 0);
    }
    let plural = place.class == Class::Token && place.key.ends_with('s');
    if !plural && let Some(call) = WRAPPED.find(text).filter(|call| quoted(&text[call.end()..]).is_some()) {
        return literal(place, start + call.end());
    }
    for default in DEFAULT.find_iter(text) {
        if let Some(found) = literal(place, start + default.end()) {
            return Some(found);
        }
    }
    let opens =
        text.trim_end().ends_with(['(', '[', '{', '\\']) || (text.trim().is_empty() && (sign == "=" || ends_quoted));
    (opens && place.class == Class::Secret).then_some(Found::Below)
}

/// The quote that is open at the end of a text.
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
            // Not a lifetime, nor an apostrophe.
            None if c == '\'' && (before.is_alphanumeric() || "&<".contains(before)) => {}
            None if "\"'`".contains(c) => open = Some(c),
            None => {}
        }
        before = c;
    }
    open
}

/// A line of a program without what it writes out.
pub fn without_literals(line: &str) -> String {
    let mut clean = String::with_capacity(line.len());
    let mut at = 0;
    while let Some(length) = line[at..].find(['"', '\'', '`']) {
        let start = at + length;
        let Some((range, _)) = quoted(&line[start..]) else { break };
        let range = start + range.start..start + range.end;
        clean.push_str(&line[at..range.start]);
        clean.push_str(if is_harmless(&line[range.clone()], Class::Secret) { &line[range.clone()] } else { REDACTED });
        // Past the quotes that end it.
        at = line[range.end..].chars().next().map_or(range.end, |quote| range.end + quote.len_utf8());
        clean.push_str(&line[range.end..at]);
    }
    clean.push_str(&line[at..]);
    clean
}

/// A line of settings without its value.
pub fn without_value(line: &str) -> String {
    let start = INNER.captures(line).map_or(0, |key: Captures| key[0].len());
    match is_harmless(&line[start..], Class::Secret) {
        true => line.to_owned(),
        false => format!("{}{REDACTED}", &line[..start]),
    }
}
