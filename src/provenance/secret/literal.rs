//! Literal values: their quotes, and whether they can be a secret.

use std::ops::Range;
use std::sync::LazyLock;

use regex::Regex;

use super::key::KeyClass;
use super::pattern::pattern;

/// A string prefix such as `r#` and the opening quotes, which may be escaped.
static OPENING: LazyLock<Regex> = LazyLock::new(|| pattern(r####"^(?:[A-Za-z]{0,2}#{0,3})(\\*(?:"""|'''|"|'|`))"####));

/// References to a value in another place, and placeholders in examples and texts.
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
    pattern(&format!("^(?:{})$", forms.join("|")))
});

/// A number, for example of tokens.
static NUMBER: LazyLock<Regex> = LazyLock::new(|| pattern(r"^[-+]?[0-9][0-9_.]{0,11}(?:[eE][-+]?[0-9]+)?$"));

/// The byte range between the quotes that `text` begins with. If they are not closed, also the missing closing quotes.
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

/// Whether a value is no secret for any key: empty, a boolean, a reference, or a number of tokens.
pub fn is_harmless(value: &str, class: KeyClass) -> bool {
    let value = value.trim().trim_end_matches([',', ';']).trim_end();
    let is_empty = !value.chars().any(char::is_alphanumeric);
    is_empty || PLACEHOLDER.is_match(value) || (class == KeyClass::Token && NUMBER.is_match(value))
}

/// Whether a value seems to be random.
pub fn is_random(value: &str) -> bool {
    let has = |what: fn(&u8) -> bool| value.bytes().any(|byte| what(&byte));
    let of = |what: fn(u8) -> bool| value.bytes().all(what);
    let hexadecimal = [32, 40].contains(&value.len()) && of(|byte| byte.is_ascii_hexdigit());
    let mixed = has(u8::is_ascii_uppercase) && has(u8::is_ascii_lowercase) && has(u8::is_ascii_digit);
    let word = of(|byte| byte.is_ascii_alphanumeric() || b"+/_=-".contains(&byte));
    hexadecimal || (value.len() >= 20 && mixed && word)
}
