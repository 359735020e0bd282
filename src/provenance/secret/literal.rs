//! Values that are written out: their quotes, and whether they can be a secret at all.

use std::ops::Range;
use std::sync::LazyLock;

use regex::Regex;

use super::key::Class;

/// Letters that may stand before a quote, quotes that may themselves be escaped.
static OPENING: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r####"^(?:[A-Za-z]{0,2}#{0,3})(\\*(?:"""|'''|"|'|`))"####).expect("the pattern is sound")
});

/// References to what stands elsewhere, and what stands for a value in an example or in a text.
static PLACEHOLDER: LazyLock<Regex> = LazyLock::new(|| {
    let forms = [
        r"</?[A-Za-z_ |-]+>?",
        r"\[[A-Za-z_ -]+\]",
        r"\$\{?[A-Z_][A-Z0-9_]*\}?",
        r"\$\([^)]*\)",
        r"\$?\{\{.*\}\}",
        r#"\{[\w.\[\]"'!:]*\}"#,
        r"%\(?\w*\)?[sdr]?",
        r"(?:os\.)?(?:environ|getenv|env|ENV)\b[^,]*",
        r"\*+|[xX]{3,}|\.{3}",
        r"(?i:true|false|yes|no|on|off|none|null|nil|undefined|read|write|~)",
    ];
    Regex::new(&format!("^(?:{})$", forms.join("|"))).expect("the pattern is sound")
});

/// A number, of tokens for example.
static NUMBER: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"^[-+]?[0-9][0-9_.]{0,11}(?:[eE][-+]?[0-9]+)?$").expect("the pattern is sound"));

/// The range between the quotes that `text` begins with; where they do not end, also the quotes that would end them.
pub fn quoted(text: &str) -> Option<(Range<usize>, Option<String>)> {
    let opening = OPENING.captures(text)?;
    let (start, quotes) = (opening[0].len(), &opening[1]);
    let mut at = start;
    while let Some(length) = text[at..].find(quotes) {
        let end = at + length;
        let backslashes = text[start..end].bytes().rev().take_while(|byte| *byte == b'\\').count();
        // An escaped quote is a part of the value.
        if backslashes % 2 == 0 {
            return Some((start..end, None));
        }
        at = end + quotes.len();
    }
    Some((start..text.len(), Some(quotes.to_owned())))
}

/// Whether a value is no secret whatever its key: nothing, a switch, a reference, or a count of tokens.
pub fn is_harmless(value: &str, class: Class) -> bool {
    let value = value.trim().trim_end_matches([',', ';']).trim_end();
    let is_empty = !value.chars().any(char::is_alphanumeric);
    is_empty || PLACEHOLDER.is_match(value) || (class == Class::Token && NUMBER.is_match(value))
}

/// Whether a value looks as if it were drawn at random.
pub fn is_random(value: &str) -> bool {
    let has = |what: fn(&u8) -> bool| value.bytes().any(|byte| what(&byte));
    let of = |what: fn(u8) -> bool| value.bytes().all(what);
    let hexadecimal = [32, 40].contains(&value.len()) && of(|byte| byte.is_ascii_hexdigit());
    let mixed = has(u8::is_ascii_uppercase) && has(u8::is_ascii_lowercase) && has(u8::is_ascii_digit);
    let word = of(|byte| byte.is_ascii_alphanumeric() || b"+/_=-".contains(&byte));
    hexadecimal || (value.len() >= 20 && mixed && word)
}
